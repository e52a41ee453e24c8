"""A Bot API server for tests: it checks, refuses and limits as Telegram does.

In a test: `async with FakeTelegram() as telegram: …` with TELEGRAM_API_URL set to `telegram.url`.
As a process of its own: `python -m tests.fakes.telegram --port 8081`, steered over HTTP by the
paths under /control (see `tests.fakes.telegram_control`).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.fakes.telegram_api import BotApi, Params, Sent, is_wanted
from tests.fakes.telegram_checks import ApiError
from tests.fakes.telegram_control import control_routes

TOKEN = "42:TEST-token"

PATIENCE = 20.0
"""Seconds after which `until` gives up."""


@dataclass
class Failure:
    """What the next calls of a method meet: a refusal, or (status 0) an answer lost on the way."""

    method: str
    status: int
    description: str = "Internal Server Error"
    parameters: dict[str, Any] = field(default_factory=dict)
    times: int = 1


class FakeTelegram(BotApi):
    """The server and what it remembers.

    Args:
        limits: whether 429 is answered as Telegram does.
        clock: seconds, for the limits.
        pace: how many times faster than Telegram's the limits count.
        retry_seconds: how long an update that the webhook did not take waits.
    """

    def __init__(
        self,
        *,
        token: str = TOKEN,
        port: int = 0,
        limits: bool = True,
        clock: Callable[[], float] = time.monotonic,
        pace: float = 1.0,
        retry_seconds: float = 0.1,
    ) -> None:
        super().__init__(limits=limits, clock=clock, pace=pace)
        self.token = token
        self.failures: list[Failure] = []
        self.calls: Counter[str] = Counter()
        self.refusals: list[tuple[str, str]] = []
        self._port = port
        self._retry_seconds = retry_seconds
        self._deliveries: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        app.router.add_routes(control_routes(self))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
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
        if self._poll is not None:
            self._poll.cancel()
        if self._client is not None:
            await self._client.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def sent(self, chat_id: int | None = None) -> list[Sent]:
        """What a chat shows of the bot, or all chats, in the order of sending."""
        return [one for one in self._sent if chat_id is None or one.chat_id == chat_id]

    def texts(self, chat_id: int) -> list[str]:
        return [one.text for one in self.sent(chat_id)]

    def push(self, *updates: dict[str, Any]) -> None:
        """Something happened: handed to the webhook until it answers 200, or kept for polling."""
        for update in updates:
            self.hear_of_members(update)
            if self.webhook and not is_wanted(update, self.webhook.get("allowed_updates")):
                continue
            if self.webhook:
                task = asyncio.create_task(self._deliver_until_taken(update))
                self._deliveries.add(task)
                task.add_done_callback(self._deliveries.discard)
            else:
                self.pending.append(update)
        self._news.set()

    async def deliver(self, update: dict[str, Any], url: str = "", secret: str = "") -> int:
        """Hand one update to the webhook once; returns the status it answered (0: no answer)."""
        if self._client is None:
            raise RuntimeError("the fake server is not running")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret or self.webhook.get("secret", "")}
        try:
            async with self._client.post(
                url or self.webhook["url"], json=update, headers=headers
            ) as response:
                return response.status
        except aiohttp.ClientError:
            return 0

    async def until(self, happened: Callable[[], bool]) -> None:
        """Return when something is so; looked at whenever the bot calls."""
        async with self._called, asyncio.timeout(PATIENCE):
            await self._called.wait_for(happened)

    async def all_taken(self) -> None:
        """Return when the webhook has taken every update pushed so far."""
        await asyncio.gather(*self._deliveries)

    async def api_setwebhook(self, params: Params) -> bool:
        await super().api_setwebhook(params)
        waiting, self.pending = self.pending, []
        self.push(*waiting)
        return True

    async def _deliver_until_taken(self, update: dict[str, Any]) -> None:
        taken = False
        while not taken:
            taken = await self.deliver(update) == 200
            await asyncio.sleep(0 if taken else self._retry_seconds)

    def fail(self, method: str, status: int, description: str = "", **rest: Any) -> None:
        self.failures.append(Failure(method, status, description, **rest))

    def state(self) -> dict[str, Any]:
        return {
            "webhook": self.webhook,
            "pending": len(self.pending),
            "undelivered": len(self._deliveries),
            "calls": dict(self.calls),
            "refusals": self.refusals,
            "answered_presses": self.answered_presses,
            "left": self.left,
            "ignored_waits": self.flood.ignored,
            "topics": [asdict(topic) for topic in self.topics.values()],
            "pinned": {str(chat): numbers for chat, numbers in self.pinned.items()},
            "sent": len(self._sent),
        }

    def sent_json(self, chat_id: int | None = None) -> list[dict[str, Any]]:
        return [asdict(one) for one in self.sent(chat_id)]

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            return await self._answer(request, method)
        finally:
            async with self._called:
                self._called.notify_all()

    async def _answer(self, request: web.Request, method: str) -> web.StreamResponse:
        self.calls[method] += 1
        if request.match_info["token"] != self.token:
            return _error(ApiError(401, "Unauthorized"))
        action = getattr(self, f"api_{method.lower()}", None)
        if action is None:
            return _error(ApiError(404, "Not Found"))
        try:
            failure = self._failure(method)
            if failure is not None and failure.status:
                raise ApiError(failure.status, failure.description, failure.parameters)
            result = await action(await _params(request))
        except ApiError as error:
            self.refusals.append((method, error.description))
            return _error(error)
        if failure is not None and request.transport is not None:
            request.transport.abort()
        return web.json_response({"ok": True, "result": result})

    def _failure(self, method: str) -> Failure | None:
        for failure in self.failures:
            if failure.method.lower() == method.lower() and failure.times > 0:
                failure.times -= 1
                return failure
        return None

    async def _file(self, request: web.Request) -> web.Response:
        content = self.files.get(request.match_info["path"])
        if request.match_info["token"] != self.token or content is None:
            return web.Response(status=404)
        return web.Response(body=content)


async def _params(request: web.Request) -> Params:
    params: Params = dict(request.query)
    if request.content_type == "application/json":
        params.update(await request.json())
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            params[name] = value.file.read() if isinstance(value, web.FileField) else value
        for name in ("photo", "video", "document"):
            # The field names another part of the form: attach://<part>.
            reference = params.get(name)
            if isinstance(reference, str) and reference.startswith("attach://"):
                params[name] = params[reference.removeprefix("attach://")]
    return params


def _error(error: ApiError) -> web.Response:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": error.code,
        "description": error.description,
    }
    if error.parameters:
        body["parameters"] = error.parameters
    return web.json_response(body, status=error.code)


def main() -> None:
    """Run until the process is ended; the first line printed is the address."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.telegram")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--no-limits", action="store_true")
    options = parser.parse_args()

    async def serve() -> None:
        async with FakeTelegram(
            token=options.token, port=options.port, limits=not options.no_limits
        ) as telegram:
            sys.stdout.write(f"{telegram.url}\n")
            sys.stdout.flush()
            await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
