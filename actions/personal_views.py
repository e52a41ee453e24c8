"""Who of the staff has seen what tells who a person is, and when; noted as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from store.desk import PersonalView
from store.staff import Officer

PAGE_SIZE = 50

SAME_LOOK = timedelta(hours=1)
"""A chat that stays open, or is opened again within so long, is one look."""

MAX_KEY = 60


class Seen(StrEnum):
    """What was seen."""

    REPORTER = "reporter"
    """Who sent a ticket; the key is the ticket's code."""
    CHAT = "chat"
    """What was said in a chat; the key is its number."""
    DOSSIER = "dossier"
    """A dossier; the key is its code."""
    EXPORT = "export"
    """Cases in a file; the key is how many."""


@dataclass(frozen=True)
class Wanted:
    """Which looks to list; None and the empty string mean no limit.

    `since` counts, `until` no longer does.
    """

    officer_id: int | None = None
    what: Seen | None = None
    key: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Look:
    """A look, and the name and username of who took it."""

    view: PersonalView
    officer: str
    username: str


@dataclass(frozen=True)
class Looks:
    """One page of the list, the newest first; `total` counts the whole list."""

    rows: list[Look]
    total: int
    number: int
    pages: int


def note(session: Session, officer: Officer, what: Seen, key: str, *, now: datetime) -> None:
    """Note a look, in the transaction that reads what is shown."""
    session.add(PersonalView(at=now, officer_id=officer.id, what=what, key=key[:MAX_KEY]))


def is_noted(session: Session, officer: Officer, what: Seen, key: str, *, now: datetime) -> bool:
    """Whether the same officer's same look has been noted within `SAME_LOOK`."""
    found = select(PersonalView.id).where(
        PersonalView.officer_id == officer.id,
        PersonalView.what == what,
        PersonalView.key == key[:MAX_KEY],
        PersonalView.at > now - SAME_LOOK,
    )
    return session.scalar(found.limit(1)) is not None


def find(session: Session, wanted: Wanted, *, page: int = 1) -> Looks:
    """The looks that somebody asks for; a page past the last one is the last one."""
    where = _conditions(wanted)
    total = session.scalar(select(func.count(PersonalView.id)).where(*where)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    number = max(1, min(page, pages))
    rows = session.execute(
        select(PersonalView, Officer.name, Officer.username)
        .join(Officer, Officer.id == PersonalView.officer_id)
        .where(*where)
        .order_by(PersonalView.id.desc())
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return Looks([Look(*row) for row in rows], total, number, pages)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.officer_id is not None:
        where.append(PersonalView.officer_id == wanted.officer_id)
    if wanted.what is not None:
        where.append(PersonalView.what == wanted.what)
    if wanted.key:
        where.append(PersonalView.key == wanted.key)
    if wanted.since is not None:
        where.append(PersonalView.at >= wanted.since)
    if wanted.until is not None:
        where.append(PersonalView.at < wanted.until)
    return where
