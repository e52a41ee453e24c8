"""Brings outbox rows to the pages that are open, and notes what they have shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import OperationalError

from bot.channels.web import rows
from bot.clock import Clock
from bot.logs import log_failure
from store.engine import Database

log = logging.getLogger(__name__)

POLL_EVERY = 0.7
"""Seconds between looks for rows that another process or the staff page wrote."""

OVERLAP = 100
"""Ids looked at again: on PostgreSQL a lower one may be committed after a higher one."""


@dataclass(eq=False)
class Page:
    """One open page: what it was handed, and the way to it.

    Attributes:
        floor: the newest outbox id it showed when it said hello; older ones that were shown before
            are its past, not news.
    """

    push: Callable[[dict[str, Any]], None]
    floor: int
    handed: set[int]

    @property
    def look_after(self) -> int:
        return max(self.floor, max(self.handed, default=0) - OVERLAP)

    def hand(self, row: rows.OutgoingRow) -> None:
        """Hand a row over, unless it was before."""
        if row.id not in self.handed and (row.waiting or row.id > self.floor):
            self.handed.add(row.id)
            self.push(row.frame)


class Delivery:
    """The open pages of this process by conversation, and the one task that feeds them.

    At least once: a row stays waiting until a page has said that it shows it, and a page that comes
    back gets what is waiting once more. The page knows what it has by id.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pages: dict[int, set[Page]] = {}
        self._woken: set[int] = set()
        self._wake_up = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._seen: dict[int, set[int]] = {}
        self._writer: asyncio.Task[None] | None = None

    def wake(self, conversation_ids: set[int]) -> None:
        """Say that these chats have new rows; callable from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._note_woken, frozenset(conversation_ids))

    def _note_woken(self, conversation_ids: frozenset[int]) -> None:
        mine = conversation_ids & self._pages.keys()
        if mine:
            self._woken |= mine
            self._wake_up.set()

    def add(self, conversation_id: int, page: Page) -> None:
        self._pages.setdefault(conversation_id, set()).add(page)
        self._note_woken(frozenset({conversation_id}))

    def remove(self, conversation_id: int, page: Page) -> None:
        pages = self._pages.get(conversation_id, set())
        pages.discard(page)
        if not pages:
            self._pages.pop(conversation_id, None)

    async def run(self) -> None:
        """Deliver until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(POLL_EVERY):
                    await self._wake_up.wait()
            except TimeoutError:
                self._woken |= self._pages.keys()
            self._wake_up.clear()
            woken, self._woken = self._woken, set()
            try:
                await self._deliver(woken)
            except OperationalError as error:
                log.error("the database does not answer: %s", type(error.orig).__name__)
            except Exception as error:
                log_failure(log, "delivery to open pages", error)

    async def _deliver(self, conversation_ids: set[int]) -> None:
        after = {
            number: min(page.look_after for page in pages)
            for number in conversation_ids
            if (pages := self._pages.get(number))
        }
        if not after:
            return
        for row in await asyncio.to_thread(rows.to_deliver, self._database, after):
            for page in self._pages.get(row.conversation_id, ()):
                page.hand(row)

    def seen(self, conversation_id: int, row_ids: tuple[int, ...]) -> None:
        """A page shows these rows; written down together with what others tell meanwhile."""
        self._seen.setdefault(conversation_id, set()).update(row_ids)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_seen())

    async def _write_seen(self) -> None:
        while self._seen:
            seen, self._seen = self._seen, {}
            try:
                await asyncio.to_thread(rows.mark_seen, self._database, seen, self._clock())
            except Exception as error:
                # The rows stay waiting: they are shown and told of again when the page returns.
                log_failure(log, "noting what pages have shown", error)

    async def settle(self) -> None:
        """Write down what was told last, before the database is closed."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
