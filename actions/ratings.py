"""What citizens think of how a ticket was handled: 1 to 5, once, and why when it is little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from actions import cases
from actions.cases import CITIZEN
from store.tickets import Ticket, TicketState

CHANGEABLE_FOR = timedelta(days=1)
"""How long a rating may still be changed by whoever gave it."""

SATISFIED_FROM = 4

GOAL = 0.9
"""The province's goal: so large a share of closed cases rated, and of rated ones rated well."""

STARS = range(1, 6)

_ANSWERED = frozenset({TicketState.RESOLVED, TicketState.CLOSED, TicketState.REJECTED})


class StarsUnknown(ValueError):
    """A rating is one of 1 to 5."""


class TicketUnanswered(Exception):
    """Staff have not answered yet: there is nothing to rate."""


class RatingFinal(Exception):
    """It was rated longer ago than a rating may be changed."""


@dataclass(frozen=True)
class Summary:
    """How many tickets were closed in a period, how many of them rated, how many rated well."""

    closed: int
    rated: int
    satisfied: int

    @property
    def share_rated(self) -> float | None:
        """Of those closed; None when none was."""
        return self.rated / self.closed if self.closed else None

    @property
    def share_satisfied(self) -> float | None:
        """Of those rated; None when none was."""
        return self.satisfied / self.rated if self.rated else None


def can_rate(ticket: Ticket) -> bool:
    """Whether there is an answer to be rated."""
    return ticket.state in _ANSWERED


def rate(session: Session, ticket: Ticket, stars: int, reason: str | None, now: datetime) -> bool:
    """Keep a rating, or change it within a day; False when it says nothing new.

    Args:
        reason: None leaves the reason that was given with the same number of stars.

    Raises:
        StarsUnknown, TicketUnanswered, RatingFinal: why it cannot be.
    """
    if stars not in STARS:
        raise StarsUnknown(stars)
    if not can_rate(ticket):
        raise TicketUnanswered(ticket.code)
    if reason is None and ticket.rating == stars:
        reason = ticket.rating_reason
    if (ticket.rating, ticket.rating_reason) == (stars, reason):
        return False
    if ticket.rated_at is not None and now - ticket.rated_at > CHANGEABLE_FOR:
        raise RatingFinal(ticket.code)
    ticket.rating, ticket.rating_reason = stars, reason
    ticket.rated_at = ticket.rated_at or now
    detail: dict[str, object] = {"stars": stars}
    if reason:
        detail["text"] = reason
    cases.record(session, ticket, "rate", by=CITIZEN, now=now, detail=detail)
    return True


def summary(
    session: Session, since: datetime, until: datetime, where: Sequence[ColumnElement[bool]] = ()
) -> Summary:
    """The ratings of the tickets that were closed from `since` until before `until`.

    Args:
        where: further conditions on `Ticket`.
    """
    counted = session.execute(
        select(
            func.count(),
            func.count(Ticket.rating),
            func.count().filter(Ticket.rating >= SATISFIED_FROM),
        ).where(
            Ticket.state == TicketState.CLOSED,
            Ticket.closed_at >= since,
            Ticket.closed_at < until,
            *where,
        )
    ).one()
    return Summary(*counted)
