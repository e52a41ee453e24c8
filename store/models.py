"""Every model in one place, for migrations and for whoever needs the whole metadata."""

from store.base import Base
from store.cases import Block, CitizenNews, TicketDeadline, TicketFollower
from store.desk import (
    ChatPresence,
    DeskChange,
    LocalEdit,
    PersonalView,
    Publication,
    SavedFilter,
    TicketRelease,
)
from store.dossiers import Dossier, DossierAttempt
from store.figures import CaseTally, CaseTallyStale
from store.groups import AgencyGroup, GroupLinkCode, GroupMember, Topic
from store.local import Agency, Commune
from store.messages import ChannelSecret, Conversation, InboxEvent, OutboxMessage
from store.privacy import Consent, PrivacyRequest
from store.staff import Handoff, LoginAttempt, Officer, StaffSession
from store.tickets import Attachment, Ticket, TicketEvent, TicketMessage

__all__ = [
    "Agency",
    "AgencyGroup",
    "Attachment",
    "Base",
    "Block",
    "CaseTally",
    "CaseTallyStale",
    "ChannelSecret",
    "ChatPresence",
    "CitizenNews",
    "Commune",
    "Consent",
    "Conversation",
    "DeskChange",
    "Dossier",
    "DossierAttempt",
    "GroupLinkCode",
    "GroupMember",
    "Handoff",
    "InboxEvent",
    "LocalEdit",
    "LoginAttempt",
    "Officer",
    "OutboxMessage",
    "PersonalView",
    "PrivacyRequest",
    "Publication",
    "SavedFilter",
    "StaffSession",
    "Ticket",
    "TicketDeadline",
    "TicketEvent",
    "TicketFollower",
    "TicketMessage",
    "TicketRelease",
    "Topic",
]
