"""Looking for words in a list: which of its cases hold them, in its order.

Words that many cases hold are soon met when one looks through the list; words that few hold the
index of words names at once. Neither is good at the other's: the index gathers every case that
holds a frequent word before the first can be told, and a list may be a million cases long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from actions import search, ticket_code
from actions.inbox.filters import STATEMENTS_KEPT, Lists, Scope, narrowed
from actions.inbox.ordering import Place, Way, ascending, by, from_moment, from_place, in_order
from actions.inbox.wanted import UNDER_WAY_VIEWS, Order, Wanted
from store.planning import by_indexes_alone
from store.tickets import Ticket

AT_FIRST = 2000
"""So many cases of a list are looked through to see how frequent the words are."""

AT_MOST = 40_000
"""Where that promises enough of them among so many, so many are looked through."""

SCATTERED = 4
"""So many times fewer where the list is of one agency, category or the like: those lie far apart in
the table, while cases of one time lie together.
"""

NAMED = 1000
"""So many cases, at least, are taken from the index of words."""

MUCH_RARER = 10
"""Words so many times rarer than a word that is only begun are asked for without it: the index
gathers every case that holds anything begun so.
"""


@dataclass(frozen=True)
class Hits:
    """Numbers of cases that hold the words, in the order of the list; `whole` when no more do."""

    numbers: list[int]
    whole: bool


@dataclass(frozen=True)
class _Seen:
    """What the first `looked_at` cases of a list from a place on hold: so many the words before the
    last, so many the last, and both those with these `numbers`, a part of them `before` the moment
    of the last case that was looked at: `until`, if any was.
    """

    looked_at: int
    others: int
    last: int
    numbers: list[int]
    before: list[int]
    until: datetime | None

    def promises(self, enough: int, among: int) -> bool:
        """Whether so many cases of the list will hold enough, with some to spare."""
        return 2 * len(self.numbers) * among >= 3 * enough * self.looked_at

    @property
    def last_is_frequent(self) -> bool:
        return self.others * MUCH_RARER < self.last


@dataclass(frozen=True)
class _Sought:
    """What of a search decides how its statements read; for the rest of it they have parameters."""

    scope: Scope
    way: Way
    several: bool
    """Words, and not one."""
    coded: bool
    """The code of a case was typed as well."""

    @property
    def order(self) -> Order:
        return self.scope.wanted.ordered

    def or_coded(
        self,
        holds: ColumnElement[bool],
        number: ColumnElement[int] | InstrumentedAttribute[int],
    ) -> ColumnElement[bool]:
        return or_(holds, number == bindparam("coded", type_=Integer)) if self.coded else holds


def look(session: Session, lists: Lists, words: str, start: Place | None, enough: int) -> Hits:
    """The first cases of a list, from a place on, that hold what is searched: all, or `enough`.

    Args:
        lists: one.
    """
    (scope,) = lists.scopes
    coded = _coded(session, words)
    sought = _Sought(scope, Way.of(start), search.has_several_words(words), coded is not None)
    asked = search.asked(words, sqlite=scope.sqlite)
    values = {**lists.values, **from_place(start), **asked, "coded": coded}
    seen = _at_first(session, sought, values)
    whole = seen.looked_at < AT_FIRST
    if seen.until is None or whole or len(seen.numbers) >= enough:
        return Hits(seen.numbers, whole)
    # What is under way has an index of words for itself, which is quicker than a second look.
    most = AT_MOST // SCATTERED if _is_scattered(scope.wanted) else AT_MOST
    if scope.wanted.view not in UNDER_WAY_VIEWS and seen.promises(enough, most):
        beyond = dict(values)
        if start is None or start.at != seen.until:  # else the first look ended where it began
            beyond |= from_moment(seen.until, sought.order, sought.way)
        further = _further(session, sought, beyond, seen, enough, most)
        if further.whole or len(further.numbers) == enough:
            return further
    limit = max(enough, NAMED + 1)
    return _by_index(session, sought, values, limit, last_by_rows=seen.last_is_frequent)


def _is_scattered(wanted: Wanted) -> bool:
    return bool(wanted.agency or wanted.category or wanted.commune or wanted.urgency)


def _coded(session: Session, words: str) -> int | None:
    """The case whose code was typed, however it is spelt."""
    try:
        code = ticket_code.read(words)
    except ticket_code.TicketCodeUnreadable:
        return None
    return session.scalar(select(Ticket.id).where(Ticket.code == code))


def _at_first(session: Session, sought: _Sought, values: Mapping[str, Any]) -> _Seen:
    found = session.execute(_first_look(sought), {**values, "limit": AT_FIRST}).all()
    looked_at, others_held, last_held, until, _, _ = found[0]
    numbers = [row.id for row in found if row.id is not None]
    before = [row.id for row in found if row.id is not None and row.at != until]
    return _Seen(looked_at, others_held, last_held, numbers, before, until)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _first_look(sought: _Sought) -> Select[Any]:
    listed = _to_look_through(sought)
    others, last = search.held(listed, several=sought.several)
    labels = (others.label("others"), last.label("last"))
    seen = select(listed.c.id, listed.c.at, *labels).cte("seen")
    both = sought.or_coded(and_(seen.c.others, seen.c.last), seen.c.id)
    number = func.count()
    until = func.max if ascending(sought.order, sought.way) else func.min
    counted = select(
        number.label("looked_at"),
        number.filter(seen.c.others).label("others"),
        number.filter(seen.c.last).label("last"),
        until(seen.c.at).label("until"),
    ).subquery()
    return (
        select(counted, seen.c.id, seen.c.at)
        .select_from(counted)
        .outerjoin(seen, both)
        .order_by(*by(seen.c.at, seen.c.id, sought.order, sought.way))
    )


def _further(
    session: Session,
    sought: _Sought,
    values: Mapping[str, Any],
    seen: _Seen,
    enough: int,
    most: int,
) -> Hits:
    """Enough of the next cases, `most` of which are looked through and no more than that takes.

    Cases of the moment at which the first look ended may not all have been seen.
    """
    onwards = Way.BACKWARDS if sought.way is Way.BACKWARDS else Way.ONWARDS
    rest = max(0, most - seen.looked_at)
    values = {**values, "limit": rest, "enough": enough - len(seen.before)}
    further = session.scalars(_second_look(replace(sought, way=onwards)), values)
    numbers = [*seen.before, *further]
    if len(numbers) == enough:
        return Hits(numbers, whole=False)
    looked_at = session.scalars(_length(sought.scope, onwards), values).one()
    return Hits(numbers, whole=looked_at < rest)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _second_look(sought: _Sought) -> Select[Any]:
    listed = _to_look_through(sought)
    both = and_(*search.held(listed, several=sought.several))
    return (
        select(listed.c.id)
        .where(sought.or_coded(both, listed.c.id))
        .order_by(*by(listed.c.at, listed.c.id, sought.order, sought.way))
        .limit(bindparam("enough", type_=Integer))
    )


def _to_look_through(sought: _Sought) -> Subquery:
    scope, more = sought.scope, search.columns(sqlite=sought.scope.sqlite)
    return in_order(scope.parts, sought.order, sought.way, *more).subquery()


@lru_cache(maxsize=STATEMENTS_KEPT)
def _length(scope: Scope, way: Way) -> Select[Any]:
    """How many cases of a list there are to look through, and no more than its limit."""
    listed = in_order(scope.parts, scope.wanted.ordered, way)
    return select(func.count()).select_from(listed.subquery())


def _by_index(
    session: Session,
    sought: _Sought,
    values: Mapping[str, Any],
    limit: int,
    *,
    last_by_rows: bool,
) -> Hits:
    """What the index of words names of the list."""
    named = _named_by_index(sought, last_by_rows and sought.several)
    with by_indexes_alone(session):
        numbers = [row.id for row in session.execute(named, {**values, "limit": limit})]
    return Hits(numbers, len(numbers) < limit)


@lru_cache(maxsize=STATEMENTS_KEPT)
def _named_by_index(sought: _Sought, last_by_rows: bool) -> Select[Any]:
    scope = sought.scope
    holds = sought.or_coded(search.holds(sqlite=scope.sqlite, last_by_rows=last_by_rows), Ticket.id)
    return in_order(narrowed(scope.parts, holds), sought.order, sought.way)
