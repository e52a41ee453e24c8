"""The log of changes, in which each can be undone."""

from __future__ import annotations

from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy.orm import Session

from actions.administration import changes, local_tables, people
from actions.administration.changes import NoSuchChange, NotAsItWas, NotUndoable
from actions.administration.local_tables import Tables, TeamHasPeople
from actions.administration.people import FieldInvalid, LastAdministrator
from actions.local_facts import LocalTableInvalid
from actions.table_files import KEY_COLUMNS
from bot.staff_pages.access import Visitor
from bot.staff_pages.admin.frame import ADMIN, Frame, Problem, invalid, not_found, said
from bot.staff_pages.admin.people import reason_of, tell_of
from bot.staff_pages.forms import Form
from bot.storable import number, storable
from bot.work import UnitOfWork
from store.desk import DeskChange
from store.staff import Officer

HERE = f"{ADMIN}/changes"

COMMAND_LINE = "command"
"""Whoever changes something there, as the address of the page names it."""

SUBJECTS = (changes.OFFICER, *KEY_COLUMNS)

Refusals = (NotAsItWas, NotUndoable, FieldInvalid, LastAdministrator, TeamHasPeople)


class ChangeLog(Frame):
    """The page at /staff/admin/changes."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(HERE, self.page(self._show)),
            web.post(rf"{HERE}/{{change:\d{{1,15}}}}/undo", self.form(self._undo)),
        ]

    async def _show(self, request: web.Request, visitor: Visitor) -> web.Response:
        query = request.query
        subject = query.get("subject", "")
        wanted = changes.Wanted(
            subject=subject if subject in SUBJECTS else "",
            officer_id=number(query.get("officer", "")),
            command_line=query.get("officer") == COMMAND_LINE,
            key=storable(query.get("key", ""))[:100],
            page=max(1, number(query.get("page", "1"))),
        )
        return await self._page(visitor, wanted, said=query.get("said", ""))

    async def _page(
        self,
        visitor: Visitor,
        wanted: changes.Wanted,
        *,
        said: str = "",
        problem: Problem | None = None,
        status: int = 200,
    ) -> web.Response:
        folder = self.folder

        def read(session: Session) -> tuple[changes.Page, object, object]:
            of_units, _ = Tables.read(session, folder).offices()
            return changes.find(session, wanted), changes.authors(session), of_units

        found, authors, of_units = await self.site.look(read)
        narrowed = {
            name: value
            for name, value in (
                ("subject", wanted.subject),
                ("officer", COMMAND_LINE if wanted.command_line else wanted.officer_id),
                ("key", wanted.key),
            )
            if value
        }
        return self.show(
            "changes.html",
            visitor,
            part="changes",
            status=status,
            found=found,
            wanted=wanted,
            authors=authors,
            subjects=SUBJECTS,
            said=said,
            problem=problem or {},
            number=min(wanted.page, found.pages),
            query=urlencode(narrowed),
            local=self.local,
            of_units=of_units,
        )

    async def _undo(self, request: web.Request, visitor: Visitor, _form: Form) -> web.Response:
        wanted, folder = number(request.match_info["change"]), self.folder

        def do(work: UnitOfWork) -> None:
            change = changes.of_number(work.session, wanted)
            if change.subject == changes.OFFICER:
                _undo_of_person(work, visitor.officer, change)
            else:
                local_tables.undo(work.session, folder, visitor.officer, change, now=work.now)

        try:
            await self.site.act(do)
        except NoSuchChange:
            not_found()
        except Refusals as error:
            return await self._page(visitor, changes.Wanted(), problem=_problem(error), status=409)
        except LocalTableInvalid as error:
            problem = {**invalid(error, ("", "")), "kind": "unusable"}
            return await self._page(visitor, changes.Wanted(), problem=problem, status=409)
        await self.refresh()
        return said(HERE, "undone")


def _undo_of_person(work: UnitOfWork, by: Officer, change: DeskChange) -> None:
    officer = people.of_username(work.session, change.key)
    changed = people.undo(
        work.session,
        by,
        change,
        reason=reason_of(work, officer),
        local=work.services.local,
        now=work.now,
    )
    tell_of(work, changed)


_KINDS: dict[type[Exception], str] = {
    NotAsItWas: "not_as_it_was",
    NotUndoable: "not_undoable",
    LastAdministrator: "last_administrator",
}


def _problem(error: Exception) -> Problem:
    if isinstance(error, FieldInvalid):
        return {"kind": "person", "column": error.column, "problem": error.problem}
    if isinstance(error, TeamHasPeople):
        return {"kind": "team_has_people", "count": error.count}
    return {"kind": _KINDS[type(error)]}
