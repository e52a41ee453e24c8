"""Sessions of the staff page: begun by a login, in two steps for those who want it, and ended.

With a second factor the session that the password begins opens no page: it waits for the code, and
`finish` starts another one, with a token of its own.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from actions import login_attempts, second_factor
from actions.login_attempts import LoginTry
from actions.sealing import Seal
from store.staff import Officer, StaffSession

SESSION_LIFE = timedelta(hours=12)
"""A working day with its overtime; after it the officer logs in again."""

CODE_WITHIN = timedelta(minutes=5)
"""After the password the code of the second factor must come within so long."""

SEEN_EVERY = timedelta(minutes=1)
"""That a session is in use is written down no more often."""

TOKEN_BYTES = 32
MAX_DEVICE = 200


class LoginRefused(Exception):
    """No such username, a wrong password, or an officer who has left: which one is not told."""


@dataclass(frozen=True)
class SignedIn:
    """An officer with a session. `csrf_token` must come back with every form."""

    officer: Officer
    csrf_token: str
    token_hash: str
    seen_at: datetime | None

    def is_stale(self, now: datetime) -> bool:
        """Whether it is time to write down that the session is in use."""
        return self.seen_at is None or now - self.seen_at >= SEEN_EVERY


@dataclass(frozen=True)
class Opened:
    """A session just begun: the token for the cookie, and whether a code must come before it."""

    token: str
    awaits_code: bool


def open_session(session: Session, attempt: LoginTry, *, device: str = "", now: datetime) -> Opened:
    """Start a new session after the password fitted.

    Args:
        device: what the browser calls itself.

    Raises:
        LoginRefused: the officer has left meanwhile, or the try was at a decoy.
    """
    officer = session.get(Officer, attempt.officer_id) if attempt.officer_id else None
    if officer is None or not officer.active:
        raise LoginRefused
    if second_factor.is_on(officer):
        token = _new(session, officer, device, now, life=CODE_WITHIN, awaits_code=True)
        return Opened(token, awaits_code=True)
    return Opened(_begin_work(session, officer, device, now), awaits_code=False)


def half_open(session: Session, token: str, *, now: datetime) -> Officer | None:
    """Whose password fitted, with the code still to come; None when that was too long ago."""
    row = _half(session, token, now)
    return session.get_one(Officer, row.officer_id) if row else None


def finish(session: Session, token: str, code: str, seal: Seal, *, now: datetime) -> Opened:
    """Take the code of the second factor: the session that waited for it ends, another begins.

    Raises:
        LoginRefused: the password was given too long ago, or the officer has left meanwhile.
        CodeWrong, SealBroken: see `second_factor.take`.
    """
    half = _half(session, token, now)
    if half is None:
        raise LoginRefused
    # Locked: the same code sent twice at once is taken once.
    officer = session.get_one(
        Officer, half.officer_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if not officer.active:
        raise LoginRefused
    if second_factor.is_on(officer):
        second_factor.take(officer, code, seal, now=now)
    session.delete(half)
    return Opened(_begin_work(session, officer, half.device, now), awaits_code=False)


def _begin_work(session: Session, officer: Officer, device: str, now: datetime) -> str:
    login_attempts.forget(session, officer.username)
    return _new(session, officer, device, now, life=SESSION_LIFE, awaits_code=False)


def _new(
    session: Session,
    officer: Officer,
    device: str,
    now: datetime,
    *,
    life: timedelta,
    awaits_code: bool,
) -> str:
    session.execute(delete(StaffSession).where(StaffSession.expires_at <= now))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        StaffSession(
            token_hash=_hashed(token),
            officer_id=officer.id,
            csrf_token=secrets.token_urlsafe(TOKEN_BYTES),
            created_at=now,
            expires_at=now + life,
            device=device[:MAX_DEVICE],
            awaits_code=awaits_code,
        )
    )
    session.flush()
    return token


def _half(session: Session, token: str, now: datetime) -> StaffSession | None:
    return session.scalar(
        select(StaffSession)
        .join(Officer, Officer.id == StaffSession.officer_id)
        .where(
            StaffSession.token_hash == _hashed(token),
            StaffSession.awaits_code.is_(True),
            StaffSession.expires_at > now,
            Officer.active.is_(True),
        )
    )


def signed_in(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Whose session this token opens; None when it is unknown or over."""
    found = session.execute(
        select(StaffSession, Officer)
        .join(Officer, Officer.id == StaffSession.officer_id)
        .where(
            StaffSession.token_hash == _hashed(token),
            StaffSession.awaits_code.is_(False),
            StaffSession.expires_at > now,
            Officer.active.is_(True),
        )
    ).one_or_none()
    if found is None:
        return None
    row, officer = found
    return SignedIn(officer, row.csrf_token, row.token_hash, row.seen_at)


def note_use(session: Session, token_hash: str, *, now: datetime) -> None:
    """Write down that a session is in use."""
    session.execute(
        update(StaffSession).where(StaffSession.token_hash == token_hash).values(seen_at=now)
    )


def of_officer(session: Session, officer: Officer, *, now: datetime) -> Sequence[StaffSession]:
    """The officer's open sessions, the newest first."""
    return session.scalars(
        select(StaffSession)
        .where(
            StaffSession.officer_id == officer.id,
            StaffSession.awaits_code.is_(False),
            StaffSession.expires_at > now,
        )
        .order_by(StaffSession.created_at.desc(), StaffSession.token_hash)
    ).all()


def end_one(session: Session, officer: Officer, token_hash: str) -> None:
    """End one of the officer's sessions; that of somebody else, or an unknown one, stays."""
    session.execute(
        delete(StaffSession).where(
            StaffSession.token_hash == token_hash, StaffSession.officer_id == officer.id
        )
    )


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


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
