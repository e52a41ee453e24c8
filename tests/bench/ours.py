"""Our server under load: a real process, Telegram's webhook in, a fake Telegram out."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.settings import ROOT
from tests.bench.chats import SCRIPT, measure
from tests.bench.machine import resident_mb
from tests.e2e.server import CAUNOI, Server
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_api import Params

SECRET = "bench-secret"
QUIET = 1.0
"""Seconds after the first answer in which a turn has said all that it says."""

ANSWERED_WITHIN = 60.0

CALIBRATION_CHAT = 1


class _CountingTelegram(FakeTelegram):
    """Counts what each chat was sent and wakes only whoever waits for that chat."""

    def __init__(self) -> None:
        super().__init__(limits=False)
        self.counts: Counter[int] = Counter()
        self._awaited: dict[int, tuple[int, asyncio.Future[None]]] = {}

    async def _call(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, request.match_info["method"])

    def _show(
        self, method: str, params: Params, text: str, upload_size: int | None = None
    ) -> dict[str, Any]:
        shown = super()._show(method, params, text, upload_size)
        chat = int(params["chat_id"])
        self.counts[chat] += 1
        count, waiter = self._awaited.get(chat, (0, None))
        if waiter is not None and self.counts[chat] >= count and not waiter.done():
            waiter.set_result(None)
        return shown

    async def reached(self, chat: int, count: int) -> None:
        """Return when a chat was sent so many messages."""
        if self.counts[chat] < count:
            waiter = asyncio.get_running_loop().create_future()
            self._awaited[chat] = (count, waiter)
            async with asyncio.timeout(ANSWERED_WITHIN):
                await waiter


class _Citizens:
    """Says things over the webhook and waits for the answers at the fake Telegram."""

    def __init__(
        self, client: aiohttp.ClientSession, url: str, telegram: _CountingTelegram
    ) -> None:
        self._client = client
        self._url = f"{url}/webhooks/telegram"
        self._telegram = telegram
        self._updates = itertools.count(1)
        self._answers: list[int] = []

    async def calibrate(self) -> None:
        """See how many messages answer each line of the script."""
        for text in SCRIPT:
            before = self._telegram.counts[CALIBRATION_CHAT]
            await self._post(CALIBRATION_CHAT, text)
            await self._telegram.reached(CALIBRATION_CHAT, before + 1)
            await asyncio.sleep(QUIET)
            self._answers.append(self._telegram.counts[CALIBRATION_CHAT] - before)

    async def say(self, chat: int, text: str, number: int) -> None:
        rounds, step = divmod(number, len(SCRIPT))
        expected = rounds * sum(self._answers) + sum(self._answers[:step])
        await self._post(chat, text)
        await self._telegram.reached(chat, expected)

    async def _post(self, chat: int, text: str) -> None:
        number = next(self._updates)
        person = {"id": chat, "is_bot": False, "first_name": "A"}
        update = {
            "update_id": number,
            "message": {
                "message_id": number,
                "date": 1_790_000_000,
                "chat": {"id": chat, "type": "private", "first_name": "A"},
                "from": person,
                "text": text,
            },
        }
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        async with self._client.post(self._url, json=update, headers=headers) as answer:
            answer.raise_for_status()


async def measure_ours(
    database_url: str, folder: Path, *, chats: tuple[int, ...], turns: int
) -> dict[str, object]:
    """Turns per second and time from webhook to reply at several numbers of chats at once."""
    async with _CountingTelegram() as telegram, aiohttp.ClientSession() as client:
        settings = {
            "DATABASE_URL": database_url,
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "TELEGRAM_MESSAGES_PER_SECOND": "0",
        }
        server = Server(folder, **settings)
        began = time.perf_counter()
        await server.start()
        first_start = time.perf_counter() - began
        await server.stop()
        _import_samples(database_url, folder)
        began = time.perf_counter()
        await server.start()
        second_start = time.perf_counter() - began
        try:
            memory_idle = resident_mb(server.pid)
            citizens = _Citizens(client, server.url, telegram)
            await citizens.calibrate()
            at_once: dict[str, object] = {}
            first_chat = 1000
            for number in chats:
                rounds = max(2, turns // (number * len(SCRIPT)))
                timings = await measure(
                    citizens.say, chats=number, rounds=rounds, first_chat=first_chat
                )
                at_once[str(number)] = timings.figures()
                first_chat += number
            memory = resident_mb(server.pid)
        finally:
            await server.stop()
    return {
        "ready_after_seconds_on_an_empty_database": round(first_start, 2),
        "ready_after_seconds": round(second_start, 2),
        "resident_mb_idle": memory_idle,
        "resident_mb_after_the_load": memory,
        "fake_messenger_rate_limits": "off",
        "chats_at_once": at_once,
    }


def _import_samples(database_url: str, folder: Path) -> None:
    samples = ROOT / "data" / "samples" / "dossiers.csv"
    subprocess.run(
        [CAUNOI, "import", "dossiers", samples],
        cwd=ROOT,
        env={"DATABASE_URL": database_url, "DATA_DIR": str(folder), "PATH": sys.exec_prefix},
        check=True,
        stdout=subprocess.DEVNULL,
    )
