"""The webhook of the Official Account."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from bot.channels.base import Accept
from bot.channels.webhook_body import json_object, read_body
from bot.channels.zalo_oa.events import UnreadableEvent, incoming
from bot.channels.zalo_oa.signature import HEADER, is_signed

log = logging.getLogger(__name__)

PATH = "/webhooks/zalo-oa"


def route(app_id: str, secret: str, accept: Accept, now: Callable[[], datetime]) -> web.RouteDef:
    """The route that takes events.

    Zalo waits 2 seconds and tries again five times within two hours, so the answer is 200 once the
    event is committed, and 500 when that fails.

    Args:
        app_id: of the Zalo app; part of what is signed.
        secret: the OA secret key.
        accept: keeps events.
        now: the time.
    """

    async def receive(request: web.Request) -> web.Response:
        body = await read_body(request)
        event = json_object(body)
        signed = is_signed(
            request.headers.get(HEADER, ""),
            app_id=app_id,
            body=body,
            timestamp=str(event.get("timestamp", "")),
            secret=secret,
        )
        if not secret or not signed:
            raise web.HTTPForbidden(text="wrong signature")
        try:
            found = incoming(event, now())
        except UnreadableEvent as error:
            # Signed by Zalo, so asking for it again would bring the same.
            log.error("skipped an event that is not of Zalo's form: %s", error)
            return web.Response()
        if found is not None:
            await accept([found])
        return web.Response()

    return web.post(PATH, receive)
