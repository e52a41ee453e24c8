"""What the commands about officers work with: one transaction, and errors in a line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from actions.administration.people import Person
    from actions.local_facts import LocalFacts
    from store.staff import Officer

_PROBLEMS = {
    ("username", "unreadable"): "a username is 2 to 40 of a-z 0-9 . _ - and begins with a letter",
    ("agency", "unknown"): "there is no agency with this code: see agencies.csv",
    ("team", "unknown"): "there is no team with this code: see teams.csv",
    ("name", "missing"): "give the full name with --name",
    ("name", "too_long"): "a name has at most 100 characters",
    ("away", "unreadable"): "that day is too far away",
}
"""What is wrong with a field, by its name and that of the problem."""


@dataclass(frozen=True)
class StaffWork:
    """One transaction over the officers."""

    session: Session
    local: LocalFacts
    now: datetime

    @property
    def today(self) -> date:
        """The day here."""
        from bot.clock import LOCAL_ZONE

        return self.now.astimezone(LOCAL_ZONE).date()

    def found(self, username: str) -> Officer:
        """The officer of this username; a line that says so when there is none."""
        from actions import staff

        officer = staff.find(self.session, username)
        if officer is None:
            raise click.ClickException(f"there is no officer {username}: see `caunoi staff list`")
        return officer

    def add(
        self, username: str, given: dict[str, Any], password: str | None
    ) -> tuple[Officer, str]:
        """Add somebody, with a password that was typed or a new one; returns both."""
        from actions.administration import people
        from actions.administration.people import Person
        from store.staff import OfficerRole

        nobody = Person("", OfficerRole.OFFICER, None, None, None)
        return people.add(
            self.session,
            None,
            username=username,
            person=replace(nobody, **given),
            password=password,
            local=self.local,
            now=self.now,
        )

    def reset_password(self, officer: Officer, password: str | None) -> str:
        """Give an officer the password that was typed, or a new one; returns it."""
        from actions.administration import people

        return people.reset_password(
            self.session, None, officer.id, password=password, now=self.now
        )

    def switch_second_factor_off(self, officer: Officer) -> None:
        from actions.administration import people

        people.switch_second_factor_off(self.session, None, officer.id, now=self.now)

    def change(self, officer: Officer, given: dict[str, Any]) -> int:
        """Say something else about an officer; returns how many cases went back to the queue.

        Args:
            given: fields of `Person` and what they are to be.
        """
        from actions import leaving
        from actions.administration import people
        from actions.administration.people import Person
        from bot.responses import Responses
        from bot.settings import ROOT

        before = leaving.in_hand(self.session, officer)
        person: Person = replace(Person.of(officer), **given)
        reason = Responses.load(ROOT / "domain.yml").text(
            "utter_staff_leaves", officer=officer.name
        )
        people.change(
            self.session, None, officer.id, person, reason=reason, local=self.local, now=self.now
        )
        self.session.flush()
        return before - leaving.in_hand(self.session, officer)

    def new_link_code(self, officer: Officer) -> list[str]:
        """Lines that tell a new code, and what to do with it."""
        from actions import staff
        from actions.administration import people
        from bot.clock import shown

        code = people.new_link_code(self.session, None, officer.id, now=self.now)
        until = shown(self.now + staff.LINK_CODE_LIFE)
        return [
            f"Telegram link code (once, until {until}): {code}",
            "To link the account, the officer sends this to the bot in a private chat:",
            f"  /lienket {code}",
        ]

    def described(self, officer: Officer) -> tuple[str, ...]:
        """A row of the list: username, name, role, agency, team, open cases, and what else."""
        from actions import cases, leaving, second_factor
        from actions.administration.people import Person

        more = [
            f"on leave until {Person.of(officer).away}"
            if officer.active and not cases.is_at_work(officer, self.now)
            else "",
            "Telegram" if officer.telegram_user_id else "",
            "second factor" if second_factor.is_on(officer) else "",
        ]
        return (
            officer.username,
            officer.name,
            officer.role,
            officer.agency_code or "-",
            officer.team_code or "-",
            str(leaving.in_hand(self.session, officer)),
            ", ".join(part for part in more if part),
        )


@contextmanager
def staff_work() -> Iterator[StaffWork]:
    """A transaction; what is wrong is said in one line, and nothing is changed then."""
    from actions import local_edits, staff
    from actions.administration.people import FieldInvalid, LastAdministrator, NoSuchOfficer
    from bot.cli.opening import opened_database, read_settings
    from bot.clock import utc_now

    try:
        with opened_database() as database, database.write() as session:
            folder = read_settings().local_dir
            local, _skipped = local_edits.load(folder, local_edits.read(session))
            yield StaffWork(session, local, utc_now())
    except staff.PasswordTooShort:
        raise click.ClickException(
            f"a password has at least {staff.MIN_PASSWORD} characters"
        ) from None
    except FieldInvalid as error:
        said = _PROBLEMS.get((error.column, error.problem), str(error))
        raise click.ClickException(said) from None
    except NoSuchOfficer:
        raise click.ClickException("that officer is retired and gets no link code") from None
    except LastAdministrator:
        raise click.ClickException(
            "that would leave nobody who may administer the desk: make somebody else admin first"
        ) from None
