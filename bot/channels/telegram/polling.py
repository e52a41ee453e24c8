"""Fetches updates by ourselves, for machines without a public address.

The offset of `getUpdates` is our receipt: Telegram forgets what lies before it. It moves on only
after the events are committed, which is why python-telegram-bot's own Updater is not used.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast
from urllib.parse import urlencode

from telegram import Bot
from telegram.constants import PollingLimit
from telegram.error import RetryAfter, TelegramError

from bot.channels.telegram.errors import after, send_error
from bot.channels.telegram.request import READ_SECONDS, AiohttpRequest
from bot.channels.telegram.updates import ALLOWED_UPDATES
from bot.logs import log_failure

log = logging.getLogger(__name__)

LEASE = "telegram_poll"
"""Two pollers of one bot get error 409 from Telegram: one process at a time."""

POLL_SECONDS = 10
"""How long Telegram holds an empty answer back; shorter than a lease lives."""

OTHERS_TURN_SECONDS = 2.0
"""How often a process asks whether the poller's place is free."""

FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
"""Seconds after a failure; doubled each time."""

RawUpdate = Mapping[str, Any]
Take = Callable[[Sequence[RawUpdate]], Awaitable[None]]
Hold = Callable[[str], Awaitable[bool]]
"""`Leases.keep`: true while this process holds the lease of that name."""


class Poller:
    """The loop that asks for updates and hands them on.

    Args:
        bot: whose updates.
        request: a transport of its own, so that the long poll blocks nobody else.
        take: keeps updates; when it raises, the same updates are fetched again.
        hold: asked before each poll.
        poll_seconds: how long an empty answer may be held back.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        bot: Bot,
        request: AiohttpRequest,
        *,
        take: Take,
        hold: Hold,
        poll_seconds: int = POLL_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._request = request
        self._take = take
        self._hold = hold
        self._poll_seconds = poll_seconds
        self._sleep = sleep
        self._offset: int | None = None
        self._ready = False
        self._wait = FIRST_WAIT

    async def run(self) -> None:
        """Poll until cancelled; no failure ends it."""
        while True:
            pause = await self.step()
            if pause:
                await self._sleep(pause)

    async def step(self) -> float:
        """One poll; returns the seconds to wait before the next."""
        try:
            if not await self._hold(LEASE):
                # Another process moves the offset on: ours would be out of date.
                self._offset, self._ready = None, False
                return OTHERS_TURN_SECONDS
            if not self._ready:
                # Telegram refuses getUpdates while a webhook is set; what waits is kept.
                await self._bot.delete_webhook(drop_pending_updates=False)
                self._ready = True
            updates = await self._updates()
            if updates:
                await self._take(updates)
                self._offset = updates[-1]["update_id"] + 1
            else:
                # All is confirmed. After an idle week ids restart anywhere, also below the
                # offset: without one, Telegram hands over whatever is not confirmed.
                self._offset = None
        except TelegramError as error:
            log.warning("polling Telegram failed: %s", send_error(error).reason)
            return self._pause(after(error) if isinstance(error, RetryAfter) else None)
        except Exception as error:
            # The database may be away, or a defect of ours: the poller must outlive both.
            log_failure(log, "taking Telegram's updates", error)
            return self._pause(None)
        self._wait = FIRST_WAIT
        return 0.0

    async def _updates(self) -> list[dict[str, Any]]:
        query = {
            "timeout": self._poll_seconds,
            "limit": int(PollingLimit.MAX_LIMIT),
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            query["offset"] = self._offset
        # Not Bot.get_updates: one update that it cannot read would make all others unreadable,
        # and its log would repeat their texts.
        answer = await self._request.post(
            f"{self._bot.base_url}/getUpdates?{urlencode(query)}",
            read_timeout=self._poll_seconds + READ_SECONDS,
        )
        return cast("list[dict[str, Any]]", answer)

    def _pause(self, asked: float | None) -> float:
        wait, self._wait = self._wait, min(self._wait * 2, LONGEST_WAIT)
        return max(wait, asked or 0.0)
