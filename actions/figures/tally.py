"""Counts of a span of time, of the kind that can be added up over several spans."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from sqlalchemy import ColumnElement, Integer, func, literal_column, select
from sqlalchemy.orm import Session

from actions import ratings
from actions.happened import Happened, Span
from actions.ratings import Summary
from store.moments import LocalDay
from store.tickets import Ticket

RECEIVED, ANSWERED, LATE = "received", "answered", "late"
RATINGS, CLOSED, RATED, SATISFIED = "ratings", "closed", "rated", "satisfied"
_FIRST, _DAYS = "first", "days"
CATEGORY, COMMUNE, AGENCY, DAY = "category", "commune", "agency", "day"

STEP_S = 600
"""Times to the first answer are counted in steps of ten minutes."""

_IS_LATE = Ticket.answered_at > Ticket.deadline_at
_GROUPS = (Ticket.category, Ticket.commune_code, Ticket.agency_code)

Where = Sequence[ColumnElement[bool]]
"""Conditions on `Ticket`; none for all cases."""


Totals = Counter[str]
"""How many cases by `RECEIVED`, `ANSWERED`, `LATE`, `CLOSED`, `RATED` and `SATISFIED`."""


@dataclass
class Tally:
    """Counts by the names of groups, within a group by key.

    `RECEIVED`, `ANSWERED` and `LATE` (an answer after its deadline) each by category, commune (""
    where nobody knows it), agency and day (ISO); `days` by agency and worked days to the answer;
    `first` by steps of ten minutes to the first answer; `ratings`: closed, rated, satisfied.
    """

    groups: defaultdict[str, defaultdict[str, int]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(int))  # a Counter adds half as fast
    )

    def of(self, measure: str, by: str) -> Counter[str]:
        """The counts of one measure by one kind of key."""
        return self._group(f"{measure} {by}")

    @property
    def totals(self) -> Totals:
        measures = (RECEIVED, ANSWERED, LATE)
        return Totals({one: self.of(one, DAY).total() for one in measures}) + self._group(RATINGS)

    @property
    def first_answers(self) -> Counter[int]:
        """Ten minutes, so many times, to how many cases."""
        return Counter({int(step): number for step, number in self._group(_FIRST).items()})

    @property
    def answer_days(self) -> dict[str, Counter[int]]:
        """Worked days to how many answers, by agency."""
        found: defaultdict[str, Counter[int]] = defaultdict(Counter)
        for key, number in self._group(_DAYS).items():
            agency, _, days = key.rpartition(" ")
            found[agency][int(days)] = number
        return found

    def add(self, group: str, key: str, number: int) -> None:
        if number:
            self.groups[group][key] += number

    def add_all(self, groups: Mapping[str, Mapping[str, int]]) -> None:
        """Take another span's counts in, as `groups` has them or JSON brings them back."""
        for name, counts in groups.items():
            total = self.groups[name]
            for key, number in counts.items():
                total[key] += number

    def _group(self, name: str) -> Counter[str]:
        return Counter(self.groups[name]) if name in self.groups else Counter()


def ratings_of(totals: Totals) -> Summary:
    return Summary(totals[CLOSED], totals[RATED], totals[SATISFIED])


def count(session: Session, span: Span, where: Where = ()) -> Tally:
    """Count what happened within a span to the cases that fulfil the conditions."""
    tally = Tally()
    _count_received(session, tally, span, where)
    _count_answered(session, tally, span, where)
    _count_first_answers(session, tally, span, where)
    _count_ratings(session, tally, span, where)
    return tally


def count_totals(session: Session, span: Span, where: Where = ()) -> Totals:
    """The same without any group."""
    found = ratings.summary(session, span.since, span.until, where)
    received = select(func.count()).where(*Happened(received=span).conditions(), *where)
    answered = select(func.count(), func.count().filter(_IS_LATE)).where(
        *Happened(answered=span).conditions(), *where
    )
    number, late = session.execute(answered).one()
    return Totals(
        {
            RECEIVED: session.scalars(received).one(),
            ANSWERED: number,
            LATE: late,
            CLOSED: found.closed,
            RATED: found.rated,
            SATISFIED: found.satisfied,
        }
    )


def percentile(counts: Counter[int], share: float) -> int | None:
    """The smallest value that so large a share of all does not exceed; None of none."""
    rank = ceil(share * counts.total())
    for value in sorted(counts):
        rank -= counts[value]
        if rank <= 0:
            return value
    return None


def _count_received(session: Session, tally: Tally, span: Span, where: Where) -> None:
    inside = [*Happened(received=span).conditions(), *where]
    number = func.count()
    for *keys, found in session.execute(select(*_GROUPS, number).where(*inside).group_by(*_GROUPS)):
        _add_by_group(tally, RECEIVED, keys, found)
    if span.is_one_day:
        of_all = tally.of(RECEIVED, CATEGORY).total()
        tally.add(f"{RECEIVED} {DAY}", span.first_day.isoformat(), of_all)
        return
    day = LocalDay(Ticket.created_at)
    for on, found in session.execute(select(day, number).where(*inside).group_by(day)):
        tally.add(f"{RECEIVED} {DAY}", on.isoformat(), found)


def _count_answered(session: Session, tally: Tally, span: Span, where: Where) -> None:
    inside = [*Happened(answered=span).conditions(), *where]
    number, late = func.count(), func.count().filter(_IS_LATE)
    for *keys, found, delayed in session.execute(
        select(*_GROUPS, number, late).where(*inside).group_by(*_GROUPS)
    ):
        _add_by_group(tally, ANSWERED, keys, found)
        _add_by_group(tally, LATE, keys, delayed)
    _count_answers_by_day(session, tally, span, inside)
    _count_answer_days(session, tally, inside)


def _count_answers_by_day(session: Session, tally: Tally, span: Span, inside: Where) -> None:
    if span.is_one_day:
        for measure in (ANSWERED, LATE):
            of_all = tally.of(measure, CATEGORY).total()
            tally.add(f"{measure} {DAY}", span.first_day.isoformat(), of_all)
        return
    day = LocalDay(Ticket.answered_at)
    query = select(day, func.count(), func.count().filter(_IS_LATE))
    for on, found, delayed in session.execute(query.where(*inside).group_by(day)):
        tally.add(f"{ANSWERED} {DAY}", on.isoformat(), found)
        tally.add(f"{LATE} {DAY}", on.isoformat(), delayed)


def _count_answer_days(session: Session, tally: Tally, inside: Where) -> None:
    keys = (Ticket.agency_code, Ticket.answered_days)
    query = select(*keys, func.count()).where(*inside, Ticket.answered_days.is_not(None))
    for agency, days, found in session.execute(query.group_by(*keys)):
        tally.add(_DAYS, f"{agency} {days}", found)


def _count_first_answers(session: Session, tally: Tally, span: Span, where: Where) -> None:
    step = Ticket.first_answer_s // literal_column(str(STEP_S), Integer)
    inside = [*span.holds(Ticket.first_answer_at), Ticket.first_answer_s.is_not(None), *where]
    for steps, found in session.execute(select(step, func.count()).where(*inside).group_by(step)):
        tally.add(_FIRST, str(steps), found)


def _count_ratings(session: Session, tally: Tally, span: Span, where: Where) -> None:
    found = ratings.summary(session, span.since, span.until, where)
    tally.add(RATINGS, CLOSED, found.closed)
    tally.add(RATINGS, RATED, found.rated)
    tally.add(RATINGS, SATISFIED, found.satisfied)


def _add_by_group(tally: Tally, measure: str, keys: Iterable[str | None], number: int) -> None:
    for by, key in zip((CATEGORY, COMMUNE, AGENCY), keys, strict=True):
        tally.add(f"{measure} {by}", key or "", number)
