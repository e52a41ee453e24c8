"""How much waits behind each entry of the menu."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, func, select
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
    return Counts(*session.execute(_COUNTED).one())


def _number(column: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count(column)).where(*where).scalar_subquery()


_COUNTED = select(
    _number(Handoff.id, Handoff.ended_at.is_(None), Handoff.officer_id.is_(None)),
    _number(PrivacyRequest.id, PrivacyRequest.done_at.is_(None)),
    _number(InboxEvent.id, InboxEvent.status == InboxStatus.DEAD),
)
