"""The order of a list, and the places in it at which pages begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from actions.inbox.filters import Conditions, Parts
from actions.inbox.wanted import Order
from store.base import UtcDateTime
from store.tickets import Ticket

Columns = TypeVarTuple("Columns")


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


class Way(Enum):
    """How a list is gone through: from its beginning, or from a place on, or from it backwards."""

    WHOLE = "whole"
    ONWARDS = "onwards"
    BACKWARDS = "backwards"

    @classmethod
    def of(cls, start: Place | None) -> Way:
        if start is None:
            return cls.WHOLE
        return cls.BACKWARDS if start.backwards else cls.ONWARDS


def from_place(start: Place | None) -> dict[str, Any]:
    """What the parameters of `in_order` stand for, but for its `limit`."""
    return {} if start is None else {"place_at": start.at, "place_id": start.ticket_id}


def from_moment(at: datetime, order: Order, way: Way) -> dict[str, Any]:
    """The same for all cases from a moment on, those of this very moment included."""
    return {"place_at": at, "place_id": -1 if ascending(order, way) else _ABOVE_ALL}


def first_of(query: Select[*Columns], part: Conditions, order: Order, way: Way) -> Select[*Columns]:
    """What is asked of cases, of the first ones of a part of a list: of `limit`."""
    column = _column(order)
    if way is not Way.WHOLE:
        part = [*part, _beyond(column, ascending=ascending(order, way))]
    return query.where(*part).order_by(*by(column, Ticket.id, order, way)).limit(_LIMIT)


def in_order(parts: Parts, order: Order, way: Way, *more: ColumnElement[Any]) -> Select[Any]:
    """The first cases of a list from a place on: `id`, `at` (what orders it), and more columns.

    Each part is gone through by its own index, no further than `limit`, which bounds all of them
    together as well.
    """
    columns = (Ticket.id, _column(order).label("at"), *more)
    each = [first_of(select(*columns), part, order, way) for part in parts]
    if len(each) == 1:
        return each[0]
    listed = union_all(*(select(part.subquery()) for part in each)).subquery()
    return select(listed).order_by(*by(listed.c.at, listed.c.id, order, way)).limit(_LIMIT)


def by(
    at: ColumnElement[Any] | InstrumentedAttribute[datetime],
    number: ColumnElement[Any] | InstrumentedAttribute[int],
    order: Order,
    way: Way,
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """What rows are sorted by; from a place backwards, against the order of the list."""
    if ascending(order, way):
        return at.asc(), number.asc()
    return at.desc(), number.desc()


_LIMIT = bindparam("limit", type_=Integer)
_AT = bindparam("place_at", type_=UtcDateTime)
_NUMBER = bindparam("place_id", type_=Integer)

_ABOVE_ALL = 2**31 - 1
"""No case has this number."""


def ascending(order: Order, way: Way) -> bool:
    """Whether what comes later in time is met later."""
    return (order is Order.DEADLINE) != (way is Way.BACKWARDS)


def _column(order: Order) -> InstrumentedAttribute[datetime]:
    return Ticket.deadline_at if order is Order.DEADLINE else Ticket.created_at


def _beyond(column: InstrumentedAttribute[datetime], *, ascending: bool) -> ColumnElement[bool]:
    """What comes after a place; the first half alone is what an index can begin at."""
    if ascending:
        return and_(column >= _AT, or_(column > _AT, Ticket.id > _NUMBER))
    return and_(column <= _AT, or_(column < _AT, Ticket.id < _NUMBER))
