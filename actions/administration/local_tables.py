"""The tables of the province as the desk shows and changes them.

A row that the desk has changed is kept as an edit that stands before the file's own row; a row that
is changed back to what the file says is no edit any more. Nothing is kept that the programme could
not be started with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions import local_edits
from actions.administration import changes
from actions.administration.changes import NotAsItWas
from actions.local_facts import LocalFacts, load_local_facts, tables
from actions.table_files import (
    ANY,
    KEY_COLUMNS,
    WHOLE,
    EditKey,
    Edits,
    LocalTable,
    Row,
    edited,
    records,
    rows,
)
from store.desk import DeskChange, LocalEdit
from store.groups import AgencyGroup
from store.staff import Officer
from store.tickets import UNDER_WAY, Ticket

AGENCIES = "agencies"
TEAMS = "teams"
HOURS = "working_hours"
REPLIES = "canned_replies"

COLUMNS = {
    TEAMS: ("code", "name"),
    "routing": (
        "category",
        "urgency",
        "commune",
        "agency",
        "agency_without_commune",
        "team",
        "why",
    ),
    "deadlines": ("category", "urgency", "clock", "accept", "answer", "resolve"),
    "holidays_override": ("date", "worked", "why", "source"),
    HOURS: ("opens", "closes"),
}
"""What the desk shows of the tables that are CSV files, besides the agencies."""


class TeamHasPeople(Exception):
    """A team that somebody is in cannot be removed."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@dataclass(frozen=True)
class Tables:
    """The tables of a folder with the edits over them, whether or not they can be used."""

    folder: Path
    edits: Edits

    @classmethod
    def read(cls, session: Session, folder: Path) -> Tables:
        return cls(folder, local_edits.read(session))

    def rows(self, table: str) -> dict[str, Row]:
        """The rows of a table by key, in the order in which they count."""
        return self._rows(table, self.edits)

    def row(self, table: str, key: str) -> Row | None:
        """A row as it is now; None: there is none."""
        at = (table, key)
        return self.edits[at] if at in self.edits else self.file_row(table, key)

    def file_row(self, table: str, key: str) -> Row | None:
        """A row as the files have it."""
        return self._of_files[table].get(key)

    def offices(self) -> tuple[dict[str, str], dict[str, str]]:
        """What a routing rule may name: offices that every unit has, and single ones; by code.

        The name of the former tells what it is called in a unit, `{name}` for the unit's own name.
        """
        of_units: dict[str, str] = {}
        single: dict[str, str] = {}
        changed = self.rows(AGENCIES)
        for row in rows(LocalTable(self.folder / "agencies.csv"), ("code", "name", "level")):
            if row["level"] == "commune":
                of_units[row["code"]] = row["name"]
            else:
                single[row["code"]] = changed[row["code"]]["name"]
        return of_units, single

    def is_edited(self, table: str, key: str) -> bool:
        return (table, key) in self.edits

    @cached_property
    def _of_files(self) -> dict[str, dict[str, Row]]:
        return {table: self._rows(table, {}) for table in KEY_COLUMNS}

    def _rows(self, table: str, edits: Edits) -> dict[str, Row]:
        if table == AGENCIES:
            return self._agencies(edits)
        if table == REPLIES:
            replies = edited(self.folder / f"{REPLIES}.yml", edits)
            return {reply["name"]: reply for reply in records(replies, "replies")}
        source = edited(self.folder / f"{table}.csv", edits)
        found = rows(source, COLUMNS[table])
        if table == HOURS:
            return {WHOLE: {"rows": found}}
        return {source.key(row): row for row in found}

    def _agencies(self, edits: Edits) -> dict[str, Row]:
        """One row for each office, also for those that a line of the file stands for together."""
        units = tables.communes(self.folder / "communes.csv").values()
        offices = tables.agencies(LocalTable(self.folder / "agencies.csv"), units).values()
        found: dict[str, Row] = {
            office.code: {"code": office.code, "name": office.name, "phone": office.phone or ""}
            for office in offices
        }
        changed = {key: row for (table, key), row in edits.items() if table == AGENCIES}
        return found | {key: row for key, row in changed.items() if row is not None}


def change(
    session: Session,
    folder: Path,
    officer: Officer,
    at: EditKey,
    row: Row | None,
    *,
    now: datetime,
    seen: int | None = None,
    undoes: DeskChange | None = None,
) -> DeskChange | None:
    """Give a row of a table new values, add it or, with None, remove it.

    Args:
        folder: the province's files.
        at: the table's name and the row's key.
        seen: the version that the form was opened with (`changes.version`).

    Returns the logged change; None when it is so already.

    Raises:
        ChangedMeanwhile: somebody else changed the row since the form was opened.
        LocalTableInvalid: the tables cannot be used with it; nothing is changed.
        TeamHasPeople: a team is to be removed that somebody is in.
    """
    changes.lock(session)
    changes.see_that_it_is(session, *at, seen)
    now_there = Tables.read(session, folder)
    before = now_there.row(*at)
    if row == before:
        return None
    _see_that_nobody_is_in_it(session, at, row)
    edits = {known: edit for known, edit in now_there.edits.items() if known != at}
    if row != now_there.file_row(*at):
        edits[at] = row  # the last: what breaks by it is put down to it
    facts = _loaded(folder, now_there.edits, edits)
    _keep(session, at, edits, now)
    load_local_facts(session, facts)
    return changes.note(session, officer, *at, before=before, after=row, now=now, undoes=undoes)


def undo(
    session: Session, folder: Path, officer: Officer, change_: DeskChange, *, now: datetime
) -> DeskChange | None:
    """Put the row back that stood there before a change.

    Raises:
        NotAsItWas: the row is not as the change left it.
        LocalTableInvalid, TeamHasPeople: the tables cannot be used that way.
    """
    changes.lock(session)
    at = (change_.subject, change_.key)
    if Tables.read(session, folder).row(*at) != change_.after:
        raise NotAsItWas
    return change(session, folder, officer, at, change_.before, now=now, undoes=change_)


def see_that_it_can_go(session: Session, folder: Path, at: EditKey) -> None:
    """See that a row could be removed; nothing is changed.

    Raises:
        LocalTableInvalid: the tables cannot be used without it.
        TeamHasPeople: it is a team that somebody is in.
    """
    _see_that_nobody_is_in_it(session, at, None)
    edits = local_edits.read(session)
    others = {known: edit for known, edit in edits.items() if known != at}
    _loaded(folder, edits, {**others, at: None})


def linked_groups(session: Session) -> set[str]:
    """The codes of the agencies that have a Telegram group of their own."""
    return set(session.scalars(select(AgencyGroup.agency_code)))


def people_in(session: Session, team: str) -> int:
    """How many officers at work are in a team."""
    query = select(func.count(Officer.id)).where(
        Officer.team_code == team, Officer.active.is_(True)
    )
    return session.scalar(query) or 0


def open_cases(session: Session, row: Row) -> int:
    """How many open cases a line of routing or deadlines fits, whichever line they went by."""
    columns = {
        "category": Ticket.category,
        "urgency": Ticket.urgency,
        "commune": Ticket.commune_code,
    }
    named = [column == row[name] for name, column in columns.items() if row.get(name, ANY) != ANY]
    return session.scalar(select(func.count(Ticket.id)).where(UNDER_WAY, *named)) or 0


def open_cases_of_agency(session: Session, code: str) -> int:
    """How many open cases an agency has."""
    query = select(func.count(Ticket.id)).where(UNDER_WAY, Ticket.agency_code == code)
    return session.scalar(query) or 0


def _see_that_nobody_is_in_it(session: Session, at: EditKey, row: Row | None) -> None:
    table, key = at
    if table == TEAMS and row is None and (count := people_in(session, key)):
        raise TeamHasPeople(count)


def _loaded(folder: Path, before: Edits, after: Edits) -> LocalFacts:
    """The facts with the edits; edits that could not be used before are no reason to refuse."""
    facts, skipped = local_edits.load(folder, after)
    if skipped:
        _, known = local_edits.load(folder, before)
        bad = {edit.at for edit in known if before[edit.at] == after.get(edit.at)}
        for edit in skipped:
            if edit.at not in bad:
                raise edit.error
    return facts


def _keep(session: Session, at: EditKey, edits: Edits, now: datetime) -> None:
    table, key = at
    kept = session.get(LocalEdit, at)
    if at not in edits:
        if kept is not None:
            session.delete(kept)
    elif kept is None:
        session.add(LocalEdit(table_name=table, key=key, row=edits[at], changed_at=now))
    else:
        kept.row, kept.changed_at = edits[at], now
    session.flush()
