"""Dossiers: reading a code, the local table, the second factor, and the limits on guessing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy.orm import Session

from store.dossiers import Dossier, DossierAttempt
from store.messages import Conversation

ATTEMPT_WINDOW = timedelta(hours=1)
"""Attempts older than this no longer count."""

MAX_UNKNOWN_CODES_PER_CHAT = 8
"""Unknown codes a chat may try within the window: enough for typing errors, not for guessing."""

MAX_WRONG_FACTORS_PER_CHAT = 5
MAX_WRONG_FACTORS_PER_CODE = 5
"""Four digits have 10,000 values: from however many chats, one code is tried 5 times an hour."""

_SHAPE = re.compile(
    r"(?<![0-9A-Z])(?:(\d{3})[.\s]?(\d{2})[.\s]?(\d{2})[.\s]?)?"
    r"([HG]\d{2})((?:[.\s]?\d{1,3}(?![0-9])){0,3})[-\s]{1,3}(\d{6})[-\s]{1,3}(\d{4,6})(?![0-9A-Z])"
)
_SOLID = re.compile(r"(?<![0-9A-Z])(\d{7})?([HG]\d{2})(\d{6})(\d{4,6})(?![0-9A-Z])")
_DASHES = re.compile(r"\s*[-–—_]+\s*")
_NUMBER_LIKE = re.compile(r"[0-9OIL.\-\s]+")
_DIGIT = re.compile(r"[0-9]")
_LETTERS_AS_DIGITS = str.maketrans("OIL", "011")
_LOOKS_TYPED = re.compile(r"(?=(?:.*\d){5})[0-9A-Z.\-\s]+")


_ATTEMPTS = cast(Table, DossierAttempt.__table__)
# Built once: building a statement costs more than running it.
_WITH_CODE = select(Dossier).where(Dossier.code == bindparam("code"))
_TRIED = select(func.count()).where(
    _ATTEMPTS.c.kind == bindparam("kind"), _ATTEMPTS.c.at > bindparam("since")
)
_TRIED_BY_CHAT = _TRIED.where(_ATTEMPTS.c.conversation_id == bindparam("chat"))
_TRIED_WITH_CODE = _TRIED.where(_ATTEMPTS.c.code == bindparam("code"))


class DossierCodeUnreadable(ValueError):
    """The text does not hold a dossier code."""


class TooManyAttempts(Exception):
    """This chat, or this code, has been tried too often lately."""


@dataclass(frozen=True)
class DossierRecord:
    """One dossier as its source tells it; `state` is 1 to 10.

    The last four digits of the applicant's phone or identity card open the details.
    """

    code: str
    procedure: str
    agency: str
    applicant: str
    state: int
    received_on: date
    due_on: date | None = None
    phone_last4: str | None = None
    id_last4: str | None = None
    note: str | None = None
    sample: bool = False


def read_code(text: str) -> str:
    """The dossier code in a text, in its canonical spelling: `000.00.12.H62-201105-0004`.

    Spaces, lower case, missing dots and dashes, and O for 0 are forgiven.

    Raises:
        DossierCodeUnreadable: there is no code in it.
    """
    plain = _DASHES.sub("-", text.upper())
    if match := _SHAPE.search(plain) or _SHAPE.search(_digits_mended(plain)):
        first, second, third, unit, tail, day, number = match.groups()
        groups = re.findall(r"\d{1,3}", tail or "")
        prefix = f"{first}.{second}.{third}." if first else ""
        return f"{prefix}{'.'.join([unit, *groups])}-{day}-{number}"
    if match := _SOLID.search(_digits_mended(re.sub(r"[\s.\-]", "", plain))):
        digits, unit, day, number = match.groups()
        prefix = f"{digits[:3]}.{digits[3:5]}.{digits[5:]}." if digits else ""
        return f"{prefix}{unit}-{day}-{number}"
    raise DossierCodeUnreadable(text[:40])


def looks_like_a_code(text: str) -> bool:
    """Whether somebody tried to type a code: letters, digits, dots and dashes, no words."""
    plain = text.strip().upper()
    return len(plain) <= 40 and _LOOKS_TYPED.fullmatch(plain) is not None


def _digits_mended(text: str) -> str:
    return _NUMBER_LIKE.sub(
        lambda run: run[0].translate(_LETTERS_AS_DIGITS) if _DIGIT.search(run[0]) else run[0], text
    )


def find(session: Session, code: str) -> DossierRecord | None:
    """The dossier of the local table; a code without its leading group finds the one ending so."""
    dossier = session.scalar(_WITH_CODE, {"code": code})
    if dossier is None:
        endings = session.scalars(
            select(Dossier).where(Dossier.code.endswith(f".{code}", autoescape=True)).limit(2)
        ).all()
        dossier = endings[0] if len(endings) == 1 else None
    return None if dossier is None else _record(dossier)


def _record(dossier: Dossier) -> DossierRecord:
    return DossierRecord(
        code=dossier.code,
        procedure=dossier.procedure,
        agency=dossier.agency,
        applicant=dossier.applicant,
        state=dossier.state,
        received_on=dossier.received_on,
        due_on=dossier.due_on,
        phone_last4=dossier.phone_last4,
        id_last4=dossier.id_last4,
        note=dossier.note,
        sample=dossier.sample,
    )


def save(session: Session, record: DossierRecord, *, now: datetime) -> bool:
    """Put a dossier into the local table, over what it said before; True when it is new."""
    dossier = session.scalar(_WITH_CODE, {"code": record.code})
    new = dossier is None
    if dossier is None:
        dossier = Dossier(code=record.code)
        session.add(dossier)
    dossier.procedure = record.procedure
    dossier.agency = record.agency
    dossier.applicant = record.applicant
    dossier.phone_last4 = record.phone_last4
    dossier.id_last4 = record.id_last4
    dossier.state = record.state
    dossier.received_on = record.received_on
    dossier.due_on = record.due_on
    dossier.note = record.note
    dossier.sample = record.sample
    dossier.updated_at = now
    session.flush()
    return new


def opens(record: DossierRecord, digits: str) -> bool:
    """Whether these four digits are the last of the applicant's phone or identity card."""
    return len(digits) == 4 and digits in (record.phone_last4, record.id_last4)


def check_may_look_up(session: Session, conversation: Conversation, *, now: datetime) -> None:
    """Raises:
    TooManyAttempts: the chat has tried too many unknown codes lately.
    """
    tried = _count(session, _TRIED_BY_CHAT, "code", now, chat=conversation.id)
    if tried >= MAX_UNKNOWN_CODES_PER_CHAT:
        raise TooManyAttempts


def check_may_open(
    session: Session, conversation: Conversation, code: str, *, now: datetime
) -> None:
    """Raises:
    TooManyAttempts: the chat, or anybody with this code, has given too many wrong digits lately.
    """
    by_chat = _count(session, _TRIED_BY_CHAT, "factor", now, chat=conversation.id)
    by_code = _count(session, _TRIED_WITH_CODE, "factor", now, code=code)
    if by_chat >= MAX_WRONG_FACTORS_PER_CHAT or by_code >= MAX_WRONG_FACTORS_PER_CODE:
        raise TooManyAttempts


def record_attempt(
    session: Session, conversation: Conversation, code: str, kind: str, *, now: datetime
) -> None:
    """Count a failed try; `kind` is `code` (unknown code) or `factor` (wrong digits)."""
    session.add(DossierAttempt(conversation_id=conversation.id, code=code[:40], kind=kind, at=now))
    session.flush()


def _count(
    session: Session, query: Select[int], kind: str, now: datetime, **whose: int | str
) -> int:
    since = now - ATTEMPT_WINDOW
    return session.scalar(query, {"kind": kind, "since": since, **whose}) or 0
