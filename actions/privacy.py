"""Requests of citizens about their own personal data."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.messages import Conversation
from store.privacy import PrivacyRequest
from store.staff import Officer

DAYS_BY_KIND = {"delete": 20, "view": 10, "correct": 10, "withdraw_consent": 15}
"""Days to be done in, by Luật 91/2025/QH15 and NĐ 356/2025, in force since 1 January 2026."""

ACKNOWLEDGE_WORKING_DAYS = 2
"""Working days in which staff must confirm that they have the request, by the same decree."""


def file_request(
    session: Session, conversation: Conversation, kind: str, *, now: datetime
) -> PrivacyRequest:
    """File a request, or return the one of that kind that is still open: its clock runs on.

    Args:
        kind: one of `DAYS_BY_KIND`.
    """
    waiting = session.scalar(
        select(PrivacyRequest).where(
            PrivacyRequest.conversation_id == conversation.id,
            PrivacyRequest.kind == kind,
            PrivacyRequest.done_at.is_(None),
        )
    )
    if waiting is not None:
        return waiting
    request = PrivacyRequest(
        conversation_id=conversation.id,
        kind=kind,
        requested_at=now,
        due_at=now + timedelta(days=DAYS_BY_KIND[kind]),
    )
    session.add(request)
    session.flush()
    return request


def finish(request: PrivacyRequest, officer: Officer, *, now: datetime) -> None:
    """Note that an officer has done what was asked; who was first and when stays as it is."""
    if request.done_at is None:
        request.done_at, request.officer_id = now, officer.id
