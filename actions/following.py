"""Following a ticket that somebody else sent: its steps are told, its reporter is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from actions import cases
from actions.cases import CITIZEN
from store.cases import TicketFollower
from store.messages import Conversation
from store.tickets import Ticket

# Built once: building a statement costs more than running it.
_FOLLOWERS = (
    select(Conversation)
    .join(TicketFollower, TicketFollower.conversation_id == Conversation.id)
    .where(TicketFollower.ticket_id == bindparam("ticket"), TicketFollower.ended_at.is_(None))
    .order_by(Conversation.id)
)


class OwnTicket(Exception):
    """Whoever sent a ticket hears of it anyway."""


def follow(session: Session, ticket: Ticket, conversation: Conversation, *, now: datetime) -> bool:
    """Begin to follow; False when this chat does already.

    Raises:
        OwnTicket: it was sent from this chat.
    """
    if ticket.conversation_id == conversation.id:
        raise OwnTicket(ticket.code)
    row = session.get(TicketFollower, (ticket.id, conversation.id))
    if row is None:
        session.add(TicketFollower(ticket_id=ticket.id, conversation_id=conversation.id, since=now))
    elif row.ended_at is not None:
        row.since, row.ended_at = now, None
    else:
        return False
    cases.record(session, ticket, "follow", by=CITIZEN, now=now)
    return True


def unfollow(
    session: Session, ticket: Ticket, conversation: Conversation, *, now: datetime
) -> bool:
    """Stop following; False when this chat does not."""
    row = session.get(TicketFollower, (ticket.id, conversation.id))
    if row is None or row.ended_at is not None:
        return False
    row.ended_at = now
    cases.record(session, ticket, "follow", by=CITIZEN, now=now, detail={"ended": True})
    return True


def follows(session: Session, ticket: Ticket, conversation: Conversation) -> bool:
    """Whether a chat follows a ticket now."""
    row = session.get(TicketFollower, (ticket.id, conversation.id))
    return row is not None and row.ended_at is None


def followers(session: Session, ticket: Ticket) -> Sequence[Conversation]:
    """The chats that follow a ticket."""
    return session.scalars(_FOLLOWERS, {"ticket": ticket.id}).all()


def followed_by(session: Session, conversation: Conversation) -> list[Ticket]:
    """The tickets that a chat follows, the last begun first."""
    query = (
        select(Ticket)
        .join(TicketFollower, TicketFollower.ticket_id == Ticket.id)
        .where(TicketFollower.conversation_id == conversation.id, TicketFollower.ended_at.is_(None))
        .order_by(TicketFollower.since.desc(), Ticket.id.desc())
    )
    return list(session.scalars(query))


def standing_for(session: Session, ticket: Ticket) -> Ticket:
    """The ticket under which this one is worked on: itself, unless it was merged into another."""
    seen = {ticket.id}
    while ticket.merged_into_id is not None and ticket.merged_into_id not in seen:
        ticket = session.get_one(Ticket, ticket.merged_into_id)
        seen.add(ticket.id)
    return ticket
