"""Steers the fake Bot API server over HTTP, for tests whose servers are processes of their own.

| path | does |
| --- | --- |
| GET /control/sent?chat_id= | what the bot sent, oldest first |
| GET /control/state | webhook, counts of calls, refusals, undelivered updates, topics, pins |
| POST /control/updates | a list of updates that happen now |
| POST /control/files | {file_id: base64} that people sent |
| POST /control/failures | {method, status, description, parameters, times} |
| POST /control/limits | {"on": true or false} |
| POST /control/chats | {"chat_id", "blocked": true or false, "migrated_to", "forum", "rights"} |
| POST /control/members | {"chat_id", "user_id", "status"}: what getChatMember answers |
| POST /control/topics | {"chat_id", "thread", "closed": true or false, "deleted": true} |
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from tests.fakes.telegram import FakeTelegram


def control_routes(telegram: FakeTelegram) -> list[web.RouteDef]:
    async def sent(request: web.Request) -> web.Response:
        chat_id = request.query.get("chat_id")
        return web.json_response(telegram.sent_json(int(chat_id) if chat_id else None))

    async def state(_request: web.Request) -> web.Response:
        return web.json_response(telegram.state())

    async def updates(request: web.Request) -> web.Response:
        telegram.push(*await request.json())
        return web.json_response({})

    async def files(request: web.Request) -> web.Response:
        for file_id, content in (await request.json()).items():
            telegram.files[file_id] = base64.b64decode(content)
        return web.json_response({})

    async def failures(request: web.Request) -> web.Response:
        telegram.fail(**await request.json())
        return web.json_response({})

    async def limits(request: web.Request) -> web.Response:
        telegram.limits = bool((await request.json())["on"])
        return web.json_response({})

    async def chats(request: web.Request) -> web.Response:
        change = await request.json()
        chat_id = int(change["chat_id"])
        if change.get("blocked"):
            telegram.blocked.add(chat_id)
        else:
            telegram.blocked.discard(chat_id)
        if "migrated_to" in change:
            telegram.migrated[chat_id] = int(change["migrated_to"])
        if change.get("forum"):
            telegram.forums.add(chat_id)
        if "rights" in change:
            telegram.rights[chat_id] = frozenset(change["rights"])
        return web.json_response({})

    async def members(request: web.Request) -> web.Response:
        change = await request.json()
        telegram.standings[int(change["chat_id"]), int(change["user_id"])] = change["status"]
        return web.json_response({})

    async def topics(request: web.Request) -> web.Response:
        change = await request.json()
        chat_id, thread = int(change["chat_id"]), int(change["thread"])
        if change.get("deleted"):
            telegram.delete_topic(chat_id, thread)
        else:
            telegram.topics[chat_id, thread].closed = bool(change["closed"])
        return web.json_response({})

    return [
        web.get("/control/sent", sent),
        web.get("/control/state", state),
        web.post("/control/updates", updates),
        web.post("/control/files", files),
        web.post("/control/failures", failures),
        web.post("/control/limits", limits),
        web.post("/control/chats", chats),
        web.post("/control/members", members),
        web.post("/control/topics", topics),
    ]
