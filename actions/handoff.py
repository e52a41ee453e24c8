"""Chats that a person has: asked for, taken, given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store.messages import (
    Author,
    Conversation,
    ConversationMode,
    ConversationRole,
    OutboxMessage,
    OutboxStatus,
)
from store.staff import Handoff, Officer

ZALO_CONSOLE = "zalo_console"
"""The reason of a hand-over that began with an officer who wrote in Zalo's own console."""

BY_OFFICER = "officer"
"""The reason of one that an officer began, from the page of a ticket."""

IN_SECRET = "denunciation"
"""The reason of one that must not be tied to any ticket."""

SILENCE = timedelta(hours=12)
"""A chat that no citizen asked for, and in which staff have said nothing for so long, is the bot's
again at the citizen's next word: in Zalo's console nobody gives it back, here it may be forgotten.
"""


ANSWER_WITHIN = timedelta(minutes=5)
"""A citizen who asked for a person waits no longer without a word."""


class NoOpenHandoff(Exception):
    """The bot has this chat: there is nothing to take or to give back."""


class TalkTooLate(Exception):
    """The citizen's last message is too long ago for a talk on this messenger."""

    def __init__(self, last_incoming_at: datetime | None) -> None:
        super().__init__(last_incoming_at)
        self.last_incoming_at = last_incoming_at


class NotToBeOpened(Exception):
    """The chat with this citizen is not to be reached from a ticket at this moment."""


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


def see_that_talk_is_allowed(
    conversation: Conversation, *, within: timedelta | None, now: datetime
) -> None:
    """See that the messenger lets an officer begin to talk with a citizen who did not ask for it.

    Args:
        within: so long after the citizen's last message it does; None: at any time.

    Raises:
        TalkTooLate: that is over.
    """
    last = conversation.last_incoming_at
    if within is not None and (last is None or now - last > within):
        raise TalkTooLate(last)


def begin(
    session: Session,
    conversation: Conversation,
    officer: Officer,
    *,
    within: timedelta | None,
    now: datetime,
) -> Handoff:
    """An officer begins to talk with a citizen who did not ask for it; the chat is locked.

    From now on the bot is silent, and what it had prepared and not sent stays unsent.

    Args:
        within: see `see_that_talk_is_allowed`.

    Raises:
        TalkTooLate: the messenger does not allow it any more.
        TakenByAnother: another officer has the chat.
    """
    see_that_talk_is_allowed(conversation, within=within, now=now)
    request(session, conversation, reason=BY_OFFICER, now=now)
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.conversation_id == conversation.id,
            OutboxMessage.author == Author.BOT,
            OutboxMessage.status == OutboxStatus.WAITING,
        )
        .values(status=OutboxStatus.SUPPRESSED)
    )
    return take(session, conversation, officer, now=now)


def is_secret(handoff: Handoff) -> bool:
    """Whether the chat is about something that must not be tied to any ticket."""
    return handoff.reason == IN_SECRET


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


def fell_silent(session: Session, conversation: Conversation, *, now: datetime) -> bool:
    """Whether an officer began this talk, here or in Zalo's console, and left it: `SILENCE`."""
    handoff = open_handoff(session, conversation)
    if handoff is None or not (in_console(handoff) or handoff.reason == BY_OFFICER):
        return False
    last = handoff.taken_at or handoff.requested_at
    said = session.scalar(
        select(func.max(OutboxMessage.created_at)).where(
            OutboxMessage.conversation_id == conversation.id,
            OutboxMessage.author == Author.OFFICER,
        )
    )
    return now - max(last, said or last) > SILENCE


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
