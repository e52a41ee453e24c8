"""Pages of a list with the names that its codes stand for, and how many cases lists hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, literal, select
from sqlalchemy.orm import Session

from actions import search
from actions.inbox import searching
from actions.inbox.filters import STATEMENTS_KEPT, Lists, Scope, is_overdue, lists_of
from actions.inbox.ordering import Place, Way, by, first_of, from_place, in_order, place_of
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
    lists = lists_of(session, [wanted], officer, now)
    return _page(_finding(session, lists, wanted), wanted.ordered, start, size)


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
    lists = lists_of(session, [wanted], officer, now)
    if not search.has_words(wanted.search):
        find = _finding(session, lists, wanted)
        return _page(find, wanted.ordered, start, PAGE_SIZE), _counted(session, lists)[0]
    begin = searching.look(session, lists, wanted.search, None, PAGE_SIZE + 1)
    number = len(begin.numbers)
    more = number > COUNTED_TO or not begin.whole
    count = Count(min(number - 1, COUNTED_TO) if more else number, more)
    find = _finding(session, lists, wanted, begin)
    return _page(find, wanted.ordered, start, PAGE_SIZE), count


def counts(session: Session, officer: Officer, now: datetime) -> dict[View, Count]:
    """How many cases each view holds for an officer, whatever else is filtered."""
    plan_for_these_values(session)
    lists = lists_of(session, [Wanted(view=view) for view in View], officer, now)
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


def _finding(session: Session, lists: Lists, wanted: Wanted, begin: Hits | None = None) -> Find:
    """How rows of a list, the only one of these, are found.

    Args:
        begin: what was found from the beginning on, where it was searched already.
    """
    (scope,) = lists.scopes

    def rows(start: Place | None, number: int) -> list[Row]:
        return _rows(session, _listed(scope, Way.of(start)), lists.values, start, number)

    def searched(start: Place | None, number: int) -> list[Row]:
        if begin is not None and start is None:
            hits = begin.numbers[:number]
        elif begin is not None and begin.whole:
            hits = begin.numbers  # the place is somewhere among them
        else:
            hits = searching.look(session, lists, wanted.search, start, number).numbers[:number]
        # They are in the list: to ask for that once more would only lead the planner astray.
        statement = _named(wanted.ordered, Way.of(start), scope.sqlite)
        named = {"named": search.listed(hits, sqlite=scope.sqlite)}
        return _rows(session, statement, named, start, number)

    return searched if search.has_words(wanted.search) else rows


def _rows(
    session: Session,
    statement: Select[Ticket, str, str],
    values: Mapping[str, Any],
    start: Place | None,
    size: int,
) -> list[Row]:
    found = session.execute(statement, {**values, **from_place(start), "limit": size})
    return [Row(ticket, commune, name) for ticket, commune, name in found]


@lru_cache(maxsize=STATEMENTS_KEPT)
def _listed(scope: Scope, way: Way) -> Select[Ticket, str, str]:
    """Rows of a list in its order, or, from a place backwards, against it."""
    order = scope.wanted.ordered
    listed = in_order(scope.parts, order, way).subquery()
    query = select(Ticket, Commune.name, Officer.name).join(listed, listed.c.id == Ticket.id)
    return _with_names(query).order_by(*by(listed.c.at, listed.c.id, order, way))


@lru_cache(maxsize=STATEMENTS_KEPT)
def _named(order: Order, way: Way, sqlite: bool) -> Select[Ticket, str, str]:
    """The same of cases whose numbers are known, which are few enough to be sorted."""
    query = _with_names(select(Ticket, Commune.name, Officer.name))
    return first_of(query, [search.among("named", sqlite=sqlite)], order, way)


def _with_names(query: Select[Ticket, str, str]) -> Select[Ticket, str, str]:
    return query.outerjoin(Commune, Commune.code == Ticket.commune_code).outerjoin(
        Officer, Officer.id == Ticket.officer_id
    )


def _counted(session: Session, lists: Lists) -> list[Count]:
    """All in one statement; no list is counted further than `COUNTED_TO`."""
    values = {**lists.values, "counted_to": COUNTED_TO + 1}
    found = session.execute(_counting(lists.scopes), values).one()
    return [Count(min(number, COUNTED_TO), more=number > COUNTED_TO) for number in found]


@lru_cache(maxsize=STATEMENTS_KEPT)
def _counting(scopes: tuple[Scope, ...]) -> Select[Any]:
    counted_to = bindparam("counted_to", type_=Integer)
    numbers = [
        sum(
            (
                select(func.count())
                .select_from(select(Ticket.id).where(*part).limit(counted_to).subquery())
                .scalar_subquery()
                for part in scope.parts
            ),
            start=literal(0),
        )
        for scope in scopes
    ]
    return select(*numbers)
