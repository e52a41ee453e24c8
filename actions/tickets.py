"""Tickets as the citizen knows them: make, find, add to, withdraw, reopen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import ticket_code
from actions.local_facts import LocalFacts
from store.messages import Conversation
from store.tickets import Attachment, Ticket, TicketEvent, TicketState

OPEN_STATES = (TicketState.NEW, TicketState.TAKEN)


class TicketNotFound(Exception):
    """No ticket has this code."""


class TicketClosed(Exception):
    """The ticket is done or withdrawn: this can no longer be done to it."""


class TicketOpen(Exception):
    """The ticket is still being worked on: there is nothing to reopen."""


@dataclass(frozen=True)
class TicketDraft:
    """What a citizen wants to send.

    `intent`, `category` and `urgency` are names of the taxonomy. `contact_phone` comes only with
    the `consent_id` under which it may be kept. `attachment_ids` are pictures of this conversation.
    `urgency_words` are words of the citizen that decided the urgency, for staff.
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


def create(
    session: Session,
    *,
    conversation: Conversation,
    draft: TicketDraft,
    local: LocalFacts,
    now: datetime,
    random: Random,
) -> Ticket:
    """Make a ticket: a free code, the responsible agency, the deadline, its first event."""
    agency = local.route(draft.category, draft.urgency, draft.commune_code)
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
        agency_code=agency.code,
        agency_name=agency.name,
        state=TicketState.NEW,
        deadline_at=local.deadline(draft.category, draft.urgency, now),
        created_at=now,
    )
    session.add(ticket)
    session.flush()
    _attach(session, ticket, draft.attachment_ids)
    _record(session, ticket, now, "created")
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
    query = select(Ticket).where(Ticket.conversation_id == conversation.id)
    return list(session.scalars(query.order_by(Ticket.id.desc())))


def is_open(ticket: Ticket) -> bool:
    """Whether staff still have to answer it."""
    return ticket.state in OPEN_STATES


def add_words(
    session: Session,
    ticket: Ticket,
    *,
    text: str,
    attachment_ids: tuple[int, ...] = (),
    now: datetime,
) -> TicketEvent:
    """Put more words and pictures of the citizen on the ticket; the first text stays as it was."""
    _attach(session, ticket, attachment_ids)
    return _record(session, ticket, now, "citizen_wrote", _said(text, attachment_ids))


def withdraw(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Take the ticket back, by wish of the citizen who sent it.

    Raises:
        TicketClosed: it is done or withdrawn already.
    """
    if not is_open(ticket):
        raise TicketClosed(ticket.code)
    ticket.state = TicketState.WITHDRAWN
    ticket.closed_at = now
    _record(session, ticket, now, "withdrawn")


def reopen(
    session: Session,
    ticket: Ticket,
    *,
    text: str,
    local: LocalFacts,
    attachment_ids: tuple[int, ...] = (),
    now: datetime,
) -> None:
    """Open a finished ticket again because the citizen says that it is not mended.

    It goes back to the queue with a deadline of its own; the answer given stays in the history.

    Raises:
        TicketOpen: it is still being worked on.
        TicketClosed: it was withdrawn.
    """
    if is_open(ticket):
        raise TicketOpen(ticket.code)
    if ticket.state == TicketState.WITHDRAWN:
        raise TicketClosed(ticket.code)
    _attach(session, ticket, attachment_ids)
    ticket.state = TicketState.NEW
    ticket.officer_id = None
    ticket.closed_at = None
    ticket.deadline_at = local.deadline(ticket.category, ticket.urgency, now)
    _record(session, ticket, now, "reopened", _said(text, attachment_ids))


def _said(text: str, attachment_ids: tuple[int, ...]) -> dict[str, object]:
    return {"text": text, "attachments": list(attachment_ids)}


def _record(
    session: Session,
    ticket: Ticket,
    now: datetime,
    kind: str,
    detail: dict[str, object] | None = None,
) -> TicketEvent:
    event = TicketEvent(
        ticket_id=ticket.id, at=now, kind=kind, actor="citizen", detail=detail or {}
    )
    session.add(event)
    session.flush()
    return event


def _attach(session: Session, ticket: Ticket, attachment_ids: tuple[int, ...]) -> None:
    if not attachment_ids:
        return
    query = select(Attachment).where(
        Attachment.id.in_(attachment_ids),
        Attachment.conversation_id == ticket.conversation_id,
    )
    for attachment in session.scalars(query):
        attachment.ticket_id = ticket.id
    session.flush()


def _free_code(session: Session, random: Random) -> str:
    while True:
        code = ticket_code.issue(random)
        if session.scalar(select(Ticket.id).where(Ticket.code == code)) is None:
            return code
