"""The log of what was changed at the desk: who, when, what stood there before and after.

Where it is said who makes a change, None is the command line, which knows no officer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session, aliased

from store.desk import DeskChange
from store.staff import Officer

OFFICER = "officer"
"""The subject of changes to people; their key is the username."""

EVENT = "event"
"""The only key of `after` where nothing was changed that could be changed back."""

PASSWORD = "password"
LINK_CODE = "link_code"
SESSIONS = "sessions"
SECOND_FACTOR = "second_factor"
GROUP_CODE = "group_code"
"""What such an event may be."""

PAGE_SIZE = 50


class ChangedMeanwhile(Exception):
    """Somebody else changed it after the form was opened."""

    def __init__(self, by: str | None, at: datetime) -> None:
        super().__init__(by)
        self.by = by
        self.at = at


class NoSuchChange(LookupError):
    """The log has no change of this number."""


class NotUndoable(Exception):
    """A password that was given out, or sessions that were ended, cannot be taken back."""


class NotAsItWas(Exception):
    """What the change left is not there any more, so that its reverse would undo something else."""


@dataclass(frozen=True)
class Wanted:
    """Which changes somebody wants to see; what is empty does not narrow the list."""

    subject: str = ""
    officer_id: int = 0
    command_line: bool = False
    key: str = ""
    page: int = 1


@dataclass(frozen=True)
class Logged:
    """A change, who made it, and, where it was undone, when and by whom."""

    change: DeskChange
    officer: str | None
    undone_at: datetime | None
    undone_by: str | None

    @property
    def event(self) -> str | None:
        """What was done, where nothing can be undone."""
        return event_of(self.change)


@dataclass(frozen=True)
class Page:
    rows: list[Logged]
    total: int
    pages: int


def lock(session: Session) -> None:
    """Let one administrator at a time change anything, so that what each has checked holds."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE desk_change IN SHARE ROW EXCLUSIVE MODE"))


def note(
    session: Session,
    officer: Officer | None,
    subject: str,
    key: str,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    now: datetime,
    undoes: DeskChange | None = None,
) -> DeskChange:
    """Log a change."""
    change = DeskChange(
        at=now,
        officer_id=officer.id if officer else None,
        subject=subject,
        key=key,
        before=before,
        after=after,
        undoes_id=undoes.id if undoes else None,
    )
    session.add(change)
    session.flush()
    return change


def note_event(
    session: Session, officer: Officer | None, subject: str, key: str, event: str, *, now: datetime
) -> DeskChange:
    """Log something that cannot be undone."""
    return note(session, officer, subject, key, before=None, after={EVENT: event}, now=now)


def event_of(change: DeskChange) -> str | None:
    """What was done, where nothing can be undone; None of a change."""
    if change.before is None and change.after is not None and set(change.after) == {EVENT}:
        return str(change.after[EVENT])
    return None


def version(session: Session, subject: str, key: str) -> int:
    """The number of the last change of something; a form brings back the one it was opened with."""
    return session.scalar(select(func.max(DeskChange.id)).where(*_of(subject, key))) or 0


def see_that_it_is(session: Session, subject: str, key: str, seen: int | None) -> None:
    """See that nobody has changed something since a form was opened.

    Args:
        seen: its version then; None: whatever it was.

    Raises:
        ChangedMeanwhile: somebody has.
    """
    current = version(session, subject, key)
    if seen is None or current == seen:
        return
    last = session.get_one(DeskChange, current)
    by = session.get_one(Officer, last.officer_id).name if last.officer_id else None
    raise ChangedMeanwhile(by, last.at)


def of_number(session: Session, number: int) -> DeskChange:
    """A change that can be undone, as far as its kind goes.

    Raises:
        NoSuchChange, NotUndoable: what the name says.
    """
    change = session.get(DeskChange, number)
    if change is None:
        raise NoSuchChange(number)
    if event_of(change) is not None:
        raise NotUndoable(change.after)
    return change


def find(session: Session, wanted: Wanted) -> Page:
    """A page of the log, the newest change first."""
    where: list[ColumnElement[bool]] = []
    if wanted.subject:
        where.append(DeskChange.subject == wanted.subject)
    if wanted.officer_id:
        where.append(DeskChange.officer_id == wanted.officer_id)
    if wanted.command_line:
        where.append(DeskChange.officer_id.is_(None))
    if wanted.key:
        where.append(DeskChange.key == wanted.key)
    total = session.scalar(select(func.count(DeskChange.id)).where(*where)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    found = session.execute(
        select(DeskChange, Officer.name)
        .outerjoin(Officer, Officer.id == DeskChange.officer_id)
        .where(*where)
        .order_by(DeskChange.id.desc())
        .limit(PAGE_SIZE)
        .offset((min(wanted.page, pages) - 1) * PAGE_SIZE)
    ).all()
    undone = _undone(session, [change.id for change, _ in found])
    rows = [Logged(change, name, *undone.get(change.id, (None, None))) for change, name in found]
    return Page(rows, total, pages)


def authors(session: Session) -> Sequence[tuple[int, str]]:
    """Every officer who has changed something, by name."""
    found = session.execute(
        select(Officer.id, Officer.name)
        .where(Officer.id.in_(select(DeskChange.officer_id)))
        .order_by(Officer.name)
    )
    return [(number, name) for number, name in found]


def _undone(session: Session, numbers: list[int]) -> dict[int, tuple[datetime, str]]:
    reverse = aliased(DeskChange)
    found = session.execute(
        select(reverse.undoes_id, reverse.at, Officer.name)
        .join(Officer, Officer.id == reverse.officer_id)
        .where(reverse.undoes_id.in_(numbers))
        .order_by(reverse.id)
    )
    return {number: (at, name) for number, at, name in found if number is not None}


def _of(subject: str, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DeskChange.subject == subject, DeskChange.key == key
