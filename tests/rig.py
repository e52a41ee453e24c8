"""Inbox, worker and outbox wired to a messenger in memory, for tests of the way of a message."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, cast

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions.local_facts import LocalFacts
from bot.channels.base import Accept, Capabilities, Channel, MediaUnavailable
from bot.clock import utc_now
from bot.inbox import Inbox
from bot.leases import Leases
from bot.messages import Incoming, Kind, MediaRef, Outgoing
from bot.outbox import Sender
from bot.outbox_rows import OutboxRows
from bot.responses import Responses
from bot.settings import Settings
from bot.turn import Prepared, Services, Turn
from bot.worker import Worker
from store.engine import Database
from store.messages import InboxEvent, OutboxMessage
from store.migrate import migrate

PATIENCE = 20.0
"""Seconds after which something that should have happened has not."""

WIDE_OPEN = Capabilities(
    text_limit=4096,
    caption_limit=1024,
    max_buttons=10,
    button_title_limit=64,
    asks_location=True,
    asks_contact=True,
    sends_media=True,
)


class MemoryChannel(Channel):
    """A messenger in memory: keeps what it was sent; `fail` may raise for a message."""

    name: ClassVar[str] = "memory"
    capabilities: ClassVar[Capabilities] = WIDE_OPEN

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.fail: Callable[[str, Outgoing], None] = lambda chat_id, message: None
        self.files: dict[str, bytes] = {}
        self.before_sending: Callable[[str], Awaitable[bool]] = super().may_send

    def routes(self, accept: Accept) -> list[web.RouteDef]:
        return []

    async def running(self, accept: Accept) -> AsyncIterator[None]:
        yield

    async def may_send(self, chat_id: str) -> bool:
        return await self.before_sending(chat_id)

    async def send(self, chat_id: str, message: Outgoing) -> str | None:
        self.fail(chat_id, message)
        self.sent.append((chat_id, message.text))
        return f"m{len(self.sent)}"

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        try:
            return self.files[ref.ref]
        except KeyError:
            raise MediaUnavailable("gone", again=False) from None

    def texts(self, chat_id: str) -> list[str]:
        return [text for chat, text in self.sent if chat == chat_id]


def message(event_id: str, text: str = "chào", chat_id: str = "a", **more: object) -> Incoming:
    """A text message in the messenger in memory."""
    return Incoming.model_validate(
        {
            "channel": MemoryChannel.name,
            "event_id": event_id,
            "chat_id": chat_id,
            "kind": Kind.TEXT,
            "text": text,
            "sent_at": datetime(2026, 11, 2, 1, 0, tzinfo=UTC),
            **more,
        }
    )


def echo(turn: Turn) -> None:
    """A handler that repeats what was said."""
    turn.say(Outgoing(text=f"nghe: {turn.incoming.text}"))


async def nothing_to_prepare(incoming: Incoming, attempts: int) -> Prepared:
    return Prepared()


def nobody_told(session: Session, row: OutboxMessage) -> set[int]:
    return set()


class Rig:
    """One process's inbox, worker and sender over a database.

    Everything may be replaced before `running`: `handle`, `prepare`, `give_up`, `failed`, `clock`.
    """

    def __init__(self, url: str, data_dir: Path) -> None:
        self.database = Database(url)
        migrate(self.database)
        self.channel = MemoryChannel()
        self.settings = Settings(data_dir=data_dir)
        self.clock = utc_now
        self.handle: Callable[[Turn], None] = echo
        self.give_up: Callable[[Turn], None] = lambda turn: None
        self.prepare = nothing_to_prepare
        self.failed = nobody_told
        self.discarded: list[str] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Inbox]:
        """Start everything; yields the inbox to put messages into."""
        leases = Leases(self.database)
        services = Services(
            settings=self.settings,
            # The way of a message needs no sentences, no local facts and no dossiers.
            responses=Responses({}, "none"),
            local=cast(LocalFacts, None),
            capabilities={self.channel.name: self.channel.capabilities},
            dossiers=None,
        )
        rows = OutboxRows(
            self.database,
            lambda: self.clock(),
            failed=lambda session, row: self.failed(session, row),
        )
        channels = {self.channel.name: self.channel}
        self.sender = sender = Sender(rows, channels, leases, lambda: self.clock())
        worker = Worker(
            self.database,
            lambda: services,
            lambda: self.clock(),
            prepare=lambda incoming, attempts: self.prepare(incoming, attempts),
            handle=lambda turn: self.handle(turn),
            give_up=lambda turn: self.give_up(turn),
            posted=sender.wake,
            discard=lambda incoming, files: self.discarded.extend(files),
        )
        inbox = Inbox(self.database, lambda: self.clock(), worker.arrived)
        tasks = [asyncio.create_task(sender.run()), asyncio.create_task(worker.run())]
        await asyncio.sleep(0)
        try:
            yield inbox
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            leases.close()
            self.database.dispose()

    def waiting(self) -> int:
        """Events and messages that still wait."""
        with self.database.read() as session:
            counts = [
                session.scalar(
                    select(func.count()).select_from(model).where(model.status == "waiting")
                )
                for model in (InboxEvent, OutboxMessage)
            ]
        return sum(count or 0 for count in counts)

    async def settled(self) -> None:
        """Wait until nothing waits any more."""
        await until(lambda: self.waiting() == 0)


async def until(true: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it was not within so many seconds.
    """
    give_up_at = time.monotonic() + within
    while not true():
        if time.monotonic() > give_up_at:
            raise TimeoutError("it did not happen")
        await asyncio.sleep(0.01)
