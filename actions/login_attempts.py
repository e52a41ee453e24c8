"""The limits on guessing at the login of the staff page: every try counts until it succeeds.

A try takes two steps, so that the slow one, the hashing, holds no transaction: `begin` counts it,
`password_fits` compares. Whoever is in takes the count back with `forget`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from store.staff import LoginAttempt, Officer

WINDOW = timedelta(minutes=15)
"""Failures older than this no longer count."""

MAX_PER_USERNAME = 5
MAX_PER_ADDRESS = 30
"""More than for one name: a whole office sits behind one address."""

MAX_USERNAME = 40
MAX_ADDRESS = 60

_hasher = PasswordHasher()


class TooManyFailures(Exception):
    """This username, or this address, has failed too often lately; it is shut for `wait`."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait

    @property
    def minutes(self) -> int:
        """The wait in minutes that have begun."""
        return -(-self.wait // timedelta(minutes=1))


@dataclass(frozen=True)
class LoginTry:
    """A login under way; `password_hash` is a decoy when there is no such officer."""

    username: str
    password_hash: str
    officer_id: int | None


def begin(session: Session, *, username: str, remote: str, now: datetime) -> LoginTry:
    """Count a try as failed until it succeeds: tries side by side cannot slip past the limit.

    Args:
        remote: the address that the request came from.

    Raises:
        TooManyFailures: nothing is counted, so the wait is never longer than the window.
    """
    name, address = _clean(username, MAX_USERNAME).lower(), _clean(remote, MAX_ADDRESS)
    session.execute(delete(LoginAttempt).where(LoginAttempt.at <= now - WINDOW))
    # The lock puts tries with one username in line on PostgreSQL; SQLite has one writer anyway.
    officer = session.scalar(
        select(Officer).where(Officer.username == name, Officer.active.is_(True)).with_for_update()
    )
    shut_until = max(
        _shut_until(session, LoginAttempt.username == name, MAX_PER_USERNAME, now),
        _shut_until(session, LoginAttempt.remote == address, MAX_PER_ADDRESS, now),
    )
    if shut_until > now:
        raise TooManyFailures(shut_until - now)
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


def forget(session: Session, username: str) -> None:
    """Whoever it is, is in: what went before were slips of the finger."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.username == username))


def _shut_until(session: Session, whose: ColumnElement[bool], most: int, now: datetime) -> datetime:
    """When the oldest of the last `most` failures no longer counts; now when there are fewer."""
    newest_first = select(LoginAttempt.at).where(whose).order_by(LoginAttempt.at.desc())
    at = session.scalar(newest_first.offset(most - 1).limit(1))
    return now if at is None else at + WINDOW


@cache
def _decoy_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))


def _clean(text: str, limit: int) -> str:
    return text.strip().replace("\x00", "")[:limit]
