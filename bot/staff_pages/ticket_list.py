"""The inbox: the list of cases that stays open all day, as a page and as the parts that change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from actions import addressees, inbox, saved_filters
from actions.local_facts import LocalFacts
from bot.staff_pages import bulk, export
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.list_filter import Filter
from bot.staff_pages.site import HOME, Site
from bot.storable import number
from store.desk import SavedFilter

PULSE = f"{HOME}/pulse"
PULSE_S = 15
"""How often an open list asks whether there is anything new."""

LOOK_AGAIN_S = 60
"""Cases fall due without anything happening to them: a list is older than this only once."""


@dataclass(frozen=True)
class _Seen:
    """What a list shows, as of when: what came later is news."""

    page: inbox.Page
    total: inbox.Count
    counts: dict[inbox.View, inbox.Count]
    version: int
    newest: int


class TicketList:
    """The pages of the list."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    @property
    def _local(self) -> LocalFacts:
        return self._site.runtime.services.local

    def routes(self) -> list[web.RouteDef]:
        page = self._access.page
        return [
            web.get(HOME, page(self._show)),
            web.get(f"{HOME}/", page(self._show)),
            web.get(PULSE, page(self._pulse)),
        ]

    async def _show(self, request: web.Request, visitor: Visitor) -> web.Response:
        """The whole page; to a script that asks for one of them, the parts that change."""
        wanted = Filter.read(request.query)
        if _by_script(request):
            response = await self._parts("_inbox.html", visitor, wanted)
            # While filters are changed the history keeps one entry, and not one for each letter.
            typed = request.headers.get("HX-Trigger") == "filters"
            response.headers["HX-Replace-Url" if typed else "HX-Push-Url"] = wanted.here
            return response
        seen, choices, own, (officers, gone) = await self._site.look(
            lambda session: (
                self._read(session, visitor, wanted),
                inbox.choices(session, visitor.officer),
                saved_filters.of_officer(session, visitor.officer),
                bulk.officers(session, self._local, visitor.officer, self._site.now),
            )
        )
        return self._site.page(
            "tickets.html",
            **self._values(visitor, wanted, seen),
            choices=choices,
            own=[_Own(one, Filter.of_query(one.query).address()) for one in own],
            deeds=bulk.deeds(self._local, visitor.officer),
            officers=officers,
            gone=gone,
            agencies=addressees.all_agencies(self._local),
            said=request.query.get("said", ""),
        )

    async def _pulse(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What of an open list has changed; 204 when nothing has."""
        wanted = Filter.read(request.query)
        version = request.query.get("version", "")
        if version == await self._site.look(lambda session: self._stamp(inbox.version(session))):
            return web.Response(status=204, headers={"Cache-Control": "no-store"})
        newest = number(request.query.get("newest", ""))
        came, urgent = await self._site.look(
            lambda session: inbox.came_since(session, visitor.officer, newest)
        )
        return await self._parts("_inbox_pulse.html", visitor, wanted, came=came, urgent=urgent)

    async def _parts(
        self, template: str, visitor: Visitor, wanted: Filter, **more: Any
    ) -> web.Response:
        seen = await self._site.look(lambda session: self._read(session, visitor, wanted))
        return self._site.page(template, **self._values(visitor, wanted, seen), **more)

    def _read(self, session: Session, visitor: Visitor, wanted: Filter) -> _Seen:
        """The version is read first: what comes while the rest is read is news afterwards."""
        officer, now = visitor.officer, self._site.now
        version, newest = inbox.version(session), inbox.newest(session)
        page, total = inbox.page_and_total(session, wanted.wanted, officer, now, start=wanted.start)
        return _Seen(page, total, inbox.counts(session, officer, now), version, newest)

    def _values(self, visitor: Visitor, wanted: Filter, seen: _Seen) -> dict[str, Any]:
        local = self._local
        return {
            "visitor": visitor,
            "here": "tickets",
            "listing": wanted,
            "wanted": wanted.wanted,
            "seen": seen,
            "swapped": False,
            "pulse": self._pulse_query(wanted, seen),
            "pulse_s": PULSE_S,
            "may_bulk": bool(bulk.deeds(local, visitor.officer)),
            "categories": local.category_labels,
            "states": local.moves.states,
            "most_exported": export.MOST_ROWS,
        }

    def _pulse_query(self, wanted: Filter, seen: _Seen) -> str:
        """What the open list asks with: itself, and as of when it is."""
        as_of = urlencode({"version": self._stamp(seen.version), "newest": seen.newest})
        return "&".join(part for part in (wanted.here_query, as_of) if part)

    def _stamp(self, version: int) -> str:
        return f"{version}.{int(self._site.now.timestamp()) // LOOK_AGAIN_S}"


@dataclass(frozen=True)
class _Own:
    """A list that the officer keeps, and where it is."""

    kept: SavedFilter
    address: str


def _by_script(request: web.Request) -> bool:
    """Whether htmx asks for parts; going back in the history it wants the page."""
    asks = request.headers.get("HX-Request") == "true"
    return asks and request.headers.get("HX-History-Restore-Request") != "true"
