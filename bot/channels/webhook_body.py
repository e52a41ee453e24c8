"""Reads the body of a webhook: never more than agreed, and only JSON objects."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

WEBHOOK_BODY_LIMIT = 1024 * 1024
"""Bytes. Our own bound: the largest updates of Telegram and Zalo are a few tens of kilobytes."""


async def read_body(request: web.Request, limit: int = WEBHOOK_BODY_LIMIT) -> bytes:
    """The raw bytes of a request.

    Raises:
        web.HTTPRequestEntityTooLarge: there are more than `limit`; the rest is not read.
    """
    if (request.content_length or 0) > limit:
        raise web.HTTPRequestEntityTooLarge(limit, request.content_length or 0)
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise web.HTTPRequestEntityTooLarge(limit, len(body))
    return bytes(body)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body.

    Raises:
        web.HTTPBadRequest: it is not JSON, not an object, or nested beyond reason.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise web.HTTPBadRequest(text="not JSON") from None
    if not isinstance(value, dict):
        raise web.HTTPBadRequest(text="not a JSON object")
    return value
