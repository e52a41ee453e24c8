"""Pages of a list with the names that its codes stand for, and how many cases lists hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session, defer

from actions import search
from actions.inbox import searching
from actions.inbox.filters import Parts, is_overdue, parts_of, parts_of_each
from actions.inbox.ordering import Place, by, in_order, place_of
from actions.inbox.searching import Hits
from actions.inbox.wanted import Order, View, Wanted
from store.local import Commune
from store.planning import plan_for_these_values
from store.staff import Officer
from store.tickets import Ticket

PAGE_SIZE = 50

COUNTED_TO = 1000
"""Counts end here: "more than 1,000" is all that anybody needs to know."""


@dataclass(frozen=True)
class Row:
    """A case of the list, with the names that its codes stand for."""

    ticket: Ticket
    commune: str | None
    officer: str | None

    def is_overdue(self, now: datetime) -> bool:
        """Of a case that staff must act on."""
        return is_overdue(self.ticket, now)


@dataclass(frozen=True)
class Page:
    """A part of a list; `earlier` and `later` lead to the parts beside it, where there are any."""

    rows: list[Row]
    earlier: Place | None
    later: Place | None


@dataclass(frozen=True)
class Count:
    """How many; when counting ended before the cases did there are `more` than so many."""

    number: int
    more: bool = False


Find = Callable[[Place | None, int], list[Row]]
"""So many cases of a list, from its beginning or from a place in it."""


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
    parts = parts_of(session, wanted, officer, now)
    return _page(_finding(session, parts, wanted), wanted.ordered, start, size)


def page_and_total(
    session: Session,
    wanted: Wanted,
    officer: Officer,
    now: datetime,
    *,
    start: Place | None = None,
) -> tuple[Page, Count]:
    """A page of a list, and how many cases the list holds.

    Of a search that very many cases answer, only some are counted: the number is the least.
    """
    plan_for_these_values(session)
    parts = parts_of(session, wanted, officer, now)
    if not search.has_words(wanted.search):
        find = _finding(session, parts, wanted)
        return _page(find, wanted.ordered, start, PAGE_SIZE), _counted(session, [parts])[0]
    begin = searching.look(session, parts, wanted, None, PAGE_SIZE + 1)
    number = len(begin.numbers)
    more = number > COUNTED_TO or not begin.whole
    count = Count(min(number - 1, COUNTED_TO) if more else number, more)
    find = _finding(session, parts, wanted, begin)
    return _page(find, wanted.ordered, start, PAGE_SIZE), count


def counts(session: Session, officer: Officer, now: datetime) -> dict[View, Count]:
    """How many cases each view holds for an officer, whatever else is filtered."""
    plan_for_these_values(session)
    lists = parts_of_each(session, [Wanted(view=view) for view in View], officer, now)
    return dict(zip(View, _counted(session, lists), strict=True))


def _page(find: Find, order: Order, start: Place | None, size: int) -> Page:
    found = find(start, size + 1)
    backwards = start is not None and start.backwards
    if backwards and len(found) <= size:  # nothing stands before it: this is the beginning
        return _page(find, order, None, size)
    rows, more = found[:size], len(found) > size
    if backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    first, last = place_of(rows[0].ticket, order), place_of(rows[-1].ticket, order)
    return Page(
        rows,
        earlier=None if start is None else replace(first, backwards=True),
        later=last if more or backwards else None,
    )


def _finding(session: Session, parts: Parts, wanted: Wanted, begin: Hits | None = None) -> Find:
    """How rows of a list are found.

    Args:
        begin: what was found from the beginning on, where it was searched already.
    """

    def rows(start: Place | None, number: int) -> list[Row]:
        return _rows(session, parts, wanted.ordered, start, number)

    def searched(start: Place | None, number: int) -> list[Row]:
        if begin is not None and start is None:
            hits = begin.numbers[:number]
        elif begin is not None and begin.whole:
            hits = begin.numbers  # the place is somewhere among them
        else:
            hits = searching.look(session, parts, wanted, start, number).numbers[:number]
        # They are in the list: to ask for that once more would only lead the planner astray.
        return _rows(session, [[search.among(session, hits)]], wanted.ordered, start, number)

    return searched if search.has_words(wanted.search) else rows


def _rows(
    session: Session, parts: Parts, order: Order, start: Place | None, size: int
) -> list[Row]:
    """Rows in the order of the list, or, from a place backwards, against it."""
    listed = in_order(parts, order, start, size).subquery()
    found = session.execute(
        select(Ticket, Commune.name, Officer.name)
        .join(listed, listed.c.id == Ticket.id)
        .outerjoin(Commune, Commune.code == Ticket.commune_code)
        .outerjoin(Officer, Officer.id == Ticket.officer_id)
        .order_by(*by(listed.c.at, listed.c.id, order, start))
        .options(defer(Ticket.search_text))
    )
    return [Row(ticket, commune, name) for ticket, commune, name in found]


def _counted(session: Session, lists: Sequence[Parts]) -> list[Count]:
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
        for parts in lists
    ]
    found = session.execute(select(*numbers)).one()
    return [Count(min(number, COUNTED_TO), more=number > COUNTED_TO) for number in found]
