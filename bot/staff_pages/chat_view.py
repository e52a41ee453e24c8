"""Chats that a person has been asked into: the list of them, and what was said in one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.desk.cards import MAP_LINK, stored
from bot.messages import Incoming, Kind, Outgoing, StoredMedia
from bot.work import Services
from store.messages import Author, Conversation, InboxEvent, InboxStatus, OutboxMessage
from store.staff import Handoff, Officer
from store.tickets import Attachment, Ticket

DENUNCIATION = "denunciation"

EARLIER_LINES = 12
"""Lines from before the hand-over that an officer may open, to know what it is about."""

MAX_LINES = 300

CITIZEN = "citizen"


@dataclass(frozen=True)
class Waiting:
    """A chat with a person, or waiting for one."""

    handoff: Handoff
    channel: str
    officer: str | None
    last_words_at: datetime | None


@dataclass(frozen=True)
class Line:
    """Something said. `who` is `citizen` or an `Author`; `kind` as in Incoming for a citizen's."""

    at: datetime
    who: str
    kind: str = Kind.TEXT
    text: str = ""
    officer: str | None = None
    media: tuple[StoredMedia, ...] = ()
    map_link: str | None = None
    status: str = ""
    """Of what we said: `waiting`, `sent`, `failed`, `suppressed`."""


@dataclass(frozen=True)
class ChatView:
    handoff: Handoff
    channel: str
    reachable: bool
    officer: str | None
    earlier: list[Line]
    lines: list[Line]
    tickets: list[Ticket]
    version: int
    """The newest message that staff sent; forms carry it, so that a double press is noticed."""


def waiting(session: Session) -> list[Waiting]:
    """Every chat that is not the bot's, those without an officer first, the oldest first."""
    rows = session.execute(
        select(Handoff, Conversation, Officer.name)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .outerjoin(Officer, Officer.id == Handoff.officer_id)
        .where(Handoff.ended_at.is_(None))
        .order_by(Handoff.officer_id.is_not(None), Handoff.requested_at)
    ).all()
    return [
        Waiting(handoff, chat.channel, officer, chat.last_incoming_at)
        for handoff, chat, officer in rows
    ]


def read(session: Session, services: Services, conversation_id: int) -> ChatView | None:
    """The chat as its officer needs it; None when the bot has it: then it is nobody's to read."""
    found = session.execute(
        select(Handoff, Conversation, Officer.name)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .outerjoin(Officer, Officer.id == Handoff.officer_id)
        .where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    handoff, chat, officer = found
    since = handoff.requested_at
    return ChatView(
        handoff=handoff,
        channel=chat.channel,
        reachable=chat.channel in services.capabilities and not chat.unreachable,
        officer=officer,
        earlier=_earlier(session, handoff),
        lines=_lines(session, conversation_id, since, None),
        tickets=_tickets(session, handoff),
        version=staff_version(session, conversation_id),
    )


def staff_version(session: Session, conversation_id: int) -> int:
    """The id of the newest message that an officer sent in this chat; 0 before the first."""
    return (
        session.scalar(
            select(func.max(OutboxMessage.id)).where(
                OutboxMessage.conversation_id == conversation_id,
                OutboxMessage.author == Author.OFFICER,
            )
        )
        or 0
    )


def _earlier(session: Session, handoff: Handoff) -> list[Line]:
    """What led to the hand-over; never anything from before or within a denunciation."""
    if handoff.reason == DENUNCIATION:
        return []
    protected_until = session.scalar(
        select(func.max(Handoff.ended_at)).where(
            Handoff.conversation_id == handoff.conversation_id, Handoff.reason == DENUNCIATION
        )
    )
    lines = _lines(session, handoff.conversation_id, protected_until, handoff.requested_at)
    return lines[-EARLIER_LINES:]


def _tickets(session: Session, handoff: Handoff) -> list[Ticket]:
    """The citizen's tickets; a denunciation is not to be tied to any of them."""
    if handoff.reason == DENUNCIATION:
        return []
    return list(
        session.scalars(
            select(Ticket)
            .where(Ticket.conversation_id == handoff.conversation_id)
            .order_by(Ticket.id.desc())
            .limit(10)
        )
    )


def _lines(
    session: Session, conversation_id: int, since: datetime | None, until: datetime | None
) -> list[Line]:
    """What was said after `since` and up to `until`, in its order; the newest MAX_LINES."""
    lines = [
        *_citizen_lines(session, conversation_id, since, until),
        *_pictures(session, conversation_id, since, until),
        *_our_lines(session, conversation_id, since, until),
    ]
    return sorted(lines, key=lambda line: line.at)[-MAX_LINES:]


def _citizen_lines(
    session: Session, conversation_id: int, since: datetime | None, until: datetime | None
) -> list[Line]:
    # Only what has been handled: what waits may yet turn out to be a denunciation and be erased.
    # The turn that asked for a person is done at the very moment of the hand-over: before it.
    query = select(InboxEvent).where(
        InboxEvent.conversation_id == conversation_id, InboxEvent.status == InboxStatus.DONE
    )
    if since is not None:
        query = query.where(InboxEvent.done_at > since)
    if until is not None:
        query = query.where(InboxEvent.done_at <= until)
    rows = session.scalars(query.order_by(InboxEvent.id.desc()).limit(MAX_LINES)).all()
    return [
        _citizen_line(row.done_at or row.received_at, Incoming.model_validate(row.payload))
        for row in reversed(rows)
        if row.payload and row.payload["kind"] != Kind.OPENED
    ]


def _citizen_line(at: datetime, incoming: Incoming) -> Line:
    place = incoming.location
    return Line(
        at=at,
        who=CITIZEN,
        kind=incoming.kind,
        text=incoming.contact.phone if incoming.contact else incoming.text,
        map_link=MAP_LINK.format(latitude=place.latitude, longitude=place.longitude)
        if place
        else None,
    )


def _pictures(
    session: Session, conversation_id: int, since: datetime | None, until: datetime | None
) -> list[Line]:
    query = select(Attachment).where(Attachment.conversation_id == conversation_id)
    if since is not None:
        query = query.where(Attachment.created_at > since)
    if until is not None:
        query = query.where(Attachment.created_at <= until)
    rows = session.scalars(query.order_by(Attachment.id.desc()).limit(MAX_LINES)).all()
    return [
        Line(at=row.created_at, who=CITIZEN, kind=Kind.MEDIA, media=(stored(row),)) for row in rows
    ]


def _our_lines(
    session: Session, conversation_id: int, since: datetime | None, until: datetime | None
) -> list[Line]:
    query = (
        select(OutboxMessage, Officer.name)
        .outerjoin(Officer, Officer.id == OutboxMessage.officer_id)
        .where(OutboxMessage.conversation_id == conversation_id)
    )
    if since is not None:
        query = query.where(OutboxMessage.created_at >= since)
    if until is not None:
        query = query.where(OutboxMessage.created_at < until)
    rows = session.execute(query.order_by(OutboxMessage.id.desc()).limit(MAX_LINES)).all()
    lines = []
    for row, officer in rows:
        said = Outgoing.model_validate(row.payload)
        lines.append(
            Line(
                at=row.created_at,
                who=row.author,
                text=said.text,
                officer=officer,
                media=said.media,
                status=row.status,
            )
        )
    return lines[::-1]
