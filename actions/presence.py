"""Who of the staff has a citizen's chat open, and who is writing there at this moment.

Both are told by pages that say so again and again; whoever says nothing more is soon gone, so
nobody has to say good-bye. A note is written anew only when it has grown old: a page that asks
every few seconds costs a look, and seldom a write.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.desk import ChatPresence
from store.staff import Officer

SEEN_FOR = timedelta(seconds=30)
"""Whoever was last heard of longer ago has closed the page."""

SEEN_AGAIN_AFTER = timedelta(seconds=10)
"""A note that is younger is not written anew."""

TYPING_FOR = timedelta(seconds=8)
"""Whoever last wrote a letter longer ago is not typing any more."""

TYPING_AGAIN_AFTER = timedelta(seconds=2)
"""More notes of one officer in one chat than one in so long change nothing."""

FORGOTTEN_AFTER = timedelta(hours=1)
"""Notes of any chat that are older are deleted."""


@dataclass(frozen=True)
class Colleague:
    """Somebody else who has the chat open."""

    name: str
    typing: bool


def others(
    session: Session, conversation_id: int, officer: Officer, now: datetime
) -> list[Colleague]:
    """The colleagues of an officer who have a chat open, those who type first."""
    rows = session.execute(
        select(Officer.name, ChatPresence.typing_until)
        .join(Officer, Officer.id == ChatPresence.officer_id)
        .where(
            ChatPresence.conversation_id == conversation_id,
            ChatPresence.officer_id != officer.id,
            ChatPresence.seen_at > now - SEEN_FOR,
        )
        .order_by(Officer.name)
    )
    found = [Colleague(row.name, _is_later(row.typing_until, now)) for row in rows]
    return sorted(found, key=lambda colleague: not colleague.typing)


def is_noted(session: Session, conversation_id: int, officer: Officer, now: datetime) -> bool:
    """Whether the officer's having the chat open is written down freshly enough."""
    note = session.get(ChatPresence, (conversation_id, officer.id))
    return note is not None and note.seen_at > now - SEEN_AGAIN_AFTER


def types(session: Session, conversation_id: int, officer: Officer, now: datetime) -> bool:
    """Whether one more letter of an officer is worth a note: the last is a while ago."""
    note = session.get(ChatPresence, (conversation_id, officer.id))
    until = note.typing_until if note else None
    return until is None or until - TYPING_FOR <= now - TYPING_AGAIN_AFTER


def note(
    session: Session,
    conversation_id: int,
    officer: Officer,
    *,
    typing: bool | None = None,
    now: datetime,
) -> None:
    """Write down that an officer has a chat open.

    Args:
        typing: whether the officer types; None leaves that as it is.
    """
    known: dict[str, object] = {"seen_at": now}
    if typing is not None:
        known["typing_until"] = now + TYPING_FOR if typing else None
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    key = {"conversation_id": conversation_id, "officer_id": officer.id}
    session.execute(
        insert(ChatPresence)
        .values({"typing_until": None, **key, **known})
        .on_conflict_do_update(index_elements=list(key), set_=known)
    )
    session.execute(delete(ChatPresence).where(ChatPresence.seen_at < now - FORGOTTEN_AFTER))


def _is_later(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now
