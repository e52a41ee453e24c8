"""What was said in a chat, both sides in one order, as officers read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk.cards import MAP_LINK, stored
from bot.desk.notices import why_undelivered
from bot.desk.pictures import FROM_CITIZENS
from bot.messages import Incoming, Kind, Outgoing, StoredMedia
from bot.responses import Responses
from store.messages import InboxEvent, InboxStatus, OutboxMessage, OutboxStatus
from store.staff import Officer
from store.tickets import Attachment

MAX_LINES = 300

CITIZEN = "citizen"


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
    message_id: int = 0
    """Of what we said."""
    status: str = ""
    """Of what we said: `waiting`, `sent`, `failed`, `suppressed`."""
    tried: int = 0
    """How often it could not be sent yet."""
    why: str = ""
    """Why it failed, in words."""


def between(
    session: Session,
    responses: Responses,
    conversation_id: int,
    since: datetime | None,
    until: datetime | None,
) -> list[Line]:
    """What was said after `since` and up to `until`, in its order; the newest MAX_LINES."""
    lines = [
        *_citizen_lines(session, conversation_id, since, until),
        *_pictures(session, conversation_id, since, until),
        *_our_lines(session, responses, conversation_id, since, until),
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
    query = select(Attachment).where(
        Attachment.conversation_id == conversation_id, Attachment.purpose.in_(FROM_CITIZENS)
    )
    if since is not None:
        query = query.where(Attachment.created_at > since)
    if until is not None:
        query = query.where(Attachment.created_at <= until)
    rows = session.scalars(query.order_by(Attachment.id.desc()).limit(MAX_LINES)).all()
    return [
        Line(at=row.created_at, who=CITIZEN, kind=Kind.MEDIA, media=(stored(row),)) for row in rows
    ]


def _our_lines(
    session: Session,
    responses: Responses,
    conversation_id: int,
    since: datetime | None,
    until: datetime | None,
) -> list[Line]:
    query = (
        select(OutboxMessage, Officer.name)
        .outerjoin(Officer, Officer.id == OutboxMessage.officer_id)
        .where(
            OutboxMessage.conversation_id == conversation_id,
            # What an officer was told in a chat of their own is about somebody else.
            OutboxMessage.about_conversation_id.is_(None),
        )
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
                message_id=row.id,
                status=row.status,
                tried=row.attempts,
                why=why_undelivered(responses, row.error)
                if row.status == OutboxStatus.FAILED
                else "",
            )
        )
    return lines[::-1]
