"""Keeps what comes in. A messenger is told that we have an event only after it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from bot.clock import Clock
from bot.messages import Incoming
from bot.waiting import Waiting
from store.engine import Database
from store.messages import Conversation, ConversationRole, InboxEvent

ALBUM_WAIT = timedelta(seconds=1.5)
"""How long the parts of an album may take to arrive; Telegram sends them within a second."""

REMEMBERED_CHATS = 50_000
"""Chats whose row is known without asking; when there are more, all are asked for anew."""

_Accepting = tuple[list[Incoming], asyncio.Future[list[bool]]]
"""What one call of `accept` brought, and what it waits for."""

_Kept = dict[tuple[str, str], tuple[int, int]]
"""By channel and event id the numbers of the new rows: of the chat, and of the event."""

_TABLE = cast(Table, InboxEvent.__table__)
_CHATS = cast(Table, Conversation.__table__)
# Built once: building a statement costs as much as running it.
_INSERTS: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_INSERT = {
    dialect: insert(_TABLE)
    .on_conflict_do_nothing(index_elements=["channel", "event_id"])
    .returning(_TABLE.c.channel, _TABLE.c.event_id, _TABLE.c.id)
    for dialect, insert in _INSERTS.items()
}
_INSERT_CHAT = {
    dialect: insert(_CHATS).on_conflict_do_nothing(index_elements=["channel", "chat_id"])
    for dialect, insert in _INSERTS.items()
}
_BY_CHAT = select(_CHATS.c.id).where(
    _CHATS.c.channel == bindparam("channel"), _CHATS.c.chat_id == bindparam("chat_id")
)


class Inbox:
    """Writes events to the inbox, several at a time when several arrive together.

    While one commit is on its way to the disk, whatever else arrives waits and shares the next.

    Args:
        arrived: told the chat of every new event, and the event when it is complete by itself.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        arrived: Callable[[int, Waiting | None], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._arrived = arrived
        self._waiting: list[_Accepting] = []
        self._flusher: asyncio.Task[None] | None = None
        self._conversations: dict[tuple[str, str], int] = {}

    async def accept(self, events: list[Incoming]) -> list[bool]:
        """Keep events; returns, once they are committed, for each whether it was new.

        A repeated `(channel, event_id)` is not new and changes nothing.
        """
        future: asyncio.Future[list[bool]] = asyncio.get_running_loop().create_future()
        self._waiting.append((events, future))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        return await future

    async def _flush(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._write(batch)

    async def _write(self, batch: list[_Accepting]) -> None:
        now = self._clock()
        try:
            kept = await asyncio.to_thread(
                self._keep, [event for events, _ in batch for event in events], now
            )
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, OperationalError):
                # One that no database takes must not have the others refused with it.
                for one in batch:
                    await self._write([one])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for events, future in batch:
            # A key that stands twice in the batch is new only once.
            new = [kept.pop((event.channel, event.event_id), None) for event in events]
            if not future.done():
                future.set_result([numbers is not None for numbers in new])
            for event, numbers in zip(events, new, strict=True):
                if numbers is not None:
                    conversation_id, row_id = numbers
                    alone = None if event.group_key else Waiting((row_id,), event, 0, now)
                    self._arrived(conversation_id, alone)

    def _keep(self, events: list[Incoming], now: datetime) -> _Kept:
        found: dict[tuple[str, str], int] = {}
        with self._database.write_rows() as connection:
            rows: dict[tuple[str, str], dict[str, Any]] = {}
            # Sorted, so that two processes never wait for each other's rows in a circle.
            for event in sorted(events, key=lambda e: (e.channel, e.chat_id)):
                chat = (event.channel, event.chat_id)
                number = self._conversations.get(chat) or found.get(chat)
                if number is None:
                    number = found[chat] = _conversation_id(connection, event, now)
                rows.setdefault((event.channel, event.event_id), _row(event, number, now))
            inserted = self._insert(connection, list(rows.values()))
        if len(self._conversations) + len(found) > REMEMBERED_CHATS:
            self._conversations = {}
        self._conversations.update(found)
        return {key: (rows[key]["conversation_id"], row_id) for key, row_id in inserted.items()}

    def _insert(
        self, connection: Connection, rows: list[dict[str, Any]]
    ) -> dict[tuple[str, str], int]:
        inserted = connection.execute(_INSERT[connection.dialect.name], rows)
        return {(channel, event): number for channel, event, number in inserted}


def _row(event: Incoming, conversation_id: int, now: datetime) -> dict[str, Any]:
    return {
        "channel": event.channel,
        "event_id": event.event_id,
        "conversation_id": conversation_id,
        "sort_key": event.sort_key,
        "group_key": event.group_key,
        "payload": event.model_dump(mode="json", exclude_defaults=True),
        "status": "waiting",
        "attempts": 0,
        "received_at": now,
        "ready_at": now + ALBUM_WAIT if event.group_key else now,
    }


def _conversation_id(connection: Connection, event: Incoming, now: datetime) -> int:
    chat = {"channel": event.channel, "chat_id": event.chat_id}
    number = connection.execute(_BY_CHAT, chat).scalar()
    if number is None:
        row = {
            **chat,
            "role": ConversationRole.STAFF if event.group else ConversationRole.CITIZEN,
            "mode": "bot",
            "state": {},
            "unreachable": False,
            "created_at": now,
        }
        connection.execute(_INSERT_CHAT[connection.dialect.name], row)
        number = connection.execute(_BY_CHAT, chat).scalar_one()
    return int(number)
