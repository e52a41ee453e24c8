"""Sends what turns have decided to say: in order per chat, at least once, chats side by side."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.channels.base import Channel, ChatUnreachable, TryLater, Undeliverable
from bot.clock import Clock
from bot.leases import Leases
from bot.logs import log_failure
from bot.messages import Outgoing
from store.engine import Database
from store.messages import Author, Conversation, ConversationMode, OutboxMessage, OutboxStatus

log = logging.getLogger(__name__)

SWEEP_EVERY = 0.5
"""Seconds between looks for messages that another process wrote, or whose retry is due."""

LONGEST_WAIT = timedelta(minutes=5)
"""Between two tries of one message."""

GIVE_UP_AFTER = timedelta(hours=24)
"""A message that could not be sent for so long is a failure that people are told of."""

PARALLEL_SENDS = 64
"""Chats that are being sent to at once."""


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
        Conversation.channel,
        Conversation.chat_id,
        Conversation.mode,
    )
    .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
    .where(
        OutboxMessage.conversation_id == bindparam("conversation_id"),
        OutboxMessage.status == OutboxStatus.WAITING,
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
class _Row:
    id: int
    conversation_id: int
    channel: str
    chat_id: str
    author: str
    mode: str
    message: Outgoing
    attempts: int
    created_at: datetime
    next_try_at: datetime


@dataclass(frozen=True)
class _Result:
    """What became of a row: new status, and the messenger's id or a short reason."""

    row_id: int
    status: OutboxStatus
    external_id: str | None = None
    error: str | None = None


class Sender:
    """One lane per chat: a chat that is slow or limited holds up nobody else.

    Several results are written in one transaction. They are written in the order in which the
    messages were sent, so a crash in between repeats the latest messages and never swaps two.

    Args:
        failed: called inside the transaction that marks a row as failed for good.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        leases: Leases,
        clock: Clock,
        failed: Callable[[Session, OutboxMessage], set[int]],
    ) -> None:
        self._database = database
        self._channels = {name: c for name, c in channels.items() if c.pushed}
        self._leases = leases
        self._clock = clock
        self._failed = failed
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._slots = asyncio.Semaphore(PARALLEL_SENDS)
        self._results: list[tuple[_Result, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._held: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.running = False

    def wake(self, conversation_ids: set[int]) -> None:
        """Say that these chats have something to be sent; callable from any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._start_lanes, frozenset(conversation_ids))

    def _start_lanes(self, conversation_ids: frozenset[int]) -> None:
        for number in conversation_ids:
            if number in self._lanes:
                self._again.add(number)
            else:
                task = asyncio.get_running_loop().create_task(self._lane(number))
                self._lanes[number] = task
                task.add_done_callback(partial(self._lane_done, number))

    def _lane_done(self, number: int, _lane: asyncio.Task[None]) -> None:
        self._lanes.pop(number, None)
        if number in self._again:
            self._again.discard(number)
            self._start_lanes(frozenset({number}))

    async def run(self) -> None:
        """Send until cancelled; on PostgreSQL only channels whose lease this process holds."""
        self._loop = asyncio.get_running_loop()
        self.running = True
        try:
            while True:
                self._held = {
                    name for name in self._channels if await self._leases.keep(f"send:{name}")
                }
                try:
                    due = await asyncio.to_thread(self._due)
                    self._start_lanes(frozenset(due - self._lanes.keys()))
                except OperationalError as error:
                    log.error("the database does not answer: %s", type(error.orig).__name__)
                await asyncio.sleep(SWEEP_EVERY)
        finally:
            self.running = False
            lanes = list(self._lanes.values())
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    def _due(self) -> set[int]:
        with self._database.read() as session:
            return set(
                session.scalars(
                    select(OutboxMessage.conversation_id)
                    .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
                    .where(
                        OutboxMessage.status == OutboxStatus.WAITING,
                        OutboxMessage.next_try_at <= self._clock(),
                        Conversation.channel.in_(self._held),
                    )
                    .distinct()
                )
            )

    async def _lane(self, conversation_id: int) -> None:
        try:
            async with self._slots:
                rows = await asyncio.to_thread(self._next, conversation_id)
                while rows:
                    for row in rows:
                        if row.channel not in self._held or row.next_try_at > self._clock():
                            return  # another process sends, or the sweep comes when it is time
                        if not await self._send(row, first=row is rows[0]):
                            return
                    # Whatever is written after this was read wakes the chat again.
                    more = len(rows) == READ_AT_ONCE
                    rows = await asyncio.to_thread(self._next, conversation_id) if more else []
        except OperationalError as error:
            log.error("the database does not answer: %s", type(error.orig).__name__)
        except Exception as error:
            log_failure(log, f"lane of chat {conversation_id}", error)

    def _next(self, conversation_id: int) -> list[_Row]:
        with self._database.read() as session:
            found = session.execute(_WAITING, {"conversation_id": conversation_id}).all()
        return [
            _Row(
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
            )
            for row in found
        ]

    async def _send(self, row: _Row, *, first: bool) -> bool:
        """Try one message; True when the chat may go on with the next.

        Args:
            first: its chat's mode was read just now.
        """
        channel = self._channels[row.channel]
        try:
            waited = await channel.may_send(row.chat_id)
            if row.author == Author.BOT and await self._by_a_person(
                row, fresh=first and not waited
            ):
                # Prepared before a person took the chat over: the bot is silent now.
                await self._record(_Result(row.id, OutboxStatus.SUPPRESSED))
                return True
            external_id = await channel.send(row.chat_id, row.message)
        except TryLater as error:
            return await self._postpone(row, error.reason, error.after)
        except Undeliverable as error:
            log.warning("message %s cannot be delivered: %s", row.id, error.reason)
            await self._fail(row, error.reason, unreachable=isinstance(error, ChatUnreachable))
            return True
        except OperationalError:
            raise
        except Exception as error:
            log_failure(log, f"sending message {row.id}", error)
            return await self._postpone(row, type(error).__name__, None)
        await self._record(_Result(row.id, OutboxStatus.SENT, external_id))
        return True

    async def _by_a_person(self, row: _Row, *, fresh: bool) -> bool:
        """Whether a person has the chat now; what was read is good enough while it is fresh."""
        mode = row.mode if fresh else await asyncio.to_thread(self._mode, row.conversation_id)
        return mode == ConversationMode.HUMAN

    def _mode(self, conversation_id: int) -> str:
        with self._database.read() as session:
            return session.get_one(Conversation, conversation_id).mode

    async def _postpone(self, row: _Row, reason: str, after: float | None) -> bool:
        now = self._clock()
        if now - row.created_at > GIVE_UP_AFTER:
            await self._fail(row, reason, unreachable=False)
            return True
        wait = min(timedelta(seconds=after or 2.0 ** min(row.attempts, 9)), LONGEST_WAIT)
        wait += wait * (row.id % 10) / 100  # spreads the retries of many chats
        await asyncio.to_thread(self._write_postponed, row.id, reason, now + wait)
        return False

    def _write_postponed(self, row_id: int, reason: str, next_try_at: datetime) -> None:
        with self._database.write() as session:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == row_id)
                .values(attempts=OutboxMessage.attempts + 1, error=reason, next_try_at=next_try_at)
            )

    async def _fail(self, row: _Row, reason: str, *, unreachable: bool) -> None:
        touched = await asyncio.to_thread(self._write_failed, row.id, reason, unreachable)
        self._start_lanes(frozenset(touched))

    def _write_failed(self, row_id: int, reason: str, unreachable: bool) -> set[int]:
        with self._database.write() as session:
            row = session.get_one(OutboxMessage, row_id)
            row.status, row.error = OutboxStatus.FAILED, reason
            if unreachable:
                session.get_one(Conversation, row.conversation_id).unreachable = True
            return self._failed(session, row)

    async def _record(self, result: _Result) -> None:
        """Write a result down, together with those of other chats that come in meanwhile."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._results.append((result, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_results())
        await future

    async def _write_results(self) -> None:
        while self._results:
            batch, self._results = self._results, []
            try:
                await asyncio.to_thread(self._write_batch, [result for result, _ in batch])
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for _, future in batch:
                if not future.done():
                    future.set_result(None)

    def _write_batch(self, results: list[_Result]) -> None:
        now = self._clock()
        with self._database.write() as session:
            session.connection().execute(
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
