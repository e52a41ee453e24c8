"""What the administrators' pages have in common."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NoReturn

from aiohttp import web
from aiohttp.typedefs import Handler

from actions.administration.changes import ChangedMeanwhile
from actions.local_facts import LocalFacts, LocalTableInvalid
from actions.rights import Right
from bot.staff_pages.access import Access, FormHandler, PageHandler, Visitor
from bot.staff_pages.forms import SMALL_FORM
from bot.staff_pages.site import HOME, Site, go_to

ADMIN = f"{HOME}/admin"

Problem = dict[str, object]
"""What a template says about a form that was refused: `kind`, and what that kind needs."""


Values = dict[str, Any]
"""What a template shows, as it was read in one transaction."""


class Frame:
    """Pages that only administrators see, with the running parts that they need."""

    def __init__(self, site: Site, access: Access) -> None:
        self.site = site
        self._access = access

    def page(self, show: PageHandler) -> Handler:
        return self._access.page(show, right=Right.ADMINISTER)

    def form(self, take: FormHandler) -> Handler:
        return self._access.form(take, limit=SMALL_FORM, right=Right.ADMINISTER)

    @property
    def folder(self) -> Path:
        """The province's tables."""
        return self.site.runtime.settings.local_dir

    @property
    def local(self) -> LocalFacts:
        """The facts as they are now; a handler takes them once."""
        return self.site.runtime.services.local

    async def refresh(self) -> None:
        """Let what was just saved hold here at once; other processes look every few seconds."""
        await asyncio.to_thread(self.site.runtime.live.refresh)

    def show(
        self, template: str, visitor: Visitor, *, part: str, status: int = 200, **values: object
    ) -> web.Response:
        """A page; `part` is what the menu of the administrators calls it."""
        return self.site.page(
            f"admin/{template}", status=status, visitor=visitor, here="admin", part=part, **values
        )


def said(path: str, what: str) -> web.Response:
    """Back to a page, which says what was done."""
    mark = "&" if "?" in path else "?"
    return go_to(f"{path}{mark}said={what}")


def changed_meanwhile(error: ChangedMeanwhile) -> Problem:
    return {"kind": "changed", "by": error.by, "at": error.at}


def invalid(error: LocalTableInvalid, at: tuple[str, str]) -> Problem:
    """A table that cannot be used: beside a field of the row itself, or because of another row."""
    table, key = error.at
    if error.at == at or (table in (at[0], "") and not key):
        return {"kind": "field", "column": error.column, "problem": error.problem}
    return {
        "kind": "elsewhere",
        "table": table,
        "key": key,
        "column": error.column,
        "problem": error.problem,
    }


def not_found() -> NoReturn:
    raise web.HTTPNotFound
