"""Telegram groups of the staff: which agency has which, its topics, and who is in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class AgencyGroup(Base):
    """The group that an agency's tickets are posted in; an agency without one has the duty's."""

    __tablename__ = "agency_group"

    agency_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    linked_at: Mapped[datetime]


class GroupLinkCode(Base):
    """A one-time code that gives the group it is sent in to an agency; only its SHA-256 is kept."""

    __tablename__ = "group_link_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    agency_code: Mapped[str] = mapped_column(String(40))
    expires_at: Mapped[datetime]


class GroupMember(Base):
    """What Telegram last said of an account in a group; who has left can do nothing there."""

    __tablename__ = "group_member"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    telegram_user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    present: Mapped[bool]
    heard_at: Mapped[datetime]


class Topic(Base):
    """A topic of a group for one ticket or one chat that was handed over."""

    __tablename__ = "topic"
    __table_args__ = (
        Index("ix_topic_thread", "conversation_id", "thread_id"),
        Index(
            "uq_topic_ticket",
            "conversation_id",
            "ticket_id",
            unique=True,
            sqlite_where=text("ticket_id IS NOT NULL"),
            postgresql_where=text("ticket_id IS NOT NULL"),
        ),
        Index(
            "uq_topic_chat",
            "conversation_id",
            "about_conversation_id",
            unique=True,
            sqlite_where=text("about_conversation_id IS NOT NULL"),
            postgresql_where=text("about_conversation_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    """The group."""
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    about_conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    name: Mapped[str] = mapped_column(String(128))
    thread_id: Mapped[str | None] = mapped_column(String(20))
    """Telegram's, once the topic is opened there; empty in a group without topics."""
    card_id: Mapped[str | None] = mapped_column(String(120))
    """The message that is pinned and kept up to date."""
    closed_at: Mapped[datetime | None]
