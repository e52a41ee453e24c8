"""Whether anything has happened since somebody looked at the inbox."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions import rights
from store.staff import Officer
from store.tickets import Ticket, TicketEvent

MOST_NEW = 1000
"""New cases that are told one by one; nobody counts more."""


def version(session: Session) -> int:
    """A number that is another one once anything has happened to any case.

    A step that was written first and committed last hides behind the newer one until the next step
    comes: whoever compares numbers looks again after a minute in any case.
    """
    return session.scalar(select(func.max(TicketEvent.id))) or 0


def newest(session: Session) -> int:
    """The number of the newest case of all; 0 when there is none."""
    return session.scalar(select(func.max(Ticket.id))) or 0


def came_since(session: Session, officer: Officer, number: int) -> tuple[int, int]:
    """How many cases that an officer sees came after this one, and how many of them are urgent."""
    fresh = select(Ticket.urgency).where(rights.sight(officer), Ticket.id > number)
    urgencies = session.scalars(fresh.limit(MOST_NEW)).all()
    return len(urgencies), urgencies.count("urgent")
