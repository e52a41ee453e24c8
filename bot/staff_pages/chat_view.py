"""Chats that a person has, or is to have: their list, and one with all that its page shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions import canned, handoff, presence, rights
from actions.presence import Colleague
from bot.desk import suggestions
from bot.desk.suggestions import Suggestion
from bot.staff_pages import chat_lines
from bot.staff_pages.chat_lines import Line
from bot.work import UnitOfWork
from store.messages import Author, Conversation, OutboxMessage, OutboxStatus
from store.staff import Handoff, Officer
from store.tickets import Ticket

EARLIER_LINES = 12
"""Lines from before the hand-over that an officer may open, to know what it is about."""


@dataclass(frozen=True)
class Waiting:
    """A chat with a person, or waiting for one."""

    handoff: Handoff
    channel: str
    officer: str | None
    last_words_at: datetime | None


@dataclass(frozen=True)
class ChatView:
    handoff: Handoff
    channel: str
    reachable: bool
    officer: str | None
    colleagues: list[Colleague]
    """Who else has the page open."""
    earlier: list[Line]
    lines: list[Line]
    tickets: list[Ticket]
    canned: list[Suggestion]
    version: int
    """The newest message that staff sent; forms carry it, so that a double press is noticed."""
    stamp: str
    """Changes with whatever the page shows: see `stamp`."""


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


def read(work: UnitOfWork, conversation_id: int, reader: Officer) -> ChatView | None:
    """The chat as its officer needs it; None when the bot has it: then it is nobody's to read."""
    session = work.session
    found = session.execute(
        select(Handoff, Conversation, Officer.name)
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .outerjoin(Officer, Officer.id == Handoff.officer_id)
        .where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    under_way, chat, officer = found
    since = under_way.requested_at
    colleagues = presence.others(session, conversation_id, reader, work.now)
    tickets = _tickets(session, under_way, reader)
    return ChatView(
        handoff=under_way,
        channel=chat.channel,
        reachable=chat.channel in work.services.capabilities and not chat.unreachable,
        officer=officer,
        colleagues=colleagues,
        earlier=_earlier(work, under_way),
        lines=chat_lines.between(session, work.responses, conversation_id, since, None),
        tickets=tickets,
        canned=_canned(work, tickets, reader),
        version=staff_version(session, conversation_id),
        stamp=_stamp(session, under_way, chat, colleagues),
    )


def stamp(work: UnitOfWork, conversation_id: int, reader: Officer) -> str | None:
    """What changes whenever the page of a chat would show something else, for a few small looks.

    None when the bot has the chat.
    """
    session = work.session
    chat = session.get(Conversation, conversation_id)
    under_way = handoff.open_handoff(session, chat) if chat else None
    if chat is None or under_way is None:
        return None
    colleagues = presence.others(session, conversation_id, reader, work.now)
    return _stamp(session, under_way, chat, colleagues)


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


def _stamp(
    session: Session, under_way: Handoff, chat: Conversation, colleagues: list[Colleague]
) -> str:
    # A citizen's words are shown once their turn is committed, and that sets `last_incoming_at`.
    counted = session.execute(
        select(OutboxMessage.status, func.count(OutboxMessage.id), func.max(OutboxMessage.id))
        .where(
            OutboxMessage.conversation_id == chat.id,
            OutboxMessage.created_at >= under_way.requested_at,
        )
        .group_by(OutboxMessage.status)
        .order_by(OutboxMessage.status)
    ).all()
    tried = session.scalar(
        select(func.sum(OutboxMessage.attempts)).where(
            OutboxMessage.conversation_id == chat.id, OutboxMessage.status == OutboxStatus.WAITING
        )
    )
    seen = (
        under_way.id,
        under_way.officer_id,
        chat.last_incoming_at,
        chat.unreachable,
        [tuple(row) for row in counted],
        tried,
        colleagues,
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _earlier(work: UnitOfWork, under_way: Handoff) -> list[Line]:
    """What led to the hand-over; never anything from before or within a denunciation.

    A citizen who did not ask for a person has shown nothing of it to one.
    """
    if handoff.is_secret(under_way) or under_way.reason == handoff.BY_OFFICER:
        return []
    chat_id = under_way.conversation_id
    protected_until = work.session.scalar(
        select(func.max(Handoff.ended_at)).where(
            Handoff.conversation_id == chat_id, Handoff.reason == handoff.IN_SECRET
        )
    )
    lines = chat_lines.between(
        work.session, work.responses, chat_id, protected_until, under_way.requested_at
    )
    return lines[-EARLIER_LINES:]


def _tickets(session: Session, under_way: Handoff, reader: Officer) -> list[Ticket]:
    """Those of the citizen that the officer may read; a denunciation is to be tied to none."""
    if handoff.is_secret(under_way):
        return []
    return list(
        session.scalars(
            select(Ticket)
            .where(Ticket.conversation_id == under_way.conversation_id, rights.sight(reader))
            .order_by(Ticket.id.desc())
            .limit(10)
        )
    )


def _canned(work: UnitOfWork, tickets: list[Ticket], reader: Officer) -> list[Suggestion]:
    """What may be said as a message about the newest of the citizen's tickets that is open."""
    is_open = work.services.local.moves.is_open
    newest = next((ticket for ticket in tickets if is_open(ticket)), None)
    if newest is None:
        return []
    found = suggestions.of_ticket(work, newest, reader)
    return [one for one in found if canned.REPLY in one.purposes]
