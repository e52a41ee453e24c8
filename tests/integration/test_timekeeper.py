"""What time brings: news in the morning, deadlines that run out, answers left without a word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import cases, following, handoff, tickets
from actions.cases import Given, Moved, by_officer
from bot import case_news
from bot.messages import Outgoing
from bot.responses import Responses
from bot.settings import ROOT, Settings
from bot.timekeeper import Timekeeper
from bot.work import Services, UnitOfWork
from store.engine import Database
from store.figures import CaseTally
from store.messages import Conversation, ConversationMode, OutboxMessage
from store.migrate import migrate
from store.staff import Officer, OfficerRole
from store.tickets import TicketState
from tests.case_room import GOOD_ANSWER, LOCAL
from tests.rig import WIDE_OPEN

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=HERE)
RESPONSES = Responses.load(ROOT / "domain.yml")
GROUP = -4001


async def always(_name: str) -> bool:
    return True


class Province:
    """A citizen, a neighbour, an officer and a lead, over a database with a clock of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.database = Database(url)
        migrate(self.database)
        self.now = MONDAY.astimezone(UTC)
        self.services = Services(
            settings=Settings(
                _env_file=None, data_dir=folder, telegram_token="4:T", telegram_staff_chat_id=GROUP
            ),
            responses=RESPONSES,
            local=LOCAL,
            capabilities={"web": WIDE_OPEN, "telegram": WIDE_OPEN},
            dossiers=None,
        )
        self.keeper = Timekeeper(
            self.database,
            lambda: self.services,
            lambda: self.now,
            keep=always,
            posted=lambda _: None,
        )
        with self.database.write() as session:
            for username, role in (("lan", OfficerRole.OFFICER), ("hoa", OfficerRole.LEAD)):
                officer = Officer(username=username, name=username.title(), role=role)
                officer.created_at = self.now
                session.add(officer)
            for name in ("citizen", "neighbour"):
                session.add(Conversation(channel="web", chat_id=name, created_at=self.now))

    def ticket(self, urgency: str = "normal") -> str:
        with self.database.write() as session:
            ticket = tickets.create(
                session,
                conversation=self.chat(session, "citizen"),
                draft=tickets.TicketDraft("report", "telecom", urgency, "sóng yếu quá"),
                local=LOCAL,
                now=self.now,
                random=Random(7),
            )
            return ticket.code

    @staticmethod
    def chat(session: Session, name: str) -> Conversation:
        return session.scalars(select(Conversation).where(Conversation.chat_id == name)).one()

    def moves(self, code: str, name: str, text: str = "") -> Moved:
        with self.database.write() as session:
            lan = session.scalars(select(Officer).where(Officer.username == "lan")).one()
            moved = cases.move(
                session,
                cases.locked(session, code),
                name,
                by=by_officer(lan),
                given=Given(text=text),
                local=LOCAL,
                now=self.now,
            )
            case_news.tell(UnitOfWork(self.services, session, self.now), moved)
            return moved

    def later(self, **length: float) -> set[int]:
        self.now += timedelta(**length)
        return self.keeper.look()

    def at(self, hour: int, minute: int = 0, days: int = 0) -> None:
        self.now = (MONDAY.replace(hour=hour, minute=minute) + timedelta(days=days)).astimezone(UTC)

    def heard(self, name: str) -> list[Outgoing]:
        with self.database.read() as session:
            rows = session.scalars(
                select(OutboxMessage)
                .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
                .where(Conversation.chat_id == name)
                .order_by(OutboxMessage.id)
            )
            return [Outgoing.model_validate(row.payload) for row in rows]

    def state(self, code: str) -> str:
        with self.database.read() as session:
            return tickets.find_by_code(session, code).state


@pytest.fixture
def province(database_url: str, tmp_path: Path) -> Iterator[Province]:
    province = Province(database_url, tmp_path)
    yield province
    province.database.dispose()


def test_steps_that_follow_closely_are_told_as_one(province: Province) -> None:
    code = province.ticket()
    province.moves(code, "accept")
    assert province.heard("citizen") == []
    province.later(minutes=1)
    province.moves(code, "start")
    assert province.heard("citizen") == []
    province.later(minutes=3)
    (only,) = province.heard("citizen")
    assert "đang xử lý" in only.text
    province.later(hours=1)
    assert len(province.heard("citizen")) == 1


def test_an_answer_is_told_at_once_and_asks_whether_it_is_done(province: Province) -> None:
    code = province.ticket()
    province.moves(code, "resolve", GOOD_ANSWER)
    (answer,) = province.heard("citizen")
    assert GOOD_ANSWER in answer.text
    assert [b.payload for b in answer.buttons] == [f"t:done:{code}", f"t:notdone:{code}"]


def test_at_night_nobody_is_woken(province: Province) -> None:
    code = province.ticket()
    province.at(22)
    province.moves(code, "resolve", GOOD_ANSWER)
    province.keeper.look()
    assert province.heard("citizen") == []
    province.at(6, 59, days=1)
    province.keeper.look()
    assert province.heard("citizen") == []
    province.at(7, days=1)
    province.keeper.look()
    province.keeper.look()
    assert len(province.heard("citizen")) == 1


def test_what_is_urgent_is_told_at_night(province: Province) -> None:
    code = province.ticket("urgent")
    province.at(23)
    province.moves(code, "resolve", GOOD_ANSWER)
    assert len(province.heard("citizen")) == 1


def test_followers_hear_of_each_step_and_not_what_the_reporter_said(province: Province) -> None:
    code = province.ticket()
    with province.database.write() as session:
        ticket = cases.locked(session, code)
        following.follow(session, ticket, province.chat(session, "neighbour"), now=province.now)
    province.moves(code, "ask", "Trạm nào vậy bạn, gần nhà số mấy?")
    province.later(minutes=3)
    assert province.heard("neighbour") == []
    province.moves(code, "resume")
    province.later(minutes=3)
    (heard,) = province.heard("neighbour")
    assert code in heard.text
    assert "sóng yếu" not in heard.text


def test_nobody_hears_that_a_ticket_is_worked_on_which_they_have_taken_back(
    province: Province,
) -> None:
    code = province.ticket()
    province.moves(code, "start")
    with province.database.write() as session:
        ticket = cases.locked(session, code)
        moved = cases.move(
            session, ticket, "withdraw", by=cases.CITIZEN, local=LOCAL, now=province.now
        )
        case_news.tell(UnitOfWork(province.services, session, province.now), moved)
    province.later(minutes=3)
    assert province.heard("citizen") == []


def test_no_word_for_seven_days_closes_an_answered_ticket(province: Province) -> None:
    code = province.ticket()
    province.moves(code, "resolve", GOOD_ANSWER)
    province.later(days=6, hours=23)
    assert province.state(code) == TicketState.RESOLVED
    province.later(hours=1)
    assert province.state(code) == TicketState.CLOSED
    province.later(minutes=5)
    last = province.heard("citizen")[-1]
    assert f"t:notdone:{code}" in [button.payload for button in last.buttons]
    said = len(province.heard("citizen"))
    province.later(days=8)
    assert len(province.heard("citizen")) == said


def test_a_deadline_that_runs_out_is_told_to_the_group_once_a_step(province: Province) -> None:
    code = province.ticket()
    province.moves(code, "start")
    province.later(days=3, hours=7)  # Thursday, 16:00: past four fifths of the two days to answer
    warned = [m.text for m in province.heard(str(GROUP)) if code in m.text and "Hạn" in m.text]
    said = len(province.heard(str(GROUP)))
    assert warned
    province.keeper.look()
    assert len(province.heard(str(GROUP))) == said


def test_a_citizen_who_waits_for_a_person_hears_after_five_minutes_once(
    province: Province,
) -> None:
    with province.database.write() as session:
        chat = province.chat(session, "citizen")
        handoff.request(session, chat, reason="asked", now=province.now)
    province.later(minutes=4, seconds=59)
    assert province.heard("citizen") == []
    province.later(seconds=1)
    (said,) = province.heard("citizen")
    assert [button.payload for button in said.buttons] == ["bot:report", "bot"]
    assert sum("đã 5 phút chưa ai" in m.text for m in province.heard(str(GROUP))) == 1
    province.later(minutes=30)
    assert len(province.heard("citizen")) == 1
    assert sum("đã 5 phút chưa ai" in m.text for m in province.heard(str(GROUP))) == 1
    with province.database.read() as session:
        assert province.chat(session, "citizen").mode == ConversationMode.HUMAN


def test_nobody_apologises_for_an_officer_who_is_there(province: Province) -> None:
    with province.database.write() as session:
        chat = province.chat(session, "citizen")
        handoff.request(session, chat, reason="asked", now=province.now)
        lan = session.scalars(select(Officer).where(Officer.username == "lan")).one()
        handoff.take(session, chat, lan, now=province.now)
    province.later(minutes=30)
    assert province.heard("citizen") == []


def test_what_fails_holds_nothing_else_up(
    province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = province.ticket()
    province.moves(code, "accept")
    with province.database.write() as session:
        chat = province.chat(session, "neighbour")
        handoff.request(session, chat, reason="asked", now=province.now)

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("bot.timekeeper.case_news.tell_waiting", fails)
    province.later(minutes=6)
    assert len(province.heard("neighbour")) == 1
    assert province.heard("citizen") == []
    monkeypatch.undo()
    province.keeper.look()
    assert len(province.heard("citizen")) == 1


def test_days_that_are_over_are_counted_for_the_leader(province: Province) -> None:
    province.ticket()
    province.later(hours=1)
    with province.database.read() as session:
        days = session.scalars(select(CaseTally).where(CaseTally.length == "day")).all()
        assert days == []  # this one goes on
    province.later(days=1)
    with province.database.read() as session:
        kept = session.get_one(CaseTally, ("day", MONDAY.date()))
    assert kept.totals["received"] == 1
