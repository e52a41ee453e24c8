"""How much waits behind each entry of the menu."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.messages import InboxEvent, InboxStatus
from store.privacy import PrivacyRequest
from store.staff import Handoff


@dataclass(frozen=True)
class Counts:
    """Open things: chats that nobody has taken, privacy requests, dead letters."""

    chats: int
    privacy: int
    dead_letters: int


def counts(session: Session) -> Counts:
    return Counts(
        chats=_count(session, Handoff.id, Handoff.ended_at.is_(None), Handoff.officer_id.is_(None)),
        privacy=_count(session, PrivacyRequest.id, PrivacyRequest.done_at.is_(None)),
        dead_letters=_count(session, InboxEvent.id, InboxEvent.status == InboxStatus.DEAD),
    )


def _count(
    session: Session, column: InstrumentedAttribute[int], *where: ColumnElement[bool]
) -> int:
    return session.scalar(select(func.count(column)).where(*where)) or 0
