"""Pages for everybody, without a login: released cases at /phan-anh, notices at /thong-bao."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.public_pages.cases import Cases
from bot.public_pages.notices import Notices
from bot.public_pages.site import PublicSite

if TYPE_CHECKING:
    from bot.bootstrap import Runtime


def routes(runtime: Runtime) -> list[web.RouteDef]:
    """Every route of the public pages that the settings switch on."""
    site = PublicSite(runtime)
    cases = Cases(site).routes() if runtime.settings.public_cases_on else []
    return [*cases, *Notices(site).routes()]
