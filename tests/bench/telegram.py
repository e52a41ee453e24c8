"""The load: citizens who write over Telegram's webhook, and the fake Telegram that hears the bot.

A turn lasts from the webhook until the last message that answers it has reached the fake.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from typing import Any

import aiohttp
from aiohttp import web

from tests.bench.chats import LINES, measure, script
from tests.bench.machine import cpu_seconds
from tests.fakes.telegram import FakeTelegram
from tests.fakes.telegram_api import Params

SECRET = "bench-secret"

QUIET = 1.0
"""Seconds after the first answer in which a turn has said all that it says."""

ANSWERED_WITHIN = 60.0

FIRST_CHAT = 1000
"""Number of the first round's chat; the round before it is for calibration."""

FEWEST_ROUNDS = 2


class CountingTelegram(FakeTelegram):
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


class Citizens:
    """Says things over a webhook and waits for the answers at the fake Telegram."""

    def __init__(
        self, client: aiohttp.ClientSession, webhook: str, telegram: CountingTelegram
    ) -> None:
        self._client = client
        self._webhook = webhook
        self._telegram = telegram
        self._updates = itertools.count(1)
        self._answers: list[int] = []
        self._next_round = 1

    async def calibrate(self) -> None:
        """See how many messages answer each line of the script."""
        for text in script(0):
            before = self._telegram.counts[FIRST_CHAT]
            await self._post(FIRST_CHAT, text)
            await self._telegram.reached(FIRST_CHAT, before + 1)
            await asyncio.sleep(QUIET)
            self._answers.append(self._telegram.counts[FIRST_CHAT] - before)

    @property
    def answers_per_turn(self) -> float:
        return round(sum(self._answers) / len(self._answers), 2)

    async def hold(self, pid: int, *, chats: tuple[int, ...], turns: int) -> dict[str, object]:
        """So many turns in so many chats at once, for each number of chats.

        Args:
            pid: the server, whose processor time is measured as well.
        """
        at_once: dict[str, object] = {}
        for number in chats:
            rounds = max(FEWEST_ROUNDS, turns // (number * LINES))
            before = cpu_seconds(pid)
            timings = await measure(
                self._say, chats=number, rounds=rounds, first_round=self._next_round
            )
            used = cpu_seconds(pid) - before
            at_once[str(number)] = {
                **timings.figures(),
                "server_cpu_ms_per_turn": round(used * 1000 / len(timings.turns), 2),
            }
            self._next_round += number * rounds
        return at_once

    async def _say(self, chat: int, text: str, number: int) -> None:
        await self._post(FIRST_CHAT + chat, text)
        await self._telegram.reached(FIRST_CHAT + chat, sum(self._answers[:number]))

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
        async with self._client.post(self._webhook, json=update, headers=headers) as answer:
            answer.raise_for_status()
