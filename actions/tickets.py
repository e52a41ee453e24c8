"""Tickets as the citizen knows them: make one, find it, see one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session

from actions import clocks, routing, search, ticket_code
from actions.local_facts import LocalFacts
from store.messages import Conversation
from store.tickets import Attachment, Ticket, TicketEvent, TicketMessage, TicketState

_TICKETS = cast(Table, Ticket.__table__)
_EVENTS = cast(Table, TicketEvent.__table__)
_MESSAGES = cast(Table, TicketMessage.__table__)
# Built once: building a statement costs more than running it.
_WITH_CODE = select(_TICKETS.c.id).where(_TICKETS.c.code == bindparam("code"))
_OF_CHAT = (
    select(Ticket).where(Ticket.conversation_id == bindparam("chat")).order_by(Ticket.id.desc())
)
_ASKING = (
    select(_TICKETS.c.id)
    .where(_TICKETS.c.conversation_id == bindparam("chat"), _TICKETS.c.state == TicketState.WAITING)
    .order_by(_TICKETS.c.id.desc())
)
NEW_EVENT = _EVENTS.insert().returning(_EVENTS.c.id)
_NEW_MESSAGE = _MESSAGES.insert()
_MESSAGE = select(_MESSAGES.c.id).where(
    _MESSAGES.c.conversation_id == bindparam("conversation_id"),
    _MESSAGES.c.message_id == bindparam("message_id"),
    _MESSAGES.c.ticket_id == bindparam("ticket_id"),
)


class TicketNotFound(Exception):
    """No ticket has this code."""


@dataclass(frozen=True)
class TicketDraft:
    """What a citizen wants to send.

    `intent`, `category` and `urgency` are names of the taxonomy. `contact_phone` comes only with
    the `consent_id` under which it may be kept. `attachment_ids` are pictures of this conversation.
    `urgency_words` are words of the citizen that decided the urgency, for staff. `messages` are the
    words of each message that went into it, by the messenger's id.
    """

    intent: str
    category: str
    urgency: str
    text: str
    place_text: str | None = None
    commune_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    consent_id: int | None = None
    attachment_ids: tuple[int, ...] = ()
    urgency_words: tuple[str, ...] = ()
    messages: Mapping[str, str] = field(default_factory=dict)


def create(
    session: Session,
    *,
    conversation: Conversation,
    draft: TicketDraft,
    local: LocalFacts,
    now: datetime,
    random: Random,
) -> Ticket:
    """Make a ticket: a free code, who is to act on it, its clocks, its first event."""
    route = routing.route(
        session,
        local,
        category=draft.category,
        urgency=draft.urgency,
        commune_code=draft.commune_code,
        now=now,
    )
    ticket = Ticket(
        code=_free_code(session, random),
        conversation_id=conversation.id,
        intent=draft.intent,
        category=draft.category,
        urgency=draft.urgency,
        urgency_words=list(draft.urgency_words),
        text=draft.text,
        place_text=draft.place_text,
        commune_code=draft.commune_code,
        latitude=draft.latitude,
        longitude=draft.longitude,
        contact_name=draft.contact_name,
        contact_phone=draft.contact_phone if draft.consent_id else None,
        consent_id=draft.consent_id,
        agency_code=route.agency.code,
        agency_name=route.agency.name,
        team_code=route.team or None,
        escalation=route.level,
        state=TicketState.NEW,
        created_at=now,
    )
    ticket.search_text = search.text_of(ticket)
    clocks.planned(ticket, local=local, now=now)
    session.add(ticket)
    session.flush()
    clocks.start(session, ticket, local=local, now=now)
    attach(session, ticket, conversation, draft.attachment_ids, purpose="report")
    detail = {"said": dict(draft.messages)} if draft.messages else {}
    event = {"ticket_id": ticket.id, "at": now, "kind": "create", "actor": "citizen"}
    number = session.scalars(NEW_EVENT, {**event, "detail": detail}).one()
    if draft.messages:
        noted = {"conversation_id": conversation.id, "ticket_id": ticket.id, "event_id": number}
        session.execute(_NEW_MESSAGE, [{**noted, "message_id": key} for key in draft.messages])
    return ticket


def find_by_code(session: Session, code: str) -> Ticket:
    """The ticket with this code, given in its own spelling (see `ticket_code.read`).

    Raises:
        TicketNotFound: there is none.
    """
    ticket = session.scalar(select(Ticket).where(Ticket.code == code))
    if ticket is None:
        raise TicketNotFound(code)
    return ticket


def of_conversation(session: Session, conversation: Conversation) -> list[Ticket]:
    """The tickets sent from this chat, newest first."""
    return list(session.scalars(_OF_CHAT, {"chat": conversation.id}))


def asking(session: Session, conversation: Conversation) -> list[Ticket]:
    """Those of them of which staff have asked something, newest first; seldom any."""
    numbers = session.scalars(_ASKING, {"chat": conversation.id}).all()
    return [session.get_one(Ticket, number) for number in numbers]


def attach(
    session: Session,
    ticket: Ticket,
    conversation: Conversation,
    attachment_ids: tuple[int, ...],
    *,
    purpose: str,
) -> list[Attachment]:
    """Put pictures of a chat on a ticket, unless they are on one already."""
    if not attachment_ids:
        return []
    query = select(Attachment).where(
        Attachment.id.in_(attachment_ids),
        Attachment.conversation_id == conversation.id,
        Attachment.ticket_id.is_(None),
    )
    attached = list(session.scalars(query.order_by(Attachment.id)))
    for attachment in attached:
        attachment.ticket_id, attachment.purpose = ticket.id, purpose
    session.flush()
    return attached


def note_message(
    session: Session, event: TicketEvent, conversation: Conversation, message_id: str | None
) -> None:
    """Remember that a message went into an event of a ticket, so that an edit of it is known."""
    if message_id is None:
        return
    message = {
        "conversation_id": conversation.id,
        "message_id": message_id,
        "ticket_id": event.ticket_id,
    }
    if session.scalar(_MESSAGE, message) is None:
        session.execute(_NEW_MESSAGE, {**message, "event_id": event.id})


def _free_code(session: Session, random: Random) -> str:
    while True:
        code = ticket_code.issue(random)
        if session.scalar(_WITH_CODE, {"code": code}) is None:
            return code
