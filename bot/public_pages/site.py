"""What every public page works with: reading, templates, caches, and limits per address."""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from ipaddress import IPv6Network, ip_address
from typing import TYPE_CHECKING, TypeVar

from aiohttp import ETag, hdrs, web
from aiohttp.typedefs import Handler
from sqlalchemy.orm import Session

from actions.local_facts import LocalFacts
from bot.channels.web.limits import Limiter, Rate, Seconds
from bot.pages import environment
from bot.static_files import StaticFiles
from bot.web_security import client_address

if TYPE_CHECKING:
    from bot.bootstrap import Runtime

T = TypeVar("T")

CACHED_SECONDS = 60
"""How long what was released may still be seen after it was taken back."""

PAGES_OF_ADDRESS = Rate(burst=300, per_second=20)
"""Generous: a mobile operator puts thousands of people behind one address."""

NETWORK_BITS = 64
"""Of an IPv6 address: whoever has one has the whole network, and would try from all of it."""


class PublicSite:
    """The public pages' hands: look, show."""

    def __init__(self, runtime: Runtime, seconds: Seconds = time.monotonic) -> None:
        self.runtime = runtime
        self.seconds = seconds
        self._pages = Limiter(PAGES_OF_ADDRESS, seconds)
        self._templates = environment(StaticFiles())
        self._templates.globals["cases_on"] = runtime.settings.public_cases_on

    @property
    def now(self) -> datetime:
        return self.runtime.clock()

    @property
    def local(self) -> LocalFacts:
        return self.runtime.services.local

    async def look(self, read: Callable[[Session], T]) -> T:
        """Read from the database, in a thread."""

        def run() -> T:
            with self.runtime.database.read() as session:
                return read(session)

        return await asyncio.to_thread(run)

    def limited(self, show: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Handler:
        """A page that one address may open only so often."""

        async def handler(request: web.Request) -> web.StreamResponse:
            wait = self._pages.take(counted_address(request))
            return self.slow_down(wait) if wait else await show(request)

        return handler

    def page(self, request: web.Request, template: str, **values: object) -> web.Response:
        """A filled-in template of `templates/public/`, or that the browser has it already."""
        body = self._filled(template, values).encode()
        tag = ETag(hashlib.sha256(body).hexdigest()[:32], is_weak=True)
        answer = cached(request, tag)
        if answer.status != web.HTTPNotModified.status_code:
            answer.body = body
            answer.content_type, answer.charset = "text/html", "utf-8"
            answer.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
            answer.enable_compression()
        return answer

    def missing(self) -> web.Response:
        """The kind page of a 404: the same, whatever the reason."""
        return self._told("missing.html", web.HTTPNotFound.status_code)

    def slow_down(self, wait: float) -> web.Response:
        """What an address reads that asks too often.

        Args:
            wait: seconds until it may ask again.
        """
        response = self._told("slow_down.html", web.HTTPTooManyRequests.status_code)
        response.headers[hdrs.RETRY_AFTER] = str(math.ceil(wait))
        return response

    def _told(self, template: str, status: int) -> web.Response:
        response = web.Response(
            text=self._filled(template, {}), content_type="text/html", status=status
        )
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        return response

    def _filled(self, template: str, values: dict[str, object]) -> str:
        return self._templates.get_template(f"public/{template}").render(now=self.now, **values)


def cached(request: web.Request, tag: ETag) -> web.Response:
    """An answer that may be kept for a short time: empty, 304 where the browser has it already."""
    known = request.if_none_match or ()
    same = any(one.value in (tag.value, "*") for one in known)
    response = web.Response(status=304 if same else 200)
    response.etag = tag
    response.headers[hdrs.CACHE_CONTROL] = f"public, max-age={CACHED_SECONDS}"
    return response


def counted_address(request: web.Request) -> str:
    """What limits are counted by: the client's address, of IPv6 its network."""
    address = client_address(request)
    try:
        if ip_address(address).version == 4:
            return address
        return str(IPv6Network((address, NETWORK_BITS), strict=False))
    except ValueError:
        return address
