"""Officers: who they are, and how a Telegram account becomes theirs."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from store.staff import Officer

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")
MIN_PASSWORD = 8

PASSWORD_BYTES = 9
"""Of a password that is made up for somebody: 72 random bits, in 12 characters."""

LINK_CODE_LIFE = timedelta(hours=24)
LINK_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LINK_CODE_LENGTH = 10
"""Ten of thirty letters: 6 · 10^14 codes, each good for a day and for one use."""

_hasher = PasswordHasher()


class UsernameInvalid(ValueError):
    """Usernames are 2 to 40 of a-z 0-9 . _ - and begin with a letter."""


class UsernameTaken(ValueError):
    """Another officer has this username."""


class PasswordTooShort(ValueError):
    """Passwords have at least `MIN_PASSWORD` characters."""


class LinkCodeInvalid(ValueError):
    """The code was never given out, has been used, or is too old."""


def any_officer(session: Session) -> bool:
    """Whether there is any officer at all."""
    return session.scalar(select(Officer.id).limit(1)) is not None


def add_officer(
    session: Session, *, username: str, name: str, password: str, now: datetime
) -> Officer:
    """Make an officer.

    Raises:
        UsernameInvalid, UsernameTaken, PasswordTooShort: what the name says.
    """
    if not USERNAME.fullmatch(username):
        raise UsernameInvalid(username)
    if find(session, username) is not None:
        raise UsernameTaken(username)
    officer = Officer(username=username, name=name, created_at=now)
    set_password(officer, password)
    session.add(officer)
    session.flush()
    return officer


def find(session: Session, username: str) -> Officer | None:
    """The officer of this username, active or not."""
    return session.scalar(select(Officer).where(Officer.username == username))


def lock(session: Session, officer: Officer) -> None:
    """Let what an officer does twice at a moment be done one after the other.

    What else refers to the officer's row may be written down meanwhile (`key_share`).
    """
    row = select(Officer.id).where(Officer.id == officer.id)
    session.execute(row.with_for_update(key_share=True))


def new_password() -> str:
    """A password that nobody can guess, for the officer to change."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def set_password(officer: Officer, password: str) -> None:
    """Give an officer a new password; raises PasswordTooShort."""
    if len(password) < MIN_PASSWORD:
        raise PasswordTooShort
    officer.password_hash = _hasher.hash(password)


def new_link_code(officer: Officer, *, now: datetime) -> str:
    """A one-time code that links a Telegram account to this officer; an older code is void."""
    code = "".join(secrets.choice(LINK_CODE_LETTERS) for _ in range(LINK_CODE_LENGTH))
    officer.link_code_hash = _hashed(code)
    officer.link_code_expires_at = now + LINK_CODE_LIFE
    return code


def link_telegram(session: Session, code: str, telegram_user_id: int, *, now: datetime) -> Officer:
    """Link the account of whoever sent the code; it leaves the officer it belonged to before.

    Raises:
        LinkCodeInvalid: with no word on why, for the code may be guessed.
    """
    officer = session.scalar(
        select(Officer).where(
            Officer.link_code_hash == _hashed(code.strip().upper()), Officer.active.is_(True)
        )
    )
    expires_at = officer.link_code_expires_at if officer else None
    if officer is None or expires_at is None or expires_at < now:
        raise LinkCodeInvalid
    former = session.scalar(select(Officer).where(Officer.telegram_user_id == telegram_user_id))
    if former is not None:
        former.telegram_user_id = None
        session.flush()
    officer.telegram_user_id = telegram_user_id
    officer.link_code_hash = officer.link_code_expires_at = None
    return officer


def officer_of_telegram(session: Session, telegram_user_id: int) -> Officer | None:
    """The active officer whose linked account this is."""
    return session.scalar(
        select(Officer).where(
            Officer.telegram_user_id == telegram_user_id, Officer.active.is_(True)
        )
    )


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
