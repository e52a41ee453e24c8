"""The staff page at /staff: tickets, chats, privacy requests, dead letters; behind a login."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.staff_pages import admin
from bot.staff_pages.access import Access
from bot.staff_pages.account import Account
from bot.staff_pages.blocks import Blocks
from bot.staff_pages.bulk import Bulk
from bot.staff_pages.chats import Chats
from bot.staff_pages.dead_letters import DeadLetters
from bot.staff_pages.dossiers import Dossiers
from bot.staff_pages.export import Export
from bot.staff_pages.figures import FiguresPage
from bot.staff_pages.login import Login
from bot.staff_pages.media import Media
from bot.staff_pages.privacy import Privacy
from bot.staff_pages.publications import Publications
from bot.staff_pages.releases import Releases
from bot.staff_pages.saved_lists import SavedLists
from bot.staff_pages.sessions import Sessions
from bot.staff_pages.site import Site
from bot.staff_pages.ticket_list import TicketList
from bot.staff_pages.tickets import Tickets
from bot.staff_pages.views import Views

if TYPE_CHECKING:
    from bot.bootstrap import Runtime


def routes(runtime: Runtime) -> list[web.RouteDef]:
    """Every route below /staff."""
    site = Site(runtime)
    access = Access(site)
    parts = (
        Login,
        TicketList,
        Bulk,
        Export,
        FiguresPage,
        SavedLists,
        Tickets,
        Chats,
        Privacy,
        DeadLetters,
        Blocks,
        Media,
        Releases,
        Publications,
        Dossiers,
        Account,
        Sessions,
        Views,
        *admin.PARTS,
    )
    found = [route for part in parts for route in part(site, access).routes()]
    return [*found, *access.nothing_else()]
