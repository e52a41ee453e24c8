"""Logging in to the staff page: sessions, and the limits on guessing a password.

A login takes three steps, so that the slow one, the hashing, holds no transaction: `begin` counts
the attempt, `password_fits` compares, `open_session` starts the session and takes the count back.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from store.staff import LoginAttempt, Officer, StaffSession

SESSION_LIFE = timedelta(hours=12)
"""A working day with its overtime; after it the officer logs in again."""

ATTEMPT_WINDOW = timedelta(minutes=15)
"""Failures older than this no longer count."""

MAX_FAILURES_PER_USERNAME = 5
MAX_FAILURES_PER_ADDRESS = 30
"""More than for one name: a whole office sits behind one address."""

TOKEN_BYTES = 32
MAX_USERNAME = 40
MAX_ADDRESS = 60

_hasher = PasswordHasher()


class TooManyFailures(Exception):
    """This username, or this address, has failed too often lately."""


class LoginRefused(Exception):
    """No such username, a wrong password, or an officer who has left: which one is not told."""


@dataclass(frozen=True)
class LoginTry:
    """A login under way; `password_hash` is a decoy when there is no such officer."""

    username: str
    password_hash: str
    officer_id: int | None


@dataclass(frozen=True)
class SignedIn:
    """An officer with a session. `csrf_token` must come back with every form."""

    officer: Officer
    csrf_token: str
    token_hash: str


def begin(session: Session, *, username: str, remote: str, now: datetime) -> LoginTry:
    """Count a login as failed until it succeeds: logins side by side cannot slip past the limit.

    Args:
        remote: the address that the request came from.

    Raises:
        TooManyFailures: nothing is counted, so the wait is never longer than the window.
    """
    name, address = _clean(username, MAX_USERNAME).lower(), _clean(remote, MAX_ADDRESS)
    session.execute(delete(LoginAttempt).where(LoginAttempt.at <= now - ATTEMPT_WINDOW))
    # The lock puts logins with one username in line on PostgreSQL; SQLite has one writer anyway.
    officer = session.scalar(
        select(Officer).where(Officer.username == name, Officer.active.is_(True)).with_for_update()
    )
    if (
        _failures(session, LoginAttempt.username == name) >= MAX_FAILURES_PER_USERNAME
        or _failures(session, LoginAttempt.remote == address) >= MAX_FAILURES_PER_ADDRESS
    ):
        raise TooManyFailures
    session.add(LoginAttempt(username=name, remote=address, at=now))
    known = officer.password_hash if officer else None
    return LoginTry(
        username=name,
        password_hash=known or _decoy_hash(),
        officer_id=officer.id if officer and known else None,
    )


def password_fits(password_hash: str, password: str) -> bool:
    """Whether this is the password of the hash; takes as long for a decoy. Needs no database."""
    try:
        return _hasher.verify(password_hash, password)
    except VerificationError:
        return False


def open_session(session: Session, attempt: LoginTry, *, now: datetime) -> str:
    """Start a new session after the password fitted; returns the token for the cookie.

    Raises:
        LoginRefused: the officer has left meanwhile, or the try was at a decoy.
    """
    officer = session.get(Officer, attempt.officer_id) if attempt.officer_id else None
    if officer is None or not officer.active:
        raise LoginRefused
    forget_failures(session, attempt.username)
    session.execute(delete(StaffSession).where(StaffSession.expires_at <= now))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        StaffSession(
            token_hash=_hashed(token),
            officer_id=officer.id,
            csrf_token=secrets.token_urlsafe(TOKEN_BYTES),
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    session.flush()
    return token


def signed_in(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Whose session this token opens; None when it is unknown or over."""
    found = session.execute(
        select(StaffSession, Officer)
        .join(Officer, Officer.id == StaffSession.officer_id)
        .where(
            StaffSession.token_hash == _hashed(token),
            StaffSession.expires_at > now,
            Officer.active.is_(True),
        )
    ).one_or_none()
    if found is None:
        return None
    row, officer = found
    return SignedIn(officer=officer, csrf_token=row.csrf_token, token_hash=row.token_hash)


def end_session(session: Session, token: str) -> None:
    """Log out; an unknown token changes nothing."""
    session.execute(delete(StaffSession).where(StaffSession.token_hash == _hashed(token)))


def end_other_sessions(session: Session, officer: Officer, *, kept: str | None = None) -> None:
    """Log the officer out everywhere, except in the session with the token hash `kept`."""
    session.execute(
        delete(StaffSession).where(
            StaffSession.officer_id == officer.id, StaffSession.token_hash != (kept or "")
        )
    )


def forget_failures(session: Session, username: str) -> None:
    """The right password was given: what went before were slips of the finger."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.username == username))


def _failures(session: Session, whose: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(LoginAttempt.id)).where(whose)) or 0


@cache
def _decoy_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(TOKEN_BYTES))


def _clean(text: str, limit: int) -> str:
    return text.strip().replace("\x00", "")[:limit]


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
