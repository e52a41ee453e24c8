"""What staff show of a case to the public, and how they take it back.

Nothing of a case is public but its state until somebody with the right to has read it and released
words, a place, an answer and photos: copies that stay as they were released, whatever the case
itself says later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_
from sqlalchemy.orm import Session

from actions import cases, rights
from actions.rights import Right
from store.desk import TicketRelease
from store.staff import Officer
from store.tickets import Attachment, Ticket, TicketState

RELEASED = "publish"
WITHDRAWN = "unpublish"
"""Kinds of events; `release` is a move: a case that is given back."""

LONGEST_TEXT = 4000
LONGEST_PLACE = 300
"""Characters."""

IS_PUBLIC = and_(TicketRelease.withdrawn_at.is_(None), Ticket.state != TicketState.WITHDRAWN)
"""On a ticket joined with its release. Who has taken a case back does not want it shown."""


class NothingToRelease(ValueError):
    """There is no text to show."""


class TooLong(ValueError):
    """Words longer than a public page holds."""


class NotReleased(Exception):
    """The case is not public."""


@dataclass(frozen=True)
class Words:
    """What the public is to see; `attachment_ids` are photos of afterwards."""

    text: str
    place: str
    answer: str
    attachment_ids: tuple[int, ...] = ()


def may_release(officer: Officer, ticket: Ticket) -> bool:
    """Whether an officer may show this case, or take it back."""
    return rights.has(officer, Right.RELEASE) and cases.may_act(ticket, cases.by_officer(officer))


def standing(session: Session, ticket: Ticket) -> TicketRelease | None:
    """The release that holds, or None."""
    release = session.get(TicketRelease, ticket.id)
    return release if release is not None and release.withdrawn_at is None else None


def after_photos(ticket: Ticket) -> list[Attachment]:
    """The photos that may be shown: what staff have sent of what was done."""
    return [one for one in ticket.attachments if (one.kind, one.purpose) == ("photo", "after")]


def proposal(ticket: Ticket, commune: str | None, mask: Callable[[str], str]) -> Words:
    """What an officer begins with.

    Args:
        commune: the name of the ticket's unit.
        mask: hides what tells who a person is.
    """
    place = mask(ticket.place_text or "")
    if commune and commune.casefold() not in place.casefold():
        place = f"{place}, {commune}" if place else commune
    return Words(mask(ticket.text), place[:LONGEST_PLACE], mask(ticket.answer or ""))


def release(
    session: Session, ticket: Ticket, officer: Officer, words: Words, *, now: datetime
) -> TicketRelease:
    """Show a case that is locked, or show other words of one that is shown already.

    Photos that may not be shown are left out.

    Raises:
        cases.MoveForbidden: the officer may not.
        NothingToRelease, TooLong: the words.
    """
    _see_that_it_is_allowed(officer, ticket)
    words = _fitting(ticket, words)
    row = session.get(TicketRelease, ticket.id)
    if row is None:
        row = TicketRelease(ticket_id=ticket.id, released_at=now)
        session.add(row)
    elif row.withdrawn_at is not None:
        row.released_at, row.withdrawn_at = now, None
    row.text, row.place, row.answer = words.text, words.place, words.answer
    row.attachment_ids = list(words.attachment_ids)
    row.officer_id = officer.id
    detail = {
        "text": words.text,
        "place": words.place,
        "answer": words.answer,
        "attachments": list(words.attachment_ids),
    }
    cases.record(session, ticket, RELEASED, by=cases.by_officer(officer), now=now, detail=detail)
    return row


def withdraw(session: Session, ticket: Ticket, officer: Officer, *, now: datetime) -> None:
    """Take a case that is locked back from the public.

    Raises:
        cases.MoveForbidden: the officer may not.
        NotReleased: it is not public.
    """
    _see_that_it_is_allowed(officer, ticket)
    row = standing(session, ticket)
    if row is None:
        raise NotReleased(ticket.code)
    row.withdrawn_at = now
    cases.record(session, ticket, WITHDRAWN, by=cases.by_officer(officer), now=now)


def _see_that_it_is_allowed(officer: Officer, ticket: Ticket) -> None:
    if not may_release(officer, ticket):
        raise cases.MoveForbidden(ticket.code)


def _fitting(ticket: Ticket, words: Words) -> Words:
    text, place, answer = (part.strip() for part in (words.text, words.place, words.answer))
    if not text:
        raise NothingToRelease(ticket.code)
    if max(len(text), len(answer)) > LONGEST_TEXT or len(place) > LONGEST_PLACE:
        raise TooLong(ticket.code)
    wanted = set(words.attachment_ids)
    shown = tuple(photo.id for photo in after_photos(ticket) if photo.id in wanted)
    return Words(text, place, answer, shown)
