"""Conversations, and what comes in and goes out of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class ConversationRole(StrEnum):
    """Who is at the other end."""

    CITIZEN = "citizen"
    STAFF = "staff"


class ConversationMode(StrEnum):
    """Who answers the citizen: the bot, or a person (then the bot says nothing at all)."""

    BOT = "bot"
    HUMAN = "human"


class Conversation(Base):
    """One chat of one channel; its row is the lock that keeps its messages in order."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "chat_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    chat_id: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(10), default=ConversationRole.CITIZEN)
    mode: Mapped[str] = mapped_column(String(10), default=ConversationMode.BOT)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The dialogue's own versioned document (see bot.dialogue.state)."""
    unreachable: Mapped[bool] = mapped_column(default=False)
    """The messenger said that this chat can no longer be written to (blocked, deleted)."""
    last_incoming_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


WAITING = literal_column("'waiting'", String)
"""What waits, in the inbox and in the outbox, as conditions name it: written out, so that both
databases see that their indexes of what waits hold it. Of a parameter they learn that too late."""


class InboxStatus(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"


class InboxEvent(Base):
    """One event of a messenger, kept before the messenger is told that we have it."""

    __tablename__ = "inbox_event"
    __table_args__ = (
        UniqueConstraint("channel", "event_id"),
        Index("ix_inbox_event_conversation", "conversation_id", "id"),
        Index(
            "ix_inbox_event_waiting",
            "conversation_id",
            "sort_key",
            "id",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(120))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    sort_key: Mapped[int] = mapped_column(BigInteger)
    """The messenger's own order within a chat (update id, milliseconds, client counter)."""
    group_key: Mapped[str | None] = mapped_column(String(120))
    """Events of one album share it and are handled as one."""
    payload: Mapped[dict[str, Any]]
    """The `Incoming` as JSON; empty once erased (a denunciation leaves nothing behind)."""
    status: Mapped[str] = mapped_column(String(10), default=InboxStatus.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    """The name of the last failure, never its text."""
    received_at: Mapped[datetime]
    ready_at: Mapped[datetime]
    """Not to be handled before this: an album being joined, or a retry waiting its turn."""
    done_at: Mapped[datetime | None]


class OutboxStatus(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    SUPPRESSED = "suppressed"


class Author(StrEnum):
    """Who speaks. What the bot says is withheld while a person has the chat; the rest is not."""

    BOT = "bot"
    OFFICER = "officer"
    SYSTEM = "system"


class OutboxMessage(Base):
    """One call to a messenger: written in the turn that decided it, sent afterwards in order."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "ix_outbox_message_waiting",
            "conversation_id",
            "id",
            sqlite_where=text("status = 'waiting'"),
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_outbox_message_external", "conversation_id", "external_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    author: Mapped[str] = mapped_column(String(10))
    payload: Mapped[dict[str, Any]]
    """One rendered `Outgoing` as JSON."""
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    """The ticket that this message is about: a reply to it is a reply to that ticket."""
    about_conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    """For messages to staff: the citizen's chat that this is about (a live hand-over)."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topic.id"))
    """The topic of the group that it goes to; opened when the first message is sent there."""
    status: Mapped[str] = mapped_column(String(10), default=OutboxStatus.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(200))
    external_id: Mapped[str | None] = mapped_column(String(120))
    """The messenger's id of the message once sent."""
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class ChannelSecret(Base):
    """What a messenger hands out and takes back: rotating tokens, and a group's present id."""

    __tablename__ = "channel_secret"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
