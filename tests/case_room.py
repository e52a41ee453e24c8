"""A small province with its officers, for tests of the case: tickets are made and moved here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import cases, clocks
from actions.cases import NOTHING, Actor, Given, Moved
from actions.local_facts import LocalFacts
from store.cases import DeadlineKind, TicketDeadline
from store.engine import Database
from store.messages import Conversation
from store.migrate import migrate
from store.staff import Officer, OfficerRole
from store.tickets import Ticket, TicketEvent, TicketState

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=HERE)
"""A worked day after which no holiday comes for weeks."""

LOCAL = LocalFacts.load(Path(__file__).parents[1] / "data" / "local" / "an_giang")

GOOD_ANSWER = "Tổ hạ tầng đã đổ nhựa vá ổ gà sáng nay và đặt lại biển báo"


class CaseRoom:
    """One session over a database, with a clock that tests move."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now = MONDAY
        self.local = LOCAL
        self._numbers = count(1)

    def officer(self, role: OfficerRole = OfficerRole.OFFICER, **more: object) -> Officer:
        number = next(self._numbers)
        officer = Officer(
            username=f"officer{number}", name=f"Cán bộ {number}", role=role, created_at=self.now
        )
        for name, value in more.items():
            setattr(officer, name, value)
        self.session.add(officer)
        self.session.flush()
        return officer

    def citizen(self) -> Conversation:
        number = next(self._numbers)
        chat = Conversation(channel="web", chat_id=f"c{number}", state={}, created_at=self.now)
        self.session.add(chat)
        self.session.flush()
        return chat

    def ticket(self, category: str = "telecom", urgency: str = "normal", **more: object) -> Ticket:
        ticket = Ticket(
            code=f"PA-{next(self._numbers):05}",
            conversation_id=self.citizen().id,
            intent="report",
            category=category,
            urgency=urgency,
            text="sóng yếu quá",
            agency_code="so-khoa-hoc-cong-nghe",
            agency_name="Sở Khoa học và Công nghệ",
            state=TicketState.NEW,
            created_at=self.now,
        )
        for name, value in more.items():
            setattr(ticket, name, value)
        clocks.planned(ticket, local=self.local, now=self.now)
        self.session.add(ticket)
        self.session.flush()
        clocks.start(self.session, ticket, local=self.local, now=self.now)
        return ticket

    def move(self, ticket: Ticket, name: str, by: Actor, given: Given = NOTHING) -> Moved:
        return cases.move(
            self.session, ticket, name, by=by, given=given, local=self.local, now=self.now
        )

    def later(self, **length: float) -> None:
        self.now += timedelta(**length)

    def deadline(self, ticket: Ticket, kind: DeadlineKind) -> TicketDeadline:
        return self.session.get_one(TicketDeadline, (ticket.id, kind), populate_existing=True)

    def history(self, ticket: Ticket) -> list[TicketEvent]:
        query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)
        return list(self.session.scalars(query.order_by(TicketEvent.id)))


@contextmanager
def case_room(url: str) -> Iterator[CaseRoom]:
    """A room over a fresh database at this URL."""
    database = Database(url)
    migrate(database)
    try:
        with database.write() as session:
            yield CaseRoom(session)
    finally:
        database.dispose()
