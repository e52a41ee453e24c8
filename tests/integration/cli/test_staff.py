"""`caunoi staff`: roles, leave, retiring, and the list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result

from actions import login_attempts, second_factor, staff, staff_sessions
from actions.administration import changes
from actions.sealing import Seal
from bot.cli import main
from store.engine import Database
from store.messages import Conversation
from store.staff import Handoff, Officer, OfficerRole
from store.tickets import Ticket, TicketEvent, TicketState

NOW = datetime.now(UTC)
SECOND_OFFICER = ("hung", "--name", "Lê Văn Hùng", "--role", "admin")


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with the officer `lan` of the office of works."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert run("add", "lan", "--name", "Nguyễn Thị Lan", "--agency", "so-xay-dung").exit_code == 0
    opened = Database(database_url)
    yield opened
    opened.dispose()


def run(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["staff", *arguments], input=stdin)


def officer(database: Database, username: str = "lan") -> Officer:
    with database.read() as session:
        found = staff.find(session, username)
    assert found is not None
    return found


def give_work(database: Database) -> tuple[int, int]:
    """Two open cases, one of which waits for the citizen, and a chat; returns the cases' ids."""
    lan = officer(database)
    with database.write() as session:
        chat = Conversation(channel="web", chat_id="a", state={}, created_at=NOW)
        session.add(chat)
        session.flush()
        tickets = [
            Ticket(
                code=code,
                conversation_id=chat.id,
                intent="report",
                category="traffic",
                urgency="normal",
                text="Ổ gà",
                agency_code="so-xay-dung",
                agency_name="Sở Xây dựng",
                state=state,
                officer_id=lan.id,
                deadline_at=NOW + timedelta(days=5),
                created_at=NOW,
            )
            for code, state in (
                ("PA-AAAAA1", TicketState.IN_PROGRESS),
                ("PA-AAAAA2", TicketState.WAITING),
            )
        ]
        session.add_all(tickets)
        taken = {"officer_id": lan.id, "taken_at": NOW, "requested_at": NOW, "reason": "asked"}
        session.add(Handoff(conversation_id=chat.id, **taken))
        session.flush()
        return tickets[0].id, tickets[1].id


def test_an_officer_is_added_with_role_agency_and_team(database: Database) -> None:
    assert officer(database).role == OfficerRole.OFFICER
    assert officer(database).agency_code == "so-xay-dung"
    result = run("add", *SECOND_OFFICER)
    assert result.exit_code == 0, result.output
    hung = officer(database, "hung")
    assert (hung.role, hung.agency_code, hung.team_code) == ("admin", None, None)


def test_a_role_is_changed_and_an_agency_taken_away(database: Database) -> None:
    result = run("role", "lan", "duty", "--agency", "none")
    assert result.exit_code == 0, result.output
    assert "lan is duty of no particular agency now." in result.output
    lan = officer(database)
    assert (lan.role, lan.agency_code) == ("duty", None)


def test_cases_of_the_former_agency_go_back_to_its_queue(database: Database) -> None:
    give_work(database)
    result = run("role", "lan", "officer", "--agency", "so-y-te")
    assert "Open cases back in their agency's queue: 2" in result.output


def test_an_officer_goes_on_leave_and_comes_back(database: Database) -> None:
    result = run("leave", "lan", "--until", "31/12/2099")
    assert result.exit_code == 0, result.output
    assert officer(database).away_until == datetime(2099, 12, 31, 17, tzinfo=UTC)
    assert "on leave until 2099-12-31" in run("list").output
    assert run("leave", "lan", "--back").exit_code == 0
    assert officer(database).away_until is None


def test_what_an_officer_who_retires_had_goes_back_to_the_queue(
    database: Database, database_url: str
) -> None:
    begun, waiting = give_work(database)
    with database.write() as session:
        attempt = login_attempts.begin(session, username="lan", remote="here", now=NOW)
        token = staff_sessions.open_session(session, attempt, now=NOW).token
        session.get_one(Officer, officer(database).id).telegram_user_id = 42
    result = run("retire", "lan")
    assert result.exit_code == 0, result.output
    assert "Open cases back in their agency's queue: 2" in result.output
    assert "Chats that wait for a colleague: 1" in result.output
    with database.read() as session:
        assert staff_sessions.signed_in(session, token, now=NOW) is None
        lan = staff.find(session, "lan")
        assert lan is not None
        assert (lan.active, lan.telegram_user_id) == (False, None)
        first, second = session.get_one(Ticket, begun), session.get_one(Ticket, waiting)
        assert (first.state, first.officer_id) == (TicketState.ACCEPTED, None)
        assert (second.state, second.officer_id) == (TicketState.WAITING, None)
        events = session.query(TicketEvent).filter_by(ticket_id=begun).all()
        assert [(event.kind, event.actor) for event in events] == [("release", "system")]
        assert "Nguyễn Thị Lan" in events[0].detail["text"]
        handoff = session.query(Handoff).one()
        assert (handoff.officer_id, handoff.taken_at, handoff.ended_at) == (None, None, None)
    assert "lan" not in run("list").output
    assert "lan" in run("list", "--retired").output


def test_the_list_tells_role_agency_cases_and_second_factor(database: Database) -> None:
    give_work(database)
    with database.write() as session:
        lan = session.get_one(Officer, officer(database).id)
        second_factor.begin(lan, Seal("a key"))
        lan.totp_used_step = 1
    header, line = run("list").output.splitlines()
    assert header.split() == ["USERNAME", "NAME", "ROLE", "AGENCY", "TEAM", "CASES"]
    assert "  ".join(line.split()) == "  ".join(
        "lan Nguyễn Thị Lan officer so-xay-dung - 2 second factor".split()
    )


def test_a_lost_second_factor_is_switched_off(database: Database) -> None:
    with database.write() as session:
        lan = session.get_one(Officer, officer(database).id)
        second_factor.begin(lan, Seal("a key"))
        lan.totp_used_step = 1
    assert run("second-factor-off", "lan").exit_code == 0
    assert not second_factor.is_on(officer(database))


def test_what_is_changed_here_stands_in_the_log_of_the_desk(database: Database) -> None:
    for arguments in (
        ("role", "lan", "lead"),
        ("leave", "lan", "--until", "31/12/2099"),
        ("leave", "lan", "--until", "31/12/2099"),  # nothing new
        ("add", "lan", "--reset-password"),
        ("second-factor-off", "lan"),
        ("retire", "lan"),
    ):
        result = run(*arguments)
        assert result.exit_code == 0, result.output
    with database.read() as session:
        rows = changes.find(session, changes.Wanted(command_line=True)).rows[::-1]
        assert changes.find(session, changes.Wanted()).total == len(rows)
    assert {(one.officer, one.change.key) for one in rows} == {(None, "lan")}
    added, role, leave, *_, retired = [one.change for one in rows if one.event is None]
    assert added.before is None
    assert ((role.before or {})["role"], (role.after or {})["role"]) == ("officer", "lead")
    assert (leave.after or {})["away"] == "2099-12-31"
    assert (retired.after or {})["active"] is False
    events = [one.event for one in rows if one.event]
    assert events == ["link_code", "password", "link_code", "second_factor"]


def test_a_retired_officer_gets_no_link_code(database: Database) -> None:
    assert run("add", *SECOND_OFFICER).exit_code == 0
    assert run("retire", "lan").exit_code == 0
    result = run("add", "lan")
    assert result.exit_code != 0
    assert "retired and gets no link code" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("role", "nobody", "lead"), "there is no officer nobody"),
        (("role", "lan", "king"), "'king' is not one of"),
        (("role", "lan", "lead", "--agency", "so-mat-trang"), "no agency with this code"),
        (("role", "lan", "lead", "--team", "doi-mat-trang"), "no team with this code"),
        (("add", "hung", "--name", "x" * 101), "at most 100 characters"),
        (("leave", "lan"), "either --until"),
        (("leave", "lan", "--until", "2020-01-01"), "2020-01-01 has passed"),
        (("leave", "lan", "--until", "hôm qua"), "does not match the formats"),
        (("retire", "nobody"), "there is no officer nobody"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    database: Database, arguments: tuple[str, ...], said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output
    lan = officer(database)
    assert (lan.role, lan.agency_code, lan.active) == ("officer", "so-xay-dung", True)


def test_the_last_administrator_stays(database: Database) -> None:
    assert run("role", "lan", "admin").exit_code == 0
    for arguments in (("retire", "lan"), ("role", "lan", "officer")):
        result = run(*arguments)
        assert result.exit_code != 0
        assert "nobody who may administer" in result.output
    assert officer(database).active
    assert run("add", *SECOND_OFFICER).exit_code == 0
    assert run("retire", "lan").exit_code == 0
    assert "retired already" in run("retire", "lan").output
