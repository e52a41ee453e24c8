"""Which cases a list holds, as conditions on `Ticket`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, String, bindparam, or_, select, true
from sqlalchemy.orm import Session

from actions import rights, search
from actions.deadlines import LOCAL_ZONE
from actions.inbox.wanted import NOWHERE, View, Wanted
from store.base import UtcDateTime
from store.staff import Officer
from store.tickets import UNDER_WAY, UNHAPPY, Ticket, TicketState

Conditions = list[ColumnElement[bool]]

Parts = list[Conditions]
"""Conditions of each part of a list; no case is in two parts."""


STATEMENTS_KEPT = 64
"""So many lists' statements of a kind are kept: building one costs more than running it."""


@dataclass(frozen=True)
class Look:
    """Who looks at a list, and when; or the parameters that stand for this in kept statements."""

    officer: int | BindParameter[int]
    now: datetime | BindParameter[datetime]
    day_after: datetime | BindParameter[datetime]

    @classmethod
    def of(cls, officer: Officer, now: datetime) -> Look:
        return cls(officer.id, now, _day_after(now))


_ANY_LOOK = Look(
    bindparam("officer", type_=Integer),
    bindparam("now", type_=UtcDateTime),
    bindparam("day_after", type_=UtcDateTime),
)


@dataclass(frozen=True)
class Scope:
    """What of a list decides how its statements read; for who looks, when, and for which words they
    have parameters."""

    wanted: Wanted
    """Without what is searched in it."""
    bounded: bool
    """By an agency."""
    given: bool
    """Cases of other agencies were given to the officer."""
    sqlite: bool

    @property
    def parts(self) -> Parts:
        agency = _AGENCY if self.bounded else None
        sights = _sights(agency, "given" if self.given else (), sqlite=self.sqlite)
        return _parts(self.wanted, _ANY_LOOK, sights)


@dataclass(frozen=True)
class Lists:
    """Lists that somebody looks at now, and what the parameters of their parts stand for."""

    scopes: tuple[Scope, ...]
    values: dict[str, Any]


def lists_of(session: Session, lists: list[Wanted], officer: Officer, now: datetime) -> Lists:
    """Lists as an officer sees them."""
    sqlite, given = search.is_sqlite(session), _given(session, officer)
    bounded = not rights.sees_all(officer)
    scopes = (Scope(replace(one, search=""), bounded, bool(given), sqlite) for one in lists)
    values = {
        **vars(Look.of(officer, now)),
        "agency": officer.agency_code,
        "given": search.listed(given, sqlite=sqlite),
    }
    return Lists(tuple(scopes), values)


def parts_of(session: Session, wanted: Wanted, officer: Officer, now: datetime) -> Parts:
    """What must be true of a case that an officer finds in a list, whatever is searched in it."""
    agency = None if rights.sees_all(officer) else officer.agency_code
    given = _given(session, officer)
    sights = _sights(agency, given, sqlite=search.is_sqlite(session))
    return _parts(wanted, Look.of(officer, now), sights)


def narrowed(parts: Parts, more: ColumnElement[bool]) -> Parts:
    """Those of a list that fulfil one more condition."""
    return [[*part, more] for part in parts]


def in_view(view: View, look: Look) -> Conditions:
    """What must be true of the cases of a view, whoever sees them."""
    match view:
        case View.MINE:
            return [UNDER_WAY, Ticket.officer_id == look.officer]
        case View.TODAY:
            due_today = (Ticket.deadline_at >= look.now, Ticket.deadline_at < look.day_after)
            return [UNDER_WAY, *due_today, Ticket.paused_at.is_(None)]
        case View.OVERDUE:
            return [UNDER_WAY, Ticket.deadline_at < look.now, _CLOCK_WAS_RUNNING]
    return _VIEWS[view]


def is_overdue(ticket: Ticket, now: datetime) -> bool:
    """Whether a case that staff must act on is late; while it waits for its citizen, was late
    before it began to wait.
    """
    return ticket.deadline_at < (ticket.paused_at or now)


def _given(session: Session, officer: Officer) -> Sequence[int]:
    """Cases of other agencies that an agency's officer has: few, so they are named one by one."""
    if rights.sees_all(officer):
        return ()
    asked = {"officer": officer.id, "agency": officer.agency_code}
    return session.scalars(_GIVEN, asked).all()


_AGENCY = bindparam("agency", type_=String)
_GIVEN = select(Ticket.id).where(
    Ticket.officer_id == bindparam("officer"),
    or_(Ticket.agency_code < _AGENCY, Ticket.agency_code > _AGENCY),  # two ranges of an index
)


def _sights(
    agency: str | BindParameter[str] | None, given: Sequence[int] | str, *, sqlite: bool
) -> Conditions:
    """What an officer sees (`rights.sight`) in parts, for no index leads through all of it at once.

    Args:
        agency: None for whoever sees the cases of all.
    """
    if agency is None:
        return [true()]
    among = [search.among(given, sqlite=sqlite)] if given else []
    return [Ticket.agency_code == agency, *among]


def _parts(wanted: Wanted, look: Look, sights: Conditions) -> Parts:
    """Everybody sees what they have; of everything else what is in sight."""
    where = [
        *in_view(wanted.view, look),
        *_narrowed(wanted),
        *wanted.happened.conditions(),
    ]
    return [where] if wanted.view is View.MINE else [[sight, *where] for sight in sights]


_CLOCK_WAS_RUNNING = or_(Ticket.paused_at.is_(None), Ticket.deadline_at < Ticket.paused_at)
"""At its deadline: what waits for the citizen is given this time back."""

_OVER = (TicketState.CLOSED, TicketState.REJECTED, TicketState.MERGED, TicketState.WITHDRAWN)

_VIEWS: dict[View, Conditions] = {
    View.OPEN: [UNDER_WAY],
    View.UNASSIGNED: [UNDER_WAY, Ticket.officer_id.is_(None)],
    View.NEW: [UNDER_WAY, Ticket.state == TicketState.NEW],
    View.WAITING: [UNDER_WAY, Ticket.state == TicketState.WAITING],
    View.UNHAPPY: [UNHAPPY],
    View.ANSWERED: [Ticket.state == TicketState.RESOLVED],
    View.CLOSED: [Ticket.state.in_(_OVER)],
    View.ALL: [],
}
"""Views that are the same for everybody at any time."""


def _narrowed(wanted: Wanted) -> Conditions:
    equal = {
        Ticket.agency_code: wanted.agency,
        Ticket.category: wanted.category,
        Ticket.commune_code: wanted.commune,
        Ticket.urgency: wanted.urgency,
    }
    where: Conditions = [
        column.is_(None) if value == NOWHERE else column == value
        for column, value in equal.items()
        if value
    ]
    if wanted.since is not None:
        where.append(Ticket.created_at >= _begin_of(wanted.since))
    if wanted.until is not None:
        where.append(Ticket.created_at < _begin_of(wanted.until + timedelta(days=1)))
    return where


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE)


def _day_after(now: datetime) -> datetime:
    return _begin_of(now.astimezone(LOCAL_ZONE).date() + timedelta(days=1))
