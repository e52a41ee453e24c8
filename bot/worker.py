"""Takes events from the inbox and turns each into one committed turn, in order per chat."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.logs import log_failure
from bot.messages import Incoming
from bot.turn import FactNeeded, Prepared, Turn
from bot.waiting import Waiting, lock, oldest, turns
from bot.work import OutboxRow, Services
from store.engine import Database
from store.messages import WAITING, Conversation, ConversationMode, InboxEvent, InboxStatus
from store.tickets import Attachment

log = logging.getLogger(__name__)

RETRY_AFTER = tuple(timedelta(seconds=s) for s in (1, 3, 10, 30, 60))
"""Waits after the first, second … failure of an event; after the last it is a dead letter."""

SWEEP_EVERY = 1.0
"""Seconds between looks for waiting events that nobody woke us for (another process died)."""

PARALLEL_TURNS = 64
"""Chats worked on at once by one process. Far more than there are threads for the database, for
what takes long is a download or a look-up, and a few that hang must not stop everybody."""

MAX_FACTS = 5
"""Things from outside that one turn may ask for; more is a fault in the handler."""

_EVENTS = cast(Table, InboxEvent.__table__)
# Built once: building a statement costs as much as running it.
_DONE = (
    _EVENTS.update()
    .where(_EVENTS.c.id == bindparam("row_id"))
    .values(status=bindparam("new_status"), done_at=bindparam("now"))
)
_ERASE = _EVENTS.update().where(_EVENTS.c.id == bindparam("row_id")).values(payload={})
_FAILED = (
    _EVENTS.update()
    .where(_EVENTS.c.id == bindparam("row_id"))
    .values(
        attempts=bindparam("new_attempts"),
        error=bindparam("new_error"),
        ready_at=bindparam("new_ready_at"),
    )
)


class Worker:
    """Works through the inbox.

    Args:
        services: those of this moment; each turn takes them once.
        prepare: finds out about an event outside the transaction (text understood, media fetched).
        handle: handles the turn inside its transaction.
        give_up: handles an event that has failed too often, inside a transaction of its own.
        posted: told the chats that have new outbox rows, after the commit, and those of the rows
            that are the next to be sent in their chat.
        discard: removes the files of an erased event: those with the messenger's side of this
            process, and those at the given paths of the media folder.
    """

    def __init__(
        self,
        database: Database,
        services: Callable[[], Services],
        clock: Clock,
        *,
        prepare: Callable[[Incoming, int], Awaitable[Prepared]],
        handle: Callable[[Turn], None],
        give_up: Callable[[Turn], None],
        posted: Callable[[set[int], Sequence[OutboxRow]], None],
        discard: Callable[[Incoming, list[str]], None],
    ) -> None:
        self._database = database
        self._services = services
        self._clock = clock
        self._prepare = prepare
        self._handle = handle
        self._give_up = give_up
        self._posted = posted
        self._discard = discard
        self._queue: asyncio.Queue[int] = asyncio.Queue()
        self._queued: set[int] = set()
        self._busy: set[int] = set()
        self._woken_while_busy: set[int] = set()
        self._arrivals: dict[int, Waiting] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.running = False

    def wake(self, conversation_id: int) -> None:
        """Say that a chat has something to do."""
        self._enqueue(conversation_id)

    def arrived(self, conversation_id: int, waiting: Waiting | None) -> None:
        """Say that a chat has a new event, and which; that saves looking for it.

        Whether it is its turn is seen when it is handled, as with any other event.
        """
        if waiting is not None:
            self._arrivals.setdefault(conversation_id, waiting)
        self._enqueue(conversation_id)

    def _enqueue(self, conversation_id: int) -> None:
        if conversation_id not in self._queued:
            self._queued.add(conversation_id)
            self._queue.put_nowait(conversation_id)

    async def run(self) -> None:
        """Work until cancelled."""
        self._loop = asyncio.get_running_loop()
        self.running = True
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(PARALLEL_TURNS):
                    tasks.create_task(self._work())
                tasks.create_task(self._sweep())
        finally:
            self.running = False

    async def _sweep(self) -> None:
        while True:
            try:
                # A chat that is being worked on waits as well, and need not be looked at again.
                for number in set(await asyncio.to_thread(self._overlooked)) - self._busy:
                    self._enqueue(number)
            except OperationalError as error:
                log.error("the database does not answer: %s", type(error.orig).__name__)
            except Exception as error:
                # Whatever it is, the sweep must go on: its end would be the end of all turns.
                log_failure(log, "looking for waiting events", error)
            await asyncio.sleep(SWEEP_EVERY)

    def _overlooked(self) -> list[int]:
        with self._database.read() as session:
            return list(
                session.scalars(
                    select(InboxEvent.conversation_id)
                    .where(
                        InboxEvent.status == WAITING,
                        InboxEvent.ready_at <= self._clock(),
                    )
                    .distinct()
                )
            )

    async def _work(self) -> None:
        while True:
            number = await self._queue.get()
            self._queued.discard(number)
            if number in self._busy:
                self._woken_while_busy.add(number)
                continue
            self._busy.add(number)
            try:
                while await self._next_turn(number):
                    pass
            except OperationalError as error:
                log.error("the database does not answer: %s", type(error.orig).__name__)
            except Exception as error:
                log_failure(log, f"chat {number}, outside any handler", error)
            finally:
                self._busy.discard(number)
                if number in self._woken_while_busy:
                    self._woken_while_busy.discard(number)
                    self._enqueue(number)

    async def _next_turn(self, conversation_id: int) -> bool:
        """Handle the oldest waiting event of a chat; False when there is none to be had now."""
        waiting = self._arrivals.pop(conversation_id, None)
        if waiting is None:
            waiting = await asyncio.to_thread(self._peek, conversation_id)
        if waiting is None:
            return False
        if waiting.ready_at > self._clock():
            self._look_again(conversation_id, waiting.ready_at)
            return False
        prepared = Prepared()
        try:
            prepared = await self._prepare(waiting.incoming, waiting.attempts)
            return await self._commit_with_facts(conversation_id, waiting, prepared)
        except (OperationalError, asyncio.CancelledError):
            raise
        except Exception as error:
            log_failure(log, f"event {waiting.ids[0]}", error)
            again_at = await asyncio.to_thread(
                self._record_failure, conversation_id, waiting, prepared, type(error).__name__
            )
            if again_at is not None:
                self._look_again(conversation_id, again_at)
            return again_at is None

    def _look_again(self, conversation_id: int, at: datetime) -> None:
        wait = (at - self._clock()).total_seconds()
        asyncio.get_running_loop().call_later(max(wait, 0.01), self._enqueue, conversation_id)

    def _peek(self, conversation_id: int) -> Waiting | None:
        with self._database.read() as session:
            return oldest(session, conversation_id)

    async def _commit_with_facts(
        self, conversation_id: int, waiting: Waiting, prepared: Prepared
    ) -> bool:
        facts: dict[str, object] = {}
        for _ in range(MAX_FACTS):
            try:
                return await asyncio.to_thread(
                    self._commit, conversation_id, waiting, prepared, facts
                )
            except FactNeeded as needed:
                facts[needed.key] = await needed.fetch()
        raise RuntimeError(f"a turn asked for more than {MAX_FACTS} facts: {sorted(facts)}")

    def _commit(
        self,
        conversation_id: int,
        waiting: Waiting,
        prepared: Prepared,
        facts: dict[str, object],
    ) -> bool:
        """One turn, one transaction; whether more waits in this chat.

        What comes in meanwhile wakes the chat again, and another process that has it goes on.
        """
        with self._database.write() as session:
            conversation = lock(session, conversation_id)
            if conversation is None:
                return False
            standing = turns(session, conversation_id)
            if standing.ids != waiting.ids:
                return bool(standing.ids)  # not its turn, or handled meanwhile: look again
            turn = self._turn(session, conversation, waiting, prepared, facts)
            self._handle(turn)
            conversation.last_incoming_at, conversation.unreachable = turn.now, False
            _finish(turn, waiting, InboxStatus.DONE)
            next_to_be_sent = [row for row in turn.posted if row.conversation_id == conversation.id]
            if standing.unsent or conversation.mode != ConversationMode.BOT:
                next_to_be_sent = []  # let the sender see for itself what may be sent
        self._after_commit(turn, next_to_be_sent)
        return standing.more

    def _record_failure(
        self, conversation_id: int, waiting: Waiting, prepared: Prepared, error: str
    ) -> datetime | None:
        """Note a failure; returns when to try again, or None when the event was given up."""
        now = self._clock()
        with self._database.write() as session:
            conversation = lock(session, conversation_id)
            if conversation is None:
                return now + RETRY_AFTER[0]
            first = oldest(session, conversation_id)
            if first is None or first.ids != waiting.ids:
                return None  # handled by another process meanwhile
            attempts = first.attempts + 1
            last = attempts > len(RETRY_AFTER)
            again_at = now if last else now + RETRY_AFTER[attempts - 1]
            failed = {"new_attempts": attempts, "new_error": error, "new_ready_at": again_at}
            session.connection().execute(
                _FAILED, [{"row_id": number, **failed} for number in first.ids]
            )
            if not last:
                return again_at
            turn = self._turn(session, conversation, first, prepared, {})
            self._give_up(turn)
            _finish(turn, first, InboxStatus.DEAD)
        self._after_commit(turn, [])
        return None

    def _turn(
        self,
        session: Session,
        conversation: Conversation,
        waiting: Waiting,
        prepared: Prepared,
        facts: dict[str, Any],
    ) -> Turn:
        return Turn(
            services=self._services(),
            session=session,
            conversation=conversation,
            event_id=waiting.ids[0],
            incoming=waiting.incoming,
            prepared=prepared,
            now=self._clock(),
            facts=facts,
        )

    def _after_commit(self, turn: Turn, next_to_be_sent: Sequence[OutboxRow]) -> None:
        if turn.erased:
            self._database.forget_erased()
            files = [*turn.files_to_forget, *(media.path for media in turn.prepared.media)]
            self._discard(turn.incoming, self._unused(files))
        if turn.posted:
            self._posted(turn.touched, next_to_be_sent)

    def _unused(self, files: list[str]) -> list[str]:
        """Those that no attachment shows: the same picture may belong to somebody else's report."""
        if not files:
            return []
        with self._database.read() as session:
            used = set(session.scalars(select(Attachment.path).where(Attachment.path.in_(files))))
        return [path for path in files if path not in used]


def _finish(turn: Turn, waiting: Waiting, status: InboxStatus) -> None:
    connection = turn.session.connection()
    done = {"new_status": status, "now": turn.now}
    connection.execute(_DONE, [{"row_id": number, **done} for number in waiting.ids])
    if turn.erased:
        connection.execute(_ERASE, [{"row_id": number} for number in waiting.ids])
