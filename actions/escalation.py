"""Deadlines that are running out: who is warned, and when it goes one level up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import clocks, routing
from actions.cases import SYSTEM, record
from actions.local_facts import LocalFacts
from store.cases import TicketDeadline
from store.staff import Officer
from store.tickets import Ticket


@dataclass(frozen=True)
class Warning:
    """So much of a deadline's time is gone.

    From 100 per cent on it has gone one level up: `level` says to which (`routing.LEVELS`), and
    `people` who is there. Before that they are who has the ticket, or, of one that nobody has, the
    agency's leads.
    """

    ticket: Ticket
    kind: str
    percent: int
    level: str
    people: tuple[Officer, ...]


def waiting(session: Session, now: datetime, *, limit: int = 100) -> Sequence[str]:
    """Codes of the tickets of which somebody must be warned, the longest waiting first."""
    return session.scalars(
        select(Ticket.code)
        .join(TicketDeadline, TicketDeadline.ticket_id == Ticket.id)
        .where(TicketDeadline.next_warning_at <= now)
        .group_by(Ticket.id, Ticket.code)
        .order_by(Ticket.id)
        .limit(limit)
    ).all()


def warn(session: Session, ticket: Ticket, *, local: LocalFacts, now: datetime) -> list[Warning]:
    """Note what has run out of a ticket, which is locked, and say who is to hear of it."""
    clock = local.clock(ticket.clock)
    found = []
    for row in clocks.of_ticket(session, ticket):
        if row.next_warning_at is None or row.next_warning_at > now:
            continue
        gone = clocks.elapsed_percent(row, clock, now)
        share = max((s for s in clocks.WARN_AT if s <= gone), default=clocks.WARN_AT[0])
        row.warned = max(share, row.warned)
        row.next_warning_at = clocks.next_warning(row, clock, now)
        found.append(_warning(session, ticket, row.kind, share, now))
    return found


def raise_level(
    session: Session, ticket: Ticket, *, why: dict[str, object], now: datetime
) -> tuple[str, tuple[Officer, ...]]:
    """Bring a ticket one level up, to whoever is there; notes it in the history.

    Returns the name of the level and its people, perhaps none.
    """
    wanted = min(ticket.escalation + 1, len(routing.LEVELS) - 1)
    number, people = routing.above(session, ticket, wanted, now)
    ticket.escalation = number
    level = routing.LEVELS[number]
    record(session, ticket, "escalate", by=SYSTEM, now=now, detail={**why, "level": level})
    return level, tuple(people)


def _warning(session: Session, ticket: Ticket, kind: str, percent: int, now: datetime) -> Warning:
    why: dict[str, object] = {"deadline": kind, "percent": percent}
    if percent >= 100:
        level, people = raise_level(session, ticket, why=why, now=now)
        return Warning(ticket, kind, percent, level, people)
    record(session, ticket, "warn", by=SYSTEM, now=now, detail=why)
    holder = session.get(Officer, ticket.officer_id) if ticket.officer_id else None
    if holder is not None:
        return Warning(ticket, kind, percent, "officer", (holder,))
    level_number, leads = routing.above(session, ticket, 1, now)
    return Warning(ticket, kind, percent, routing.LEVELS[level_number], tuple(leads))
