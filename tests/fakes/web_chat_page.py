"""The page's side of the web chat, frame by frame, for tests that need no browser."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import aiohttp
from yarl import URL

from bot.channels.web.session import COOKIE

PATIENCE = 10.0
"""Seconds after which a frame that should have come has not."""


class HasUrls(Protocol):
    """A server, as far as its pages must know it: one of aiohttp's for tests, or a process."""

    def make_url(self, path: str, /) -> URL: ...


class Line:
    """One open socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, numbers: itertools.count[int]):
        self.socket = socket
        self._numbers = numbers
        self._told: list[dict[str, Any]] = []

    async def send(self, **frame: Any) -> None:
        await self.socket.send_json(frame)

    async def text(self, words: str, *, id: str | None = None) -> str:
        """Send a text; returns the page's id of it."""
        number = next(self._numbers)
        name = id or f"message-{number}"
        await self.send(type="text", id=name, order=number, text=words)
        return name

    async def press(self, payload: str, title: str) -> None:
        """Press a button."""
        number = next(self._numbers)
        await self.send(
            type="press", id=f"message-{number}", order=number, payload=payload, title=title
        )

    async def receive(self) -> dict[str, Any]:
        """The next frame of any type; messages that came with the history are the first."""
        if self._told:
            return self._told.pop(0)
        frame: dict[str, Any] = await self.socket.receive_json()
        return frame

    async def next(self, kind: str) -> dict[str, Any]:
        """The next frame of that type; others before it are passed over.

        Messages that came with the history count as the first ones.
        """
        if kind == "message" and self._told:
            return self._told.pop(0)
        async with asyncio.timeout(PATIENCE):
            while True:
                frame: dict[str, Any] = await self.socket.receive_json()
                if frame["type"] == kind:
                    return frame

    async def hello(self, last: int = 0) -> list[dict[str, Any]]:
        """Say hello; returns the history, which is empty on a return."""
        await self.send(type="hello", last=last)
        items: list[dict[str, Any]] = []
        async with asyncio.timeout(PATIENCE):
            while True:
                frame = await self.socket.receive_json()
                if frame["type"] == "history":
                    items = frame["items"]
                    self._told += [item for item in items if item["type"] == "message"]
                elif frame["type"] == "ready":
                    return items

    async def closed(self) -> int:
        """Wait for the server to close; returns its code."""
        async with asyncio.timeout(PATIENCE):
            while not self.socket.closed:
                await self.socket.receive()
        return self.socket.close_code or 0


class Visitor:
    """A browser: keeps its cookie, opens pages and sockets."""

    def __init__(self, server: HasUrls, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.session = session
        self.numbers = itertools.count(1)
        self.origin = str(server.make_url("")).rstrip("/")

    async def open_page(self) -> aiohttp.ClientResponse:
        async with self.session.get(self.server.make_url("/")) as answer:
            await answer.read()
        return answer

    @property
    def token(self) -> str:
        cookies = self.session.cookie_jar.filter_cookies(self.server.make_url("/"))
        return cookies[COOKIE].value

    @asynccontextmanager
    async def line(self, *, hello: bool = True) -> AsyncIterator[Line]:
        url = self.server.make_url("/chat/ws")
        async with self.session.ws_connect(url, headers={"Origin": self.origin}) as socket:
            line = Line(socket, self.numbers)
            if hello:
                await line.hello()
            yield line

    async def upload(
        self, content: bytes, *, origin: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Upload a file; returns status and answer."""
        form = aiohttp.FormData()
        form.add_field("file", content, filename="a.jpg", content_type="image/jpeg")
        async with self.session.post(
            self.server.make_url("/chat/media"),
            data=form,
            headers={"Origin": self.origin if origin is None else origin},
        ) as answer:
            body = await answer.json() if answer.content_type == "application/json" else {}
            return answer.status, body

    async def get(self, path: str) -> tuple[int, bytes]:
        async with self.session.get(self.server.make_url(path)) as answer:
            return answer.status, await answer.read()


@asynccontextmanager
async def visiting(server: HasUrls) -> AsyncIterator[Visitor]:
    """A new person with a new browser, who has opened the page."""
    jar = aiohttp.CookieJar(unsafe=True)  # loopback addresses are no names
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        visitor = Visitor(server, session)
        await visitor.open_page()
        yield visitor
