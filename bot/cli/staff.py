"""`caunoi staff`: the officers."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

import click

from bot.cli.staff_work import staff_work

ROLES = ("officer", "lead", "duty", "admin", "leader")
NOBODYS = "none"

DAY = click.DateTime(formats=["%Y-%m-%d", "%d/%m/%Y"])

_role = click.option(
    "--role",
    type=click.Choice(ROLES),
    help="officer: works on cases; lead: also assigns them; duty: across agencies; "
    "admin: everything; leader: reads only.",
)
_agency = click.option(
    "--agency", help=f"Code of an agency as in agencies.csv; {NOBODYS}: no particular one."
)
_team = click.option("--team", help=f"Code of a team as in teams.csv; {NOBODYS}: no team.")


@click.group()
def command() -> None:
    """The officers who work on the staff page and in the staff group.

    Changes made here stand in the desk's log of changes as made on the command line.
    """


@command.command()
@click.argument("username")
@click.option("--name", help="The officer's full name, as colleagues see it.")
@_role
@_agency
@_team
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--reset-password", is_flag=True, help="Give an existing officer a new password.")
def add(
    username: str,
    name: str | None,
    role: str | None,
    agency: str | None,
    team: str | None,
    password_stdin: bool,
    reset_password: bool,
) -> None:
    """Add an officer; of one who exists already, renew the Telegram link code.

    Prints the password, unless it came from standard input, and the one-time code that links the
    officer's Telegram account.
    """
    from actions import staff

    typed = _typed_password() if password_stdin else None
    given = _given(name=name, role=role, agency=agency, team=team)
    lines, password = [], ""
    with staff_work() as work:
        officer = staff.find(work.session, username)
        if officer is None:
            if not name:
                raise click.UsageError(f"{username} is new: give the full name with --name")
            officer, password = work.add(username, given, typed)
            lines.append(f"Added {officer.username} ({officer.name}).")
        else:
            if reset_password or password_stdin:
                password = work.reset_password(officer, typed)
                lines.append(f"New password for {username}; open sessions are ended.")
            else:
                lines.append(f"{username} exists: the password stays as it is.")
            _went_back(work.change(officer, given), lines)
        if password and not password_stdin:
            lines.append(f"Password for the staff page (shown only now): {password}")
        lines += work.new_link_code(officer)
    click.echo("\n".join(lines))


@command.command("list")
@click.option("--retired", is_flag=True, help="Those who work here no more.")
def list_officers(retired: bool) -> None:
    """List the officers: role, agency, leave, Telegram, second factor, open cases."""
    from sqlalchemy import select

    from store.staff import Officer

    with staff_work() as work:
        query = select(Officer).where(Officer.active.is_(not retired)).order_by(Officer.username)
        rows = [work.described(officer) for officer in work.session.scalars(query)]
    if not rows:
        click.echo("Nobody.")
        return
    rows.insert(0, ("USERNAME", "NAME", "ROLE", "AGENCY", "TEAM", "CASES", ""))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


@command.command()
@click.argument("username")
@click.argument("role", type=click.Choice(ROLES))
@_agency
@_team
def role(username: str, role: str, agency: str | None, team: str | None) -> None:
    """Give an officer another role, agency or team.

    Open cases that are not theirs to work on any more go back to their agency's queue.
    """
    lines = []
    with staff_work() as work:
        officer = work.found(username)
        moved = work.change(officer, _given(role=role, agency=agency, team=team))
        where = officer.agency_code or "no particular agency"
        lines.append(f"{username} is {officer.role} of {where} now.")
        _went_back(moved, lines)
    click.echo("\n".join(lines))


@command.command()
@click.argument("username")
@click.option("--until", type=DAY, help="The last day of the leave: 2026-12-31 or 31/12/2026.")
@click.option("--back", is_flag=True, help="The officer is back at work.")
def leave(username: str, until: datetime | None, back: bool) -> None:
    """Send an officer on leave: no new case is given to them until then."""
    if (until is None) is not back:
        raise click.UsageError("give either --until with the last day, or --back")
    last_day = until.date() if until else None
    with staff_work() as work:
        if last_day is not None and last_day < work.today:
            raise click.ClickException(f"{last_day} has passed")
        work.change(work.found(username), {"away": last_day})
    click.echo(
        f"{username} is on leave, {last_day} included." if last_day else f"{username} is back."
    )


@command.command()
@click.argument("username")
def retire(username: str) -> None:
    """An officer works here no more: logged out everywhere, and without Telegram.

    Their open cases go back to their agency's queue, their chats wait for a colleague. What they
    did stays in the history under their name.
    """
    from actions import leaving

    lines = []
    with staff_work() as work:
        officer = work.found(username)
        if not officer.active:
            raise click.ClickException(f"{username} is retired already")
        chats = len(leaving.chats_in_hand(work.session, officer))
        moved = work.change(officer, {"active": False})
        lines.append(f"{username} ({officer.name}) is retired.")
        _went_back(moved, lines)
        if chats:
            lines.append(f"Chats that wait for a colleague: {chats}")
    click.echo("\n".join(lines))


@command.command()
@click.argument("username")
def second_factor_off(username: str) -> None:
    """Let an officer who has lost the phone log in with the password alone again."""
    with staff_work() as work:
        work.switch_second_factor_off(work.found(username))
    click.echo(f"{username} logs in with the password alone, and can switch it on again.")


def _given(**fields: str | None) -> dict[str, Any]:
    """The fields that were named on the command line."""
    return {
        name: None if value == NOBODYS else value
        for name, value in fields.items()
        if value is not None
    }


def _went_back(number: int, lines: list[str]) -> None:
    if number:
        lines.append(f"Open cases back in their agency's queue: {number}")


def _typed_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")
