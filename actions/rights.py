"""Who of the staff may see and do what at the desk, besides the moves of a case.

The moves themselves are in data/ticket_moves.yml; whether a ticket is somebody's business at all is
`cases.may_act`.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ColumnElement, String, cast, or_, select, true
from sqlalchemy.orm import Session

from actions.cases import ACROSS_AGENCIES
from actions.tickets import TicketNotFound
from store.messages import Author, OutboxMessage
from store.staff import Handoff, Officer, OfficerRole
from store.tickets import Attachment, Ticket


class Right(StrEnum):
    """Something that not everybody of the staff may do."""

    CHAT = "chat"
    """Read and answer chats that were handed over."""
    REPORTER = "reporter"
    """See who sent a case: number, chat; each look is noted."""
    EXPORT = "export"
    FIGURES = "figures"
    """The leader's view."""
    RELEASE = "release"
    """Show a case to the public, and take it back."""
    PUBLISH = "publish"
    """Notices and figures for everybody."""
    DOSSIERS = "dossiers"
    """Look a dossier up."""
    PRIVACY = "privacy"
    """Requests of citizens about their data."""
    BLOCK = "block"
    LETTERS = "letters"
    """Messages that could not be handled, and sending them again."""
    ADMINISTER = "administer"
    """People, agencies, routing, deadlines, canned replies, holidays."""


_OFFICER = {Right.CHAT, Right.REPORTER, Right.EXPORT, Right.DOSSIERS}
_LEAD = _OFFICER | {Right.FIGURES, Right.RELEASE, Right.BLOCK}
_DUTY = _LEAD | {Right.PUBLISH, Right.PRIVACY, Right.LETTERS}

RIGHTS: dict[OfficerRole, frozenset[Right]] = {
    OfficerRole.OFFICER: frozenset(_OFFICER),
    OfficerRole.LEAD: frozenset(_LEAD),
    OfficerRole.DUTY: frozenset(_DUTY),
    OfficerRole.ADMIN: frozenset(Right),
    OfficerRole.LEADER: frozenset({Right.FIGURES, Right.EXPORT}),
}

SEES_ALL = ACROSS_AGENCIES | {OfficerRole.LEADER}
"""Roles whose sight no agency bounds."""


def has(officer: Officer, right: Right) -> bool:
    """Whether an officer has a right."""
    return right in RIGHTS[OfficerRole(officer.role)]


def sees_all(officer: Officer) -> bool:
    """Whether no agency bounds what an officer sees."""
    return officer.agency_code is None or officer.role in SEES_ALL


def sees(officer: Officer, ticket: Ticket) -> bool:
    """Whether an officer may read a case: an agency's own, and what was sent through its hands."""
    return (
        sees_all(officer)
        or ticket.agency_code == officer.agency_code
        or ticket.officer_id == officer.id
    )


def in_sight(officer: Officer, ticket: Ticket) -> Ticket:
    """The ticket itself, to an officer who may read it.

    Raises:
        TicketNotFound: to anybody else: that there is such a ticket is not told.
    """
    if not sees(officer, ticket):
        raise TicketNotFound(ticket.code)
    return ticket


def sight(officer: Officer) -> ColumnElement[bool]:
    """The same as a condition on `Ticket`."""
    if sees_all(officer):
        return true()
    return or_(Ticket.agency_code == officer.agency_code, Ticket.officer_id == officer.id)


def sees_picture(session: Session, officer: Officer, path: str) -> bool:
    """Whether an officer may see a photo or video: of a case in sight, of a chat with a person.

    Args:
        path: as in `Attachment.path`.
    """
    of_case = (
        select(Attachment.id)
        .join(Ticket, Ticket.id == Attachment.ticket_id)
        .where(Attachment.path == path, sight(officer))
    )
    if session.scalar(of_case.limit(1)) is not None:
        return True
    return has(officer, Right.CHAT) and _is_in_a_chat(session, path)


def _is_in_a_chat(session: Session, path: str) -> bool:
    """Whether it was sent in a chat that a person has, by the citizen or by an officer."""
    chats = select(Handoff.conversation_id).where(Handoff.ended_at.is_(None))
    sent_by_citizen = select(Attachment.id).where(
        Attachment.path == path, Attachment.conversation_id.in_(chats)
    )
    sent_by_officer = select(OutboxMessage.id).where(
        OutboxMessage.conversation_id.in_(chats),
        OutboxMessage.author == Author.OFFICER,
        cast(OutboxMessage.payload, String).contains(path, autoescape=True),
    )
    found = (session.scalar(query.limit(1)) for query in (sent_by_citizen, sent_by_officer))
    return any(number is not None for number in found)
