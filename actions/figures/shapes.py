"""What the leader's page shows: figures, each with the filter of the inbox that shows its cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from actions.figures.chats import Chats
from actions.figures.periods import Period
from actions.happened import Span
from actions.inbox import View, Wanted

FEWEST_ANSWERS = 3
"""An agency with fewer answers in the period is not called slow."""

MOST_SLOW = 10


@dataclass(frozen=True)
class Asked:
    """What a leader wants to see: a period, and perhaps of one agency, category or commune only."""

    period: Period
    agency: str = ""
    category: str = ""
    commune: str = ""

    @property
    def cases(self) -> Wanted:
        """All cases that any figure can count."""
        return Wanted(
            view=View.ALL, agency=self.agency, category=self.category, commune=self.commune
        )


@dataclass(frozen=True)
class Figure:
    """A number of cases, and which."""

    value: int
    wanted: Wanted


@dataclass(frozen=True)
class Compared:
    """A number of cases, and that of the time before."""

    now: Figure
    before: Figure

    @property
    def change(self) -> float | None:
        """By which share it grew, below 0 when it fell; None from nothing."""
        if not self.before.value:
            return None
        return self.now.value / self.before.value - 1


@dataclass(frozen=True)
class Share:
    """So many of so many cases, and the share that it was in the time before."""

    part: Figure
    whole: Figure
    before: float | None

    @property
    def value(self) -> float | None:
        """None of none."""
        return self.part.value / self.whole.value if self.whole.value else None


@dataclass(frozen=True)
class Line:
    """The figures of one category, commune or agency."""

    key: str
    name: str
    received: Figure
    answered: Figure
    late: Figure


@dataclass(frozen=True)
class Speed:
    """An agency's worked days to an answer: the median, and the 90th percentile, `slowest`.

    Both are None while nothing was answered.
    """

    line: Line
    median: int | None
    slowest: int | None

    @property
    def share_late(self) -> float:
        """Of its answers."""
        answered = self.line.answered.value
        return self.line.late.value / answered if answered else 0.0


@dataclass(frozen=True)
class Place:
    """A commune on the map; degrees, WGS 84."""

    line: Line
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Step:
    """A day of the period, or, of a long one, a week or a month of days."""

    first: date
    last: date
    received: Figure
    on_time: Figure
    late: Figure


@dataclass(frozen=True)
class Topic:
    """A category in a commune that grows."""

    category: str
    commune_name: str
    """Empty where nobody knows where it is."""
    this_week: Figure
    before: Figure
    mean_before: float
    chance: float


@dataclass(frozen=True)
class Figures:
    """Everything on the page. Hours are those of the clocks of the cases."""

    asked: Asked
    before: Span
    received: Compared
    on_time: Compared
    late: Compared
    reopened: Compared
    open: Figure
    overdue: Figure
    waiting: Figure
    rated: Share
    satisfied: Share
    first_answers: int
    first_answer_hours: float | None
    """Half of the first answers came within so many."""
    first_answer_hours_most: float | None
    """Nine in ten came within so many."""
    steps: tuple[Step, ...]
    categories: tuple[Line, ...]
    communes: tuple[Line, ...]
    agencies: tuple[Speed, ...]
    places: tuple[Place, ...]
    points: tuple[tuple[float, float], ...]
    """Latitude and longitude of every commune: what is seen of the province without a map."""
    topics: tuple[Topic, ...]
    chats: Chats | None
    """None to whoever sees one agency only: chats are nobody's in particular."""
    counted_at: datetime

    @property
    def slow(self) -> tuple[Speed, ...]:
        """The slowest agencies: by median, then by 90th percentile, then by the share late."""
        known = [one for one in self.agencies if one.line.answered.value >= FEWEST_ANSWERS]
        known.sort(
            key=lambda one: (-(one.median or 0), -(one.slowest or 0), -one.share_late, one.line.key)
        )
        return tuple(known[:MOST_SLOW])
