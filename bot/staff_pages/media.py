"""Photos and videos, for officers only."""

from __future__ import annotations

import asyncio
import re

from aiohttp import hdrs, web

from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.site import HOME, Site

_TYPES = {"jpg": "image/jpeg", "mp4": "video/mp4"}
"""What the media folder holds, see `bot.media`."""

_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.(jpg|mp4)")


class Media:
    """Serves the media folder."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        return [web.get(f"{HOME}/media/{{path:.+}}", self._access.page(self._show))]

    async def _show(self, request: web.Request, _visitor: Visitor) -> web.StreamResponse:
        name = request.match_info["path"]
        found = _NAME.fullmatch(name)
        if found is None:
            raise web.HTTPNotFound
        try:
            path = await asyncio.to_thread(self._site.runtime.media_store.path, name)
        except FileNotFoundError:
            raise web.HTTPNotFound from None
        return web.FileResponse(
            path,
            headers={
                hdrs.CONTENT_TYPE: _TYPES[found.group(1)],
                hdrs.CACHE_CONTROL: "private, max-age=86400",
            },
        )
