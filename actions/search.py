"""Finds tickets by their words, whether typed with diacritics or without."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, column, func, select, table
from sqlalchemy.orm import Session

from actions.folding import folded
from store.tickets import SEARCHED, Ticket

MOST_WORDS = 12
"""Words of a search that count; nobody types more."""

_INDEX = table("ticket_search", column("rowid"))
"""SQLite's index of words (FTS5); PostgreSQL has an index on the ticket itself."""


def text_of(ticket: Ticket) -> str:
    """What of a ticket is searched: `Ticket.search_text`."""
    parts = (ticket.code, ticket.text, ticket.place_text, ticket.answer)
    return folded(" ".join(part for part in parts if part))


def condition(session: Session, words: str) -> ColumnElement[bool] | None:
    """That a ticket holds all these words, the last perhaps only begun; None for no word."""
    wanted = folded(words).split()[:MOST_WORDS]
    if not wanted:
        return None
    if session.get_bind().dialect.name == "sqlite":
        match = " ".join(f'"{word}"' for word in wanted) + "*"
        hits = select(_INDEX.c.rowid).where(column("ticket_search").op("MATCH")(match))
        return Ticket.id.in_(hits)
    return SEARCHED.op("@@")(func.to_tsquery("simple", " & ".join(wanted) + ":*"))


def find(session: Session, words: str, *, limit: int = 50) -> Sequence[Ticket]:
    """The newest tickets that hold all these words, the last of them perhaps only begun."""
    holds = condition(session, words)
    if holds is None:
        return []
    found = select(Ticket).where(holds).order_by(Ticket.id.desc()).limit(limit)
    return session.scalars(found).all()
