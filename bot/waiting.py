"""Which event of a chat comes next, and the lock under which it is handled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from bot.messages import Incoming
from store.messages import WAITING, Conversation, InboxEvent, OutboxMessage

ALBUM_MAX = 20
"""Parts of one album that are joined; Telegram allows 10."""


@dataclass(frozen=True)
class Waiting:
    """A waiting event of a chat: several rows of the inbox when it is an album."""

    ids: tuple[int, ...]
    incoming: Incoming
    attempts: int
    ready_at: datetime


@dataclass(frozen=True)
class Turns:
    """How a chat stands when its turn comes: whose turn it is, and what goes before or after."""

    ids: tuple[int, ...]
    """The rows of the oldest waiting event; none when nothing waits."""
    more: bool
    """Others wait behind it."""
    unsent: bool
    """Earlier messages of the bot still wait to be sent."""


# Statements that run in every turn are built once: building one costs as much as running it.
_LOCKED = (
    select(Conversation)
    .where(Conversation.id == bindparam("conversation_id"))
    # Others may still write rows that refer to it (`key_share`): a turn posts in the staff group's
    # chat while the group's own turn posts in this one, and neither must wait for the other.
    .with_for_update(skip_locked=True, key_share=True)
)
_OF_CHAT = (
    InboxEvent.conversation_id == bindparam("conversation_id"),
    InboxEvent.status == WAITING,
)
_OLDEST = (
    select(
        InboxEvent.id,
        InboxEvent.group_key,
        InboxEvent.payload,
        InboxEvent.attempts,
        InboxEvent.ready_at,
    )
    .where(*_OF_CHAT)
    .order_by(InboxEvent.sort_key, InboxEvent.id)
    .limit(ALBUM_MAX)
)
_UNSENT = exists().where(
    OutboxMessage.conversation_id == bindparam("conversation_id"),
    OutboxMessage.status == WAITING,
)
_TURNS = (
    select(InboxEvent.id, InboxEvent.group_key, _UNSENT.label("unsent"))
    .where(*_OF_CHAT)
    .order_by(InboxEvent.sort_key, InboxEvent.id)
    .limit(ALBUM_MAX)
)


def lock(session: Session, conversation_id: int) -> Conversation | None:
    """The conversation's row, locked; None while another process has it (PostgreSQL)."""
    return session.scalar(_LOCKED, {"conversation_id": conversation_id})


def oldest(session: Session, conversation_id: int) -> Waiting | None:
    """The event that is to be handled next in a chat; its parts joined when it is an album."""
    rows = session.connection().execute(_OLDEST, {"conversation_id": conversation_id}).all()
    if not rows:
        return None
    group = _first_group(rows)
    return Waiting(
        ids=tuple(row.id for row in group),
        incoming=_joined([Incoming.model_validate(row.payload) for row in group]),
        attempts=max(row.attempts for row in group),
        ready_at=max(row.ready_at for row in group),
    )


def turns(session: Session, conversation_id: int) -> Turns:
    """Whose turn it is in a chat; true until the end of the transaction that holds its lock."""
    rows = session.connection().execute(_TURNS, {"conversation_id": conversation_id}).all()
    group = _first_group(rows)
    return Turns(
        ids=tuple(row.id for row in group),
        more=len(rows) > len(group),
        unsent=bool(rows and rows[0].unsent),
    )


def _first_group(rows: Sequence[Any]) -> Sequence[Any]:
    """The rows of the first event: all parts of an album, else one."""
    if not rows or rows[0].group_key is None:
        return rows[:1]
    return [row for row in rows if row.group_key == rows[0].group_key]


def _joined(parts: list[Incoming]) -> Incoming:
    """One event out of the parts of an album: every picture, and the captions in their order.

    It has the number of the part that can be edited, the one with a caption.
    """
    if len(parts) == 1:
        return parts[0]
    captions = dict.fromkeys(part.text for part in parts if part.text)
    captioned = next((part for part in parts if part.text), parts[0])
    return parts[0].model_copy(
        update={
            "text": "\n".join(captions),
            "message_id": captioned.message_id,
            "media": tuple(ref for part in parts for ref in part.media),
        }
    )
