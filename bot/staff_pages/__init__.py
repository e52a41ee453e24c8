"""The staff page at /staff: tickets, chats, privacy requests, dead letters; behind a login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff_pages.access import Access
from bot.staff_pages.blocks import Blocks
from bot.staff_pages.chats import Chats
from bot.staff_pages.dead_letters import DeadLetters
from bot.staff_pages.login import Login
from bot.staff_pages.media import Media
from bot.staff_pages.privacy import Privacy
from bot.staff_pages.site import Site
from bot.staff_pages.tickets import Tickets

if TYPE_CHECKING:
    from bot.bootstrap import Runtime


def routes(runtime: Runtime) -> list[web.RouteDef]:
    """Every route below /staff."""
    site = Site(runtime)
    access = Access(site)
    parts = (Login, Tickets, Chats, Privacy, DeadLetters, Blocks, Media)
    return [route for part in parts for route in part(site, access).routes()]
