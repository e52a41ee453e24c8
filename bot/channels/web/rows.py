"""What the web chat reads from the tables and writes into them: its outbox, and its past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, or_, select, update
from sqlalchemy.orm import Session

from bot.channels.web.protocol import CHANNEL, message_frame, own_frame
from bot.messages import Incoming, Outgoing, StoredMedia
from store.engine import Database
from store.messages import (
    Author,
    Conversation,
    ConversationMode,
    InboxEvent,
    OutboxMessage,
    OutboxStatus,
)

HISTORY_ROWS = 30
"""Messages of either side that a page just opened shows."""

_CHATS_PER_QUERY = 500
_SHOWN = (OutboxStatus.WAITING, OutboxStatus.SENT)


@dataclass(frozen=True)
class OutgoingRow:
    """One outbox row on its way to the page; `waiting` when no page has shown it yet."""

    id: int
    conversation_id: int
    waiting: bool
    frame: dict[str, Any]


def conversation_id_of(database: Database, chat_id: str) -> int | None:
    with database.read() as session:
        return session.scalar(
            select(Conversation.id).where(
                Conversation.channel == CHANNEL, Conversation.chat_id == chat_id
            )
        )


def to_deliver(database: Database, after: Mapping[int, int]) -> list[OutgoingRow]:
    """The rows of these chats that wait, and all newer than a given one, in order.

    Bot messages still waiting in a chat that a person has taken over are marked as suppressed here,
    at the last moment before they would be seen.

    Args:
        after: by conversation, the outbox id after which rows are wanted, shown or not.
    """
    found: list[OutgoingRow] = []
    silenced: list[int] = []
    chats = list(after)
    for start in range(0, len(chats), _CHATS_PER_QUERY):
        some = chats[start : start + _CHATS_PER_QUERY]
        wanted = or_(
            OutboxMessage.status == OutboxStatus.WAITING,
            OutboxMessage.id
            > case({chat: after[chat] for chat in some}, value=OutboxMessage.conversation_id),
        )
        with database.read() as session:
            rows = session.execute(_outbox(some).where(wanted)).all()
        for row in rows:
            if _silenced(row):
                silenced.append(row.id)
            else:
                found.append(_outgoing(row))
    if silenced:
        _mark(database, silenced, status=OutboxStatus.SUPPRESSED)
    return found


def mark_seen(database: Database, seen: Mapping[int, Iterable[int]], now: datetime) -> None:
    """Mark rows that a page has shown as sent; ids of other chats change nothing."""
    with database.write() as session:
        for conversation_id, ids in seen.items():
            waiting = session.scalars(
                select(OutboxMessage).where(
                    OutboxMessage.id.in_(list(ids)),
                    OutboxMessage.conversation_id == conversation_id,
                    OutboxMessage.status == OutboxStatus.WAITING,
                )
            )
            for row in waiting:
                row.status, row.sent_at, row.external_id = OutboxStatus.SENT, now, str(row.id)


def history(database: Database, conversation_id: int) -> tuple[list[dict[str, Any]], set[int]]:
    """The chat's last messages of both sides by time, and the outbox ids among them."""
    with database.read() as session:
        said = session.execute(
            _outbox([conversation_id])
            .order_by(None)
            .order_by(OutboxMessage.id.desc())
            .limit(HISTORY_ROWS)
        ).all()
        own = _own_messages(session, conversation_id)
    shown = [row for row in said if not _silenced(row)]
    items = [(row.created_at, 1, row.id, _outgoing(row).frame) for row in shown]
    items += [(at, 0, number, frame) for at, number, frame in own]
    items.sort(key=lambda item: item[:3])
    return [item[3] for item in items], {row.id for row in shown}


def medium(database: Database, chat_id: str, row_id: int, number: int) -> StoredMedia | None:
    """A file of a message that was said in this very chat, or None."""
    with database.read() as session:
        payload = session.scalar(
            select(OutboxMessage.payload)
            .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
            .where(
                OutboxMessage.id == row_id,
                OutboxMessage.status.in_(_SHOWN),
                Conversation.channel == CHANNEL,
                Conversation.chat_id == chat_id,
            )
        )
    if payload is None:
        return None
    media = Outgoing.model_validate(payload).media
    return media[number] if number < len(media) else None


def _outbox(conversation_ids: list[int]) -> Select[Any]:
    return (
        select(
            OutboxMessage.id,
            OutboxMessage.conversation_id,
            OutboxMessage.author,
            OutboxMessage.payload,
            OutboxMessage.status,
            OutboxMessage.created_at,
            Conversation.mode,
        )
        .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
        .where(
            OutboxMessage.conversation_id.in_(conversation_ids), OutboxMessage.status.in_(_SHOWN)
        )
        .order_by(OutboxMessage.id)
    )


def _silenced(row: Row[Any]) -> bool:
    """The bot prepared it before a person took the chat over."""
    return bool(
        row.status == OutboxStatus.WAITING
        and row.author == Author.BOT
        and row.mode == ConversationMode.HUMAN
    )


def _outgoing(row: Row[Any]) -> OutgoingRow:
    message = Outgoing.model_validate(row.payload)
    person = row.mode == ConversationMode.HUMAN
    return OutgoingRow(
        id=row.id,
        conversation_id=row.conversation_id,
        waiting=row.status == OutboxStatus.WAITING,
        frame=message_frame(row.id, row.author, row.created_at, message, person=person),
    )


def _own_messages(
    session: Session, conversation_id: int
) -> list[tuple[datetime, int, dict[str, Any]]]:
    rows = session.execute(
        select(InboxEvent.received_at, InboxEvent.id, InboxEvent.payload)
        .where(InboxEvent.conversation_id == conversation_id)
        .order_by(InboxEvent.id.desc())
        .limit(HISTORY_ROWS)
    ).all()
    found = []
    for at, number, payload in rows:
        frame = own_frame(Incoming.model_validate(payload)) if payload else None  # {}: erased
        if frame is not None:
            found.append((at, number, frame))
    return found


def _mark(database: Database, ids: list[int], *, status: OutboxStatus) -> None:
    with database.write() as session:
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(ids), OutboxMessage.status == OutboxStatus.WAITING)
            .values(status=status)
        )
