"""What stands around a ticket: its clocks, who follows it, what its citizens are still to hear."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class DeadlineKind(StrEnum):
    """What must have happened by a deadline."""

    ACCEPT = "accept"
    ANSWER = "answer"
    """The first word of staff to the citizen."""
    RESOLVE = "resolve"


class TicketDeadline(Base):
    """One clock of a ticket. No touch sets it back; it only stands still while `paused_at` does."""

    __tablename__ = "ticket_deadline"
    __table_args__ = (
        Index(
            "ix_ticket_deadline_next_warning",
            "next_warning_at",
            sqlite_where=text("next_warning_at IS NOT NULL"),
            postgresql_where=text("next_warning_at IS NOT NULL"),
        ),
    )

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    budget_s: Mapped[int]
    """Seconds of its ticket's clock from start to due, pauses left out."""
    due_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    warned: Mapped[int] = mapped_column(default=0)
    """Per cent of the budget at which staff were last warned, 0 when they were not."""
    next_warning_at: Mapped[datetime | None]
    """None once it is met, while it is paused, and after the last warning."""


class TicketFollower(Base):
    """A chat that hears of every step of a ticket that somebody else sent."""

    __tablename__ = "ticket_follower"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id"), primary_key=True, index=True
    )
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class CitizenNews(Base):
    """A step of a ticket that a chat is still to hear of, or has heard of: once each."""

    __tablename__ = "citizen_news"
    __table_args__ = (
        UniqueConstraint("event_id", "conversation_id"),
        Index(
            "ix_citizen_news_due",
            "due_at",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("ticket_event.id"))
    message: Mapped[dict[str, Any]]
    """The `Outgoing` as JSON."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """Not to be told before: quiet hours, or waiting for more news to be told with."""
    told_at: Mapped[datetime | None]


class Block(Base):
    """A chat from which nothing is taken for a while; it can be lifted, and is never deleted."""

    __tablename__ = "block"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """None: the programme itself, because of a flood."""
    created_at: Mapped[datetime]
    until: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
