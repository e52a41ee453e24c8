"""Sends what turns have decided to say: in order per chat, at least once, chats side by side."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy.exc import OperationalError

from bot.channels.base import Channel, ChatUnreachable, TryLater, Undeliverable
from bot.clock import Clock
from bot.leases import Leases
from bot.logs import log_failure
from bot.outbox_rows import READ_AT_ONCE, OutboxRows, Result
from bot.outbox_topics import TopicDelivery
from bot.work import OutboxRow
from store.messages import Author, ConversationMode, OutboxStatus

log = logging.getLogger(__name__)

SWEEP_EVERY = 0.5
"""Seconds between looks for messages that another process wrote, or whose retry is due."""

LONGEST_WAIT = timedelta(minutes=5)
"""Between two tries of one message."""

GIVE_UP_AFTER = timedelta(hours=24)
"""A message that could not be sent for so long is a failure that people are told of."""

PARALLEL_SENDS = 64
"""Chats that are being sent to at once."""

REMEMBERED_CHATS = 50_000
"""Chats whose last message sent is known; when there are more, all are forgotten."""

STOP_WITHIN = 3.0
"""Seconds that messages on their way get to arrive when the server is stopped."""


class Sender:
    """One lane per chat: a chat that is slow or limited holds up nobody else.

    Several results are written in one transaction. They are written in the order in which the
    messages were sent, so a crash in between repeats the latest messages and never swaps two.
    """

    def __init__(
        self,
        rows: OutboxRows,
        channels: Mapping[str, Channel],
        leases: Leases,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._topics = TopicDelivery(rows.topics)
        self._channels = {name: c for name, c in channels.items() if c.pushed}
        self._leases = leases
        self._clock = clock
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()
        self._last_done: dict[int, int] = {}
        self._slots = asyncio.Semaphore(PARALLEL_SENDS)
        self._results: list[tuple[Result, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._unwritten: dict[int, Result] = {}
        self._held: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.running = False

    def wake(self, conversation_ids: set[int], rows: Sequence[OutboxRow] = ()) -> None:
        """Say that these chats have something to be sent; callable from any thread.

        Args:
            rows: what is to be sent next in a chat, which saves reading it.
        """
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._start_lanes, conversation_ids, rows)

    def _start_lanes(
        self, conversation_ids: Collection[int], rows: Sequence[OutboxRow] = ()
    ) -> None:
        if not self.running:
            return
        for number in conversation_ids:
            if number in self._lanes:
                self._again.add(number)
            else:
                known = [row for row in rows if row.conversation_id == number]
                task = asyncio.get_running_loop().create_task(self._lane(number, known))
                self._lanes[number] = task
                task.add_done_callback(partial(self._lane_done, number))

    def _lane_done(self, number: int, _lane: asyncio.Task[None]) -> None:
        self._lanes.pop(number, None)
        if number in self._again:
            self._again.discard(number)
            self._start_lanes({number})

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
                    due = await asyncio.to_thread(self._rows.due, self._held)
                    self._start_lanes(due - self._lanes.keys())
                except OperationalError as error:
                    log.error("the database does not answer: %s", type(error.orig).__name__)
                except Exception as error:
                    # Whatever it is, the sweep must go on: its end would be the end of sending.
                    log_failure(log, "looking for messages to be sent", error)
                await asyncio.sleep(SWEEP_EVERY)
        finally:
            self.running = False
            await self._stop()

    async def _stop(self) -> None:
        """Begin no further message; what is on its way is sent and noted, so not sent twice."""
        self._held = set()
        lanes = set(self._lanes.values())
        if lanes:
            _, late = await asyncio.wait(lanes, timeout=STOP_WITHIN)
            for lane in late:
                lane.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)

    async def _lane(self, conversation_id: int, known: Sequence[OutboxRow]) -> None:
        if len(self._last_done) > REMEMBERED_CHATS:
            self._last_done = {}
        try:
            stands_in_line = self._slots.locked()
            async with self._slots:
                rows = known
                # A look of the sweep may have found and sent them before we were told of them; and
                # while a chat stands in line, a person may take it.
                done = self._last_done.get(conversation_id, 0)
                if stands_in_line or not rows or rows[0].id <= done:
                    rows = await asyncio.to_thread(self._rows.waiting, conversation_id)
                while rows:
                    for row in rows:
                        if row.channel not in self._held or row.next_try_at > self._clock():
                            return  # another process sends, or the sweep comes when it is time
                        if not await self._send(row, first=row is rows[0]):
                            return
                        self._last_done[conversation_id] = row.id
                    # Whatever is written after this was read wakes the chat again.
                    more = len(rows) == READ_AT_ONCE
                    rows = (
                        await asyncio.to_thread(self._rows.waiting, conversation_id) if more else []
                    )
        except OperationalError as error:
            log.error("the database does not answer: %s", type(error.orig).__name__)
        except Exception as error:
            log_failure(log, f"lane of chat {conversation_id}", error)

    async def _send(self, row: OutboxRow, *, first: bool) -> bool:
        """Try one message; True when the chat may go on with the next.

        Args:
            first: its chat's mode was read just now.
        """
        if (unwritten := self._unwritten.get(row.id)) is not None:
            await self._record(unwritten)
            return True
        channel = self._channels[row.channel]
        try:
            waited = await channel.may_send(row.chat_id)
            if row.author == Author.BOT and await self._by_a_person(
                row, fresh=first and not waited
            ):
                # Prepared before a person took the chat over: the bot is silent now.
                await self._record(Result(row.id, OutboxStatus.SUPPRESSED))
                return True
            if row.topic_id is None:
                external_id = await channel.send(row.chat_id, row.message)
            else:
                external_id = await self._topics.send(channel, row, row.topic_id)
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
        await self._record(Result(row.id, OutboxStatus.SENT, external_id))
        return True

    async def _by_a_person(self, row: OutboxRow, *, fresh: bool) -> bool:
        """Whether a person has the chat now; what was read is good enough while it is fresh."""
        mode = row.mode if fresh else await asyncio.to_thread(self._rows.mode, row.conversation_id)
        return mode == ConversationMode.HUMAN

    async def _postpone(self, row: OutboxRow, reason: str, after: float | None) -> bool:
        now = self._clock()
        if now - row.created_at > GIVE_UP_AFTER:
            await self._fail(row, reason, unreachable=False)
            return True
        wait = min(timedelta(seconds=after or 2.0 ** min(row.attempts, 9)), LONGEST_WAIT)
        wait += wait * (row.id % 10) / 100  # spreads the retries of many chats
        await asyncio.to_thread(self._rows.postpone, row.id, reason, now + wait)
        return False

    async def _fail(self, row: OutboxRow, reason: str, *, unreachable: bool) -> None:
        touched = await asyncio.to_thread(self._rows.fail, row.id, reason, unreachable=unreachable)
        self._start_lanes(touched)

    async def _record(self, result: Result) -> None:
        """Write a result down, together with those of other chats that come in meanwhile."""
        # Kept until the database has it: while its disk is full, nobody is told the same all over.
        self._unwritten[result.row_id] = result
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._results.append((result, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_results())
        await future

    async def _write_results(self) -> None:
        while self._results:
            batch, self._results = self._results, []
            try:
                await asyncio.to_thread(self._rows.mark, [result for result, _ in batch])
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for result, future in batch:
                self._unwritten.pop(result.row_id, None)
                if not future.done():
                    future.set_result(None)
