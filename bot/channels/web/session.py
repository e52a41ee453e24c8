"""Who is at the other end of the page: a random token in a cookie, and the chat it stands for."""

from __future__ import annotations

import hashlib
import re
import secrets

from aiohttp import web

COOKIE = "caunoi_chat"

TOKEN_BYTES = 24
"""192 random bits: whoever holds the cookie is the person, so it must not be guessed."""

LIFETIME = 180 * 24 * 3600
"""Seconds a chat is remembered after the last visit: longer than any case should take."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_of(request: web.Request) -> str | None:
    """The token of the request's cookie, or None when there is none of our shape."""
    token = request.cookies.get(COOKIE, "")
    return token if _TOKEN.fullmatch(token) else None


def chat_id_of(token: str) -> str:
    """The chat's id in the database: a hash, so that nobody who reads it can enter the chat."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def require_chat(request: web.Request) -> str:
    """The chat that the cookie stands for.

    Raises:
        web.HTTPForbidden: there is no cookie; the page sets one.
    """
    token = token_of(request)
    if token is None:
        raise web.HTTPForbidden(text="no chat cookie: open / first")
    return chat_id_of(token)


def remember(response: web.Response, token: str, *, secure: bool) -> None:
    """Put the cookie on a response; on an https site it never travels over plain http."""
    response.set_cookie(
        COOKIE, token, max_age=LIFETIME, httponly=True, samesite="Lax", secure=secure, path="/"
    )
