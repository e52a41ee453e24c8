"""The people of the staff, as administrators add, change and retire them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import cases, leaving, login_attempts, second_factor, staff, staff_sessions
from actions.administration import changes
from actions.administration.changes import NotAsItWas
from actions.cases import Actor, Moved
from actions.deadlines import LOCAL_ZONE
from actions.folding import folded
from actions.local_facts import LocalFacts
from store.desk import DeskChange
from store.staff import Officer, OfficerRole

LONGEST_NAME = 100

LONGEST_LEAVE = date(2199, 12, 31)

PAGE_SIZE = 50


class FieldInvalid(ValueError):
    """A field cannot be used: `column` and `problem` say which and why."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(f"{column}: {problem}")
        self.column = column
        self.problem = problem


class LastAdministrator(Exception):
    """Nobody else could administer the desk then."""


class NoSuchOfficer(LookupError):
    """There is no officer of this number."""


@dataclass(frozen=True)
class Person:
    """What administrators say about an officer; None: of no agency, in no team, not on leave."""

    name: str
    role: str
    agency: str | None
    team: str | None
    away: date | None
    """The last day of a leave."""
    active: bool = True

    @classmethod
    def of(cls, officer: Officer) -> Person:
        return cls(
            officer.name,
            officer.role,
            officer.agency_code,
            officer.team_code,
            _last_day(officer.away_until),
            officer.active,
        )

    @classmethod
    def of_row(cls, row: dict[str, Any]) -> Person:
        """From the log."""
        return cls(**{**row, "away": date.fromisoformat(row["away"]) if row["away"] else None})

    def row(self) -> dict[str, Any]:
        """For the log."""
        return {
            **vars(self),
            "role": str(self.role),
            "away": self.away.isoformat() if self.away else None,
        }


@dataclass(frozen=True)
class Changed:
    """A change to a person, and the cases that went back to the queue by it."""

    change: DeskChange | None
    moved: Sequence[Moved] = ()


@dataclass(frozen=True)
class Page:
    rows: Sequence[Officer]
    total: int
    pages: int


def find(session: Session, *, words: str, active: bool, page: int) -> Page:
    """A page of the people, by name.

    Args:
        words: part of a name or username; empty: all of them.
        active: those at work, or those retired.
    """
    query = select(Officer).where(Officer.active.is_(active)).order_by(Officer.name, Officer.id)
    wanted = folded(words)
    found = [
        officer
        for officer in session.scalars(query)
        if wanted in folded(f"{officer.name} {officer.username}")
    ]
    pages = max(1, -(-len(found) // PAGE_SIZE))
    first = (min(page, pages) - 1) * PAGE_SIZE
    return Page(found[first : first + PAGE_SIZE], len(found), pages)


def of_number(session: Session, number: int) -> Officer:
    """An officer; changes, and then the officer's row, are locked until the transaction ends.

    Raises:
        NoSuchOfficer: there is none.
    """
    changes.lock(session)  # first, as everywhere: nobody waits for another in a circle
    lock = {"key_share": True}  # what the officer does meanwhile may be written down
    officer = session.get(Officer, number, with_for_update=lock, populate_existing=True)
    if officer is None:
        raise NoSuchOfficer(number)
    return officer


def of_username(session: Session, username: str) -> Officer:
    """The officer whom a change of the log is about.

    Raises:
        NotAsItWas: there is none any more.
    """
    officer = staff.find(session, username)
    if officer is None:
        raise NotAsItWas
    return officer


def is_last_administrator(session: Session, officer: Officer) -> bool:
    """Whether nobody else at work may administer the desk."""
    if officer.role != OfficerRole.ADMIN or not officer.active:
        return False
    others = select(Officer.id).where(
        Officer.role == OfficerRole.ADMIN, Officer.active.is_(True), Officer.id != officer.id
    )
    return session.scalar(others.limit(1)) is None


def add(
    session: Session,
    by: Officer | None,
    *,
    username: str,
    person: Person,
    password: str | None = None,
    local: LocalFacts,
    now: datetime,
) -> tuple[Officer, str]:
    """Add somebody; returns the officer and the password, which is kept nowhere.

    Args:
        by: None here and below: the command line.
        password: without one a new one is made.

    Raises:
        FieldInvalid: something about the person cannot be used.
        staff.PasswordTooShort: what the name says.
    """
    changes.lock(session)
    _check(person, local)
    password = staff.new_password() if password is None else password
    try:
        officer = staff.add_officer(
            session, username=username, name=person.name, password=password, now=now
        )
    except staff.UsernameInvalid:
        raise FieldInvalid("username", "unreadable") from None
    except staff.UsernameTaken:
        raise FieldInvalid("username", "taken") from None
    _set(officer, person)
    changes.note(
        session,
        by,
        changes.OFFICER,
        username,
        before=None,
        after=person.row(),
        now=now,
    )
    return officer, password


def change(
    session: Session,
    by: Officer | None,
    number: int,
    person: Person,
    *,
    reason: str,
    local: LocalFacts,
    now: datetime,
    seen: int | None = None,
    undoes: DeskChange | None = None,
) -> Changed:
    """Say something else about an officer; also retires and brings back, by `person.active`.

    Open cases that are no longer theirs to work on go back to their agency's queue. Who is retired
    is logged out everywhere, and loses Telegram and the chats that were taken.

    Args:
        reason: see `leaving.retire`.
        seen: the version that the form was opened with (`changes.version`).

    Raises:
        NoSuchOfficer, ChangedMeanwhile: what the name says.
        FieldInvalid: something about the person cannot be used.
        LastAdministrator: nobody else could administer the desk then.
    """
    officer = of_number(session, number)
    changes.see_that_it_is(session, changes.OFFICER, officer.username, seen)
    before = Person.of(officer)
    if person == before:
        return Changed(None)
    moved = _put(
        session,
        officer,
        person,
        by=cases.by_officer(by) if by else cases.SYSTEM,
        reason=reason,
        local=local,
        now=now,
    )
    logged = changes.note(
        session,
        by,
        changes.OFFICER,
        officer.username,
        before=before.row(),
        after=person.row(),
        now=now,
        undoes=undoes,
    )
    return Changed(logged, moved)


def _put(
    session: Session,
    officer: Officer,
    person: Person,
    *,
    by: Actor,
    reason: str,
    local: LocalFacts,
    now: datetime,
) -> list[Moved]:
    """Make a change; the cases that go back are moved by `by`, and returned."""
    _check(person, local)
    if is_last_administrator(session, officer) and (
        not person.active or person.role != OfficerRole.ADMIN
    ):
        raise LastAdministrator(officer.username)
    leaves = officer.active and not person.active
    _set(officer, person)
    session.flush()
    gives_back = leaving.retire if leaves else leaving.give_back
    return gives_back(session, officer, by=by, reason=reason, local=local, now=now)


def undo(
    session: Session,
    by: Officer,
    change_: DeskChange,
    *,
    reason: str,
    local: LocalFacts,
    now: datetime,
) -> Changed:
    """Take back what a change said about somebody; whoever was added by it is retired.

    What other changes said about them since stays. Cases and chats that went back to the queue do
    not return.

    Raises:
        NotAsItWas: what the change said does not hold any more.
        FieldInvalid, LastAdministrator: see `change`.
    """
    changes.lock(session)
    officer = of_username(session, change_.key)
    if change_.after is None:
        raise NotAsItWas
    current = Person.of(officer).row()
    before = change_.before or {"active": False}
    said = {name: change_.after[name] for name, was in before.items() if change_.after[name] != was}
    if any(current[name] != value for name, value in said.items()):
        raise NotAsItWas
    person = Person.of_row({**current, **{name: before[name] for name in said}})
    return change(
        session, by, officer.id, person, reason=reason, local=local, now=now, undoes=change_
    )


def reset_password(
    session: Session, by: Officer | None, number: int, *, password: str | None = None, now: datetime
) -> str:
    """Give an officer a new password, which is kept nowhere; open sessions end.

    Args:
        password: without one a new one is made.

    Raises:
        NoSuchOfficer: there is none.
        staff.PasswordTooShort: what the name says.
    """
    officer = of_number(session, number)
    password = staff.new_password() if password is None else password
    staff.set_password(officer, password)
    staff_sessions.end_other_sessions(session, officer)
    login_attempts.forget(session, officer.username)
    _note_event(session, by, officer, changes.PASSWORD, now)
    return password


def new_link_code(session: Session, by: Officer | None, number: int, *, now: datetime) -> str:
    """A one-time code that links an officer's Telegram account; an older one is void.

    Raises:
        NoSuchOfficer: there is none at work.
    """
    officer = of_number(session, number)
    if not officer.active:
        raise NoSuchOfficer(number)
    code = staff.new_link_code(officer, now=now)
    _note_event(session, by, officer, changes.LINK_CODE, now)
    return code


def end_sessions(session: Session, by: Officer, number: int, *, now: datetime) -> None:
    """Log an officer out everywhere.

    Raises:
        NoSuchOfficer: there is none.
    """
    officer = of_number(session, number)
    staff_sessions.end_other_sessions(session, officer)
    _note_event(session, by, officer, changes.SESSIONS, now)


def switch_second_factor_off(
    session: Session, by: Officer | None, number: int, *, now: datetime
) -> None:
    """For somebody who has lost the phone: a login needs the password alone again.

    Raises:
        NoSuchOfficer: there is none.
    """
    officer = of_number(session, number)
    second_factor.switch_off(officer)
    _note_event(session, by, officer, changes.SECOND_FACTOR, now)


def _check(person: Person, local: LocalFacts) -> None:
    if not person.name:
        raise FieldInvalid("name", "missing")
    if len(person.name) > LONGEST_NAME:
        raise FieldInvalid("name", "too_long")
    if person.role not in set(OfficerRole):
        raise FieldInvalid("role", "unknown")
    if person.agency is not None and person.agency not in local.agencies:
        raise FieldInvalid("agency", "unknown")
    if person.team is not None and person.team not in local.teams:
        raise FieldInvalid("team", "unknown")
    if person.away is not None and person.away > LONGEST_LEAVE:
        raise FieldInvalid("away", "unreadable")


def _set(officer: Officer, person: Person) -> None:
    officer.name, officer.role, officer.active = person.name, person.role, person.active
    officer.agency_code, officer.team_code = person.agency, person.team
    if person.away != _last_day(officer.away_until):
        officer.away_until = _end_of(person.away)


def _last_day(away_until: datetime | None) -> date | None:
    """The day here on which a leave ends, if it ends at midnight."""
    if away_until is None:
        return None
    return (away_until.astimezone(LOCAL_ZONE) - timedelta(microseconds=1)).date()


def _end_of(day: date | None) -> datetime | None:
    """The midnight after a day here."""
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1), time(), LOCAL_ZONE).astimezone(UTC)


def _note_event(
    session: Session, by: Officer | None, officer: Officer, event: str, now: datetime
) -> None:
    changes.note_event(session, by, changes.OFFICER, officer.username, event, now=now)
