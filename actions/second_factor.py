"""The second factor of a login: six digits from an app on the officer's phone (TOTP, RFC 6238).

Three states: off (no secret), begun (a secret that no code has proven yet), on (a code was taken).
"""

from __future__ import annotations

from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.sealing import Seal, SealBroken, is_sealed
from store.staff import Officer

ISSUER = "Cầu Nối"
"""What the app shows above the code."""

DIGITS = 6

STEPS_OFF = 1
"""Phones whose clock is off by so many steps of 30 seconds are believed, before and after."""


class CodeWrong(ValueError):
    """Not a code of this moment, or one that was taken before: which one is not told."""


class AlreadyOn(Exception):
    """The officer has a second factor; a new secret would take the old one out of their app."""


def is_on(officer: Officer) -> bool:
    """Whether a login needs a code."""
    return officer.totp_secret is not None and officer.totp_used_step is not None


def unproven_secret(officer: Officer, seal: Seal) -> str | None:
    """The secret that no code has proven yet, to be shown; None once one has, or without any."""
    if officer.totp_secret is None or officer.totp_used_step is not None:
        return None
    try:
        return seal.open(officer.totp_secret)
    except SealBroken:
        return None  # nobody has it in their app yet: another one is begun


def begin(officer: Officer, seal: Seal) -> None:
    """Give the officer a new secret, kept sealed; an unproven one is void.

    Raises:
        AlreadyOn: switch it off first.
    """
    if is_on(officer):
        raise AlreadyOn
    officer.totp_secret = seal.close(pyotp.random_base32())


def address(username: str, secret: str) -> str:
    """What the QR image says to the app (`otpauth://`): secret, officer, whose login it is."""
    return _codes(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def take(officer: Officer, code: str, seal: Seal, *, now: datetime) -> None:
    """Take a code, for a login or to prove a new secret; the officer's row is locked by the caller.

    Raises:
        CodeWrong: nothing is changed.
        SealBroken: the secret was sealed with another key.
    """
    if officer.totp_secret is None:
        raise CodeWrong
    secret = seal.open(officer.totp_secret)
    codes, typed = _codes(secret), "".join(code.split())
    try:
        step = codes.verify_and_get_timecode(typed, for_time=now, valid_window=STEPS_OFF)
    except OTPVerificationError:
        raise CodeWrong from None
    if officer.totp_used_step is not None and step <= officer.totp_used_step:
        raise CodeWrong
    officer.totp_used_step = step


def seal_all(session: Session, seal: Seal) -> None:
    """Seal what an earlier version has kept plain."""
    for officer in session.scalars(select(Officer).where(Officer.totp_secret.is_not(None))):
        if officer.totp_secret is not None and not is_sealed(officer.totp_secret):
            officer.totp_secret = seal.close(officer.totp_secret)


def switch_off(officer: Officer) -> None:
    """A login needs the password alone again."""
    officer.totp_secret = officer.totp_used_step = None


def _codes(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=DIGITS)
