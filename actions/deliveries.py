"""Which messages have reached the citizen, and sending again what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, true, update
from sqlalchemy.orm import Session

from store.cases import CitizenNews
from store.messages import Author, Conversation, OutboxMessage, OutboxStatus
from store.staff import Officer
from store.tickets import Ticket

SHOWN = 30
"""Messages of a ticket that are read, the newest."""


class NotFailed(Exception):
    """Staff have no such message in this chat, or it has not failed: perhaps it is sent already."""


class NobodyHears(Exception):
    """The citizen cannot be written to at all: the messenger has refused the chat."""


@dataclass(frozen=True)
class Delivery:
    """A message to the citizen who sent the ticket, and the officer who wrote it, if one did."""

    message: OutboxMessage
    officer: str | None


def of_ticket(session: Session, ticket: Ticket) -> list[Delivery]:
    """What was said to the citizen about a ticket, the newest first."""
    rows = session.execute(
        select(OutboxMessage, Officer.name)
        .outerjoin(Officer, Officer.id == OutboxMessage.officer_id)
        .where(
            OutboxMessage.ticket_id == ticket.id,
            OutboxMessage.conversation_id == ticket.conversation_id,
        )
        .order_by(OutboxMessage.id.desc())
        .limit(SHOWN)
    )
    return [Delivery(message, name) for message, name in rows]


def still_to_come(session: Session, ticket: Ticket) -> Sequence[CitizenNews]:
    """What the citizen is to hear of a ticket later, in its order."""
    return session.scalars(
        select(CitizenNews)
        .where(
            CitizenNews.ticket_id == ticket.id,
            CitizenNews.conversation_id == ticket.conversation_id,
            CitizenNews.told_at.is_(None),
        )
        .order_by(CitizenNews.id)
    ).all()


def send_again(
    session: Session,
    conversation: Conversation,
    message_id: int,
    *,
    ticket: Ticket | None = None,
    now: datetime,
) -> None:
    """Let a message of staff that failed be tried anew, as if it were said now.

    Args:
        ticket: only one about this ticket.

    Raises:
        NotFailed: see there; so a second press sends nothing twice.
        NobodyHears: it would fail as before.
    """
    if conversation.unreachable:
        raise NobodyHears
    about = OutboxMessage.ticket_id == ticket.id if ticket else true()
    found = session.execute(
        update(OutboxMessage)
        .where(
            about,
            OutboxMessage.id == message_id,
            OutboxMessage.conversation_id == conversation.id,
            OutboxMessage.status == OutboxStatus.FAILED,
            OutboxMessage.author != Author.BOT,
        )
        .values(
            status=OutboxStatus.WAITING, attempts=0, error=None, created_at=now, next_try_at=now
        )
        .returning(OutboxMessage.id)
    )
    if found.first() is None:
        raise NotFailed(message_id)
