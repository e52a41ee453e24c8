"""Finds tickets by their words, whether typed with diacritics or without."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Integer,
    Subquery,
    and_,
    any_,
    bindparam,
    column,
    func,
    select,
    table,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from actions.folding import folded
from store.tickets import SEARCH_WORDS, Ticket

MOST_WORDS = 12
"""Words of a search that count; nobody types more."""

BEGUN_FROM = 2
"""Letters from which on the last word may be one that is only begun."""

_INDEX = table("ticket_search", column("rowid"))
"""SQLite's index of words (FTS5); PostgreSQL has one on a column that it makes itself."""


def text_of(ticket: Ticket) -> str:
    """What of a ticket is searched: `Ticket.search_text`."""
    parts = (ticket.code, ticket.text, ticket.place_text, ticket.answer)
    return folded(" ".join(part for part in parts if part))


def holds(session: Session, words: str, *, last_by_rows: bool = False) -> ColumnElement[bool]:
    """That a ticket holds all these words, the last perhaps only begun; there must be one.

    Args:
        last_by_rows: PostgreSQL's index is asked for the words before the last alone, and of the
            tickets that it names each whether it holds the last.
    """
    *others, last = _wanted(words)
    of_tickets = partial(_hold, session, Ticket.id, SEARCH_WORDS)
    if last_by_rows and others:
        # In this form no index fits the last.
        return and_(of_tickets(others), of_tickets([last], begun=True).is_(True))
    return of_tickets([*others, last], begun=True)


def columns(session: Session) -> list[ColumnElement[Any]]:
    """What rows of tickets must have beside `id` to be asked what they hold."""
    return [] if _is_sqlite(session) else [SEARCH_WORDS.label("words")]


def held(
    session: Session, words: str, rows: Subquery
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Of rows that are there, with `id` and `columns`: that they hold the words before the last,
    and that they hold the last. Both together are what `holds` says of tickets.
    """
    *others, last = _wanted(words)
    of_rows = partial(_hold, session, rows.c.id, rows.c.get("words"))
    return of_rows(others), of_rows([last], begun=True)


def among(session: Session, numbers: Sequence[int]) -> ColumnElement[bool]:
    """That a ticket is one of these, however many they are: one parameter for all of them."""
    if _is_sqlite(session):
        listed = func.json_each(json.dumps(list(numbers))).table_valued("value")
        return Ticket.id.in_(select(listed.c.value))
    return Ticket.id == any_(bindparam(None, list(numbers), ARRAY(Integer)))


def has_words(text: str) -> bool:
    """Whether there is anything in a text that can be looked for."""
    return bool(_wanted(text))


def _wanted(text: str) -> list[str]:
    return folded(text).split()[:MOST_WORDS]


def _hold(
    session: Session,
    number: ColumnElement[int] | InstrumentedAttribute[int],
    words: ColumnElement[Any] | None,
    wanted: list[str],
    *,
    begun: bool = False,
) -> ColumnElement[bool]:
    """That rows hold all of these; `begun`: the last perhaps only begun.

    Args:
        number: of a row's ticket, which SQLite's index knows.
        words: of a row, on PostgreSQL.
    """
    if not wanted:
        return true()
    begun = begun and len(wanted[-1]) >= BEGUN_FROM
    if words is None or _is_sqlite(session):
        match = " ".join(f'"{word}"' for word in wanted) + ("*" if begun else "")
        return number.in_(select(_INDEX.c.rowid).where(column("ticket_search").op("MATCH")(match)))
    query = " & ".join(wanted) + (":*" if begun else "")
    return words.op("@@", return_type=Boolean())(func.to_tsquery("simple", query))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
