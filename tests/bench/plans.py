"""How PostgreSQL finds what is looked for most often, as it says itself (EXPLAIN ANALYZE)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from actions import cases, duplicates, escalation, inbox, news
from actions.inbox import View, Wanted
from actions.local_facts import LocalFacts
from actions.tickets import TicketDraft
from store.engine import Database
from store.staff import Officer
from store.tickets import Ticket

Look = Callable[[Session], object]


def plans(database: Database, local: LocalFacts) -> dict[str, list[str]]:
    """The plan of each of the five hottest queries, over the tickets that are there."""
    return {name: _plan_of(database, look) for name, look in _looks(database, local).items()}


def _looks(database: Database, local: LocalFacts) -> dict[str, Look]:
    now = datetime.now(UTC)
    with database.read() as session:
        ticket = session.query(Ticket).filter(Ticket.closed_at.is_(None)).first()
        assert ticket is not None, "no open ticket to look for"
    draft = TicketDraft(
        ticket.intent,
        ticket.category,
        ticket.urgency,
        ticket.text,
        commune_code=ticket.commune_code,
        latitude=ticket.latitude,
        longitude=ticket.longitude,
    )
    return {
        "a ticket by its code, locked": lambda session: cases.locked(session, ticket.code),
        "likely duplicates of a report": lambda session: duplicates.likely(
            session, draft, local=local, now=now
        ),
        "tickets of which somebody must be warned": lambda session: escalation.waiting(
            session, now
        ),
        "chats that are to hear news": lambda session: news.waiting(session, now),
        "tickets by three words": lambda session: inbox.page(
            session,
            Wanted(view=View.ALL, search="đường ngập trường"),
            session.get_one(Officer, 1),
            now,
        ),
    }


WIDTH = 160
"""Characters of a line; lists of numbers may have thousands."""


def _plan_of(database: Database, look: Look) -> list[str]:
    """The plans of the statements that a look runs, but for settings."""
    with database.write() as session:
        with _statements(database) as statements:
            look(session)
        connection = session.connection().connection.driver_connection
        assert connection is not None
        lines: list[str] = []
        for statement, parameters in statements:
            if "set_config" not in statement:
                rows = connection.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}", parameters)
                lines += [str(line)[:WIDTH] for (line,) in rows]
        return lines


@contextmanager
def _statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    heard: list[tuple[str, Any]] = []

    def hear(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)
