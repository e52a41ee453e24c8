"""The first of the administrators' pages: what there is to change, and what cannot be used."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.orm import Session

from actions import local_edits
from actions.administration import changes
from actions.administration.local_tables import Tables
from bot.staff_pages.access import Visitor
from bot.staff_pages.admin.frame import ADMIN, Frame, Values


class Overview(Frame):
    """The page at /staff/admin."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get(ADMIN, self.page(self._show))]

    async def _show(self, _request: web.Request, visitor: Visitor) -> web.Response:
        folder = self.folder

        def read(session: Session) -> Values:
            tables = Tables.read(session, folder)
            _, skipped = local_edits.load(folder, tables.edits)
            return {
                "skipped": skipped,
                "edits": len(tables.edits),
                "log": changes.find(session, changes.Wanted()).rows[:8],
            }

        return self.show(
            "overview.html",
            visitor,
            part="overview",
            local=self.local,
            **await self.site.look(read),
        )
