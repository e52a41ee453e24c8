"""Chats that asked for a person: how many, and how long they waited for one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions.figures.tally import percentile
from actions.happened import Span
from store.moments import MinutesBetween
from store.staff import Handoff

REASONS = ("asked", "not_understood", "complaint", "denunciation")
"""Hand-overs in which a citizen waits; those that staff began are none."""


@dataclass(frozen=True)
class Chats:
    """Of a span: the hand-overs asked for in it, how many were taken, and how long that took.

    `not_understood` of them came because the bot did not understand. Minutes are whole ones, None
    where none was taken. `waiting` have been waiting until now, whenever they began.
    """

    asked: int
    not_understood: int
    taken: int
    median_minutes: int | None
    most_minutes: int | None
    waiting: int
    waiting_minutes: int | None
    """Of the one that waits longest."""


def read(session: Session, span: Span, now: datetime) -> Chats:
    minutes = MinutesBetween(Handoff.requested_at, Handoff.taken_at)
    waits: Counter[int] = Counter()
    reasons: Counter[str] = Counter()
    asked = select(Handoff.reason, minutes.label("waited"), func.count())
    inside = [*span.holds(Handoff.requested_at), Handoff.reason.in_(REASONS)]
    for reason, waited, number in session.execute(
        asked.where(*inside).group_by(Handoff.reason, "waited")
    ):
        reasons[reason] += number
        if waited is not None:
            waits[waited] += number
    still, oldest = session.execute(
        select(func.count(), func.min(Handoff.requested_at)).where(
            Handoff.ended_at.is_(None), Handoff.taken_at.is_(None), Handoff.reason.in_(REASONS)
        )
    ).one()
    return Chats(
        asked=reasons.total(),
        not_understood=reasons["not_understood"],
        taken=waits.total(),
        median_minutes=percentile(waits, 0.5),
        most_minutes=max(waits, default=None),
        waiting=still,
        waiting_minutes=int((now - oldest).total_seconds()) // 60 if oldest else None,
    )
