"""Counts of days that are over, kept so that a year is added up and not counted again.

The cases are the truth. A kept count is used only while nothing has changed in its day: triggers of
the database note every day in which something has, in the transaction that changes it, and such a
day is counted from its cases until its count has been made anew. So a figure is never older than
what the database holds, and `forget_and_keep` may run when it likes, or never.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from actions.figures import growth, tally
from actions.figures.growth import Growing
from actions.figures.periods import day_of
from actions.figures.tally import Tally, Totals
from actions.happened import Span
from store.engine import Database
from store.figures import CaseTally, CaseTallyStale
from store.tickets import Ticket

DAY, MONTH, WEEK = "day", "month", "week"

AT_ONCE = 20
"""Days that are counted in one go."""

NOTES_AT_ONCE = 20_000

_ONE = timedelta(days=1)
_REACH = (growth.WEEKS_BEFORE + 1) * 7 * _ONE
"""So long before its last day do the topics of a week look."""


class Kept:
    """Counts all cases of the province, by what is kept of them where that still holds.

    Which days have changed is read once, before anything is counted: a day that changes in between
    was true when this was asked.
    """

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._stale = _stale(session)

    def count(self, span: Span) -> Tally:
        """Count what happened within a span."""
        total = Tally()
        documents, gaps = self._within(span, CaseTally.counts)
        for counts in documents:
            total.add_all(counts)
        for gap in gaps:
            total.add_all(tally.count(self._session, gap).groups)
        return total

    def count_totals(self, span: Span) -> Totals:
        """The same without any group."""
        total = Totals()
        documents, gaps = self._within(span, CaseTally.totals)
        for totals in documents:
            total.update(totals)
        for gap in gaps:
            total.update(tally.count_totals(self._session, gap))
        return total

    def growing(self) -> list[Growing]:
        """The topics that grow."""
        week, before = growth.weeks(self._now)
        if self._stale.isdisjoint(_days(before.first_day, day_of(week.until) - _ONE)):
            kept = self._session.get(CaseTally, (WEEK, week.first_day))
            if kept is not None:
                return [Growing(**topic) for topic in kept.counts["topics"]]
        return growth.growing(self._session, self._now)

    def _within(
        self, span: Span, column: InstrumentedAttribute[dict[str, Any]]
    ) -> tuple[list[dict[str, Any]], list[Span]]:
        """What is kept of a span: documents to be added up, and the gaps to be counted."""
        documents = []
        days = _whole_days(span, self._now)
        changed = {day.replace(day=1) for day in self._stale}
        months = [first for first in _months(days) if first not in changed]
        covered: set[date] = set()
        for first, document in _kept(self._session, column, MONTH, months):
            documents.append(document)
            covered.update(_days_of_month(first))
        rest = [day for day in days if day not in self._stale | covered]
        for day, document in _kept(self._session, column, DAY, rest):
            documents.append(document)
            covered.add(day)
        return documents, list(_gaps(span, sorted(covered)))


def forget_and_keep(database: Database, now: datetime, *, limit: int = AT_ONCE) -> int:
    """Throw away what holds no longer, and count anew; 0 when nothing was left to be counted.

    One step, as short over millions of cases as over hundreds: whoever calls it again and again has
    everything counted in the end, the latest days first. Only one process may do so at a time.

    Args:
        limit: of days.
    """
    if (forgotten := _forget(database)) == NOTES_AT_ONCE:
        return forgotten  # there are more, and what is counted now might be thrown away next
    with database.read() as session:
        rows = [_row_of_day(session, day) for day in _missing(session, now)[:limit]]
        if not rows:
            rows = [*_new_months(session, now), *_new_week(session, now)]
    if rows:
        with database.write() as session:
            session.execute(insert(CaseTally), rows)
    return len(rows)


def _stale(session: Session) -> set[date]:
    """The days in which something has changed since they were counted."""
    return set(session.scalars(select(CaseTallyStale.day).distinct()))


def _kept(
    session: Session,
    column: InstrumentedAttribute[dict[str, Any]],
    length: str,
    firsts: list[date],
) -> list[tuple[date, dict[str, Any]]]:
    if not firsts:
        return []
    query = select(CaseTally.first, column).where(
        CaseTally.length == length, CaseTally.first.in_(firsts)
    )
    return list(session.execute(query).all())


def _forget(database: Database) -> int:
    """Take some notes, and throw away what they are about; returns how many there were."""
    with database.read() as session:  # mostly there is none: then nothing waits for a lock
        if session.scalar(select(CaseTallyStale.id).limit(1)) is None:
            return 0
    with database.write() as session:
        return _forget_some(session)


def _forget_some(session: Session) -> int:
    some = select(CaseTallyStale.id).limit(NOTES_AT_ONCE)
    taken = session.scalars(
        # In one statement: a note that comes in between is not taken unread.
        delete(CaseTallyStale).where(CaseTallyStale.id.in_(some)).returning(CaseTallyStale.day)
    ).all()
    if taken:
        days = set(taken)
        topics = and_(
            CaseTally.length == WEEK,
            CaseTally.first > min(days) - 7 * _ONE,
            CaseTally.first < max(days) + _REACH,
        )
        months = {day.replace(day=1) for day in days}
        of_days = and_(CaseTally.length == DAY, CaseTally.first.in_(days))
        of_months = and_(CaseTally.length == MONTH, CaseTally.first.in_(months))
        session.execute(delete(CaseTally).where(or_(of_days, of_months, topics)))
    return len(taken)


def _missing(session: Session, now: datetime) -> list[date]:
    """The days before today that are not kept, the latest first."""
    began = session.scalar(select(func.min(Ticket.created_at)))
    if began is None:
        return []
    kept = set(session.scalars(select(CaseTally.first).where(CaseTally.length == DAY)))
    return [day for day in _days(day_of(began), day_of(now) - _ONE) if day not in kept][::-1]


def _row_of_day(session: Session, day: date) -> dict[str, Any]:
    return _row(DAY, day, tally.count(session, Span.of_days(day, day)))


def _row(length: str, first: date, counted: Tally) -> dict[str, Any]:
    return {
        "length": length,
        "first": first,
        "totals": dict(counted.totals),
        "counts": {name: dict(counts) for name, counts in counted.groups.items()},
    }


def _new_months(session: Session, now: datetime) -> Iterator[dict[str, Any]]:
    """The sums of months of which all days are kept, none has changed, and no sum is kept."""
    known = set(session.execute(select(CaseTally.length, CaseTally.first)).all())
    days = [first for length, first in known if length == DAY]
    if not days:
        return
    stale = {day.replace(day=1) for day in _stale(session)}
    for first in _months(_days(min(days), day_of(now) - _ONE)):
        month = _days_of_month(first)
        whole = all((DAY, day) in known for day in month)
        if whole and first not in stale and (MONTH, first) not in known:
            total = Tally()
            for _, counts in _kept(session, CaseTally.counts, DAY, month):
                total.add_all(counts)
            yield _row(MONTH, first, total)


def _new_week(session: Session, now: datetime) -> Iterator[dict[str, Any]]:
    first = growth.weeks(now)[0].first_day
    if session.get(CaseTally, (WEEK, first)) is None:
        topics = [asdict(topic) for topic in growth.growing(session, now)]
        yield {"length": WEEK, "first": first, "totals": {}, "counts": {"topics": topics}}


def _whole_days(span: Span, now: datetime) -> list[date]:
    """The whole days of a span that are over."""
    first = span.first_day
    if span.since > Span.of_days(first, first).since:
        first += _ONE
    return _days(first, min(day_of(span.until), day_of(now)) - _ONE)


def _gaps(span: Span, covered: list[date]) -> Iterator[Span]:
    """What of a span lies between days in order, in pieces as long as possible."""
    begin = span.since
    for day in covered:
        whole = Span.of_days(day, day)
        if begin < whole.since:
            yield Span(begin, whole.since)
        begin = whole.until
    if begin < span.until:
        yield Span(begin, span.until)


def _days(first: date, last: date) -> list[date]:
    """Days one after the other, both included; none when the last is before the first."""
    return [first + number * _ONE for number in range((last - first).days + 1)]


def _months(days: list[date]) -> list[date]:
    """The first days of the months that lie wholly within days one after the other."""
    return [day for day in days if day.day == 1 and _days_of_month(day)[-1] <= days[-1]]


def _days_of_month(first: date) -> list[date]:
    return _days(first, (first + 31 * _ONE).replace(day=1) - _ONE)
