"""The agencies: their names and phones, and the Telegram group of each."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.orm import Session

from actions import groups
from actions.administration import changes, local_tables
from actions.administration.changes import ChangedMeanwhile
from actions.administration.local_tables import AGENCIES, Tables
from actions.folding import folded
from actions.local_facts import LocalTableInvalid
from actions.table_files import Row
from bot.staff_pages.access import Visitor
from bot.staff_pages.admin.frame import (
    ADMIN,
    Frame,
    Problem,
    Values,
    changed_meanwhile,
    invalid,
    not_found,
    said,
)
from bot.staff_pages.forms import Form
from bot.storable import number, storable
from bot.work import UnitOfWork

HERE = f"{ADMIN}/agencies"
ONE = rf"{HERE}/{{code:[a-z0-9-]{{1,40}}}}"

PAGE_SIZE = 50
MAX_SEARCH = 100


class Agencies(Frame):
    """The list of agencies, and the page of each."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(HERE, self.page(self._list)),
            web.get(ONE, self.page(self._one)),
            web.post(ONE, self.form(self._save)),
            web.post(f"{ONE}/group-code", self.form(self._group_code)),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        words = storable(request.query.get("search", "")).strip()[:MAX_SEARCH]
        folder = self.folder

        def read(session: Session) -> tuple[list[Row], set[str], set[str]]:
            tables = Tables.read(session, folder)
            found = [
                row
                for row in tables.rows(AGENCIES).values()
                if folded(words) in folded(f"{row['name']} {row['phone']}")
            ]
            edited = {key for table, key in tables.edits if table == AGENCIES}
            return found, edited, local_tables.linked_groups(session)

        found, edited, linked = await self.site.look(read)
        pages = max(1, -(-len(found) // PAGE_SIZE))
        page = min(max(1, number(request.query.get("page", "1"))), pages)
        return self.show(
            "agencies.html",
            visitor,
            part="agencies",
            offices=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
            total=len(found),
            number=page,
            pages=pages,
            search=words,
            edited=edited,
            linked=linked,
        )

    async def _one(self, request: web.Request, visitor: Visitor) -> web.Response:
        return await self._page(
            visitor, request.match_info["code"], said=request.query.get("said", "")
        )

    async def _page(
        self,
        visitor: Visitor,
        code: str,
        *,
        said: str = "",
        row: Row | None = None,
        problem: Problem | None = None,
        group_code: str = "",
        status: int = 200,
    ) -> web.Response:
        folder = self.folder

        def read(session: Session) -> Values:
            tables = Tables.read(session, folder)
            current = tables.row(AGENCIES, code)
            if current is None:
                not_found()
            group = groups.group_of_agency(session, code)
            return {
                "row": row or current,
                "name": current["name"],
                "file_row": tables.file_row(AGENCIES, code),
                "is_edited": tables.is_edited(AGENCIES, code),
                "version": changes.version(session, AGENCIES, code),
                "shared": len(groups.agencies_of(session, group)) if group else 0,
                "open_cases": local_tables.open_cases_of_agency(session, code),
            }

        return self.show(
            "agency.html",
            visitor,
            part="agencies",
            status=status,
            code=code,
            said=said,
            problem=problem or {},
            group_code=group_code,
            minutes=int(groups.LINK_CODE_LIFE.total_seconds() // 60),
            **await self.site.look(read),
        )

    async def _save(self, request: web.Request, visitor: Visitor, form: Form) -> web.Response:
        code, folder = request.match_info["code"], self.folder
        row = {"code": code, "name": form.text("name"), "phone": form.text("phone")}

        def do(work: UnitOfWork) -> None:
            _see_that_it_is_there(work, self, code)
            local_tables.change(
                work.session,
                folder,
                visitor.officer,
                (AGENCIES, code),
                row,
                now=work.now,
                seen=form.number("version"),
            )

        try:
            await self.site.act(do)
        except LocalTableInvalid as error:
            return await self._page(
                visitor, code, row=row, problem=invalid(error, (AGENCIES, code)), status=400
            )
        except ChangedMeanwhile as error:
            return await self._page(
                visitor, code, row=row, problem=changed_meanwhile(error), status=409
            )
        await self.refresh()
        return said(f"{HERE}/{code}", "saved")

    async def _group_code(
        self, request: web.Request, visitor: Visitor, _form: Form
    ) -> web.Response:
        code = request.match_info["code"]

        def do(work: UnitOfWork) -> str:
            _see_that_it_is_there(work, self, code)
            changes.note_event(
                work.session, visitor.officer, AGENCIES, code, changes.GROUP_CODE, now=work.now
            )
            return groups.new_link_code(work.session, code, now=work.now)

        return await self._page(visitor, code, group_code=await self.site.act(do))


def _see_that_it_is_there(work: UnitOfWork, frame: Frame, code: str) -> None:
    if Tables.read(work.session, frame.folder).row(AGENCIES, code) is None:
        not_found()
