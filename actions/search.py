"""Finds tickets by their words, whether typed with diacritics or without."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    any_,
    bindparam,
    column,
    func,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from actions.folding import folded
from store.tickets import SEARCH_WORDS, Ticket

MOST_WORDS = 12
"""Words of a search that count; nobody types more."""

BEGUN_FROM = 2
"""Letters from which on the last word may be one that is only begun."""

WALKED = 20_000
"""So many of the newest tickets are looked through before the index is asked."""

FEW = 10_000
"""So many tickets are taken as they are found. Words that more tickets hold are looked for in them
one after the other, in the order of the list: soon enough some have been found."""

_INDEX = table("ticket_search", column("rowid"))
"""SQLite's index of words (FTS5); PostgreSQL has one on a column that it makes itself."""


@dataclass(frozen=True)
class Found:
    """Tickets that hold all the words that were looked for.

    `numbers` are theirs; when not `all_of_them`, those are some of very many, and `condition` on
    `Ticket` names all.
    """

    numbers: Sequence[int]
    all_of_them: bool
    condition: ColumnElement[bool]


def text_of(ticket: Ticket) -> str:
    """What of a ticket is searched: `Ticket.search_text`."""
    parts = (ticket.code, ticket.text, ticket.place_text, ticket.answer)
    return folded(" ".join(part for part in parts if part))


def look_for(session: Session, words: str) -> Found:
    """Tickets that hold all these words, the last perhaps only begun; there must be one.

    Databases guess badly how many tickets hold which words together: the index is asked first, and
    what it finds decides how the rest is looked for.
    """
    wanted = _wanted(words)
    if _is_sqlite(session):
        hits = select(_INDEX.c.rowid).where(_matches(wanted))
        numbers = session.scalars(hits.limit(FEW + 1)).all()
        holds = Ticket.id.in_(hits)
    else:
        holding = SEARCH_WORDS.op("@@")(_query(wanted))
        numbers = _by_index(session, select(Ticket.id).where(holding))
        # In this form no index fits it, and the order of the list leads the way.
        holds = holding.is_(True)
    few = len(numbers) <= FEW
    return Found(numbers, few, among(session, numbers) if few else holds)


def columns(session: Session) -> list[ColumnElement[Any]]:
    """What a list must hold beside `id` so that words can be looked for along it."""
    return [] if _is_sqlite(session) else [SEARCH_WORDS.label("words")]


def along(session: Session, words: str, listed: Select[Any]) -> list[tuple[int, bool]]:
    """Tickets of a list in its order, and whether each holds all these words.

    Args:
        listed: a select of `id` and `columns`, ordered and limited: all of it is looked through.
    """
    rows = listed.subquery()
    found = session.execute(select(rows.c.id, _hold(session, words, rows)))
    return [(number, bool(held)) for number, held in found]


def _hold(session: Session, words: str, rows: Subquery) -> ColumnElement[bool]:
    """That a row, with `id` and `columns`, holds all these words."""
    wanted = _wanted(words)
    if _is_sqlite(session):
        return rows.c.id.in_(select(_INDEX.c.rowid).where(_matches(wanted)))
    return rows.c.words.op("@@")(_query(wanted))


def among(session: Session, numbers: Sequence[int]) -> ColumnElement[bool]:
    """That a ticket is one of these, however many they are: one parameter for all of them."""
    if _is_sqlite(session):
        listed = func.json_each(json.dumps(list(numbers))).table_valued("value")
        return Ticket.id.in_(select(listed.c.value))
    return Ticket.id == any_(bindparam(None, list(numbers), ARRAY(Integer)))


def find(session: Session, words: str, *, limit: int = 50) -> Sequence[Ticket]:
    """The newest tickets that hold all these words, the last of them perhaps only begun."""
    if not has_words(words):
        return []
    newest = select(Ticket.id, *columns(session)).order_by(Ticket.id.desc()).limit(WALKED)
    rows = newest.subquery()
    held = session.scalars(select(rows.c.id).where(_hold(session, words, rows)).limit(limit)).all()
    # Words that many tickets hold are soon met; those that few hold, the index finds at once.
    common = len(held) == limit
    holding = among(session, held) if common else look_for(session, words).condition
    found = select(Ticket).where(holding).order_by(Ticket.id.desc()).limit(limit)
    return session.scalars(found).all()


def has_words(text: str) -> bool:
    """Whether there is anything in a text that can be looked for."""
    return bool(_wanted(text))


def _wanted(text: str) -> list[str]:
    return folded(text).split()[:MOST_WORDS]


def _is_begun(wanted: list[str]) -> bool:
    return len(wanted[-1]) >= BEGUN_FROM


def _matches(wanted: list[str]) -> ColumnElement[bool]:
    """In SQLite's index."""
    match = " ".join(f'"{word}"' for word in wanted) + ("*" if _is_begun(wanted) else "")
    return column("ticket_search").op("MATCH")(match)


def _query(wanted: list[str]) -> ColumnElement[Any]:
    """As PostgreSQL has it."""
    return func.to_tsquery("simple", " & ".join(wanted) + (":*" if _is_begun(wanted) else ""))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _by_index(session: Session, hits: Select[int]) -> Sequence[int]:
    """The first `FEW` and one more of what the index of words knows, whatever is guessed."""
    session.execute(_INDEX_ONLY)
    numbers = session.scalars(hits.limit(FEW + 1)).all()
    session.execute(_ANY_WAY)
    return numbers


_INDEX_ONLY = text(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),"
    " set_config('work_mem', '32MB', true)"
)
_ANY_WAY = text(
    "SELECT set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'on', true)"
)
