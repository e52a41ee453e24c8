"""Photos, videos and documents, for officers who may see what they belong to."""

from __future__ import annotations

import asyncio
import re

from aiohttp import hdrs, web

from actions import rights
from bot import documents
from bot.media import TYPES, small_copy
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.site import HOME, Site
from bot.web_security import saved_under

_NAME = re.compile(rf"[0-9a-f]{{2}}/([0-9a-f]{{64}})\.({'|'.join(TYPES)})")


class Media:
    """Serves the media folder; of a photo, with `?small`, a small copy.

    Documents are saved by the browser, never shown.
    """

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        return [web.get(f"{HOME}/media/{{path:.+}}", self._access.page(self._show))]

    async def _show(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        name = request.match_info["path"]
        found = _NAME.fullmatch(name)
        if found is None or not await self._site.look(
            lambda session: rights.sees_picture(session, visitor.officer, name)
        ):
            raise web.HTTPNotFound
        try:
            path = await asyncio.to_thread(self._site.runtime.media_store.path, name)
        except FileNotFoundError:
            raise web.HTTPNotFound from None
        digest, suffix = found.groups()
        headers: dict[str, str] = {
            hdrs.CONTENT_TYPE: TYPES[suffix],
            hdrs.CACHE_CONTROL: "private, max-age=86400",
        }
        if suffix in documents.TYPES:
            headers |= saved_under(f"tai-lieu-{digest[:8]}.{suffix}")
        if "small" in request.query and suffix == "jpg":
            return web.Response(body=await asyncio.to_thread(small_copy, path), headers=headers)
        return web.FileResponse(path, headers=headers)
