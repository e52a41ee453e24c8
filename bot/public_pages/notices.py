"""Notices and figures for everybody."""

from __future__ import annotations

from aiohttp import web

from actions import publications
from bot.public_pages.site import PublicSite

NOTICES = "/thong-bao"


class Notices:
    """The page at /thong-bao."""

    def __init__(self, site: PublicSite) -> None:
        self._site = site

    def routes(self) -> list[web.RouteDef]:
        return [web.get(NOTICES, self._site.limited(self._show))]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        local, now = self._site.local, self._site.now
        told = await self._site.look(lambda session: publications.told(session, local, now))
        return self._site.page(request, "notices.html", told=told)
