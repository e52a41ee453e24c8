"""Officers, their sessions, and chats that a person has taken over."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class OfficerRole(StrEnum):
    """What an officer may do; each may do what those before it may, but a leader only reads."""

    OFFICER = "officer"
    LEAD = "lead"
    DUTY = "duty"
    ADMIN = "admin"
    LEADER = "leader"


class Officer(Base):
    """A person of the staff, with a login for the page and perhaps a Telegram account."""

    __tablename__ = "officer"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    role: Mapped[str] = mapped_column(String(10), default=OfficerRole.OFFICER)
    agency_code: Mapped[str | None] = mapped_column(String(40), index=True)
    """Whose tickets are this officer's business; without one, everybody's."""
    team_code: Mapped[str | None] = mapped_column(String(40))
    away_until: Mapped[datetime | None]
    """On leave: gets no new ticket until then."""
    telegram_user_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    link_code_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the one-time code that links the Telegram account."""
    link_code_expires_at: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(String(200))
    """What the six digits in the officer's app are made from, encrypted (`actions.sealing`)."""
    totp_used_step: Mapped[int | None]
    """The step of the last code that was taken: no code is taken twice. With one, a login needs a
    code; before the first, the secret is only about to be used."""
    created_at: Mapped[datetime]


class StaffSession(Base):
    """A login to the staff page; the cookie holds the token, the table only its SHA-256."""

    __tablename__ = "staff_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """What the browser calls itself, for the list in which its owner can end it."""
    awaits_code: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The password fitted, the second factor is still to come: opens no page."""


class LoginAttempt(Base):
    """A failed login, counted per username and per address."""

    __tablename__ = "login_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), index=True)
    remote: Mapped[str] = mapped_column(String(60), index=True)
    at: Mapped[datetime]


class Handoff(Base):
    """A citizen's chat with a person, from the request to the end."""

    __tablename__ = "handoff"
    __table_args__ = (
        Index(
            "ix_handoff_requested_at",
            "requested_at",
            postgresql_include=["reason", "taken_at"],
        ),
        # One open hand-over per chat, whoever asks and however often.
        Index(
            "uq_handoff_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    reason: Mapped[str] = mapped_column(String(30))
    """`asked`, `not_understood`, `complaint`, `denunciation`, `zalo_console`; `officer` where an
    officer began it."""
    requested_at: Mapped[datetime]
    apologised_at: Mapped[datetime | None]
    """When the citizen was told that nobody has answered yet, and offered a ticket."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
