"""Who of the staff may see and do what at the desk, besides the moves of a case.

The moves themselves are in data/ticket_moves.yml; whether a ticket is somebody's business at all is
`cases.may_act`.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ColumnElement, or_, true

from actions.cases import ACROSS_AGENCIES
from store.staff import Officer, OfficerRole
from store.tickets import Ticket


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


def sees(officer: Officer, ticket: Ticket) -> bool:
    """Whether an officer may read a case: an agency's own, and what was sent through its hands."""
    return (
        officer.agency_code is None
        or officer.role in SEES_ALL
        or ticket.agency_code == officer.agency_code
        or ticket.officer_id == officer.id
    )


def sight(officer: Officer) -> ColumnElement[bool]:
    """The same as a condition on `Ticket`."""
    if officer.agency_code is None or officer.role in SEES_ALL:
        return true()
    return or_(Ticket.agency_code == officer.agency_code, Ticket.officer_id == officer.id)
