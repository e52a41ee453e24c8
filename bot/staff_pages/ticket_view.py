"""One ticket with everything that its page shows, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import tickets
from bot.desk.cards import MAP_LINK, urgency_quotes
from bot.messages import Outgoing, StoredMedia
from bot.work import Services
from store.local import Commune
from store.messages import Author, Conversation, OutboxMessage, OutboxStatus
from store.privacy import Consent
from store.staff import Officer
from store.tickets import Attachment, Ticket, TicketEvent


@dataclass(frozen=True)
class Contact:
    """Shown only while the consent to keep it holds."""

    name: str | None
    phone: str | None


@dataclass(frozen=True)
class Step:
    """One event of the history; `kind` and `actor` as in TicketEvent."""

    at: datetime
    kind: str
    actor: str
    officer: str | None
    text: str
    media: tuple[StoredMedia, ...]


@dataclass(frozen=True)
class TicketView:
    ticket: Ticket
    commune: str | None
    officer: str | None
    contact: Contact | None
    urgency_quotes: str
    map_link: str | None
    attachments: list[Attachment]
    steps: list[Step]
    version: int
    """The id of the newest event: forms carry it, so that a form sent twice is noticed."""
    channel: str
    reachable: bool
    """Whether the citizen can be written to: the channel is on, and has not refused the chat."""
    undelivered: bool
    """A message of staff about this ticket could not be delivered."""


def read(session: Session, services: Services, code: str) -> TicketView:
    """The ticket with this code.

    Raises:
        TicketNotFound: there is none.
    """
    ticket = tickets.find_by_code(session, code)
    chat = session.get_one(Conversation, ticket.conversation_id)
    commune = session.get(Commune, ticket.commune_code) if ticket.commune_code else None
    officer = session.get(Officer, ticket.officer_id) if ticket.officer_id else None
    events = list(ticket.events)
    told = _told(session, ticket)
    return TicketView(
        ticket=ticket,
        commune=commune.name if commune else None,
        officer=officer.name if officer else None,
        contact=_contact(session, ticket),
        urgency_quotes=urgency_quotes(ticket),
        map_link=_map_link(ticket),
        attachments=list(ticket.attachments),
        steps=_steps(session, events, told),
        version=events[-1].id if events else 0,
        channel=chat.channel,
        reachable=chat.channel in services.capabilities and not chat.unreachable,
        undelivered=any(row.status == OutboxStatus.FAILED for row in told),
    )


def _contact(session: Session, ticket: Ticket) -> Contact | None:
    consent = session.get(Consent, ticket.consent_id) if ticket.consent_id else None
    if consent is None or consent.withdrawn_at is not None:
        return None
    if not ticket.contact_name and not ticket.contact_phone:
        return None
    return Contact(ticket.contact_name, ticket.contact_phone)


def _map_link(ticket: Ticket) -> str | None:
    if ticket.latitude is None or ticket.longitude is None:
        return None
    return MAP_LINK.format(latitude=ticket.latitude, longitude=ticket.longitude)


def _told(session: Session, ticket: Ticket) -> list[OutboxMessage]:
    """What staff have said to the citizen about this ticket."""
    return list(
        session.scalars(
            select(OutboxMessage)
            .where(
                OutboxMessage.ticket_id == ticket.id,
                OutboxMessage.conversation_id == ticket.conversation_id,
                OutboxMessage.author == Author.OFFICER,
            )
            .order_by(OutboxMessage.id)
        )
    )


def _steps(session: Session, events: list[TicketEvent], told: list[OutboxMessage]) -> list[Step]:
    names = _officer_names(session, {event.officer_id for event in events if event.officer_id})
    sent: dict[tuple[datetime, int | None], list[StoredMedia]] = {}
    for row in told:
        # One transaction, one moment: that is how a message and its event belong together.
        sent.setdefault((row.created_at, row.officer_id), []).extend(media_of(row.payload))
    return [
        Step(
            at=event.at,
            kind=event.kind,
            actor=event.actor,
            officer=names.get(event.officer_id or 0),
            text=str(event.detail.get("text", "")),
            media=tuple(sent.get((event.at, event.officer_id), ())) if event.officer_id else (),
        )
        for event in events
    ]


def media_of(payload: dict[str, Any]) -> tuple[StoredMedia, ...]:
    """The files of an outbox row."""
    return Outgoing.model_validate(payload).media


def _officer_names(session: Session, ids: set[int]) -> dict[int, str]:
    rows = session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(ids)))
    return {row.id: row.name for row in rows}
