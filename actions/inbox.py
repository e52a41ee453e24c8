"""The inbox of the desk: which cases somebody sees, in which order, and how many there are.

Whatever is kept, a page costs about the same: pages begin at a case and not at a number, counts
stop at `COUNTED_TO`, and every view has an index that leads through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, defer

from actions import rights, search, ticket_code
from actions.deadlines import LOCAL_ZONE
from actions.happened import NOTHING, Happened
from actions.search import Found
from store.local import Agency, Commune
from store.staff import Officer
from store.tickets import UNDER_WAY, UNHAPPY, Ticket, TicketEvent, TicketState

Parts = list[list[ColumnElement[bool]]]
"""Conditions of each part of a list; no case is in two parts."""

PAGE_SIZE = 50

COUNTED_TO = 1000
"""Counts end here: "more than 1,000" is all that anybody needs to know."""


NOWHERE = "none"
"""The commune of a case of which nobody knows where it is."""


LOOKED_THROUGH = 5000
"""So many cases of a list are looked through for words before the index of words is asked."""


class View(StrEnum):
    """A list that everybody of the staff has."""

    OPEN = "open"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    NEW = "new"
    TODAY = "today"
    OVERDUE = "overdue"
    WAITING = "waiting"
    """For the citizen."""
    UNHAPPY = "unhappy"
    ANSWERED = "answered"
    CLOSED = "closed"
    ALL = "all"


class Order(StrEnum):
    """What stands first."""

    DEADLINE = "deadline"
    NEWEST = "newest"


_BY_DEADLINE = frozenset(
    {View.OPEN, View.MINE, View.UNASSIGNED, View.NEW, View.TODAY, View.OVERDUE, View.WAITING}
)
"""Views that staff have to act on: what is due first stands first."""


@dataclass(frozen=True)
class Wanted:
    """Which cases somebody wants to see; what is empty does not narrow the list.

    `since` and `until` are days here, both included, on which the case was sent.
    """

    view: View = View.OPEN
    agency: str = ""
    category: str = ""
    commune: str = ""
    urgency: str = ""
    since: date | None = None
    until: date | None = None
    search: str = ""
    order: Order | None = None
    """None: as its view has it."""
    happened: Happened = NOTHING

    @property
    def ordered(self) -> Order:
        if self.order is not None:
            return self.order
        return Order.DEADLINE if self.view in _BY_DEADLINE else Order.NEWEST

    @property
    def narrowed(self) -> bool:
        """Whether there is more to it than its view and its order."""
        return replace(self, order=None) != Wanted(view=self.view)


@dataclass(frozen=True)
class Place:
    """Where a page begins: behind a case, or before it when `backwards`.

    `at` is what the list is ordered by, its deadline or when it was sent.
    """

    at: datetime
    ticket_id: int
    backwards: bool = False


@dataclass(frozen=True)
class Row:
    """A case of the list, with the names that its codes stand for."""

    ticket: Ticket
    commune: str | None
    officer: str | None


@dataclass(frozen=True)
class Page:
    """A part of a list; `earlier` and `later` lead to the parts beside it, where there are any."""

    rows: list[Row]
    earlier: Place | None
    later: Place | None


@dataclass(frozen=True)
class Count:
    """How many; `more` when counting ended before the cases did."""

    number: int
    more: bool = False


@dataclass(frozen=True)
class Choices:
    """What the filters offer, as (value, name); no agencies to whoever sees those of one only."""

    communes: list[tuple[str, str]] = field(default_factory=list)
    agencies: list[tuple[str, str]] = field(default_factory=list)


def page(
    session: Session,
    wanted: Wanted,
    officer: Officer,
    now: datetime,
    *,
    start: Place | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """So many cases of a list, from its beginning or from a place in it."""
    plan_for_these_values(session)
    parts = _parts(session, wanted, officer, now)
    if search.has_words(wanted.search):
        parts = _and(parts, _searched(session, wanted.search).condition)
    return _page(session, parts, wanted, start, size)


def page_and_total(
    session: Session,
    wanted: Wanted,
    officer: Officer,
    now: datetime,
    *,
    start: Place | None = None,
) -> tuple[Page, Count]:
    """A page of a list, and how many cases the list holds; what is searched is looked for once.

    Of a search that very many cases answer, only some are counted: the number is the least.
    """
    plan_for_these_values(session)
    parts = _parts(session, wanted, officer, now)
    if not search.has_words(wanted.search):
        shown = _page(session, parts, wanted, start, PAGE_SIZE)
        return shown, _counted(session, {wanted.view: parts})[wanted.view]
    return _searched_page(session, parts, wanted, start)


def _searched_page(
    session: Session, parts: Parts, wanted: Wanted, start: Place | None
) -> tuple[Page, Count]:
    """The same of a search.

    Frequent words are soon found along the list; only of rare ones the index of words is asked,
    which would first gather every case that holds a frequent one.
    """
    begin = _along(session, parts, wanted, None)
    if not begin.enough and not begin.whole:
        found = _searched(session, wanted.search)
        if not found.all_of_them:
            shown = _page(session, _and(parts, found.condition), wanted, start, PAGE_SIZE)
            more = start is not None or shown.later is not None
            return shown, Count(max(len(begin.numbers), len(shown.rows)), more)
        begin = _of_those(session, parts, wanted, found)
    count = Count(len(begin.numbers), more=not begin.whole)
    holds = _near(session, parts, wanted, start, begin)
    return _page(session, _and(parts, holds), wanted, start, PAGE_SIZE), count


def _near(
    session: Session, parts: Parts, wanted: Wanted, start: Place | None, begin: _Along
) -> ColumnElement[bool]:
    """What cases that are searched must be, for the page from a place on."""
    if start is None:
        return search.among(session, begin.numbers[: PAGE_SIZE + 1])
    if begin.whole:
        return search.among(session, begin.numbers)
    here = _along(session, parts, wanted, start)
    if here.enough or here.whole:
        return search.among(session, here.numbers[: PAGE_SIZE + 1])
    return _searched(session, wanted.search).condition


@dataclass(frozen=True)
class _Along:
    """What was found along the next `LOOKED_THROUGH` cases of a list."""

    numbers: list[int]
    whole: bool
    """There were no more cases to be looked through."""

    @property
    def enough(self) -> bool:
        return len(self.numbers) > PAGE_SIZE


def _along(session: Session, parts: Parts, wanted: Wanted, start: Place | None) -> _Along:
    columns = search.columns(session)
    listed = _in_order(parts, wanted.ordered, start, LOOKED_THROUGH, *columns)
    rows = search.along(session, wanted.search, listed)
    coded = _by_code(session, wanted.search)
    fitting = [number for number, holds in rows if holds or number == coded]
    return _Along(fitting, len(rows) < LOOKED_THROUGH)


def _of_those(session: Session, parts: Parts, wanted: Wanted, found: Found) -> _Along:
    """What of the tickets that the index of words names is in the list, in its order."""
    named = _and(parts, search.among(session, found.numbers))
    listed = _in_order(named, wanted.ordered, None, len(found.numbers))
    return _Along([row.id for row in session.execute(listed)], whole=True)


def _page(session: Session, parts: Parts, wanted: Wanted, start: Place | None, size: int) -> Page:
    found = _rows(session, parts, wanted.ordered, start, size + 1)
    backwards = start is not None and start.backwards
    if backwards and len(found) <= size:  # nothing stands before it: this is the beginning
        return _page(session, parts, wanted, None, size)
    rows, more = found[:size], len(found) > size
    if backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    first, last = rows[0].ticket, rows[-1].ticket
    return Page(
        rows,
        earlier=None if start is None else replace(place_of(first, wanted), backwards=True),
        later=place_of(last, wanted) if more or backwards else None,
    )


def place_of(ticket: Ticket, wanted: Wanted) -> Place:
    """Where a case stands in a list."""
    return Place(
        ticket.deadline_at if wanted.ordered is Order.DEADLINE else ticket.created_at, ticket.id
    )


def counts(session: Session, officer: Officer, now: datetime) -> dict[View, Count]:
    """How many cases each view holds for an officer, whatever else is filtered."""
    plan_for_these_values(session)
    sights = _sights(session, officer)
    views = {view: _filtered(Wanted(view=view), officer, now) for view in View}
    return _counted(session, {view: _seen(view, where, sights) for view, where in views.items()})


def version(session: Session) -> int:
    """A number that is another one once anything has happened to any case.

    A step that was written first and committed last hides behind the newer one until the next step
    comes: whoever compares numbers looks again after a minute in any case.
    """
    return session.scalar(select(func.max(TicketEvent.id))) or 0


def newest(session: Session) -> int:
    """The number of the newest case of all; 0 when there is none."""
    return session.scalar(select(func.max(Ticket.id))) or 0


def came_since(session: Session, officer: Officer, number: int) -> tuple[int, int]:
    """How many cases that an officer sees came after this one, and how many of them are urgent."""
    fresh = select(Ticket.urgency).where(rights.sight(officer), Ticket.id > number)
    urgencies = session.scalars(fresh.limit(COUNTED_TO)).all()
    return len(urgencies), urgencies.count("urgent")


def choices(session: Session, officer: Officer) -> Choices:
    """Every commune, and of some hundreds of agencies those that have had a case, by name."""
    communes = session.execute(select(Commune.code, Commune.name).order_by(Commune.name))
    agencies: list[tuple[str, str]] = []
    if rights.sees_all(officer):
        asked = select(Ticket.id).where(Ticket.agency_code == Agency.code).exists()
        rows = session.execute(select(Agency.code, Agency.name).where(asked).order_by(Agency.name))
        agencies = [(code, name) for code, name in rows]
    return Choices(
        communes=[(code, name) for code, name in communes],
        agencies=agencies if len(agencies) > 1 else [],
    )


def plan_for_these_values(session: Session) -> None:
    """PostgreSQL must not reuse a plan: one word is in half of all cases, another in three.

    Nor is any of these statements worth being compiled first, which its estimates may call for.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_EACH_ITS_PLAN)


_EACH_ITS_PLAN = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), "
    "set_config('jit', 'off', true)"
)


def _rows(
    session: Session, parts: Parts, order: Order, start: Place | None, size: int
) -> list[Row]:
    """Rows in the order of the list, or, from a place backwards, against it."""
    listed = _in_order(parts, order, start, size).subquery()
    found = session.execute(
        select(Ticket, Commune.name, Officer.name)
        .join(listed, listed.c.id == Ticket.id)
        .outerjoin(Commune, Commune.code == Ticket.commune_code)
        .outerjoin(Officer, Officer.id == Ticket.officer_id)
        .order_by(*_by(listed.c.at, listed.c.id, order, start))
        .options(defer(Ticket.search_text))
    )
    return [Row(ticket, commune, name) for ticket, commune, name in found]


def _in_order(
    parts: Parts,
    order: Order,
    start: Place | None,
    limit: int,
    *more: ColumnElement[Any],
) -> Select[Any]:
    """The first cases of a list from a place on: `id`, `at` (what orders it), and more columns.

    Each part is gone through by its own index, no further than all of them together.
    """
    column = Ticket.deadline_at if order is Order.DEADLINE else Ticket.created_at
    if start is not None:
        parts = _and(parts, _beyond(column, start, ascending=_ascending(order, start)))
    each = [
        select(Ticket.id, column.label("at"), *more)
        .where(*part)
        .order_by(*_by(column, Ticket.id, order, start))
        .limit(limit)
        for part in parts
    ]
    if len(each) == 1:
        return each[0]
    listed = union_all(*(select(part.subquery()) for part in each)).subquery()
    return select(listed).order_by(*_by(listed.c.at, listed.c.id, order, start)).limit(limit)


def _ascending(order: Order, start: Place | None) -> bool:
    backwards = start is not None and start.backwards
    return (order is Order.DEADLINE) != backwards


def _by(
    at: ColumnElement[Any] | InstrumentedAttribute[datetime],
    number: ColumnElement[Any] | InstrumentedAttribute[int],
    order: Order,
    start: Place | None,
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    if _ascending(order, start):
        return at.asc(), number.asc()
    return at.desc(), number.desc()


def _beyond(
    column: InstrumentedAttribute[datetime], start: Place, *, ascending: bool
) -> ColumnElement[bool]:
    """What comes after a place; the first half alone is what an index can begin at."""
    if ascending:
        return and_(column >= start.at, or_(column > start.at, Ticket.id > start.ticket_id))
    return and_(column <= start.at, or_(column < start.at, Ticket.id < start.ticket_id))


def _counted(session: Session, lists: Mapping[View, Parts]) -> dict[View, Count]:
    """All in one statement; no list is counted further than `COUNTED_TO`."""
    numbers = [
        sum(
            (
                select(func.count())
                .select_from(select(Ticket.id).where(*part).limit(COUNTED_TO + 1).subquery())
                .scalar_subquery()
                for part in parts
            ),
            start=literal(0),
        )
        for parts in lists.values()
    ]
    found = session.execute(select(*numbers)).one()
    return {
        view: Count(min(number, COUNTED_TO), more=number > COUNTED_TO)
        for view, number in zip(lists, found, strict=True)
    }


def conditions(
    session: Session, wanted: Wanted, officer: Officer, now: datetime
) -> list[ColumnElement[bool]]:
    """What must be true of a `Ticket` so that an officer finds it in a list."""
    words = wanted.search
    searched = [_searched(session, words).condition] if search.has_words(words) else []
    return [rights.sight(officer), *_filtered(wanted, officer, now), *searched]


def _parts(session: Session, wanted: Wanted, officer: Officer, now: datetime) -> Parts:
    """The same in parts, but for what is searched."""
    where = _filtered(wanted, officer, now)
    return _seen(wanted.view, where, _sights(session, officer))


def _seen(view: View, where: list[ColumnElement[bool]], sights: list[ColumnElement[bool]]) -> Parts:
    """Everybody sees what they have; of everything else what is in sight."""
    return [where] if view is View.MINE else [[part, *where] for part in sights]


def _sights(session: Session, officer: Officer) -> list[ColumnElement[bool]]:
    """What an officer sees (`rights.sight`) in parts, for no index leads through all of it at once.

    Cases of other agencies that were given to the officer are few: they are named one by one.
    """
    own = officer.agency_code
    if own is None or rights.sees_all(officer):
        return [rights.sight(officer)]
    mine = select(Ticket.id).where(Ticket.officer_id == officer.id)
    others = or_(Ticket.agency_code < own, Ticket.agency_code > own)  # two ranges of an index
    given = session.scalars(mine.where(others)).all()
    return [Ticket.agency_code == own, *([search.among(session, given)] if given else ())]


def _and(parts: Parts, more: ColumnElement[bool]) -> Parts:
    return [[*part, more] for part in parts]


def _filtered(wanted: Wanted, officer: Officer, now: datetime) -> list[ColumnElement[bool]]:
    return [
        *_in_view(wanted.view, officer, now),
        *_narrowed(wanted),
        *wanted.happened.conditions(),
    ]


def _in_view(view: View, officer: Officer, now: datetime) -> list[ColumnElement[bool]]:
    views: dict[View, list[ColumnElement[bool]]] = {
        View.OPEN: [UNDER_WAY],
        View.MINE: [UNDER_WAY, Ticket.officer_id == officer.id],
        View.UNASSIGNED: [UNDER_WAY, Ticket.officer_id.is_(None)],
        View.NEW: [UNDER_WAY, Ticket.state == TicketState.NEW],
        View.TODAY: [UNDER_WAY, Ticket.deadline_at >= now, Ticket.deadline_at < _day_after(now)],
        View.OVERDUE: [UNDER_WAY, Ticket.deadline_at < now, _CLOCK_WAS_RUNNING],
        View.WAITING: [UNDER_WAY, Ticket.state == TicketState.WAITING],
        View.UNHAPPY: [UNHAPPY],
        View.ANSWERED: [Ticket.state == TicketState.RESOLVED],
        View.CLOSED: [Ticket.state.in_(_OVER)],
        View.ALL: [],
    }
    return views[view]


_CLOCK_WAS_RUNNING = or_(Ticket.paused_at.is_(None), Ticket.deadline_at < Ticket.paused_at)
"""At its deadline: what waits for the citizen is given this time back."""

_OVER = (TicketState.CLOSED, TicketState.REJECTED, TicketState.MERGED, TicketState.WITHDRAWN)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = {
        Ticket.agency_code: wanted.agency,
        Ticket.category: wanted.category,
        Ticket.commune_code: wanted.commune,
        Ticket.urgency: wanted.urgency,
    }
    where: list[ColumnElement[bool]] = [
        column.is_(None) if value == NOWHERE else column == value
        for column, value in equal.items()
        if value
    ]
    if wanted.since is not None:
        where.append(Ticket.created_at >= _begin_of(wanted.since))
    if wanted.until is not None:
        where.append(Ticket.created_at < _begin_of(wanted.until + timedelta(days=1)))
    return where


def _searched(session: Session, words: str) -> Found:
    """By the words of a case, of which there are some, or by its code however it is spelt."""
    found = search.look_for(session, words)
    number = _by_code(session, words)
    if number is None or number in found.numbers:
        return found
    numbers = [*found.numbers, number]
    return replace(found, numbers=numbers, condition=or_(found.condition, Ticket.id == number))


def _by_code(session: Session, words: str) -> int | None:
    """The case whose code this is, however it is spelt."""
    try:
        code = ticket_code.read(words)
    except ticket_code.TicketCodeUnreadable:
        return None
    return session.scalar(select(Ticket.id).where(Ticket.code == code))


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE)


def _day_after(now: datetime) -> datetime:
    return _begin_of(now.astimezone(LOCAL_ZONE).date() + timedelta(days=1))
