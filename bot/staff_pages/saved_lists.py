"""Keeping a list of cases under a name, and keeping it no longer."""

from __future__ import annotations

from aiohttp import web

from actions import saved_filters
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.list_filter import Filter
from bot.staff_pages.site import HOME, Site, go_to
from bot.storable import number

LISTS = f"{HOME}/lists"

PROBLEMS: dict[type[Exception], str] = {
    saved_filters.NameMissing: "list_name_missing",
    saved_filters.TooMany: "too_many_lists",
}
"""Why a list is not kept, and what the template calls it."""


class SavedLists:
    """The forms beside the list of cases."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        form = self._access.form
        return [
            web.post(LISTS, form(self._keep, limit=SMALL_FORM)),
            web.post(rf"{LISTS}/{{list:\d{{1,9}}}}/drop", form(self._drop, limit=SMALL_FORM)),
        ]

    async def _keep(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        """Keep the list that the form stood beside; whatever of it makes no sense falls away."""
        wanted, name = Filter.of_query(form.text("filter")), form.text("name")
        try:
            await self._site.act(
                lambda work: saved_filters.keep(
                    work.session, visitor.officer, name, wanted.query, work.now
                )
            )
        except tuple(PROBLEMS) as error:
            return go_to(wanted.address(said=PROBLEMS[type(error)]))
        return go_to(wanted.address(said="list_kept"))

    async def _drop(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        kept = number(request.match_info["list"])
        await self._site.act(lambda work: saved_filters.drop(work.session, visitor.officer, kept))
        return go_to(f"{HOME}?said=list_dropped")
