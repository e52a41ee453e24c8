"""The webhook: Telegram's way to hand updates over, and how Telegram is told of it."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable

from aiohttp import web
from telegram import Bot
from telegram.error import RetryAfter, TelegramError

from bot.channels.telegram.errors import after, send_error
from bot.channels.telegram.polling import FIRST_WAIT, LONGEST_WAIT, Take
from bot.channels.telegram.updates import ALLOWED_UPDATES
from bot.channels.webhook_body import json_object, read_body

log = logging.getLogger(__name__)

PATH = "/webhooks/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

CONNECTIONS = 40
"""Updates that Telegram may hand over at once: its own default, of at most 100."""


def route(secret: str, take: Take) -> web.RouteDef:
    """The route that takes updates.

    It answers 200 only after `take` has returned; when that fails the answer is 500 and Telegram
    tries again.

    Args:
        secret: what Telegram must send back in the header; when empty, nothing is let in.
        take: keeps updates.
    """

    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        same = hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())
        if not secret or not same:
            raise web.HTTPForbidden(text="wrong secret")
        update = json_object(await read_body(request))
        if type(update.get("update_id")) is not int:
            raise web.HTTPBadRequest(text="no update_id")
        await take([update])
        return web.Response()

    return web.post(PATH, receive)


async def announce(
    bot: Bot,
    public_url: str,
    secret: str,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Tell Telegram where to hand updates over; tried until it succeeds."""
    wait = FIRST_WAIT
    while True:
        try:
            await bot.set_webhook(
                public_url.rstrip("/") + PATH,
                secret_token=secret,
                allowed_updates=ALLOWED_UPDATES,
                max_connections=CONNECTIONS,
            )
        except TelegramError as error:
            log.warning("telling Telegram of the webhook failed: %s", send_error(error).reason)
            await sleep(max(wait, after(error) if isinstance(error, RetryAfter) else 0.0))
            wait = min(wait * 2, LONGEST_WAIT)
        else:
            log.info("Telegram knows the webhook")
            return
