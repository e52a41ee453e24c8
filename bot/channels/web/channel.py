"""The web chat as a channel: its routes, and what opens and closes with it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from aiohttp import WSCloseCode, hdrs, web

from bot.channels.base import Accept, Capabilities, Channel, Undeliverable
from bot.channels.web import limits, rows
from bot.channels.web.delivery import Delivery
from bot.channels.web.limits import Limiter, Seconds
from bot.channels.web.page import ChatPage
from bot.channels.web.protocol import CHANNEL, FRAME_LIMIT, FrameReader, wait_s
from bot.channels.web.session import new_token, remember, require_chat, token_of
from bot.channels.web.socket import ChatSocket, Limits
from bot.channels.web.uploads import TooLarge, TooManyUploads, Uploads, file_of
from bot.clock import Clock
from bot.logs import log_failure
from bot.media import TYPES, MediaStore, NotAPicture
from bot.messages import MediaRef, Outgoing
from bot.settings import Settings
from bot.static_files import StaticFiles
from bot.web_security import (
    client_address,
    content_security_policy,
    same_origin,
    saved_under,
    socket_sources,
)
from store.engine import Database

log = logging.getLogger(__name__)

HEARTBEAT = 25
"""Seconds between pings; mobile networks cut connections that are silent for longer."""

CLOSE_SECONDS = 3
"""How long a page may take to agree to the end; a dead one never does."""

SOCKETS_OF_CHAT = 5
"""Pages one chat may have open; the oldest is closed for a sixth."""

SOCKETS_OF_ADDRESS = 300
"""Generous, for a mobile operator puts thousands of people behind one address."""

CLOSED_FOR_ANOTHER = 4001
"""Close code: the chat is open in newer windows. The page does not come back by itself."""

CLEAR_UPLOADS_EVERY = 3600
"""Seconds."""


class WebChannel(Channel):
    """The page at `/`, with the bridge to the outbox that pages are fed from."""

    name = CHANNEL
    capabilities = Capabilities(
        text_limit=12_000,
        caption_limit=12_000,
        max_buttons=12,
        button_title_limit=80,
        asks_location=True,
        asks_contact=True,
        sends_media=True,
    )
    pushed = False

    def __init__(
        self,
        settings: Settings,
        database: Database,
        media_store: MediaStore,
        clock: Clock,
        seconds: Seconds = time.monotonic,
    ) -> None:
        self._settings = settings
        self._database = database
        self._media_store = media_store
        self._clock = clock
        self._files = StaticFiles()
        self._page = ChatPage(settings, self._files)
        self._uploads = Uploads(settings.data_dir / "uploads")
        self._delivery = Delivery(database, clock)
        self._limits = Limits(
            messages_of_chat=Limiter(limits.MESSAGES_OF_CHAT, seconds),
            messages_of_address=Limiter(limits.MESSAGES_OF_ADDRESS, seconds),
            frames_of_chat=Limiter(limits.FRAMES_OF_CHAT, seconds),
        )
        self._uploads_of_chat = Limiter(limits.UPLOADS_OF_CHAT, seconds)
        self._uploads_of_address = Limiter(limits.UPLOADS_OF_ADDRESS, seconds)
        self._sockets: dict[str, list[ChatSocket]] = {}
        self._of_address: dict[str, int] = {}

    def routes(self, accept: Accept) -> list[web.RouteDef]:
        return [
            web.get("/", self._show_page),
            web.get("/static/{name:.+}", self._files.serve),
            web.get("/chat/ws", partial(self._open_socket, accept=accept), allow_head=False),
            web.post("/chat/media", self._upload),
            web.get("/chat/uploads/{ref}", self._show_upload),
            web.get(r"/chat/media/{row:\d{1,18}}/{number:\d{1,2}}", self._show_medium),
        ]

    async def running(self, accept: Accept) -> AsyncIterator[None]:
        await asyncio.to_thread(self._uploads.open)
        tasks = [asyncio.create_task(self._delivery.run()), asyncio.create_task(self._clear())]
        try:
            yield
        finally:
            await self.hang_up()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._delivery.settle()

    def wake(self, conversation_ids: set[int]) -> None:
        """Say that these chats have new outbox rows; callable from any thread."""
        self._delivery.wake(conversation_ids)

    async def hang_up(self, _app: web.Application | None = None) -> None:
        """Close every socket; the pages come back when the server does. Fits `on_shutdown`."""
        sockets = [socket for sockets in self._sockets.values() for socket in sockets]
        await asyncio.gather(*(socket.close(WSCloseCode.GOING_AWAY) for socket in sockets))

    async def send(self, chat_id: str, message: Outgoing) -> str | None:
        """Never called: pages fetch their messages, see `pushed`."""
        raise Undeliverable("the web chat is not pushed to")

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        return await asyncio.to_thread(self._uploads.read, ref.ref, limit)

    def discard(self, ref: MediaRef) -> None:
        """Remove an upload that must leave no trace (it came with a denunciation)."""
        self._uploads.discard(ref.ref)

    @property
    def _secure(self) -> bool:
        return self._settings.public_url.startswith("https://")

    async def _show_page(self, request: web.Request) -> web.Response:
        response = web.Response(text=self._page.html(), content_type="text/html")
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        response.headers["Content-Security-Policy"] = content_security_policy(
            *socket_sources(request)
        )
        remember(response, token_of(request) or new_token(), secure=self._secure)
        response.enable_compression()
        return response

    async def _open_socket(self, request: web.Request, *, accept: Accept) -> web.WebSocketResponse:
        chat_id = self._require_own_page(request)
        address = client_address(request)
        if self._of_address.get(address, 0) >= SOCKETS_OF_ADDRESS:
            raise web.HTTPTooManyRequests
        response = web.WebSocketResponse(
            heartbeat=HEARTBEAT,
            timeout=CLOSE_SECONDS,
            max_msg_size=FRAME_LIMIT,
            compress=False,
        )
        await response.prepare(request)
        socket = ChatSocket(
            response,
            chat_id,
            address,
            reader=FrameReader(chat_id, partial(self._uploads.of_chat, chat_id)),
            accept=accept,
            delivery=self._delivery,
            limits=self._limits,
            database=self._database,
            clock=self._clock,
        )
        mine = self._sockets.setdefault(chat_id, [])
        mine.append(socket)
        self._of_address[address] = self._of_address.get(address, 0) + 1
        try:
            if len(mine) > SOCKETS_OF_CHAT:
                await mine.pop(0).close(CLOSED_FOR_ANOTHER)
            await socket.run()
        finally:
            self._forget(chat_id, address, socket)
        return response

    def _forget(self, chat_id: str, address: str, socket: ChatSocket) -> None:
        mine = self._sockets.get(chat_id, [])
        if socket in mine:
            mine.remove(socket)
        if not mine:
            self._sockets.pop(chat_id, None)
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    async def _upload(self, request: web.Request) -> web.Response:
        """Take one file; answers its ref, or a code that the page has words for."""
        chat_id = self._require_own_page(request)
        wait = self._uploads_of_chat.take(chat_id) or self._uploads_of_address.take(
            client_address(request)
        )
        if wait:
            return _refused(429, "too_fast", wait)
        try:
            ref = await self._uploads.receive(chat_id, await file_of(request))
        except TooManyUploads:
            return _refused(429, "too_fast", 5)
        except (TooLarge, web.HTTPRequestEntityTooLarge):
            return _refused(413, "media_too_large")
        except NotAPicture:
            return _refused(415, "media_unreadable")
        except (TimeoutError, ValueError):
            return _refused(400, "media_broken_off")
        return web.json_response({"ref": ref.ref, "kind": ref.kind})

    async def _show_upload(self, request: web.Request) -> web.StreamResponse:
        """A file that this chat has sent."""
        ref = self._uploads.of_chat(require_chat(request), request.match_info["ref"])
        if ref is None:
            raise web.HTTPNotFound
        try:
            path = self._uploads.path(ref.ref)
        except FileNotFoundError:
            raise web.HTTPNotFound from None
        return web.FileResponse(path, headers=_private(path, ref.kind))

    async def _show_medium(self, request: web.Request) -> web.StreamResponse:
        """A file that was sent to this chat."""
        chat_id = require_chat(request)
        row, number = int(request.match_info["row"]), int(request.match_info["number"])
        found = await asyncio.to_thread(rows.medium, self._database, chat_id, row, number)
        if found is None:
            raise web.HTTPNotFound
        try:
            path = self._media_store.path(found.path)
        except FileNotFoundError:
            raise web.HTTPNotFound from None
        return web.FileResponse(path, headers=_private(path, found.kind, found.name))

    def _require_own_page(self, request: web.Request) -> str:
        """The chat of a request that our page made; other sites get nowhere."""
        if not same_origin(request, self._settings.public_url):
            raise web.HTTPForbidden(text="this is for the page of this server")
        return require_chat(request)

    async def _clear(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._uploads.clear, self._clock())
            except OSError as error:
                log_failure(log, "clearing old uploads", error)
            await asyncio.sleep(CLEAR_UPLOADS_EVERY)


def _private(path: Path, kind: str, name: str = "") -> dict[str, str]:
    """The headers of a file of one chat; a document is saved, never shown."""
    suffix = path.suffix[1:]
    headers = {
        hdrs.CONTENT_TYPE: TYPES[suffix],
        hdrs.CACHE_CONTROL: "private, max-age=86400",
    }
    return headers | (saved_under(name or f"tai-lieu.{suffix}") if kind == "file" else {})


def _refused(status: int, code: str, after: float | None = None) -> web.Response:
    body: dict[str, object] = {"code": code}
    if after is not None:
        body["after"] = wait_s(after)
    return web.json_response(body, status=status)
