"""`caunoi staff add`: officers, their passwords and link codes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from actions import login_attempts, staff, staff_sessions
from bot.cli import main
from store.engine import Database

LINK_CODE = re.compile(r"/lienket ([0-9A-Z]{10})")
PASSWORD = re.compile(r"Password .*: (\S+)")
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def the_database_is_empty(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)


def add(*arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(main, ["staff", "add", *arguments], input=stdin)


def fits(database_url: str, username: str, password: str) -> bool:
    database = Database(database_url)
    with database.read() as session:
        officer = staff.find(session, username)
    database.dispose()
    assert officer is not None
    return login_attempts.password_fits(officer.password_hash or "", password)


def found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    assert match is not None, text
    return match.group(1)


def test_a_new_officer_gets_a_password_and_a_code_that_links_telegram(database_url: str) -> None:
    result = add("lan", "--name", "Nguyễn Thị Lan")
    assert result.exit_code == 0, result.output
    assert fits(database_url, "lan", found(PASSWORD, result.output))
    database = Database(database_url)
    with database.write() as session:
        officer = staff.link_telegram(
            session, found(LINK_CODE, result.output), 42, now=datetime.now(UTC)
        )
        assert (officer.username, officer.name) == ("lan", "Nguyễn Thị Lan")
    database.dispose()


def test_an_officer_who_exists_gets_a_new_code_and_keeps_the_password(database_url: str) -> None:
    first = add("lan", "--name", "Nguyễn Thị Lan")
    again = add("lan")
    assert again.exit_code == 0, again.output
    assert "Password for" not in again.output
    assert found(LINK_CODE, again.output) != found(LINK_CODE, first.output)
    assert fits(database_url, "lan", found(PASSWORD, first.output))


def test_a_reset_password_replaces_the_old_one_and_ends_the_sessions(database_url: str) -> None:
    first = found(PASSWORD, add("lan", "--name", "Lan").output)
    database = Database(database_url)
    with database.write() as session:
        attempt = login_attempts.begin(session, username="lan", remote="here", now=NOW)
        token = staff_sessions.open_session(session, attempt, now=NOW).token
    result = add("lan", "--reset-password")
    assert not fits(database_url, "lan", first)
    assert fits(database_url, "lan", found(PASSWORD, result.output))
    with database.read() as session:
        assert staff_sessions.signed_in(session, token, now=NOW) is None
    database.dispose()


def test_a_password_from_standard_input_is_not_printed(database_url: str) -> None:
    result = add("lan", "--name", "Lan", "--password-stdin", stdin="một mật khẩu dài\n")
    assert result.exit_code == 0, result.output
    assert "một mật khẩu dài" not in result.output
    assert fits(database_url, "lan", "một mật khẩu dài")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lan",), "--name"),
        (("Lan Anh", "--name", "Lan"), "a username is"),
        (("lan", "--name", "Lan", "--password-stdin"), "at least 8 characters"),
    ],
)
def test_what_is_missing_or_wrong_is_said(arguments: tuple[str, ...], said: str) -> None:
    result = add(*arguments, stdin="ngắn\n")
    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output
