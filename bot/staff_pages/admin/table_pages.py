"""The pages of the province's tables: routing, deadlines, canned replies, days, teams, hours."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.orm import Session

from actions import canned, local_edits
from actions.administration import changes, local_tables
from actions.administration.changes import ChangedMeanwhile
from actions.administration.local_tables import Tables, TeamHasPeople
from actions.folding import folded
from actions.local_facts import LocalFacts, LocalTableInvalid
from actions.table_files import ANY, WHOLE, EditKey, Row
from bot.desk.cards import STAFF
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
from bot.staff_pages.admin.table_forms import SPANS, TABLES, EditedTable
from bot.staff_pages.forms import Form
from bot.storable import storable
from bot.work import UnitOfWork

HERE = f"{ADMIN}/tables"
ONE = rf"{HERE}/{{table:{'|'.join(TABLES)}}}"

MAX_SEARCH = 100

Refusals = (LocalTableInvalid, ChangedMeanwhile, TeamHasPeople)


@dataclass(frozen=True)
class Listed:
    """A row of a list; `edited`: not as the file has it, `idle`: a line above leaves it nothing."""

    key: str
    row: Row
    edited: bool
    idle: bool


class TablePages(Frame):
    """A list of each table's rows, a form for one of them, and a question before it is removed."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(ONE, self.page(self._list)),
            web.get(f"{ONE}/row", self.page(self._row)),
            web.post(f"{ONE}/row", self.form(self._save)),
            web.post(f"{ONE}/restore", self.form(self._restore)),
            web.get(f"{ONE}/remove", self.page(self._ask_remove)),
            web.post(f"{ONE}/remove", self.form(self._remove)),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        slug, table = _wanted(request)
        if table.whole:
            return await self._form(visitor, slug, WHOLE, said=request.query.get("said", ""))
        words = storable(request.query.get("search", "")).strip()[:MAX_SEARCH]
        folder, local = self.folder, self.local

        def read(session: Session) -> Values:
            tables = Tables.read(session, folder)
            _, skipped = local_edits.load(folder, tables.edits)
            listed = _listed(tables, table)
            return {
                "listed": [one for one in listed if _has(one.row, words, local)],
                "total": len(listed),
                "skipped": [edit for edit in skipped if edit.at[0] == table.name],
                "of_units": tables.offices()[0],
            }

        return self.show(
            "table.html",
            visitor,
            part=slug,
            table=table.name,
            said=request.query.get("said", ""),
            search=words,
            local=local,
            **await self.site.look(read),
        )

    async def _row(self, request: web.Request, visitor: Visitor) -> web.Response:
        slug, _ = _wanted(request)
        return await self._form(visitor, slug, _key(request))

    async def _form(
        self,
        visitor: Visitor,
        slug: str,
        key: str,
        *,
        typed: Row | None = None,
        problem: Problem | None = None,
        said: str = "",
        status: int = 200,
    ) -> web.Response:
        """The form of a row, or, with an empty key, of a new one."""
        table, folder, local = TABLES[slug], self.folder, self.local

        def read(session: Session) -> Values:
            tables = Tables.read(session, folder)
            current = tables.row(table.name, key)
            if key and current is None:
                not_found()
            of_units, single = tables.offices()
            shown = current or {}
            if typed is not None:
                shown = table.over(current, typed) if current else typed
            return {
                "row": shown,
                "version": changes.version(session, table.name, key),
                "is_edited": tables.is_edited(table.name, key),
                "has_file_row": tables.file_row(table.name, key) is not None,
                "of_units": of_units,
                "single": single,
                "in_team": local_tables.people_in(session, key),
            }

        return self.show(
            "row.html",
            visitor,
            part=slug,
            status=status,
            table=table.name,
            key=key,
            whole=table.whole,
            said=said,
            problem=problem or {},
            local=local,
            moves=[move for move in local.moves.moves.values() if move.who & STAFF],
            reply=canned.REPLY,
            fields=sorted(canned.FIELDS),
            spans=SPANS,
            **await self.site.look(read),
        )

    async def _save(self, request: web.Request, visitor: Visitor, form: Form) -> web.Response:
        slug, table = _wanted(request)
        key, folder, typed = _key(request), self.folder, table.read(form)
        at = (table.name, key)

        def read(session: Session) -> tuple[Row, int]:
            tables = Tables.read(session, folder)
            if not key:
                row = table.new_row(typed, tables.rows(table.name))
                return row, changes.version(session, table.name, table.key(row))
            current = tables.row(table.name, key)
            if current is None:
                not_found()
            return table.over(current, typed), form.number("version")

        try:
            row, seen = await self.site.look(read)
            at = (table.name, table.key(row))
            await self.site.act(
                lambda work: local_tables.change(
                    work.session, folder, visitor.officer, at, row, now=work.now, seen=seen
                )
            )
        except Refusals as error:
            problem = _problem(error, at)
            return await self._form(
                visitor, slug, key, typed=typed, problem=problem, status=_status(error)
            )
        await self.refresh()
        return said(f"{HERE}/{slug}", "saved")

    async def _restore(self, request: web.Request, visitor: Visitor, form: Form) -> web.Response:
        """Back to what the file says; a row that the file does not have is gone then."""
        slug, table = _wanted(request)
        key, folder = _key(request), self.folder
        at: EditKey = (table.name, key)

        def do(work: UnitOfWork) -> None:
            row = Tables.read(work.session, folder).file_row(*at)
            local_tables.change(
                work.session,
                folder,
                visitor.officer,
                at,
                row,
                now=work.now,
                seen=form.number("version"),
            )

        try:
            await self.site.act(do)
        except Refusals as error:
            return await self._form(
                visitor, slug, key, problem=_problem(error, at), status=_status(error)
            )
        await self.refresh()
        return said(f"{HERE}/{slug}", "restored")

    async def _ask_remove(self, request: web.Request, visitor: Visitor) -> web.Response:
        slug, _ = _wanted(request)
        return await self._remove_page(visitor, slug, _key(request))

    async def _remove_page(
        self,
        visitor: Visitor,
        slug: str,
        key: str,
        problem: Problem | None = None,
        status: int = 200,
    ) -> web.Response:
        """What it would mean to remove a row, or why it cannot be."""
        table, folder, local = TABLES[slug], self.folder, self.local
        at = (table.name, key)

        def read(session: Session) -> Values:
            tables = Tables.read(session, folder)
            row = tables.row(table.name, key)
            if row is None:
                not_found()
            refused: Problem = problem or {}
            try:
                local_tables.see_that_it_can_go(session, folder, at)
            except Refusals as error:
                refused = refused or _problem(error, at)
            return {
                "row": row,
                "problem": refused,
                "version": changes.version(session, table.name, key),
                "open_cases": local_tables.open_cases(session, row),
                "next": _next_that_fits(tables, table, key),
                "of_units": tables.offices()[0],
            }

        return self.show(
            "remove.html",
            visitor,
            part=slug,
            status=status,
            table=table.name,
            key=key,
            local=local,
            **await self.site.look(read),
        )

    async def _remove(self, request: web.Request, visitor: Visitor, form: Form) -> web.Response:
        slug, table = _wanted(request)
        key, folder = _key(request), self.folder
        at = (table.name, key)

        def do(work: UnitOfWork) -> None:
            if Tables.read(work.session, folder).row(*at) is None:
                not_found()
            local_tables.change(
                work.session,
                folder,
                visitor.officer,
                at,
                None,
                now=work.now,
                seen=form.number("version"),
            )

        try:
            await self.site.act(do)
        except Refusals as error:
            return await self._remove_page(visitor, slug, key, _problem(error, at), _status(error))
        await self.refresh()
        return said(f"{HERE}/{slug}", "removed")


def _wanted(request: web.Request) -> tuple[str, EditedTable]:
    slug = request.match_info["table"]
    return slug, TABLES[slug]


def _key(request: web.Request) -> str:
    return storable(request.query.get("key", ""))[:100]


def _problem(error: Exception, at: EditKey) -> Problem:
    if isinstance(error, ChangedMeanwhile):
        return changed_meanwhile(error)
    if isinstance(error, TeamHasPeople):
        return {"kind": "team_has_people", "count": error.count}
    if isinstance(error, LocalTableInvalid):
        return invalid(error, at)
    raise error


def _status(error: Exception) -> int:
    return 409 if isinstance(error, ChangedMeanwhile) else 400


def _listed(tables: Tables, table: EditedTable) -> list[Listed]:
    """The rows in the order in which they count; days in their own order."""
    rows = tables.rows(table.name)
    keys = sorted(rows) if table.name == "holidays_override" else list(rows)
    return [
        Listed(
            key,
            rows[key],
            edited=tables.is_edited(table.name, key),
            idle=any(_covers(table, rows[above], rows[key]) for above in keys[:place]),
        )
        for place, key in enumerate(keys)
    ]


def _covers(table: EditedTable, above: Row, row: Row) -> bool:
    """Whether a line of a table whose first line that fits holds leaves nothing to a later one."""
    columns = [column for column in table.key_columns if column in _CONDITIONS]
    return bool(columns) and all(above[column] in (ANY, row[column]) for column in columns)


_CONDITIONS = frozenset({"category", "urgency", "commune"})


def _next_that_fits(tables: Tables, table: EditedTable, key: str) -> Row | None:
    """The line that holds for what a line was for, once that is gone."""
    rows = tables.rows(table.name)
    keys = list(rows)
    below = keys[keys.index(key) + 1 :] if key in rows else []
    fitting = (rows[other] for other in below if _covers(table, rows[other], rows[key]))
    return next(fitting, None)


def _has(row: Row, words: str, local: LocalFacts) -> bool:
    """Whether a row holds these words, as it is shown or as it is kept."""
    if not words:
        return True
    values = [
        value for cell in row.values() for value in (cell if isinstance(cell, list) else [cell])
    ]
    names = [
        name
        for value in values
        for name in (
            local.category_labels.get(value, ""),
            local.teams.get(value, ""),
            local.agencies[value].name if value in local.agencies else "",
            local.communes[value].name if value in local.communes else "",
        )
    ]
    return folded(words) in folded(" ".join(map(str, [*values, *names])))
