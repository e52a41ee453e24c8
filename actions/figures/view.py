"""Reads all figures of the leader's page from the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select, true
from sqlalchemy.orm import Session

from actions import inbox, rights
from actions.figures import chats, growth, tally
from actions.figures.chats import Chats
from actions.figures.growth import Growing
from actions.figures.kept import Kept
from actions.figures.periods import day_of
from actions.figures.shapes import (
    Asked,
    Compared,
    Figure,
    Figures,
    Line,
    Place,
    Share,
    Speed,
    Step,
    Topic,
)
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

NOW = (View.OPEN, View.OVERDUE, View.WAITING)
"""Figures of this moment, and the views that show their cases."""

_Unit = Row[str, str, float, float]
"""Code, name, latitude and longitude of a commune."""

STEPS = ((35, 1), (240, 7), (1100, 30))
"""Periods of up to so many days are drawn in steps of so many."""


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
        self._kept = Kept(session, now) if self._is_of_whole_province() else None
        self._parts = [] if self._kept else self._parts_of(self._cases)
        self._tally = self._counted()
        self._totals = self._tally.totals
        self._totals_before = self._counted_before()
        self._answer_days = self._tally.answer_days

    def figures(self) -> Figures:
        first, now = self._tally.first_answers, self._of_now()
        agencies = self._lines(AGENCY, self._agency_names())
        categories = self._lines(CATEGORY, {})
        communes = self._communes()
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

    def _is_of_whole_province(self) -> bool:
        return self._cases == Wanted(view=View.ALL) and rights.sees_all(self._officer)

    def _parts_of(self, wanted: Wanted) -> Parts:
        return inbox.parts_of(self._session, wanted, self._officer, self._now)

    def _counted(self) -> Tally:
        if self._kept is not None:
            return self._kept.count(self._span)
        total = Tally()
        for part in self._parts:
            total.add_all(tally.count(self._session, self._span, part).groups)
        return total

    def _counted_before(self) -> Totals:
        if self._kept is not None:
            return self._kept.count_totals(self._before)
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
        conditions = filters.in_view(view, filters.Look.of(self._officer, self._now))
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
        counted = (
            (received, _happened(self._span)),
            (answered, _happened(self._span, answered=True)),
            (late, _happened(self._span, Answered.LATE)),
        )
        keys = sorted(received.keys() | answered.keys(), key=lambda key: (-received[key], key))
        return tuple(
            Line(
                key,
                names.get(key, key),
                *(self._narrowed(by, key, happened, counts[key]) for counts, happened in counted),
            )
            for key in keys
        )

    def _narrowed(self, by: str, key: str, happened: Happened, value: int) -> Figure:
        one: dict[str, Any] = {by: key or NOWHERE}
        return Figure(value, replace(self._cases, happened=happened, **one))

    def _agency_names(self) -> dict[str, str]:
        return dict(self._session.execute(select(Agency.code, Agency.name)).all())

    def _communes(self) -> Sequence[_Unit]:
        columns = (Commune.code, Commune.name, Commune.latitude, Commune.longitude)
        return self._session.execute(select(*columns)).all()

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
        by_day = (self._tally.of(measure, DAY) for measure in (RECEIVED, ANSWERED, LATE))
        received, answered, late = (sum(counts[day] for day in days) for counts in by_day)
        return Step(
            first,
            last,
            self._figure(_happened(span), received),
            self._figure(_happened(span, Answered.ON_TIME), answered - late),
            self._figure(_happened(span, Answered.LATE), late),
        )

    def _growing(self) -> list[Growing]:
        if self._kept is not None:
            return self._kept.growing()
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


def _places(lines: tuple[Line, ...], communes: Sequence[_Unit]) -> tuple[Place, ...]:
    units = {unit.code: unit for unit in communes}
    return tuple(
        Place(line, units[line.key].latitude, units[line.key].longitude)
        for line in lines
        if line.key in units and line.received.value
    )


def _hours(steps: int | None) -> float | None:
    """The end of a step, in hours."""
    return None if steps is None else (steps + 1) * STEP_S / 3600
