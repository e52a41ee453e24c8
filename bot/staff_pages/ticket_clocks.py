"""The deadlines of a ticket as bars: how much of their time is gone, and what is left of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.orm import Session

from actions import clocks
from actions.local_facts import LocalFacts
from store.cases import TicketDeadline
from store.tickets import Ticket

DAY_S = 24 * 3600
SOON_FROM = 80
"""Per cent of its time gone from which on a deadline is near."""


@dataclass(frozen=True)
class Length:
    """A time that a ticket's clock has counted; in days of work where it is an office's clock."""

    days: int
    hours: int
    minutes: int
    of_work: bool


@dataclass(frozen=True)
class Bar:
    """A deadline; `kind` as in TicketDeadline."""

    kind: str
    due_at: datetime
    met_at: datetime | None
    percent: int
    """Of its time gone, when it was met or stood still, else now; over 100 when it is late."""
    left: Length
    """Until it is due, or, of a late one, since."""
    late: bool
    soon: bool
    paused: bool


def bars(session: Session, ticket: Ticket, local: LocalFacts, now: datetime) -> list[Bar]:
    """The three deadlines of a ticket: accept, answer, resolve."""
    return [_bar(row, ticket, local, now) for row in clocks.of_ticket(session, ticket)]


def _bar(row: TicketDeadline, ticket: Ticket, local: LocalFacts, now: datetime) -> Bar:
    clock = local.clock(ticket.clock)
    at = row.met_at or ticket.paused_at or now
    percent = clocks.elapsed_percent(row, clock, at)
    late = at > row.due_at
    counted = clock.between(row.due_at, at) if late else clock.between(at, row.due_at)
    return Bar(
        kind=row.kind,
        due_at=row.due_at,
        met_at=row.met_at,
        percent=percent,
        left=_length(counted, ticket, local),
        late=late,
        soon=percent >= SOON_FROM and not late,
        paused=row.met_at is None and ticket.paused_at is not None,
    )


def _length(seconds: int, ticket: Ticket, local: LocalFacts) -> Length:
    of_work = local.clock(ticket.clock) is local.calendar
    days, rest = divmod(seconds, _worked_day_s(local) if of_work else DAY_S)
    hours, rest = divmod(rest, 3600)
    return Length(days, hours, rest // 60, of_work)


def _worked_day_s(local: LocalFacts) -> int:
    """Seconds of a day on which the office is open."""
    return sum(_of_day_s(ends) - _of_day_s(begins) for begins, ends in local.calendar.spans)


def _of_day_s(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second
