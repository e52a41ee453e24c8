"""How deadlines are read: by when, and how long until then or how late."""

from __future__ import annotations

from datetime import datetime, timedelta

from actions import clocks
from bot.clock import shown
from bot.work import UnitOfWork
from store.tickets import Ticket, TicketState

DAYS_FROM = timedelta(hours=48)
"""From so long on a time is told in days."""


def deadline_lines(work: UnitOfWork, ticket: Ticket) -> list[str]:
    """A line for each deadline that is still to be met; of a ticket that is closed none."""
    state = work.services.local.moves.states[TicketState(ticket.state)]
    if state.clock == "stopped":
        return []
    return [
        work.responses.text(
            "utter_staff_deadline",
            what=deadline_name(work, row.kind),
            due=shown(row.due_at),
            left=work.responses.text("utter_staff_paused")
            if ticket.paused_at is not None
            else left(work, row.due_at),
        )
        for row in clocks.of_ticket(work.session, ticket)
        if row.met_at is None
    ]


def deadline_name(work: UnitOfWork, kind: str) -> str:
    """What must have happened by a deadline, as staff read it."""
    return work.responses.text(f"utter_staff_deadline_{kind}")


def left(work: UnitOfWork, due: datetime) -> str:
    """How long until a moment, or since."""
    name = "utter_staff_left" if due > work.now else "utter_staff_late"
    return work.responses.text(name, length=length(work, abs(due - work.now)))


def length(work: UnitOfWork, time: timedelta) -> str:
    """A time in days, hours or minutes, whichever fits."""
    if time >= DAYS_FROM:
        return work.responses.text("utter_staff_days", count=time // timedelta(days=1))
    if time >= timedelta(hours=1):
        return work.responses.text("utter_staff_hours", count=time // timedelta(hours=1))
    return work.responses.text("utter_staff_minutes", count=max(1, time // timedelta(minutes=1)))
