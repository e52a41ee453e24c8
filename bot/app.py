"""The aiohttp application: every route of the process, and what opens and closes with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from bot.bootstrap import Runtime
from bot.channels.web.channel import WebChannel
from bot.error_pages import answer_errors_in_words
from bot.public_pages import routes as public_routes
from bot.staff_pages import routes as staff_routes
from bot.web_security import add_security_headers

BODY_LIMIT = 21 * 1024 * 1024
"""Bytes of a request: a video of 20 MB and the form around it. Webhooks have a lower limit."""

RUNTIME = web.AppKey("runtime", Runtime)


def create_app(runtime: Runtime) -> web.Application:
    """One process's application; `runtime` starts and stops with it."""
    app = web.Application(client_max_size=BODY_LIMIT)
    add_security_headers(app)
    answer_errors_in_words(app)
    app[RUNTIME] = runtime
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _ready)
    app.router.add_routes(staff_routes(runtime))
    app.router.add_routes(public_routes(runtime))

    async def running(_app: web.Application) -> AsyncIterator[None]:
        async with runtime.running():
            yield

    app.cleanup_ctx.append(running)
    for channel in runtime.channels.values():
        app.router.add_routes(channel.routes(runtime.inbox.accept))
        if isinstance(channel, WebChannel):
            app.on_shutdown.append(channel.hang_up)  # an open page must not hold up the end
    return app


async def _alive(_request: web.Request) -> web.Response:
    """The process answers; nothing is said about what it needs."""
    return web.json_response({"status": "ok"})


async def _ready(request: web.Request) -> web.Response:
    """The process can do its work: the database answers and both loops run."""
    runtime = request.app[RUNTIME]
    parts = {"worker": runtime.worker.running, "sender": runtime.sender.running}
    try:
        await asyncio.to_thread(runtime.database.ping)
        parts["database"] = True
    except Exception:
        parts["database"] = False
    parts["nlu"] = await runtime.reader.ready()
    ready = all(parts.values())
    return web.json_response(
        {"status": "ok" if ready else "not ready", "parts": parts}, status=200 if ready else 503
    )
