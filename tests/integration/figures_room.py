"""Cases of which everything is known by hand, and the figures counted the slow, obvious way."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from actions import inbox
from actions.figures.tally import Tally
from actions.happened import Span
from actions.inbox import Wanted
from store.messages import Conversation
from store.staff import Officer, OfficerRole
from store.tickets import Ticket, TicketEvent, TicketState
from tests.case_room import HERE

EVERYBODYS = 100_000
"""More cases than any test has."""


@dataclass
class Cases:
    """Makes cases with any history; `at` tells moments by day of November 2026 and hour here."""

    session: Session
    now: datetime
    made: list[Ticket] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._chat = Conversation(channel="web", chat_id="c", state={}, created_at=self.now)
        self.session.add(self._chat)
        self.session.flush()

    def add(self, received: datetime, *, answered: datetime | None = None, **values: Any) -> Ticket:
        """A case, answered and open still to the citizen's word unless `values` say more."""
        state = TicketState.RESOLVED if answered else TicketState.NEW
        ticket = Ticket(
            **{
                "code": f"PA-{next(self._numbers):05}",
                "conversation_id": self._chat.id,
                "intent": "report",
                "category": "traffic",
                "commune_code": "30760",
                "urgency": "normal",
                "text": "ổ gà",
                "agency_code": "so-xay-dung",
                "agency_name": "Sở Xây dựng",
                "state": state,
                "created_at": received,
                "resolved_at": answered,
                "deadline_at": received + timedelta(days=5),
            }
            | values
        )
        self.session.add(ticket)
        self.session.flush()
        self.made.append(ticket)
        return ticket

    def first_answer(self, ticket: Ticket, met: datetime, taken_s: int) -> None:
        ticket.first_answer_at, ticket.first_answer_s = met, taken_s
        self.session.flush()

    def reopened(self, ticket: Ticket, *moments: datetime) -> None:
        """Its citizen said so often that it was not done."""
        for moment in moments:
            self.session.add(
                TicketEvent(
                    ticket_id=ticket.id, at=moment, kind="dispute", actor="citizen", detail={}
                )
            )
        self.session.flush()


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of November 2026; its second day is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=HERE)


def leader() -> Officer:
    return Officer(id=1, username="sep", name="Sếp", role=OfficerRole.LEADER)


def cases_of(session: Session, wanted: Wanted, officer: Officer, now: datetime) -> list[str]:
    """The codes of all cases of a list of the inbox."""
    page = inbox.page(session, wanted, officer, now, size=EVERYBODYS)
    assert page.later is None
    return [row.ticket.code for row in page.rows]


def slow_tally(tickets: Sequence[Ticket], span: Span) -> Mapping[str, Mapping[str, int]]:
    """What `tally.count` counts, by looking at every case."""
    tally = Tally()
    for ticket in tickets:
        _add(tally, "received", ticket, ticket.created_at, span)
        answered = ticket.closed_at if ticket.state == "rejected" else ticket.resolved_at
        _add(tally, "answered", ticket, answered, span)
        if answered is not None and answered > ticket.deadline_at:
            _add(tally, "late", ticket, answered, span)
        if _within(answered, span) and ticket.answered_days is not None:
            tally.add("days", f"{ticket.agency_code} {ticket.answered_days}", 1)
        if ticket.state == "closed" and _within(ticket.closed_at, span):
            tally.add("ratings", "closed", 1)
            tally.add("ratings", "rated", ticket.rating is not None)
            tally.add("ratings", "satisfied", ticket.rating is not None and ticket.rating >= 4)
        if _within(ticket.first_answer_at, span) and ticket.first_answer_s is not None:
            tally.add("first", str(ticket.first_answer_s // 600), 1)
    return tally.groups


def _add(tally: Tally, measure: str, ticket: Ticket, moment: datetime | None, span: Span) -> None:
    if moment is None or not _within(moment, span):
        return
    tally.add(f"{measure} category", ticket.category, 1)
    tally.add(f"{measure} commune", ticket.commune_code or "", 1)
    tally.add(f"{measure} agency", ticket.agency_code, 1)
    tally.add(f"{measure} day", moment.astimezone(HERE).date().isoformat(), 1)


def _within(moment: datetime | None, span: Span) -> bool:
    return moment is not None and span.since <= moment < span.until
