"""Tickets driven through random moves: whatever is tried, what must hold holds.

No move off the table, history complete, clocks right, nobody told twice, nothing to the wrong chat,
and no note among colleagues ever before a citizen's eyes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import cases, clocks, correspondence, duplicates, following, ratings, tickets
from actions.cases import CITIZEN, SYSTEM, Actor, Given, Moved, by_officer
from bot import case_news
from bot.messages import Outgoing
from bot.responses import Responses
from bot.settings import ROOT, Settings
from bot.timekeeper import Timekeeper
from bot.work import Services, UnitOfWork
from store.cases import CitizenNews, DeadlineKind
from store.engine import Database
from store.messages import Conversation, ConversationRole, OutboxMessage
from store.migrate import migrate
from store.staff import Officer, OfficerRole
from store.tickets import Ticket, TicketEvent, TicketState
from tests.case_room import GOOD_ANSWER, LOCAL, MONDAY
from tests.rig import WIDE_OPEN

RESPONSES = Responses.load(ROOT / "domain.yml")
SECRET = "chỉ nội bộ biết"
AGENCIES = ("so-khoa-hoc-cong-nghe", "so-y-te")
MOVES = sorted(LOCAL.moves.moves)
NUMBERS = count(1)
DUTY = 3
"""The officer of the four whose business every ticket is."""


@dataclass
class Expected:
    """What a ticket must look like, kept by the simplest rules there are."""

    state: TicketState
    due: dict[str, datetime]
    started: datetime
    moves: list[str] = field(default_factory=list)
    met: dict[str, datetime] = field(default_factory=dict)
    paused_at: datetime | None = None
    hearers: set[int] = field(default_factory=set)


class CaseMachine(RuleBasedStateMachine):
    """Two citizens, three officers, tickets, and time."""

    database: Database
    now = MONDAY

    def __init__(self) -> None:
        super().__init__()
        self.services = Services(
            settings=Settings(
                _env_file=None,
                data_dir=Path("unused"),
                telegram_token="4:T",
                telegram_staff_chat_id=-4001,
            ),
            responses=RESPONSES,
            local=LOCAL,
            capabilities={"web": WIDE_OPEN, "telegram": WIDE_OPEN},
            dossiers=None,
        )

        async def always(_name: str) -> bool:
            return True

        self.keeper = Timekeeper(
            self.database, lambda: self.services, self._clock, keep=always, posted=lambda _: None
        )
        self.expected: dict[str, Expected] = {}
        self.citizens: list[int] = []
        self.officers: list[int] = []

    @classmethod
    def _clock(cls) -> datetime:
        return cls.now

    @initialize()
    def people(self) -> None:
        type(self).now += timedelta(days=30)
        with self.database.write() as session:
            for role, agency in (
                (OfficerRole.OFFICER, AGENCIES[0]),
                (OfficerRole.OFFICER, AGENCIES[1]),
                (OfficerRole.LEAD, AGENCIES[0]),
                (OfficerRole.DUTY, None),
            ):
                number = next(NUMBERS)
                officer = Officer(
                    username=f"o{number}",
                    name=f"Cán bộ {number}",
                    role=role,
                    agency_code=agency,
                    created_at=self.now,
                )
                session.add(officer)
                session.flush()
                self.officers.append(officer.id)
            for _ in range(2):
                chat = Conversation(channel="web", chat_id=f"c{next(NUMBERS)}", created_at=self.now)
                session.add(chat)
                session.flush()
                self.citizens.append(chat.id)

    @rule(citizen=st.integers(0, 1), urgency=st.sampled_from(["normal", "high", "urgent"]))
    def create(self, citizen: int, urgency: str) -> None:
        with self.database.write() as session:
            ticket = tickets.create(
                session,
                conversation=session.get_one(Conversation, self.citizens[citizen]),
                draft=tickets.TicketDraft("report", "telecom", urgency, "sóng yếu quá"),
                local=LOCAL,
                now=self.now,
                random=Random(next(NUMBERS)),
            )
            self.expected[ticket.code] = Expected(
                state=TicketState.NEW,
                due=self._fresh(ticket),
                started=self.now,
                hearers={ticket.conversation_id},
            )

    def _fresh(self, ticket: Ticket) -> dict[str, datetime]:
        rule = LOCAL.deadlines(ticket.category, ticket.urgency)
        clock = LOCAL.clock(rule.clock)
        return {kind: clock.due(self.now, length) for kind, length in rule.durations.items()}

    def _pick(self, number: int) -> str:
        codes = sorted(self.expected)
        return codes[number % len(codes)]

    @precondition(lambda self: self.expected)
    @rule(
        which=st.integers(0, 9),
        name=st.sampled_from(MOVES),
        actor=st.integers(-2, 3),
        words=st.sampled_from(["", "Đã xử lý", GOOD_ANSWER]),
        given_officer=st.integers(0, 3),
        agency=st.sampled_from(AGENCIES),
    )
    def try_any_move(
        self, which: int, name: str, actor: int, words: str, given_officer: int, agency: str
    ) -> None:
        self._try(self._pick(which), name, actor, words, given_officer, agency)

    @precondition(lambda self: self.expected)
    @rule(which=st.integers(0, 9), number=st.integers(0, 99), agency=st.sampled_from(AGENCIES))
    def make_a_move_that_fits(self, which: int, number: int, agency: str) -> None:
        code = self._pick(which)
        fitting = LOCAL.moves.from_state(self.expected[code].state)
        if fitting:
            move = fitting[number % len(fitting)]
            actor = {"reporter": -2, "system": -1}.get(min(move.who), DUTY)
            self._try(code, move.name, actor, GOOD_ANSWER, number % 4, agency)

    def _try(
        self, code: str, name: str, actor: int, words: str, given_officer: int, agency: str
    ) -> None:
        with self.database.write() as session:
            ticket = cases.locked(session, code)
            target = tickets.find_by_code(session, self._after(code))
            by = self._actor(session, actor)
            officer = session.get_one(Officer, self.officers[given_officer])
            given = Given(
                text=words,
                officer=officer if name == "assign" else None,
                agency=LOCAL.agencies[agency] if name == "transfer" else None,
                target=target if name == "merge" else None,
            )
            before = ticket.state
            try:
                moved = self._moved(session, ticket, name, by, given, target)
            except (
                cases.MoveNotAllowed,
                cases.MoveForbidden,
                cases.TicketTaken,
                cases.SomethingMissing,
            ):
                assert ticket.state == before
                return
            case_news.tell(UnitOfWork(self.services, session, self.now), moved)
            self._expect(session, ticket, name)

    def _after(self, code: str) -> str:
        """Another ticket, where there is one."""
        codes = sorted(self.expected)
        return codes[(codes.index(code) + 1) % len(codes)]

    def _actor(self, session: Session, number: int) -> Actor:
        if number == -2:
            return CITIZEN
        if number == -1:
            return SYSTEM
        return by_officer(session.get_one(Officer, self.officers[number]))

    def _moved(
        self, session: Session, ticket: Ticket, name: str, by: Actor, given: Given, target: Ticket
    ) -> Moved:
        if name == "merge":
            return duplicates.merge(session, ticket, target, by=by, local=LOCAL, now=self.now)
        if name == "unmerge":
            return duplicates.unmerge(session, ticket, by=by, local=LOCAL, now=self.now)
        return cases.move(session, ticket, name, by=by, given=given, local=LOCAL, now=self.now)

    def _expect(self, session: Session, ticket: Ticket, name: str) -> None:
        """What the move must have done, said in another way than the code does it."""
        expected, move = self.expected[ticket.code], LOCAL.moves.moves[name]
        assert expected.state in move.origins
        clock = LOCAL.clock(ticket.clock)
        if name == "dispute":
            expected.due, expected.met, expected.paused_at = self._fresh(ticket), {}, None
        if expected.paused_at is not None and name != "ask":
            for kind, due in expected.due.items():
                if kind not in expected.met and due > expected.paused_at:
                    left = clock.between(expected.paused_at, due)
                    expected.due[kind] = clock.add(self.now, left)
            expected.paused_at = None
        for kind in move.meets:
            expected.met.setdefault(kind, self.now)
        if name == "ask":
            expected.paused_at = self.now
        if name == "merge":
            target = session.get_one(Ticket, ticket.merged_into_id)
            self.expected[target.code].hearers |= expected.hearers
        expected.state = move.to
        expected.moves.append(name)

    @precondition(lambda self: self.expected)
    @rule(which=st.integers(0, 9), citizen=st.integers(0, 1))
    def follow(self, which: int, citizen: int) -> None:
        code = self._pick(which)
        with self.database.write() as session:
            ticket = cases.locked(session, code)
            chat = session.get_one(Conversation, self.citizens[citizen])
            if ticket.conversation_id != chat.id:
                following.follow(session, ticket, chat, now=self.now)
                self.expected[code].hearers.add(chat.id)

    @precondition(lambda self: self.expected)
    @rule(which=st.integers(0, 9), officer=st.integers(0, 3))
    def note(self, which: int, officer: int) -> None:
        with self.database.write() as session:
            ticket = cases.locked(session, self._pick(which))
            by = session.get_one(Officer, self.officers[officer])
            if cases.may_act(ticket, by_officer(by)):
                correspondence.note(session, ticket, by, SECRET, now=self.now)

    @precondition(lambda self: self.expected)
    @rule(which=st.integers(0, 9), stars=st.integers(1, 5))
    def rate(self, which: int, stars: int) -> None:
        with self.database.write() as session:
            ticket = cases.locked(session, self._pick(which))
            try:
                ratings.rate(session, ticket, stars, None, self.now)
            except (ratings.TicketUnanswered, ratings.RatingFinal):
                return
            assert ticket.rating == stars

    @rule(minutes=st.sampled_from([1, 7, 45, 240, 1440, 8 * 1440]))
    def time_passes(self, minutes: int) -> None:
        type(self).now += timedelta(minutes=minutes)
        answered = {
            code
            for code, expected in self.expected.items()
            if expected.state == TicketState.RESOLVED
        }
        self.keeper.look()
        with self.database.read() as session:
            for code in answered:
                ticket = tickets.find_by_code(session, code)
                if ticket.state == TicketState.CLOSED:
                    assert ticket.resolved_at is not None
                    waited = self.now - ticket.resolved_at
                    assert waited >= timedelta(days=LOCAL.moves.days_to_confirm)
                    self.expected[code].state = TicketState.CLOSED
                    self.expected[code].moves.append("expire")

    @invariant()
    def tickets_are_as_expected_and_history_is_complete(self) -> None:
        with self.database.read() as session:
            for code, expected in self.expected.items():
                ticket = tickets.find_by_code(session, code)
                assert ticket.state == expected.state
                events = session.scalars(
                    select(TicketEvent)
                    .where(TicketEvent.ticket_id == ticket.id)
                    .order_by(TicketEvent.id)
                ).all()
                assert events[0].kind == "create"
                steps = [event for event in events if event.to_state is not None]
                assert [event.kind for event in steps] == expected.moves
                states = [TicketState.NEW, *(event.to_state for event in steps)]
                assert [event.from_state for event in steps] == states[:-1]
                assert states[-1] == ticket.state

    @invariant()
    def clocks_are_right(self) -> None:
        with self.database.read() as session:
            for code, expected in self.expected.items():
                ticket = tickets.find_by_code(session, code)
                rows = {row.kind: row for row in clocks.of_ticket(session, ticket)}
                assert {kind: row.due_at for kind, row in rows.items()} == expected.due
                met = {kind: row.met_at for kind, row in rows.items() if row.met_at}
                assert met == expected.met
                assert ticket.deadline_at == rows[DeadlineKind.RESOLVE].due_at
                assert ticket.paused_at == expected.paused_at
                for row in rows.values():
                    quiet = row.met_at is not None or not LOCAL.moves.is_open(ticket)
                    if quiet or ticket.paused_at is not None:
                        assert row.next_warning_at is None

    @invariant()
    def nobody_is_told_twice_and_nothing_goes_to_the_wrong_chat(self) -> None:
        with self.database.read() as session:
            for code, expected in self.expected.items():
                ticket = tickets.find_by_code(session, code)
                rows = session.execute(
                    select(OutboxMessage, Conversation.role)
                    .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
                    .where(OutboxMessage.ticket_id == ticket.id)
                ).all()
                told = session.execute(
                    select(CitizenNews.conversation_id, CitizenNews.event_id).where(
                        CitizenNews.ticket_id == ticket.id, CitizenNews.told_at.is_not(None)
                    )
                ).all()
                said: Counter[int] = Counter()
                for row, role in rows:
                    if role == ConversationRole.STAFF:
                        continue
                    assert row.conversation_id in expected.hearers
                    assert SECRET not in Outgoing.model_validate(row.payload).text
                    said[row.conversation_id] += 1
                news = Counter(conversation_id for conversation_id, _ in told)
                assert all(said[chat] <= news[chat] for chat in said)
                assert len(set(told)) == len(told)


def test_whatever_is_tried_with_tickets_what_must_hold_holds(database_url: str) -> None:
    database = Database(database_url)
    migrate(database)

    class OverThisDatabase(CaseMachine):
        pass

    OverThisDatabase.database = database
    run_state_machine_as_test(
        OverThisDatabase,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    database.dispose()
