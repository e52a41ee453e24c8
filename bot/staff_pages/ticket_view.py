"""One ticket with everything that its page shows, read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import addressees, cases, clocks, duplicates, following, similar, tickets
from actions.local_facts import AgencyFact
from actions.moves import Move
from bot.desk import suggestions
from bot.desk.cards import MAP_LINK, stored, urgency_quotes
from bot.desk.pictures import FROM_CITIZENS
from bot.desk.suggestions import Suggestion
from bot.messages import StoredMedia
from bot.work import UnitOfWork
from store.cases import TicketDeadline
from store.local import Commune
from store.messages import Author, Conversation, OutboxMessage, OutboxStatus
from store.privacy import Consent
from store.staff import Officer
from store.tickets import Attachment, Ticket, TicketEvent, TicketState


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
class Work:
    """What the officer may do with the ticket as it is, and what to choose from."""

    moves: list[Move]
    may_write: bool
    may_note: bool
    officers: Sequence[Officer]
    agencies: list[AgencyFact]
    likely: list[Ticket]
    """Open tickets that may be about the same thing."""
    canned: list[Suggestion]
    similar: list[Ticket]
    """Answered tickets with texts like this one's."""
    needs_photo: bool
    """An answer needs a photo of afterwards."""


@dataclass(frozen=True)
class TicketView:
    ticket: Ticket
    state: str
    open: bool
    commune: str | None
    officer: str | None
    contact: Contact | None
    urgency_quotes: str
    map_link: str | None
    attachments: list[Attachment]
    """What citizens sent."""
    deadlines: list[TicketDeadline]
    steps: list[Step]
    version: int
    """The id of the newest event: forms carry it, so that a form sent twice is noticed."""
    merged_into: str | None
    """The code of the ticket that this one was merged into."""
    followers: int
    channel: str
    reachable: bool
    """Whether the citizen can be written to: the channel is on, and has not refused the chat."""
    undelivered: bool
    """A message of staff about this ticket could not be delivered."""
    work: Work


def read(work: UnitOfWork, code: str, officer: Officer) -> TicketView:
    """The ticket with this code, as an officer sees it.

    Raises:
        TicketNotFound: there is none.
    """
    session, services = work.session, work.services
    ticket = tickets.find_by_code(session, code)
    chat = session.get_one(Conversation, ticket.conversation_id)
    commune = session.get(Commune, ticket.commune_code) if ticket.commune_code else None
    holder = session.get(Officer, ticket.officer_id) if ticket.officer_id else None
    into = session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None
    events = list(ticket.events)
    state = services.local.moves.states[TicketState(ticket.state)]
    return TicketView(
        ticket=ticket,
        state=state.label,
        open=state.open,
        commune=commune.name if commune else None,
        officer=holder.name if holder else None,
        contact=_contact(session, ticket),
        urgency_quotes=urgency_quotes(ticket),
        map_link=_map_link(ticket),
        attachments=[a for a in ticket.attachments if a.purpose in FROM_CITIZENS],
        deadlines=clocks.of_ticket(session, ticket) if state.clock != "stopped" else [],
        steps=_steps(session, events, ticket.attachments),
        version=events[-1].id if events else 0,
        merged_into=into.code if into else None,
        followers=len(following.followers(session, ticket)),
        channel=chat.channel,
        reachable=chat.channel in services.capabilities and not chat.unreachable,
        undelivered=_any_undelivered(session, ticket),
        work=_work(work, ticket, officer),
    )


def _work(work: UnitOfWork, ticket: Ticket, officer: Officer) -> Work:
    session, local = work.session, work.services.local
    by = cases.by_officer(officer)
    moves = cases.allowed(ticket, by, local)
    needs = {need for move in moves for need in move.needs}
    may_act = cases.may_act(ticket, by)
    like = duplicates.of_ticket(session, ticket, local=local, now=work.now)
    return Work(
        moves=moves,
        may_write=may_act and ticket.state != TicketState.WITHDRAWN,
        may_note=may_act,
        officers=addressees.officers(session, ticket, work.now) if "officer" in needs else (),
        agencies=addressees.agencies(local, ticket) if "agency" in needs else [],
        likely=[one.ticket for one in like] if "target" in needs else [],
        canned=suggestions.of_ticket(work, ticket, officer) if moves else [],
        similar=[one.ticket for one in similar.resolved(session, ticket)] if moves else [],
        needs_photo=ticket.category in local.moves.after_photo_for,
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


def _any_undelivered(session: Session, ticket: Ticket) -> bool:
    """Whether something that staff said to the citizen about it did not arrive."""
    failed = select(OutboxMessage.id).where(
        OutboxMessage.ticket_id == ticket.id,
        OutboxMessage.conversation_id == ticket.conversation_id,
        OutboxMessage.author == Author.OFFICER,
        OutboxMessage.status == OutboxStatus.FAILED,
    )
    return session.scalar(failed.limit(1)) is not None


def _steps(
    session: Session, events: list[TicketEvent], attachments: Sequence[Attachment]
) -> list[Step]:
    names = _officer_names(session, {event.officer_id for event in events if event.officer_id})
    kept = {attachment.id: stored(attachment) for attachment in attachments}
    return [
        Step(
            at=event.at,
            kind=event.kind,
            actor=event.actor,
            officer=names.get(event.officer_id or 0),
            text=str(event.detail.get("text", "")),
            media=tuple(kept[n] for n in event.detail.get("attachments", ()) if n in kept),
        )
        for event in events
    ]


def _officer_names(session: Session, ids: set[int]) -> dict[int, str]:
    rows = session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(ids)))
    return {row.id: row.name for row in rows}
