"""Dossiers of the local table, and the attempts to open their details."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class Dossier(Base):
    """One dossier as the one-stop system last reported it."""

    __tablename__ = "dossier"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    """In the canonical spelling: upper case, dots and dashes in place."""
    procedure: Mapped[str] = mapped_column(String(300))
    agency: Mapped[str] = mapped_column(String(200))
    applicant: Mapped[str] = mapped_column(String(100))
    phone_last4: Mapped[str | None] = mapped_column(String(4))
    id_last4: Mapped[str | None] = mapped_column(String(4))
    state: Mapped[int]
    """1 to 10, see data/dossier_states.yml."""
    received_on: Mapped[date]
    due_on: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(Text)
    sample: Mapped[bool] = mapped_column(default=False)
    updated_at: Mapped[datetime]


class DossierAttempt(Base):
    """A try at a dossier's code or second factor; counted, for codes can be guessed."""

    __tablename__ = "dossier_attempt"
    __table_args__ = (Index("ix_dossier_attempt_conversation_at", "conversation_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    code: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`code` (the code itself was unknown) or `factor` (the second factor was wrong)."""
    at: Mapped[datetime]
