"""Keeps what comes in. A messenger is told that we have an event only after it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.messages import Incoming
from store.engine import Database
from store.messages import Conversation, ConversationRole, InboxEvent

ALBUM_WAIT = timedelta(seconds=1.5)
"""How long the parts of an album may take to arrive; Telegram sends them within a second."""

REMEMBERED_CHATS = 50_000
"""Chats whose row is known without asking; when there are more, all are asked for anew."""

_Accepting = tuple[list[Incoming], asyncio.Future[list[bool]]]
"""What one call of `accept` brought, and what it waits for."""

_TABLE = cast(Table, InboxEvent.__table__)
# Built once: building a statement costs as much as running it.
_INSERT = {
    dialect: insert(_TABLE)
    .on_conflict_do_nothing(index_elements=["channel", "event_id"])
    .returning(_TABLE.c.channel, _TABLE.c.event_id, _TABLE.c.id)
    for dialect, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


class Inbox:
    """Writes events to the inbox, several at a time when several arrive together.

    While one commit is on its way to the disk, whatever else arrives waits and shares the next.
    """

    def __init__(self, database: Database, clock: Clock, wake: Callable[[int], None]) -> None:
        self._database = database
        self._clock = clock
        self._wake = wake
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
        try:
            kept = await asyncio.to_thread(self._keep, [event for es, _ in batch for event in es])
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
            if not future.done():
                keys = [(event.channel, event.event_id) for event in events]
                # A key that stands twice in the batch is new only once.
                future.set_result([kept.pop(key, None) is not None for key in keys])

    def _keep(self, events: list[Incoming]) -> dict[tuple[str, str], int]:
        now = self._clock()
        found: dict[tuple[str, str], int] = {}
        with self._database.write() as session:
            rows: dict[tuple[str, str], dict[str, Any]] = {}
            # Sorted, so that two processes never wait for each other's rows in a circle.
            for event in sorted(events, key=lambda e: (e.channel, e.chat_id)):
                chat = (event.channel, event.chat_id)
                number = self._conversations.get(chat) or found.get(chat)
                if number is None:
                    number = found[chat] = _conversation_id(session, event, now)
                rows.setdefault((event.channel, event.event_id), _row(event, number, now))
            kept = self._insert(session, list(rows.values()))
        if len(self._conversations) + len(found) > REMEMBERED_CHATS:
            self._conversations = {}
        self._conversations.update(found)
        for number in {rows[key]["conversation_id"] for key in kept}:
            self._wake(number)
        return kept

    def _insert(self, session: Session, rows: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
        statement = _INSERT["sqlite" if self._database.is_sqlite else "postgresql"]
        inserted = session.connection().execute(statement, rows)
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


def _conversation_id(session: Session, event: Incoming, now: datetime) -> int:
    by_chat = select(Conversation.id).where(
        Conversation.channel == event.channel, Conversation.chat_id == event.chat_id
    )
    number = session.scalar(by_chat)
    if number is None:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(
            insert(Conversation)
            .values(
                channel=event.channel,
                chat_id=event.chat_id,
                role=ConversationRole.STAFF if event.group else ConversationRole.CITIZEN,
                mode="bot",
                state={},
                unreachable=False,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["channel", "chat_id"])
        )
        number = session.execute(by_chat).scalar_one()
    return number
