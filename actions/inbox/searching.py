"""Looking for words in a list: which of its cases hold them, in its order.

Words that many cases hold are soon met when one looks through the list; words that few hold the
index of words names at once. Neither is good at the other's: the index gathers every case that
holds a frequent word before the first can be told, and a list may be a million cases long.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from actions import search, ticket_code
from actions.inbox.filters import Parts, narrowed
from actions.inbox.ordering import Place, by, in_order
from actions.inbox.wanted import UNDER_WAY_VIEWS, Wanted
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
    last, so many the last, and both those with these `numbers`.
    """

    looked_at: int
    others: int
    last: int
    numbers: list[int]

    def promises(self, enough: int, among: int) -> bool:
        """Whether so many cases of the list will hold enough, with some to spare."""
        return 2 * len(self.numbers) * among >= 3 * enough * self.looked_at

    @property
    def last_is_frequent(self) -> bool:
        return self.others * MUCH_RARER < self.last


def look(session: Session, parts: Parts, wanted: Wanted, start: Place | None, enough: int) -> Hits:
    """The first cases of a list, from a place on, that hold what is searched: all, or `enough`."""
    seen = _at_first(session, parts, wanted, start)
    whole = seen.looked_at < AT_FIRST
    if whole or len(seen.numbers) >= enough:
        return Hits(seen.numbers, whole)
    # What is under way has an index of words for itself, which is quicker than a second look.
    most = AT_MOST // SCATTERED if _is_scattered(wanted) else AT_MOST
    if wanted.view not in UNDER_WAY_VIEWS and seen.promises(enough, most):
        further = _further(session, parts, wanted, start, enough, most)
        if further.whole or len(further.numbers) == enough:
            return further
    limit = max(enough, NAMED + 1)
    return _by_index(session, parts, wanted, start, limit, last_by_rows=seen.last_is_frequent)


def _is_scattered(wanted: Wanted) -> bool:
    return bool(wanted.agency or wanted.category or wanted.commune or wanted.urgency)


def _at_first(session: Session, parts: Parts, wanted: Wanted, start: Place | None) -> _Seen:
    listed = in_order(parts, wanted.ordered, start, AT_FIRST, *search.columns(session)).subquery()
    others, last = search.held(session, wanted.search, listed)
    both = _or_coded(session, wanted, and_(others, last), listed.c.id)
    labels = (others.label("others"), last.label("last"), both.label("both"))
    seen = select(listed.c.id, listed.c.at, *labels).cte("seen")
    number = func.count()
    counted = select(
        number.label("looked_at"),
        number.filter(seen.c.others).label("others"),
        number.filter(seen.c.last).label("last"),
    ).subquery()
    found = session.execute(
        select(counted, seen.c.id)
        .select_from(counted)
        .outerjoin(seen, seen.c.both)
        .order_by(*by(seen.c.at, seen.c.id, wanted.ordered, start))
    ).all()
    looked_at, others_held, last_held, _ = found[0]
    numbers = [row.id for row in found if row.id is not None]
    return _Seen(looked_at, others_held, last_held, numbers)


def _further(
    session: Session, parts: Parts, wanted: Wanted, start: Place | None, enough: int, most: int
) -> Hits:
    """Enough of the next cases, `most` of which are looked through and no more than that takes."""
    order = wanted.ordered
    listed = in_order(parts, order, start, most, *search.columns(session)).subquery()
    both = and_(*search.held(session, wanted.search, listed))
    found = (
        select(listed.c.id)
        .where(_or_coded(session, wanted, both, listed.c.id))
        .order_by(*by(listed.c.at, listed.c.id, order, start))
        .limit(enough)
    )
    numbers = list(session.scalars(found))
    if len(numbers) == enough:
        return Hits(numbers, whole=False)
    looked_at = select(func.count()).select_from(in_order(parts, order, start, most).subquery())
    return Hits(numbers, whole=session.scalars(looked_at).one() < most)


def _by_index(
    session: Session,
    parts: Parts,
    wanted: Wanted,
    start: Place | None,
    limit: int,
    *,
    last_by_rows: bool,
) -> Hits:
    """What the index of words names of the list."""
    holds = search.holds(session, wanted.search, last_by_rows=last_by_rows)
    holds = _or_coded(session, wanted, holds, Ticket.id)
    listed = in_order(narrowed(parts, holds), wanted.ordered, start, limit)
    with by_indexes_alone(session):
        numbers = [row.id for row in session.execute(listed)]
    return Hits(numbers, len(numbers) < limit)


def _or_coded(
    session: Session,
    wanted: Wanted,
    holds: ColumnElement[bool],
    number: ColumnElement[int] | InstrumentedAttribute[int],
) -> ColumnElement[bool]:
    """Or that it is the case whose code was typed, however it is spelt."""
    try:
        code = ticket_code.read(wanted.search)
    except ticket_code.TicketCodeUnreadable:
        return holds
    coded = session.scalar(select(Ticket.id).where(Ticket.code == code))
    return holds if coded is None else or_(holds, number == coded)
