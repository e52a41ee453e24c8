"""The clocks of a ticket: when it must be accepted, first answered and resolved.

They start when the ticket is made, stand still while it waits for the citizen, and end with what
they count. Taking, transferring or writing sets none of them back; only a citizen who says that it
is not done starts them anew, and then the history keeps what they showed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from actions.deadlines import Clock
from actions.local_facts import LocalFacts
from actions.moves import Move
from store.cases import DeadlineKind, TicketDeadline
from store.tickets import Ticket, TicketState

WARN_AT = (50, 80, 100, 150, 200)
"""Per cent of a deadline's time at which somebody is told; from 100 on it goes one level up."""

# Built once: building a statement costs more than running it.
_INSERT = cast(Table, TicketDeadline.__table__).insert()
_OF_TICKET = select(TicketDeadline).where(TicketDeadline.ticket_id == bindparam("ticket"))


def start(session: Session, ticket: Ticket, *, local: LocalFacts, now: datetime) -> None:
    """Start the three clocks of a new ticket, which must have its id."""
    session.execute(_INSERT, _fresh(ticket, local, now))


def planned(ticket: Ticket, *, local: LocalFacts, now: datetime) -> None:
    """Put into a ticket that is being made by which clock it goes, and by when it is due."""
    rule = local.deadlines(ticket.category, ticket.urgency)
    ticket.clock = rule.clock
    ticket.deadline_at = local.clock(rule.clock).due(now, rule.durations[DeadlineKind.RESOLVE])


def of_ticket(session: Session, ticket: Ticket) -> list[TicketDeadline]:
    """The deadlines of a ticket: accept, answer, resolve."""
    found = session.scalars(_OF_TICKET, {"ticket": ticket.id})
    order = list(DeadlineKind)
    return sorted(found, key=lambda deadline: order.index(DeadlineKind(deadline.kind)))


def tick(
    session: Session, ticket: Ticket, move: Move, *, local: LocalFacts, now: datetime
) -> dict[str, Any]:
    """Do to the clocks what a move does; called before the ticket's state changes.

    Returns what the history is to keep of it: what the clocks showed before they were started anew.
    """
    before = local.moves.states[TicketState(ticket.state)].clock
    after = local.moves.states[move.to].clock
    rows = of_ticket(session, ticket)
    if move.name == "dispute":
        return _start_anew(session, ticket, rows, local, now)
    clock = local.clock(ticket.clock)
    if ticket.paused_at is not None and after != "paused":
        _resume(ticket, rows, clock, ticket.paused_at, now)
    _meet(ticket, rows, move.meets, clock, now)
    if after == "paused":
        ticket.paused_at = now
    for row in rows:
        if after != "runs":
            row.next_warning_at = None
        elif before != "runs":
            row.next_warning_at = next_warning(row, clock, now)
    return {}


def meet(
    session: Session,
    ticket: Ticket,
    kinds: Iterable[DeadlineKind],
    *,
    local: LocalFacts,
    now: datetime,
) -> None:
    """What a deadline counts has happened without a move; what is met stays met."""
    _meet(ticket, of_ticket(session, ticket), kinds, local.clock(ticket.clock), now)


def elapsed_percent(row: TicketDeadline, clock: Clock, now: datetime) -> int:
    """How much of its time is gone, in whole per cent; over 100 when it is late."""
    return elapsed(row, clock, now) * 100 // max(1, row.budget_s)


def elapsed(row: TicketDeadline, clock: Clock, now: datetime) -> int:
    """Seconds of its clock that are gone since it was started, pauses left out."""
    if now < row.due_at:
        return max(0, row.budget_s - clock.between(now, row.due_at))
    return row.budget_s + clock.between(row.due_at, now)


def next_warning(row: TicketDeadline, clock: Clock, now: datetime) -> datetime | None:
    """When the next share of its time is gone of which nobody has been warned yet."""
    if row.met_at is not None:
        return None
    left_s = clock.between(now, row.due_at)
    return _warning(row.budget_s, left_s, row.due_at, row.warned, clock, now)


def _warning(
    budget_s: int, left_s: int, due_at: datetime, warned: int, clock: Clock, now: datetime
) -> datetime | None:
    """The same of a deadline that has so many seconds left of its clock."""
    share = next((share for share in WARN_AT if share > warned), None)
    if share is None:
        return None
    over = budget_s * (share - 100)
    if over >= 0:
        return clock.add(due_at, -(-over // 100))
    left_then = -over // 100
    return clock.add(now, max(0, left_s - left_then))


def _fresh(ticket: Ticket, local: LocalFacts, now: datetime) -> list[dict[str, Any]]:
    rule = local.deadlines(ticket.category, ticket.urgency)
    clock = local.clock(rule.clock)
    rows = []
    for kind, duration in rule.durations.items():
        due_at = clock.due(now, duration)
        budget_s = clock.between(now, due_at)
        rows.append(
            {
                "ticket_id": ticket.id,
                "kind": kind,
                "budget_s": budget_s,
                "due_at": due_at,
                "met_at": None,
                "warned": 0,
                "next_warning_at": _warning(budget_s, budget_s, due_at, 0, clock, now),
            }
        )
    return rows


def _start_anew(
    session: Session,
    ticket: Ticket,
    rows: list[TicketDeadline],
    local: LocalFacts,
    now: datetime,
) -> dict[str, Any]:
    shown = {
        row.kind: {
            "due_at": row.due_at.isoformat(),
            "met_at": row.met_at.isoformat() if row.met_at else None,
        }
        for row in rows
    }
    for row in rows:
        session.delete(row)
    session.flush()
    ticket.paused_at = ticket.first_answer_at = ticket.first_answer_s = None
    planned(ticket, local=local, now=now)
    start(session, ticket, local=local, now=now)
    return {"deadlines": shown}


def _resume(
    ticket: Ticket, rows: list[TicketDeadline], clock: Clock, paused_at: datetime, now: datetime
) -> None:
    """Give back the time that passed while everybody waited for the citizen."""
    ticket.paused_at = None
    for row in rows:
        if row.met_at is None and row.due_at > paused_at:
            row.due_at = clock.add(now, clock.between(paused_at, row.due_at))
            if row.kind == DeadlineKind.RESOLVE:
                ticket.deadline_at = row.due_at


def _meet(
    ticket: Ticket,
    rows: Iterable[TicketDeadline],
    kinds: Iterable[DeadlineKind],
    clock: Clock,
    now: datetime,
) -> None:
    met = set(kinds)
    for row in rows:
        if row.kind in met and row.met_at is None:
            row.met_at, row.next_warning_at = now, None
            if row.kind == DeadlineKind.ANSWER:
                ticket.first_answer_at = now
                ticket.first_answer_s = elapsed(row, clock, now)
