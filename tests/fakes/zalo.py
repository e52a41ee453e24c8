"""Zalo's OpenAPI and OAuth servers for tests: they check, refuse, rotate and sign as Zalo does.

In a test: `async with FakeZalo() as zalo: …` with ZALO_OPENAPI_URL and ZALO_OAUTH_URL set to
`zalo.url`. As a process of its own: `python -m tests.fakes.zalo --port 8082 --webhook URL`, steered
over HTTP by the paths under /control (see `tests.fakes.zalo_control`).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.fakes.zalo_checks import (
    PARAMETER,
    ZaloRefusal,
    check_document,
    check_image,
    check_message,
)
from tests.fakes.zalo_control import control_routes
from tests.fakes.zalo_events import APP_ID, Event, sign

APP_SECRET = "app-secret"
OA_SECRET = "oa-secret-key"
FIRST_REFRESH_TOKEN = "first-refresh-token"

TOKEN_INVALID = -216
TOKEN_EXPIRED = -220
REFRESH_TOKEN_INVALID = -14014

ACCESS_LASTS = 90_000
"""Seconds; Zalo says so as a string."""

PATIENCE = 20.0
"""Seconds after which `until` gives up."""


@dataclass
class Sent:
    """A message that the bot sent, as its chat shows it."""

    user_id: str
    message_id: str
    text: str
    message: dict[str, Any]
    at: float


class FakeZalo:
    """The servers and what they remember.

    Args:
        webhook: where events are handed to.
        clock: seconds, for the life of access tokens.
        retry_seconds: how long an event that the webhook did not take waits.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        webhook: str = "",
        oa_secret: str = OA_SECRET,
        clock: Callable[[], float] = time.monotonic,
        retry_seconds: float = 0.1,
    ) -> None:
        self.webhook = webhook
        self.oa_secret = oa_secret
        self.refresh_token = FIRST_REFRESH_TOKEN
        self.access_tokens: dict[str, float] = {}
        self.refusing: dict[str, int] = {}
        self.failures: list[int] = []
        self.files: dict[str, bytes] = {}
        self.uploads: dict[str, bytes] = {}
        self.calls: Counter[str] = Counter()
        self.refusals: list[tuple[str, int]] = []
        self.slowest_answer = 0.0
        self._port = port
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._sent: list[Sent] = []
        self._deliveries: set[asyncio.Task[None]] = set()
        self._called = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v4/oa/access_token", self._oauth)
        app.router.add_post("/v3.0/oa/message/cs", self._message)
        app.router.add_post("/v2.0/oa/upload/image", self._upload)
        app.router.add_post("/v2.0/oa/upload/file", self._upload_file)
        app.router.add_get("/files/{name}", self._file)
        app.router.add_routes(control_routes(self))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self._client = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._deliveries:
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def sent(self, user_id: str | None = None) -> list[Sent]:
        """What a chat shows of the bot, or all chats, in the order of sending."""
        return [one for one in self._sent if user_id is None or one.user_id == user_id]

    def sent_json(self, user_id: str | None = None) -> list[dict[str, Any]]:
        return [asdict(one) for one in self.sent(user_id)]

    def texts(self, user_id: str) -> list[str]:
        return [one.text for one in self.sent(user_id)]

    def state(self) -> dict[str, Any]:
        return {
            "calls": dict(self.calls),
            "refusals": self.refusals,
            "undelivered": len(self._deliveries),
            "slowest_answer": self.slowest_answer,
            "sent": len(self._sent),
        }

    def push(self, *events: Event) -> None:
        """Something happened: handed to the webhook until it answers 200."""
        for event in events:
            task = asyncio.create_task(self._deliver_until_taken(event))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)

    async def deliver(self, event: Event, *, retry: int = 0) -> int:
        """Hand one event to the webhook once; returns the status it answered (0: no answer)."""
        if self._client is None:
            raise RuntimeError("the fake server is not running")
        body, signature = sign(event, self.oa_secret)
        headers = {
            "Content-Type": "application/json",
            "X-ZEvent-Signature": signature,
            "num_retry": str(retry),
        }
        begun = time.monotonic()
        try:
            async with self._client.post(self.webhook, data=body, headers=headers) as response:
                return response.status
        except aiohttp.ClientError:
            return 0
        finally:
            self.slowest_answer = max(self.slowest_answer, time.monotonic() - begun)

    async def all_taken(self) -> None:
        """Return when the webhook has taken every event pushed so far."""
        await asyncio.gather(*self._deliveries)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Return when something is so; looked at whenever the bot calls."""
        async with self._called, asyncio.timeout(PATIENCE):
            await self._called.wait_for(happened)

    async def _deliver_until_taken(self, event: Event) -> None:
        retry, taken = 0, False
        while not taken:
            taken = await self.deliver(event, retry=retry) == 200
            retry += 1
            await asyncio.sleep(0 if taken else self._retry_seconds)

    def expire_access_tokens(self) -> None:
        self.access_tokens = dict.fromkeys(self.access_tokens, self._clock())

    async def _answer(self, name: str, data: Callable[[], dict[str, Any]]) -> web.Response:
        self.calls[name] += 1
        try:
            if self.failures:
                raise ZaloRefusal(self.failures.pop(0), "as told by the test")
            answer = {"data": data(), "error": 0, "message": "Success"}
        except ZaloRefusal as refusal:
            self.refusals.append((name, refusal.code))
            answer = {"error": refusal.code, "message": refusal.message}
        async with self._called:
            self._called.notify_all()
        return web.json_response(answer)

    async def _oauth(self, request: web.Request) -> web.Response:
        self.calls["oauth"] += 1
        form = await request.post()
        if (
            request.headers.get("secret_key") != APP_SECRET
            or form.get("app_id") != APP_ID
            or form.get("grant_type") != "refresh_token"
        ):
            return web.json_response({"error": -14004, "error_name": "Invalid app"})
        if form.get("refresh_token") != self.refresh_token:
            return web.json_response(
                {"error": REFRESH_TOKEN_INVALID, "error_name": "Invalid refresh token"}
            )
        number = self.calls["oauth"]
        access, self.refresh_token = f"access-{number}", f"refresh-{number}"
        self.access_tokens[access] = self._clock() + ACCESS_LASTS
        async with self._called:
            self._called.notify_all()
        return web.json_response(
            {
                "access_token": access,
                "refresh_token": self.refresh_token,
                "expires_in": str(ACCESS_LASTS),
            }
        )

    def _check_token(self, request: web.Request) -> None:
        expires_at = self.access_tokens.get(request.headers.get("access_token", ""))
        if expires_at is None:
            raise ZaloRefusal(TOKEN_INVALID, "Access token is invalid")
        if expires_at <= self._clock():
            raise ZaloRefusal(TOKEN_EXPIRED, "Access token has expired")

    async def _message(self, request: web.Request) -> web.Response:
        body = await request.json()

        def send() -> dict[str, Any]:
            self._check_token(request)
            user_id, message = body["recipient"]["user_id"], body["message"]
            check_message(message, set(self.uploads))
            if user_id in self.refusing:
                raise ZaloRefusal(self.refusing[user_id], "not now")
            message_id = f"z{len(self._sent) + 1}"
            text = message.get("text", "")
            self._sent.append(Sent(user_id, message_id, text, message, time.time()))
            return {"message_id": message_id, "user_id": user_id}

        return await self._answer("message", send)

    async def _upload(self, request: web.Request) -> web.Response:
        file = (await request.post()).get("file")
        content = file.file.read() if isinstance(file, web.FileField) else None

        def keep() -> dict[str, Any]:
            self._check_token(request)
            if content is None:
                raise ZaloRefusal(PARAMETER, "file is missing")
            check_image(content)
            attachment_id = f"attachment-{len(self.uploads) + 1}"
            self.uploads[attachment_id] = content
            return {"attachment_id": attachment_id}

        return await self._answer("upload", keep)

    async def _upload_file(self, request: web.Request) -> web.Response:
        file = (await request.post()).get("file")
        field = file if isinstance(file, web.FileField) else None
        content = field.file.read() if field is not None else b""

        def keep() -> dict[str, Any]:
            self._check_token(request)
            if field is None:
                raise ZaloRefusal(PARAMETER, "file is missing")
            check_document(field.filename, content)
            token = f"token-{len(self.uploads) + 1}"
            self.uploads[token] = content
            return {"token": token}

        return await self._answer("upload", keep)

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content)


def main() -> None:
    """Run until the process is ended; the first line printed is the address."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.zalo")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--webhook", default="")
    options = parser.parse_args()

    async def serve() -> None:
        async with FakeZalo(port=options.port, webhook=options.webhook) as zalo:
            sys.stdout.write(f"{zalo.url}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
