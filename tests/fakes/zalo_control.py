"""Steers the fake Zalo servers over HTTP, for tests whose servers are processes of their own.

| path | does |
| --- | --- |
| GET /control/sent?user_id= | what the bot sent, oldest first |
| GET /control/state | counts of calls, refusals, undelivered events |
| POST /control/webhook | {"url"}: where events are handed to |
| POST /control/events | a list of events that happen now |
| POST /control/files | {name: base64}, then had under /files/name |
| POST /control/failures | a list of error numbers that the next calls meet |
| POST /control/chats | {"user_id", "error"}: refuse this chat so; 0 for no more |
| POST /control/expire | every access token has expired |
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from tests.fakes.zalo import FakeZalo


def control_routes(zalo: FakeZalo) -> list[web.RouteDef]:
    async def sent(request: web.Request) -> web.Response:
        return web.json_response(zalo.sent_json(request.query.get("user_id")))

    async def state(_request: web.Request) -> web.Response:
        return web.json_response(zalo.state())

    async def webhook(request: web.Request) -> web.Response:
        zalo.webhook = (await request.json())["url"]
        return web.json_response({})

    async def events(request: web.Request) -> web.Response:
        zalo.push(*await request.json())
        return web.json_response({})

    async def files(request: web.Request) -> web.Response:
        for name, content in (await request.json()).items():
            zalo.files[name] = base64.b64decode(content)
        return web.json_response({})

    async def failures(request: web.Request) -> web.Response:
        zalo.failures += await request.json()
        return web.json_response({})

    async def chats(request: web.Request) -> web.Response:
        change = await request.json()
        zalo.refusing[change["user_id"]] = change["error"]
        if not change["error"]:
            del zalo.refusing[change["user_id"]]
        return web.json_response({})

    async def expire(_request: web.Request) -> web.Response:
        zalo.expire_access_tokens()
        return web.json_response({})

    return [
        web.get("/control/sent", sent),
        web.get("/control/state", state),
        web.post("/control/webhook", webhook),
        web.post("/control/events", events),
        web.post("/control/files", files),
        web.post("/control/failures", failures),
        web.post("/control/chats", chats),
        web.post("/control/expire", expire),
    ]
