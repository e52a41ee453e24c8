"""The outbox in the database: what waits, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.messages import Outgoing
from bot.outbox_topics import TopicRows
from bot.work import OutboxRow
from store.engine import Database
from store.messages import WAITING, Conversation, OutboxMessage, OutboxStatus

READ_AT_ONCE = 10
"""Messages of one chat that are read together."""

# Built once: building a statement costs as much as running it.
_WAITING = (
    select(
        OutboxMessage.id,
        OutboxMessage.author,
        OutboxMessage.payload,
        OutboxMessage.attempts,
        OutboxMessage.created_at,
        OutboxMessage.next_try_at,
        OutboxMessage.topic_id,
        Conversation.channel,
        Conversation.chat_id,
        Conversation.mode,
    )
    .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
    .where(
        OutboxMessage.conversation_id == bindparam("conversation_id"),
        OutboxMessage.status == WAITING,
    )
    .order_by(OutboxMessage.id)
    .limit(READ_AT_ONCE)
)
_TABLE = cast(Table, OutboxMessage.__table__)
_MARK = (
    _TABLE.update()
    .where(_TABLE.c.id == bindparam("row_id"))
    .values(
        status=bindparam("new_status"),
        external_id=bindparam("new_external_id"),
        sent_at=bindparam("new_sent_at"),
    )
)


@dataclass(frozen=True)
class Result:
    """What became of a row: new status, and the messenger's id or a short reason."""

    row_id: int
    status: OutboxStatus
    external_id: str | None = None
    error: str | None = None


class OutboxRows:
    """Reads and writes rows of the outbox; every method is one short transaction.

    Args:
        failed: called inside the transaction that marks a row as failed for good; returns the chats
            that it has posted in.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        failed: Callable[[Session, OutboxMessage], set[int]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._failed = failed
        self.topics = TopicRows(database)

    def due(self, channels: Collection[str]) -> set[int]:
        """The chats of these channels that have something to be sent now."""
        with self._database.read() as session:
            return set(
                session.scalars(
                    select(OutboxMessage.conversation_id)
                    .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
                    .where(
                        OutboxMessage.status == WAITING,
                        OutboxMessage.next_try_at <= self._clock(),
                        Conversation.channel.in_(channels),
                    )
                    .distinct()
                )
            )

    def waiting(self, conversation_id: int) -> list[OutboxRow]:
        """The oldest waiting messages of a chat, at most `READ_AT_ONCE`."""
        with self._database.read() as session:
            found = session.execute(_WAITING, {"conversation_id": conversation_id}).all()
        return [
            OutboxRow(
                id=row.id,
                conversation_id=conversation_id,
                channel=row.channel,
                chat_id=row.chat_id,
                author=row.author,
                mode=row.mode,
                message=Outgoing.model_validate(row.payload),
                attempts=row.attempts,
                created_at=row.created_at,
                next_try_at=row.next_try_at,
                topic_id=row.topic_id,
            )
            for row in found
        ]

    def mode(self, conversation_id: int) -> str:
        """Who has the chat now."""
        with self._database.read() as session:
            return session.get_one(Conversation, conversation_id).mode

    def postpone(self, row_id: int, reason: str, next_try_at: datetime) -> None:
        """Note a try that failed, and when the next may be made."""
        with self._database.write() as session:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == row_id)
                .values(attempts=OutboxMessage.attempts + 1, error=reason, next_try_at=next_try_at)
            )

    def fail(self, row_id: int, reason: str, *, unreachable: bool) -> set[int]:
        """Give a message up; returns the chats in which that was told."""
        with self._database.write() as session:
            row = session.get_one(OutboxMessage, row_id)
            row.status, row.error = OutboxStatus.FAILED, reason
            if unreachable:
                session.get_one(Conversation, row.conversation_id).unreachable = True
            return self._failed(session, row)

    def mark(self, results: Sequence[Result]) -> None:
        """Write down what became of several messages, in the order in which they were sent."""
        now = self._clock()
        with self._database.write_rows() as connection:
            connection.execute(
                _MARK,
                [
                    {
                        "row_id": result.row_id,
                        "new_status": result.status,
                        "new_external_id": result.external_id,
                        "new_sent_at": now if result.status == OutboxStatus.SENT else None,
                    }
                    for result in results
                ],
            )
