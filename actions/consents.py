"""Consent to keep contact details: given by a clear yes, provable, and taken back at will."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.messages import Conversation
from store.privacy import Consent
from store.tickets import Ticket

WORDING_VERSION = "2026-01"
"""The version of the response `utter_consent` in domain.yml: change both together."""


def give(session: Session, conversation: Conversation, *, now: datetime) -> Consent:
    """Record a yes to the present wording."""
    consent = Consent(
        conversation_id=conversation.id,
        wording_version=WORDING_VERSION,
        channel=conversation.channel,
        given_at=now,
    )
    session.add(consent)
    session.flush()
    return consent


def withdraw(session: Session, consent_id: int, *, now: datetime) -> None:
    """Record that a consent no longer holds; the record of having given it stays."""
    consent = session.scalar(select(Consent).where(Consent.id == consent_id))
    if consent is not None and consent.withdrawn_at is None:
        consent.withdrawn_at = now


def contact_may_be_shown(session: Session, ticket: Ticket) -> bool:
    """Whether a ticket has a name or a number, and a consent to keep them that still holds."""
    consent = session.get(Consent, ticket.consent_id) if ticket.consent_id else None
    if consent is None or consent.withdrawn_at is not None:
        return False
    return bool(ticket.contact_name or ticket.contact_phone)
