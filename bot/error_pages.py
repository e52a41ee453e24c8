"""What people and machines read when a request fails: kind words, and never a trace.

Rooms answer most of what goes wrong themselves; this is for the rest, and for what the framework
refuses before a room has seen it.
"""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from jinja2 import Environment

from bot.logs import log_failure
from bot.pages import environment
from bot.static_files import StaticFiles

log = logging.getLogger(__name__)

_FOR_MACHINES = ("/chat/", "/webhooks/", "/static/", "/healthz", "/readyz")
"""Addresses that scripts and messengers ask; a browser that opens one gets the page."""

_KEPT = (hdrs.ALLOW, hdrs.RETRY_AFTER)


def answer_errors_in_words(app: web.Application) -> None:
    """Have every failure of an application answered by a page of ours, or by JSON."""
    templates = environment(StaticFiles())

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as error:
            if error.status < 400:
                raise
            response = _told(templates, request, error.status)
            for name in _KEPT:
                if name in error.headers:
                    response.headers[name] = error.headers[name]
            return response
        except ConnectionError:
            raise  # whoever asked is gone
        except Exception as error:
            log_failure(log, "a request", error)
            if request.writer.output_size:
                raise  # the answer has begun, and can only be broken off
            return _told(templates, request, 500)

    app.middlewares.append(answer)


def _told(templates: Environment, request: web.Request, status: int) -> web.Response:
    for_a_browser = "text/html" in request.headers.get(hdrs.ACCEPT, "")
    if request.path.startswith(_FOR_MACHINES) and not for_a_browser:
        words: Any = templates.get_template("_error_words.html").module
        message = str(words.words_of(status)).strip()
        response = web.json_response({"status": status, "message": message}, status=status)
    else:
        html = templates.get_template("error.html").render(status=status, path=request.path)
        response = web.Response(text=html, content_type="text/html", status=status)
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    return response
