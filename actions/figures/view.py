"""All figures of the leader's view, each with the cases that it counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from actions import inbox, rights
from actions.figures import chats, growth, kept, tally
from actions.figures.chats import Chats
from actions.figures.growth import Growing
from actions.figures.periods import Period, day_of
from actions.figures.tally import (
    AGENCY,
    ANSWERED,
    CATEGORY,
    COMMUNE,
    DAY,
    LATE,
    RECEIVED,
    STEP_S,
    Tally,
    Totals,
    percentile,
    ratings_of,
)
from actions.happened import Answered, Happened, Rated, Span
from actions.inbox import NOWHERE, View, Wanted, filters
from actions.inbox.filters import Parts
from store.local import Agency, Commune
from store.planning import plan_for_these_values
from store.staff import Officer
from store.tickets import UNDER_WAY, Ticket

FEWEST_ANSWERS = 3
"""An agency with fewer answers in the period is not called slow."""

MOST_SLOW = 10

NOW = (View.OPEN, View.OVERDUE, View.WAITING)
"""Figures of this moment, and the views that show their cases."""

STEPS = ((35, 1), (240, 7), (1100, 30))
"""Periods of up to so many days are drawn in steps of so many."""


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


def read(session: Session, asked: Asked, officer: Officer, now: datetime) -> Figures:
    """Count everything that an officer may see."""
    return _Reading(session, asked, officer, now).figures()


class _Reading:
    """One look: whose it is, what was asked for, and the counts that it is made of."""

    def __init__(self, session: Session, asked: Asked, officer: Officer, now: datetime) -> None:
        self._session = session
        self._asked = asked
        self._cases = asked.cases
        self._officer = officer
        self._now = now
        self._span = asked.period.span
        self._before = asked.period.before(now)
        plan_for_these_values(session)
        self._parts = self._parts_counted()
        self._tally = self._counted()
        self._totals = self._tally.totals
        self._totals_before = self._counted_before()
        self._answer_days = self._tally.answer_days

    def figures(self) -> Figures:
        first, now = self._tally.first_answers, self._of_now()
        agencies = self._lines(AGENCY, self._agency_names())
        categories = self._lines(CATEGORY, {})
        communes = list(self._session.scalars(select(Commune)))
        names = {unit.code: unit.name for unit in communes}
        commune_lines = self._lines(COMMUNE, names)
        return Figures(
            asked=self._asked,
            before=self._before,
            received=self._compared(RECEIVED),
            on_time=self._compared(ANSWERED, Answered.ON_TIME),
            late=self._compared(LATE, Answered.LATE),
            reopened=Compared(
                self._figure(Happened(reopened=self._span)),
                self._figure(Happened(reopened=self._before)),
            ),
            open=now[View.OPEN],
            overdue=now[View.OVERDUE],
            waiting=now[View.WAITING],
            rated=self._rated(),
            satisfied=self._satisfied(),
            first_answers=first.total(),
            first_answer_hours=_hours(percentile(first, 0.5)),
            first_answer_hours_most=_hours(percentile(first, 0.9)),
            steps=self._steps(),
            categories=categories,
            communes=commune_lines,
            agencies=tuple(self._speed(line) for line in agencies),
            places=_places(commune_lines, communes),
            points=tuple((unit.latitude, unit.longitude) for unit in communes),
            topics=tuple(self._topic(one, names) for one in self._growing()),
            chats=self._chats(),
            counted_at=self._now,
        )

    def _parts_counted(self) -> Parts | None:
        """None for all cases of the province, whose counts are kept."""
        if self._cases == Wanted(view=View.ALL) and rights.sees_all(self._officer):
            return None
        return self._parts_of(self._cases)

    def _parts_of(self, wanted: Wanted) -> Parts:
        return inbox.parts_of(self._session, wanted, self._officer, self._now)

    def _counted(self) -> Tally:
        if self._parts is None:
            return kept.count(self._session, self._span, self._now)
        total = Tally()
        for part in self._parts:
            total.add_all(tally.count(self._session, self._span, part).groups)
        return total

    def _counted_before(self) -> Totals:
        if self._parts is None:
            return kept.count_totals(self._session, self._before, self._now)
        total = Totals()
        for part in self._parts:
            total.update(tally.count_totals(self._session, self._before, part))
        return total

    def _figure(self, happened: Happened, value: int | None = None) -> Figure:
        wanted = replace(self._cases, happened=happened)
        return Figure(self._number_of(wanted) if value is None else value, wanted)

    def _number_of(self, wanted: Wanted) -> int:
        parts = self._parts_of(wanted)
        counted = (select(func.count()).select_from(Ticket).where(*part) for part in parts)
        return sum(self._session.scalars(one).one() for one in counted)

    def _of_now(self) -> dict[View, Figure]:
        """What is under way at this moment, all of it gone through once."""
        lists = {view: replace(self._cases, view=view) for view in NOW}
        numbers = dict.fromkeys(NOW, 0)
        for part in self._parts_of(lists[View.OPEN]):
            counted = (func.count().filter(*self._besides_under_way(view)) for view in NOW)
            row = self._session.execute(select(*counted).select_from(Ticket).where(*part)).one()
            for view, number in zip(NOW, row, strict=True):
                numbers[view] += number
        return {view: Figure(numbers[view], wanted) for view, wanted in lists.items()}

    def _besides_under_way(self, view: View) -> list[ColumnElement[bool]]:
        conditions = filters.in_view(view, self._officer, self._now)
        return [true(), *(one for one in conditions if one is not UNDER_WAY)]

    def _compared(self, measure: str, in_time: Answered | None = None) -> Compared:
        return Compared(
            self._figure(_happened(self._span, in_time), _number(self._totals, measure, in_time)),
            self._figure(
                _happened(self._before, in_time), _number(self._totals_before, measure, in_time)
            ),
        )

    def _rated(self) -> Share:
        now, before = ratings_of(self._totals), ratings_of(self._totals_before)
        return Share(
            self._figure(Happened(closed=self._span, rated=Rated.ANY), now.rated),
            self._figure(Happened(closed=self._span), now.closed),
            before.share_rated,
        )

    def _satisfied(self) -> Share:
        now, before = ratings_of(self._totals), ratings_of(self._totals_before)
        return Share(
            self._figure(Happened(closed=self._span, rated=Rated.SATISFIED), now.satisfied),
            self._figure(Happened(closed=self._span, rated=Rated.ANY), now.rated),
            before.share_satisfied,
        )

    def _lines(self, by: str, names: Mapping[str, str]) -> tuple[Line, ...]:
        """The most cases first."""
        received, answered, late = (
            self._tally.of(measure, by) for measure in (RECEIVED, ANSWERED, LATE)
        )
        keys = sorted(received.keys() | answered.keys(), key=lambda key: (-received[key], key))
        return tuple(
            Line(
                key,
                names.get(key, key),
                self._narrowed(by, key, _happened(self._span), received[key]),
                self._narrowed(by, key, _happened(self._span, answered=True), answered[key]),
                self._narrowed(by, key, _happened(self._span, Answered.LATE), late[key]),
            )
            for key in keys
        )

    def _narrowed(self, by: str, key: str, happened: Happened, value: int) -> Figure:
        if by == COMMUNE:
            wanted = replace(self._cases, happened=happened, commune=key or NOWHERE)
        elif by == CATEGORY:
            wanted = replace(self._cases, happened=happened, category=key)
        else:
            wanted = replace(self._cases, happened=happened, agency=key)
        return Figure(value, wanted)

    def _agency_names(self) -> dict[str, str]:
        keys = self._tally.of(RECEIVED, AGENCY).keys() | self._tally.of(ANSWERED, AGENCY).keys()
        named = select(Agency.code, Agency.name).where(Agency.code.in_(keys))
        return dict(self._session.execute(named).all())

    def _speed(self, line: Line) -> Speed:
        days = self._answer_days.get(line.key, Counter())
        return Speed(line, percentile(days, 0.5), percentile(days, 0.9))

    def _steps(self) -> tuple[Step, ...]:
        """The days of the period until today; of a long period by the week or the month."""
        period = self._asked.period
        last = min(period.last, day_of(self._now))
        length = next((days for most, days in STEPS if period.days <= most), STEPS[-1][1])
        starts = range(0, (last - period.first).days + 1, length)
        firsts = [period.first + timedelta(days=number) for number in starts]
        return tuple(
            self._step(first, min(first + timedelta(days=length - 1), last)) for first in firsts
        )

    def _step(self, first: date, last: date) -> Step:
        span = Span.of_days(first, last)
        days = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
        received, answered, late = (
            sum(self._tally.of(measure, DAY)[day] for day in days)
            for measure in (RECEIVED, ANSWERED, LATE)
        )
        return Step(
            first,
            last,
            self._figure(_happened(span), received),
            self._figure(_happened(span, Answered.ON_TIME), answered - late),
            self._figure(_happened(span, Answered.LATE), late),
        )

    def _growing(self) -> list[Growing]:
        if self._parts is None:
            return kept.growing(self._session, self._now)
        return growth.growing(self._session, self._now, self._parts)

    def _topic(self, one: Growing, names: Mapping[str, str]) -> Topic:
        week, before = growth.weeks(self._now)
        place = replace(self._cases, category=one.category, commune=one.commune or NOWHERE)
        return Topic(
            one.category,
            names.get(one.commune, one.commune),
            Figure(one.this_week, replace(place, happened=Happened(received=week))),
            Figure(one.before, replace(place, happened=Happened(received=before))),
            one.mean_before,
            one.chance,
        )

    def _chats(self) -> Chats | None:
        if not rights.sees_all(self._officer):
            return None
        return chats.read(self._session, self._span, self._now)


def _happened(span: Span, in_time: Answered | None = None, *, answered: bool = False) -> Happened:
    """What was answered in a span, or, of neither, what was received."""
    if answered or in_time is not None:
        return Happened(answered=span, in_time=in_time)
    return Happened(received=span)


def _number(totals: Totals, measure: str, in_time: Answered | None) -> int:
    if in_time is Answered.ON_TIME:
        return totals[ANSWERED] - totals[LATE]
    return totals[measure]


def _places(lines: tuple[Line, ...], communes: list[Commune]) -> tuple[Place, ...]:
    units = {unit.code: unit for unit in communes}
    return tuple(
        Place(line, units[line.key].latitude, units[line.key].longitude)
        for line in lines
        if line.key in units and line.received.value
    )


def _hours(steps: int | None) -> float | None:
    """The end of a step, in hours."""
    return None if steps is None else (steps + 1) * STEP_S / 3600
