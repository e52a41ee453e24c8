"""Every model in one place, for migrations and for whoever needs the whole metadata."""

from store.base import Base
from store.dossiers import Dossier, DossierAttempt
from store.local import Agency, Commune
from store.messages import ChannelSecret, Conversation, InboxEvent, OutboxMessage
from store.privacy import Consent, PrivacyRequest
from store.staff import Handoff, LoginAttempt, Officer, StaffSession
from store.tickets import Attachment, Ticket, TicketEvent

__all__ = [
    "Agency",
    "Attachment",
    "Base",
    "ChannelSecret",
    "Commune",
    "Consent",
    "Conversation",
    "Dossier",
    "DossierAttempt",
    "Handoff",
    "InboxEvent",
    "LoginAttempt",
    "Officer",
    "OutboxMessage",
    "PrivacyRequest",
    "StaffSession",
    "Ticket",
    "TicketEvent",
]
