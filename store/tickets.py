"""Tickets, their history, and the pictures that came with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Computed,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.base import Base
from store.messages import Conversation


class TicketState(StrEnum):
    """Where a ticket stands; data/ticket_moves.yml says how it gets from one to another."""

    NEW = "new"
    ACCEPTED = "accepted"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    """For the citizen."""
    TRANSFERRED = "transferred"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    """Answered; the citizen has not said yet whether it is done."""
    CLOSED = "closed"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


_UNDER_WAY = "closed_at IS NULL AND resolved_at IS NULL AND merged_into_id IS NULL"
_ANSWERED = "resolved_at IS NOT NULL"
_TO_BE_CONFIRMED = "resolved_at IS NOT NULL AND closed_at IS NULL"
_FIRST_ANSWERED = "first_answer_at IS NOT NULL"
_UNHAPPY = "rating <= 2 OR (reopened > 0 AND closed_at IS NULL)"

_ONE_OF = (("category", "category"), ("commune", "commune_code"), ("agency", "agency_code"))
_COUNTED_BY = [column for _, column in _ONE_OF]
_FILTERED_BY = ["state", "urgency"]
_ANSWERED_AT = "CASE WHEN state = 'rejected' THEN closed_at ELSE resolved_at END"


class Ticket(Base):
    """A report or petition of a citizen that an agency must answer."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index(
            "ix_ticket_under_way",
            "category",
            "commune_code",
            "created_at",
            sqlite_where=text(_UNDER_WAY),
            postgresql_where=text(_UNDER_WAY),
        ),
        Index(
            "ix_ticket_due",
            "deadline_at",
            postgresql_include=["paused_at", "state"],
            sqlite_where=text(_UNDER_WAY),
            postgresql_where=text(_UNDER_WAY),
        ),
        Index(
            "ix_ticket_answered",
            "category",
            "id",
            sqlite_where=text(_ANSWERED),
            postgresql_where=text(_ANSWERED),
        ),
        Index(
            "ix_ticket_to_be_confirmed",
            "resolved_at",
            sqlite_where=text(_TO_BE_CONFIRMED),
            postgresql_where=text(_TO_BE_CONFIRMED),
        ),
        # The lists of the desk (actions/inbox/), of everybody and of one agency, and the figures of
        # one (actions/figures): counted without looking at the rows themselves.
        Index("ix_ticket_created", "created_at", "id", postgresql_include=_COUNTED_BY),
        Index(
            "ix_ticket_agency_created",
            "agency_code",
            "created_at",
            "id",
            postgresql_include=["category", "commune_code", *_FILTERED_BY],
        ),
        Index("ix_ticket_officer_agency", "officer_id", "agency_code"),
        Index("ix_ticket_state_created", "state", "created_at", "id"),
        Index(
            "ix_ticket_category_created",
            "category",
            "created_at",
            "id",
            postgresql_include=["commune_code", "agency_code", *_FILTERED_BY],
        ),
        Index(
            "ix_ticket_commune_created",
            "commune_code",
            "created_at",
            "id",
            postgresql_include=["category", "agency_code", *_FILTERED_BY],
        ),
        *(
            Index(
                f"ix_ticket_{name}_due",
                column,
                "deadline_at",
                "id",
                postgresql_include=beside,
                sqlite_where=text(_UNDER_WAY),
                postgresql_where=text(_UNDER_WAY),
            )
            for name, column, beside in (
                ("agency", "agency_code", ["state", "officer_id", "paused_at"]),
                ("officer", "officer_id", []),
                ("state", "state", []),
                ("category", "category", ["state", "paused_at"]),
                ("commune", "commune_code", ["state", "paused_at"]),
                ("urgency", "urgency", []),
            )
        ),
        Index(
            "ix_ticket_unassigned",
            "deadline_at",
            "id",
            sqlite_where=text(f"{_UNDER_WAY} AND officer_id IS NULL"),
            postgresql_where=text(f"{_UNDER_WAY} AND officer_id IS NULL"),
        ),
        Index(
            "ix_ticket_unhappy",
            "created_at",
            "id",
            sqlite_where=text(_UNHAPPY),
            postgresql_where=text(_UNHAPPY),
        ),
        Index(
            "ix_ticket_agency_unhappy",
            "agency_code",
            "created_at",
            "id",
            sqlite_where=text(_UNHAPPY),
            postgresql_where=text(_UNHAPPY),
        ),
        Index(
            "ix_ticket_answered_at",
            "answered_at",
            postgresql_include=[*_COUNTED_BY, "deadline_at", "answered_days"],
        ),
        Index("ix_ticket_closed_at", "closed_at", postgresql_include=["state", "rating"]),
        *(
            Index(
                f"ix_ticket_{name}_answered",
                column,
                "answered_at",
                postgresql_include=[
                    *(one for one in _COUNTED_BY if one != column),
                    "deadline_at",
                    "answered_days",
                ],
                sqlite_where=text("answered_at IS NOT NULL"),
                postgresql_where=text("answered_at IS NOT NULL"),
            )
            for name, column in _ONE_OF
        ),
        *(
            Index(
                f"ix_ticket_{name}_closed",
                column,
                "closed_at",
                postgresql_include=["state", "rating"],
                sqlite_where=text("closed_at IS NOT NULL"),
                postgresql_where=text("closed_at IS NOT NULL"),
            )
            for name, column in _ONE_OF
        ),
        Index(
            "ix_ticket_first_answer",
            "first_answer_at",
            "first_answer_s",
            sqlite_where=text(_FIRST_ANSWERED),
            postgresql_where=text(_FIRST_ANSWERED),
        ),
        *(
            Index(
                f"ix_ticket_{name}_first_answer",
                column,
                "first_answer_at",
                "first_answer_s",
                sqlite_where=text(_FIRST_ANSWERED),
                postgresql_where=text(_FIRST_ANSWERED),
            )
            for name, column in _ONE_OF
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    intent: Mapped[str] = mapped_column(String(30))
    category: Mapped[str] = mapped_column(String(30))
    urgency: Mapped[str] = mapped_column(String(10))
    urgency_words: Mapped[list[Any] | None]
    """Words of the citizen that decided the urgency, to be shown to staff."""
    text: Mapped[str] = mapped_column(Text)
    place_text: Mapped[str | None] = mapped_column(Text)
    commune_code: Mapped[str | None] = mapped_column(String(5))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    contact_name: Mapped[str | None] = mapped_column(String(100))
    contact_phone: Mapped[str | None] = mapped_column(String(20))
    """Kept only with the consent below; without it the ticket is anonymous."""
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"))
    agency_code: Mapped[str] = mapped_column(String(40))
    agency_name: Mapped[str] = mapped_column(String(200))
    """As shown to the citizen at the time: agencies are renamed, promises are not."""
    team_code: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(20), default=TicketState.NEW)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    escalation: Mapped[int] = mapped_column(default=0)
    """How far up it has come: 0 its officer, 1 the lead of the agency, 2 the duty officer, 3 the
    leader."""
    answer: Mapped[str | None] = mapped_column(Text)
    clock: Mapped[str] = mapped_column(String(10), default="office")
    """What its deadlines count: `office` hours, or `always`."""
    paused_at: Mapped[datetime | None]
    """Since when its clocks stand still."""
    deadline_at: Mapped[datetime]
    """By when it must be resolved, as in its row of `ticket_deadline`: lists are sorted by it."""
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None] = mapped_column(Computed(_ANSWERED_AT))
    """When staff gave the answer that stands, also one that says no; the database keeps it."""
    answered_days: Mapped[int | None]
    """Worked days from the day it was sent to that answer."""
    first_answer_at: Mapped[datetime | None]
    first_answer_s: Mapped[int | None]
    """When staff first spoke to the citizen, after a dispute first since then, and after how many
    seconds of its clock, pauses left out: figures are counted by these."""
    reopened: Mapped[int] = mapped_column(default=0)
    """How many times the citizen said that it was not done."""
    rating: Mapped[int | None]
    """1 to 5, by the citizen who sent it."""
    rating_reason: Mapped[str | None] = mapped_column(Text)
    rated_at: Mapped[datetime | None]
    search_text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """Code, text, place and answer in lower case without diacritics, to be searched: the database
    looks into it, and nobody reads it."""

    conversation: Mapped[Conversation] = relationship(viewonly=True)
    """The chat of the citizen who sent it."""
    events: Mapped[list[TicketEvent]] = relationship(order_by="TicketEvent.id")
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")


UNDER_WAY = and_(
    Ticket.closed_at.is_(None), Ticket.resolved_at.is_(None), Ticket.merged_into_id.is_(None)
)
"""Staff still have to act on it."""

ANSWERED = Ticket.resolved_at.is_not(None)
"""An answer was given, and the citizen has not said since that it is not done."""

UNHAPPY = or_(
    Ticket.rating <= literal_column("2"),
    and_(Ticket.reopened > literal_column("0"), Ticket.closed_at.is_(None)),
)
"""The citizen rated it 1 or 2, or said that it is not done and it has not been closed since."""

SEARCH_WORDS: ColumnElement[Any] = literal_column("ticket.ticket_search_words")
"""The words of `search_text`, in a column that PostgreSQL makes itself and has an index of."""


class TicketEvent(Base):
    """One step in a ticket's history. Rows are only ever added: the database itself refuses to
    change or delete one, but for the emptying of `detail` when personal data is erased.
    """

    __tablename__ = "ticket_event"
    __table_args__ = (
        Index(
            "ix_ticket_event_dispute",
            "at",
            "ticket_id",
            sqlite_where=text("kind = 'dispute'"),
            postgresql_where=text("kind = 'dispute'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(30))
    """The name of a move, or what happened without one: `create`, `reply`, `note`, `add`, `edit`,
    `follow`, `rate`, `warn`, `escalate`, `publish`, `unpublish`, `talk`, `resend`."""
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str | None] = mapped_column(String(20))
    """Both only where the event is a move."""
    actor: Mapped[str] = mapped_column(String(10))
    """`citizen`, `officer` or `system`."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Attachment(Base):
    """A photo or video, already without the place and device that its file told of; a document."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`photo`, `video` or `file`: a document."""
    mime: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    path: Mapped[str] = mapped_column(String(200), index=True)
    """Relative to the media folder of DATA_DIR; named by the content's SHA-256."""
    purpose: Mapped[str] = mapped_column(String(10), default="report")
    """`report`, `added` later by the citizen, or `after`: staff show what has been done."""
    look: Mapped[int | None] = mapped_column(BigInteger)
    """What a photo looks like, in 64 bits: alike photos differ in few of them."""
    created_at: Mapped[datetime]


class TicketMessage(Base):
    """Which of a citizen's messages went into which event, so that an edit finds what it edits."""

    __tablename__ = "ticket_message"
    __table_args__ = (UniqueConstraint("conversation_id", "message_id", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[str] = mapped_column(String(120))
    """The messenger's own."""
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("ticket_event.id"))
