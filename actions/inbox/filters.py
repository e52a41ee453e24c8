"""Which cases a list holds, as conditions on `Ticket`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from actions import rights, search
from actions.deadlines import LOCAL_ZONE
from actions.inbox.wanted import NOWHERE, View, Wanted
from store.staff import Officer
from store.tickets import UNDER_WAY, UNHAPPY, Ticket, TicketState

Conditions = list[ColumnElement[bool]]

Parts = list[Conditions]
"""Conditions of each part of a list; no case is in two parts."""


def parts_of(session: Session, wanted: Wanted, officer: Officer, now: datetime) -> Parts:
    """What must be true of a case that an officer finds in a list, whatever is searched in it."""
    return parts_of_each(session, [wanted], officer, now)[0]


def parts_of_each(
    session: Session, lists: list[Wanted], officer: Officer, now: datetime
) -> list[Parts]:
    """Everybody sees what they have; of everything else what is in sight."""
    sights = _sights(session, officer)
    each = [_filtered(wanted, officer, now) for wanted in lists]
    return [
        [where] if wanted.view is View.MINE else [[sight, *where] for sight in sights]
        for wanted, where in zip(lists, each, strict=True)
    ]


def narrowed(parts: Parts, more: ColumnElement[bool]) -> Parts:
    """Those of a list that fulfil one more condition."""
    return [[*part, more] for part in parts]


def in_view(view: View, officer: Officer, now: datetime) -> Conditions:
    """What must be true of the cases of a view, whoever sees them."""
    match view:
        case View.MINE:
            return [UNDER_WAY, Ticket.officer_id == officer.id]
        case View.TODAY:
            due_today = (Ticket.deadline_at >= now, Ticket.deadline_at < _day_after(now))
            return [UNDER_WAY, *due_today, Ticket.paused_at.is_(None)]
        case View.OVERDUE:
            return [UNDER_WAY, Ticket.deadline_at < now, _CLOCK_WAS_RUNNING]
    return _VIEWS[view]


def is_overdue(ticket: Ticket, now: datetime) -> bool:
    """Whether a case that staff must act on is late; while it waits for its citizen, was late
    before it began to wait.
    """
    return ticket.deadline_at < (ticket.paused_at or now)


def _sights(session: Session, officer: Officer) -> Conditions:
    """What an officer sees (`rights.sight`) in parts, for no index leads through all of it at once.

    Cases of other agencies that were given to the officer are few: they are named one by one.
    """
    own = officer.agency_code
    if own is None or rights.sees_all(officer):
        return [rights.sight(officer)]
    mine = select(Ticket.id).where(Ticket.officer_id == officer.id)
    others = or_(Ticket.agency_code < own, Ticket.agency_code > own)  # two ranges of an index
    given = session.scalars(mine.where(others)).all()
    return [Ticket.agency_code == own, *([search.among(session, given)] if given else ())]


def _filtered(wanted: Wanted, officer: Officer, now: datetime) -> Conditions:
    return [
        *in_view(wanted.view, officer, now),
        *_narrowed(wanted),
        *wanted.happened.conditions(),
    ]


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
