"""What has happened to a case, and when: the filter that the leader's figures and the inbox share.

A figure counts the cases that fulfil one of these; its link opens the inbox with the same one.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, String, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute

from actions.deadlines import LOCAL_ZONE
from actions.ratings import SATISFIED_FROM
from store.tickets import Ticket, TicketEvent, TicketState

_BETWEEN = ".."
_DAY = timedelta(days=1)
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_CLOSED = literal_column(f"'{TicketState.CLOSED}'", String)
_DISPUTE = literal_column("'dispute'", String)
"""Written out, so that both databases see that their indexes of these hold it."""


class SpanUnreadable(ValueError):
    """A span is two days, or two moments, of this century with two points between them."""


@dataclass(frozen=True)
class Span:
    """From a moment on until before another one, both timezone-aware."""

    since: datetime
    until: datetime

    @classmethod
    def of_days(cls, first: date, last: date) -> Span:
        """Whole days of this country, both included."""
        return cls(_begin(first), _begin(last + _DAY))

    @classmethod
    def read(cls, words: str) -> Span:
        """Read "2026-11-02..2026-11-08", days that are both included, or two moments here.

        Raises:
            SpanUnreadable: it is neither.
        """
        try:
            begin, end = words.split(_BETWEEN)
            since = _begin(date.fromisoformat(begin)) if len(begin) == 10 else _moment(begin)
            until = _begin(date.fromisoformat(end) + _DAY) if len(end) == 10 else _moment(end)
        except (ValueError, OverflowError):
            raise SpanUnreadable(words) from None
        if not _EARLIEST <= since <= until <= _LATEST:
            raise SpanUnreadable(words)
        return cls(since, until)

    @property
    def first_day(self) -> date:
        return self.since.astimezone(LOCAL_ZONE).date()

    @property
    def is_one_day(self) -> bool:
        """Whether all of it falls on one day here."""
        return _begin(self.first_day) <= self.since < self.until <= _begin(self.first_day + _DAY)

    def __str__(self) -> str:
        """As `read` reads it."""
        since, until = (moment.astimezone(LOCAL_ZONE) for moment in (self.since, self.until))
        begin = since.date().isoformat() if _is_midnight(since) else _written(since)
        end = (until.date() - _DAY).isoformat() if _is_midnight(until) else _written(until)
        return f"{begin}{_BETWEEN}{end}"

    def holds(
        self, column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    ) -> list[ColumnElement[bool]]:
        """That a moment of a row falls into it."""
        return [column >= self.since, column < self.until]


class Answered(StrEnum):
    """How an answer stood to its deadline."""

    ON_TIME = "on_time"
    LATE = "late"


class Rated(StrEnum):
    """What the citizen thought of it."""

    ANY = "any"
    SATISFIED = "satisfied"


@dataclass(frozen=True)
class Happened:
    """What must have happened to a case; what is None does not matter.

    `answered` is the answer that stands, also one that says no; `closed` that the citizen was
    content or said nothing for days; `reopened` that the citizen said it was not done.
    """

    received: Span | None = None
    answered: Span | None = None
    closed: Span | None = None
    reopened: Span | None = None
    in_time: Answered | None = None
    rated: Rated | None = None

    @property
    def spans(self) -> dict[str, Span]:
        """Those that are given, by name."""
        return {
            field.name: value
            for field in fields(self)
            if isinstance(value := getattr(self, field.name), Span)
        }

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions on `Ticket`."""
        where: list[ColumnElement[bool]] = []
        if self.received:
            where += self.received.holds(Ticket.created_at)
        if self.answered:
            where += self.answered.holds(Ticket.answered_at)
        if self.closed:
            where += [Ticket.state == _CLOSED, *self.closed.holds(Ticket.closed_at)]
        if self.reopened:
            disputes = select(TicketEvent.ticket_id).where(
                TicketEvent.kind == _DISPUTE, *self.reopened.holds(TicketEvent.at)
            )
            where.append(Ticket.id.in_(disputes))
        if self.in_time is Answered.LATE:
            where.append(Ticket.answered_at > Ticket.deadline_at)
        if self.in_time is Answered.ON_TIME:
            where.append(Ticket.answered_at <= Ticket.deadline_at)
        if self.rated is Rated.ANY:
            where.append(Ticket.rating.is_not(None))
        if self.rated is Rated.SATISFIED:
            where.append(Ticket.rating >= SATISFIED_FROM)
        return where


NOTHING = Happened()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL_ZONE)


def _moment(words: str) -> datetime:
    return datetime.strptime(words, "%Y-%m-%dT%H:%M").replace(tzinfo=LOCAL_ZONE)


def _is_midnight(moment: datetime) -> bool:
    return moment.time() == time()


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")
