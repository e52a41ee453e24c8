"""One open socket of a chat page: reads its frames, answers them, and writes to it in order."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web
from sqlalchemy.exc import OperationalError

from bot.channels.base import Accept
from bot.channels.web import rows
from bot.channels.web.delivery import Delivery, Page
from bot.channels.web.limits import Limiter
from bot.channels.web.protocol import (
    BadFrame,
    Frame,
    FrameReader,
    Hello,
    Message,
    Ping,
    Seen,
    opened,
    wait_s,
)
from bot.clock import Clock
from bot.logs import log_failure
from store.engine import Database

log = logging.getLogger(__name__)

QUEUE_LIMIT = 300
"""Frames that may wait for a slow line; beyond it the page is let go and comes back by itself."""

RETRY_SECONDS = 3
"""When a page should send again what could not be kept just now."""

WRITE_SECONDS = 30
"""The longest that one frame may take to leave."""


@dataclass(frozen=True)
class Limits:
    """The token buckets of this process that a socket draws from."""

    messages_of_chat: Limiter
    messages_of_address: Limiter
    frames_of_chat: Limiter


class ChatSocket:
    """A socket from its hello to its end.

    Args:
        socket: prepared already.
        address: whose limits count.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        chat_id: str,
        address: str,
        *,
        reader: FrameReader,
        accept: Accept,
        delivery: Delivery,
        limits: Limits,
        database: Database,
        clock: Clock,
    ) -> None:
        self._socket = socket
        self._chat_id = chat_id
        self._address = address
        self._reader = reader
        self._accept = accept
        self._delivery = delivery
        self._limits = limits
        self._database = database
        self._clock = clock
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue(QUEUE_LIMIT)
        self._overflown = asyncio.Event()
        self._page: Page | None = None
        self._conversation_id: int | None = None

    async def run(self) -> None:
        """Serve until either side closes."""
        writer = asyncio.create_task(self._write())
        try:
            async for data in self._socket:
                if data.type != WSMsgType.TEXT:
                    await self.close(WSCloseCode.UNSUPPORTED_DATA)
                    break
                await self._on_data(data.data)
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            if self._page is not None and self._conversation_id is not None:
                self._delivery.remove(self._conversation_id, self._page)

    async def close(self, code: int, reason: bytes = b"") -> None:
        await self._socket.close(code=code, message=reason)

    def push(self, frame: dict[str, Any]) -> None:
        """Queue a frame for the page."""
        try:
            self._out.put_nowait(frame)
        except asyncio.QueueFull:
            self._overflown.set()

    async def _write(self) -> None:
        try:
            while not self._overflown.is_set():
                frame = await self._out.get()
                async with asyncio.timeout(WRITE_SECONDS):
                    await self._socket.send_str(json.dumps(frame, ensure_ascii=False))
        except (ConnectionError, TimeoutError):
            pass  # gone: whatever it did not acknowledge waits for its return
        await self._socket.close(code=WSCloseCode.TRY_AGAIN_LATER)

    async def _on_data(self, data: str) -> None:
        if self._limits.frames_of_chat.take(self._chat_id):
            await self.close(WSCloseCode.POLICY_VIOLATION, b"too fast")
            return
        try:
            frame = self._reader.read(data, self._clock())
        except BadFrame as error:
            self.push({"type": "error", "id": error.id, "code": error.code})
            return
        client_id = frame.id if isinstance(frame, Message) else None
        try:
            await self._on_frame(frame)
        except Exception as error:
            if isinstance(error, OperationalError):
                log.error("the database does not answer: %s", type(error.orig).__name__)
            else:
                log_failure(log, "a frame of the web chat", error)
            self._later(client_id, "unavailable", RETRY_SECONDS)

    async def _on_frame(self, frame: Frame) -> None:
        match frame:
            case Ping():
                self.push({"type": "pong"})
            case Seen(ids):
                if self._conversation_id is not None:
                    self._delivery.seen(self._conversation_id, ids)
            case Hello(last):
                await self._on_hello(last)
            case Message(client_id, incoming):
                wait = self._limits.messages_of_chat.take(
                    self._chat_id
                ) or self._limits.messages_of_address.take(self._address)
                if wait:
                    self._later(client_id, "too_fast", wait)
                    return
                await self._accept([incoming])  # new or known: it is kept, and that is the answer
                self.push({"type": "ack", "id": client_id})

    async def _on_hello(self, last: int) -> None:
        """Tell the past to a page just opened, then start the news; greet who is new here."""
        if self._page is not None:
            self.push({"type": "ready"})
            return
        number = await self._find_conversation()
        if number is None:
            wait = self._limits.messages_of_address.take(self._address)
            if wait:
                self._later(None, "too_fast", wait)
                return
            await self._accept([opened(self._chat_id, self._clock())])
            number = await self._find_conversation()
            if number is None:
                raise RuntimeError("an accepted event has no conversation")
        floor, handed = last, set[int]()
        if last == 0:
            items, handed = await asyncio.to_thread(rows.history, self._database, number)
            floor = max(handed, default=0)
            self.push({"type": "history", "items": items})
        self.push({"type": "ready"})
        self._conversation_id = number
        self._page = Page(self.push, floor, handed)
        self._delivery.add(number, self._page)

    async def _find_conversation(self) -> int | None:
        return await asyncio.to_thread(rows.conversation_id_of, self._database, self._chat_id)

    def _later(self, client_id: str | None, code: str, after: float) -> None:
        self.push({"type": "later", "id": client_id, "code": code, "after": wait_s(after)})
