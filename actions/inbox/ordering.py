"""The order of a list, and the places in it at which pages begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from actions.inbox.filters import Parts, narrowed
from actions.inbox.wanted import Order
from store.tickets import Ticket


@dataclass(frozen=True)
class Place:
    """Where a page begins: behind a case, or before it when `backwards`.

    `at` is what the list is ordered by, its deadline or when it was sent.
    """

    at: datetime
    ticket_id: int
    backwards: bool = False


def place_of(ticket: Ticket, order: Order) -> Place:
    """Where a case stands in a list."""
    return Place(ticket.deadline_at if order is Order.DEADLINE else ticket.created_at, ticket.id)


def in_order(
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
        parts = narrowed(parts, _beyond(column, start, ascending=_ascending(order, start)))
    each = [
        select(Ticket.id, column.label("at"), *more)
        .where(*part)
        .order_by(*by(column, Ticket.id, order, start))
        .limit(limit)
        for part in parts
    ]
    if len(each) == 1:
        return each[0]
    listed = union_all(*(select(part.subquery()) for part in each)).subquery()
    return select(listed).order_by(*by(listed.c.at, listed.c.id, order, start)).limit(limit)


def by(
    at: ColumnElement[Any] | InstrumentedAttribute[datetime],
    number: ColumnElement[Any] | InstrumentedAttribute[int],
    order: Order,
    start: Place | None,
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """What rows are sorted by; from a place backwards, against the order of the list."""
    if _ascending(order, start):
        return at.asc(), number.asc()
    return at.desc(), number.desc()


def _ascending(order: Order, start: Place | None) -> bool:
    backwards = start is not None and start.backwards
    return (order is Order.DEADLINE) != backwards


def _beyond(
    column: InstrumentedAttribute[datetime], start: Place, *, ascending: bool
) -> ColumnElement[bool]:
    """What comes after a place; the first half alone is what an index can begin at."""
    if ascending:
        return and_(column >= start.at, or_(column > start.at, Ticket.id > start.ticket_id))
    return and_(column <= start.at, or_(column < start.at, Ticket.id < start.ticket_id))
