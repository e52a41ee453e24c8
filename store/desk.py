"""What the desk keeps beside the cases: changes made in it, who looked at whom, what is public."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class DeskChange(Base):
    """One change to the desk, with what stood there before; nobody deletes it."""

    __tablename__ = "desk_change"
    __table_args__ = (Index("ix_desk_change_subject", "subject", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """The administrator; None: it was made on the command line."""
    subject: Mapped[str] = mapped_column(String(30))
    """What kind of thing was changed: `officer`, or the name of a table of data/local."""
    key: Mapped[str] = mapped_column(String(100))
    before: Mapped[dict[str, Any] | None]
    """None: it was not there."""
    after: Mapped[dict[str, Any] | None]
    """None: it was removed."""
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("desk_change.id"))


class LocalEdit(Base):
    """A row of a table of data/local as the desk has it; it stands before the file's own row."""

    __tablename__ = "local_edit"

    table_name: Mapped[str] = mapped_column(String(30), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    row: Mapped[dict[str, Any] | None]
    """None: the file's row does not hold."""
    changed_at: Mapped[datetime]


class PersonalView(Base):
    """Somebody of the staff has seen what tells who a person is."""

    __tablename__ = "personal_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), index=True)
    what: Mapped[str] = mapped_column(String(20))
    """`reporter`, `chat`, `dossier`, `export`."""
    key: Mapped[str] = mapped_column(String(60))
    """A ticket's or dossier's code, a chat's number; of an export, how many cases it held."""


class ChatPresence(Base):
    """Who has a citizen's chat open at the desk, and until when they count as typing."""

    __tablename__ = "chat_presence"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    seen_at: Mapped[datetime]
    typing_until: Mapped[datetime | None]


class TicketRelease(Base):
    """What staff have released of a case: the public sees these words and pictures, no others."""

    __tablename__ = "ticket_release"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    attachment_ids: Mapped[list[Any]]
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    released_at: Mapped[datetime] = mapped_column(index=True)
    withdrawn_at: Mapped[datetime | None]


class Publication(Base):
    """A notice or a figure that staff tell everybody."""

    __tablename__ = "publication"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`notice` or `figure`."""
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    published_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class SavedFilter(Base):
    """A list of cases that an officer keeps under a name of their own."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("officer_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(Text)
    """As in the address of the list, without a place in it."""
    created_at: Mapped[datetime]
