"""Tickets, their history, and the pictures that came with them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from store.base import Base


class TicketState(StrEnum):
    NEW = "new"
    TAKEN = "taken"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Ticket(Base):
    """A report or petition of a citizen that an agency must answer."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    intent: Mapped[str] = mapped_column(String(30))
    category: Mapped[str] = mapped_column(String(30), index=True)
    urgency: Mapped[str] = mapped_column(String(10))
    urgency_words: Mapped[list[Any] | None]
    """Words of the citizen that decided the urgency, to be shown to staff."""
    text: Mapped[str] = mapped_column(Text)
    place_text: Mapped[str | None] = mapped_column(Text)
    commune_code: Mapped[str | None] = mapped_column(String(5), index=True)
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    contact_name: Mapped[str | None] = mapped_column(String(100))
    contact_phone: Mapped[str | None] = mapped_column(String(20))
    """Kept only with the consent below; without it the ticket is anonymous."""
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"))
    agency_code: Mapped[str] = mapped_column(String(40), index=True)
    agency_name: Mapped[str] = mapped_column(String(200))
    """As shown to the citizen at the time: agencies are renamed, promises are not."""
    state: Mapped[str] = mapped_column(String(20), default=TicketState.NEW, index=True)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    answer: Mapped[str | None] = mapped_column(Text)
    deadline_at: Mapped[datetime]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    events: Mapped[list[TicketEvent]] = relationship(order_by="TicketEvent.id")
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id")


class TicketEvent(Base):
    """One step in a ticket's history. Rows are only ever added."""

    __tablename__ = "ticket_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(30))
    """`created`, `taken`, `replied`, `citizen_wrote`, `done`, `withdrawn`, `reopened`."""
    actor: Mapped[str] = mapped_column(String(10))
    """`citizen`, `officer` or `system`."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Attachment(Base):
    """A photo or video, already without the place and device that its file told of."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`photo` or `video`."""
    mime: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    path: Mapped[str] = mapped_column(String(200))
    """Relative to the media folder of DATA_DIR; named by the content's SHA-256."""
    created_at: Mapped[datetime]
