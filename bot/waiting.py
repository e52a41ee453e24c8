"""Which event of a chat comes next, and the lock under which it is handled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.messages import Incoming
from store.messages import Conversation, InboxEvent, InboxStatus

ALBUM_MAX = 20
"""Parts of one album that are joined; Telegram allows 10."""


@dataclass(frozen=True)
class Waiting:
    """The oldest waiting event of a chat: several rows when it is an album.

    `more` says that others wait behind it.
    """

    rows: tuple[InboxEvent, ...]
    incoming: Incoming
    more: bool

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(row.id for row in self.rows)

    @property
    def attempts(self) -> int:
        return max(row.attempts for row in self.rows)

    @property
    def ready_at(self) -> datetime:
        return max(row.ready_at for row in self.rows)


# Statements that run in every turn are built once: building one costs as much as running it.
_LOCKED = (
    select(Conversation)
    .where(Conversation.id == bindparam("conversation_id"))
    # Others may still write rows that refer to it (`key_share`): a turn posts in the staff group's
    # chat while the group's own turn posts in this one, and neither must wait for the other.
    .with_for_update(skip_locked=True, key_share=True)
)
_OLDEST = (
    select(InboxEvent)
    .where(
        InboxEvent.conversation_id == bindparam("conversation_id"),
        InboxEvent.status == InboxStatus.WAITING,
    )
    .order_by(InboxEvent.sort_key, InboxEvent.id)
    .limit(ALBUM_MAX)
)


def lock(session: Session, conversation_id: int) -> Conversation | None:
    """The conversation's row, locked; None while another process has it (PostgreSQL)."""
    return session.scalar(_LOCKED, {"conversation_id": conversation_id})


def oldest(session: Session, conversation_id: int) -> Waiting | None:
    """The event that is to be handled next in a chat; its parts joined when it is an album."""
    rows = session.scalars(_OLDEST, {"conversation_id": conversation_id}).all()
    if not rows:
        return None
    first = rows[0]
    group = [first]
    if first.group_key is not None:
        group = [row for row in rows if row.group_key == first.group_key]
    parts = [Incoming.model_validate(row.payload) for row in group]
    return Waiting(tuple(group), _joined(parts), more=len(rows) > len(group))


def _joined(parts: list[Incoming]) -> Incoming:
    """One event out of the parts of an album: every picture, and the captions in their order."""
    if len(parts) == 1:
        return parts[0]
    captions = dict.fromkeys(part.text for part in parts if part.text)
    return parts[0].model_copy(
        update={
            "text": "\n".join(captions),
            "media": tuple(ref for part in parts for ref in part.media),
        }
    )
