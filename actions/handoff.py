"""Chats that a person has: asked for, taken, given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.messages import Conversation, ConversationMode, ConversationRole
from store.staff import Handoff, Officer

ZALO_CONSOLE = "zalo_console"
"""The reason of a hand-over that began with an officer who wrote in Zalo's own console."""

CONSOLE_SILENCE = timedelta(hours=12)
"""Nobody gives a chat back in Zalo's console: after so long without a word from there it is."""


ANSWER_WITHIN = timedelta(minutes=5)
"""A citizen who asked for a person waits no longer without a word."""


class NoOpenHandoff(Exception):
    """The bot has this chat: there is nothing to take or to give back."""


class TakenByAnother(Exception):
    """Another officer has this chat already."""

    def __init__(self, officer: Officer) -> None:
        super().__init__(officer.username)
        self.officer = officer


def open_handoff(session: Session, conversation: Conversation) -> Handoff | None:
    """The hand-over under way in this chat, if any."""
    return session.scalar(
        select(Handoff).where(
            Handoff.conversation_id == conversation.id, Handoff.ended_at.is_(None)
        )
    )


def locked_chat(session: Session, number: int) -> Conversation:
    """A citizen's chat, locked as a turn of its own locks it.

    Raises:
        NoOpenHandoff: there is no such chat.
    """
    chat = session.scalar(
        select(Conversation)
        .where(Conversation.id == number, Conversation.role == ConversationRole.CITIZEN)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if chat is None:
        raise NoOpenHandoff
    return chat


def request(session: Session, conversation: Conversation, *, reason: str, now: datetime) -> Handoff:
    """Ask for a person. From now on the bot is silent; asking again changes nothing."""
    handoff = open_handoff(session, conversation)
    if handoff is None:
        handoff = Handoff(conversation_id=conversation.id, reason=reason, requested_at=now)
        session.add(handoff)
        session.flush()
    conversation.mode = ConversationMode.HUMAN
    return handoff


def take(
    session: Session, conversation: Conversation, officer: Officer, *, now: datetime
) -> Handoff:
    """An officer takes the chat; taking one's own chat again changes nothing.

    Raises:
        NoOpenHandoff: nobody asked for a person, or the chat was given back.
        TakenByAnother: another officer was first.
    """
    handoff = open_handoff(session, conversation)
    if handoff is None:
        raise NoOpenHandoff
    if handoff.officer_id is None:
        handoff.officer_id, handoff.taken_at = officer.id, now
    elif handoff.officer_id != officer.id:
        raise TakenByAnother(session.get_one(Officer, handoff.officer_id))
    return handoff


def written_in_console(
    session: Session, conversation: Conversation, *, now: datetime
) -> tuple[Handoff, bool]:
    """An officer, whoever it is, wrote to the citizen in Zalo's own console: the bot is silent.

    Returns the hand-over, and whether this is news: the first word of a person in it.
    """
    handoff = request(session, conversation, reason=ZALO_CONSOLE, now=now)
    news = handoff.taken_at is None
    if handoff.officer_id is None:
        handoff.taken_at = now
    return handoff, news


def console_fell_silent(session: Session, conversation: Conversation, *, now: datetime) -> bool:
    """Whether the chat is with Zalo's console, and that has said nothing for long."""
    handoff = open_handoff(session, conversation)
    return (
        handoff is not None
        and in_console(handoff)
        and now - (handoff.taken_at or handoff.requested_at) > CONSOLE_SILENCE
    )


def unanswered(session: Session, now: datetime, *, limit: int = 100) -> Sequence[int]:
    """The chats whose citizens have waited too long for a person, and have not been told so."""
    return session.scalars(
        select(Handoff.conversation_id)
        .where(
            Handoff.ended_at.is_(None),
            Handoff.taken_at.is_(None),
            Handoff.apologised_at.is_(None),
            Handoff.requested_at <= now - ANSWER_WITHIN,
        )
        .order_by(Handoff.requested_at)
        .limit(limit)
    ).all()


def is_unanswered(handoff: Handoff, now: datetime) -> bool:
    """Whether a hand-over under way is one of those."""
    return (
        handoff.taken_at is None
        and handoff.apologised_at is None
        and handoff.requested_at <= now - ANSWER_WITHIN
    )


def in_console(handoff: Handoff) -> bool:
    """Whether the citizen is answered in Zalo's console, and not by an officer of ours."""
    return handoff.reason == ZALO_CONSOLE and handoff.officer_id is None


def give_back(session: Session, conversation: Conversation, *, now: datetime) -> Handoff:
    """End the hand-over: the bot answers again.

    Raises:
        NoOpenHandoff: the bot has the chat already.
    """
    handoff = open_handoff(session, conversation)
    conversation.mode = ConversationMode.BOT
    if handoff is None:
        raise NoOpenHandoff
    handoff.ended_at = now
    return handoff
