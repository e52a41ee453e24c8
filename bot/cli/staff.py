"""`caunoi staff`: the officers."""

from __future__ import annotations

import secrets
import sys

import click

PASSWORD_BYTES = 9
"""72 random bits, in 12 characters."""


@click.group()
def command() -> None:
    """The officers who work on the staff page and in the staff group."""


@command.command()
@click.argument("username")
@click.option("--name", help="The officer's full name, as colleagues see it.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--reset-password", is_flag=True, help="Give an existing officer a new password.")
def add(username: str, name: str | None, password_stdin: bool, reset_password: bool) -> None:
    """Add an officer; of one who exists already, renew the Telegram link code.

    Prints the password, unless it came from standard input, and the one-time code that links the
    officer's Telegram account.
    """
    from actions import staff, staff_sessions
    from bot.cli.opening import opened_database
    from bot.clock import shown, utc_now

    now = utc_now()
    password = _password(password_stdin)
    lines = []
    try:
        with opened_database() as database, database.write() as session:
            officer = staff.find(session, username)
            told = not password_stdin
            if officer is not None and name:
                officer.name = name
            if officer is None:
                if not name:
                    raise click.UsageError(f"{username} is new: give the full name with --name")
                officer = staff.add_officer(
                    session, username=username, name=name, password=password, now=now
                )
                lines.append(f"Added {officer.username} ({officer.name}).")
            elif reset_password or password_stdin:
                staff.set_password(officer, password)
                staff_sessions.end_other_sessions(session, officer)
                staff_sessions.forget_failures(session, officer.username)
                lines.append(f"New password for {officer.username}; open sessions are ended.")
            else:
                told = False
                lines.append(f"{officer.username} exists: the password stays as it is.")
            if told:
                lines.append(f"Password for the staff page (shown only now): {password}")
            code = staff.new_link_code(officer, now=now)
    except staff.UsernameInvalid:
        raise click.ClickException(
            "a username is 2 to 40 of a-z 0-9 . _ - and begins with a letter"
        ) from None
    except staff.PasswordTooShort:
        raise click.ClickException(
            f"a password has at least {staff.MIN_PASSWORD} characters"
        ) from None
    until = shown(now + staff.LINK_CODE_LIFE)
    lines += [
        f"Telegram link code (once, until {until}): {code}",
        "To link the account, the officer sends this to the bot in a private chat:",
        f"  /lienket {code}",
    ]
    click.echo("\n".join(lines))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return secrets.token_urlsafe(PASSWORD_BYTES)
