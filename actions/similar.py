"""Answers given before: the resolved tickets most like one that is to be answered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from actions import likeness
from store.tickets import ANSWERED, Ticket

LOOKED_AT = 300
"""Answered tickets of the same category that are compared, the newest first."""

LIKE_FROM = 0.3


@dataclass(frozen=True)
class Similar:
    """A resolved ticket with its answer, and how much its text is like the one asked about."""

    ticket: Ticket
    likeness: float


def resolved(
    session: Session, ticket: Ticket, *, among: ColumnElement[bool] | None = None, limit: int = 3
) -> list[Similar]:
    """The answered tickets of the same category with the likest texts, the likest first.

    Args:
        among: which tickets count; by default all.
    """
    found = session.scalars(
        select(Ticket)
        .where(ANSWERED, Ticket.category == ticket.category, true() if among is None else among)
        .order_by(Ticket.id.desc())
        .limit(LOOKED_AT)
    )
    text = likeness.letters(ticket.text)
    compared = [
        Similar(one, likeness.of_texts(text, likeness.letters(one.text)))
        for one in found
        if one.id != ticket.id
    ]
    fitting = [one for one in compared if one.likeness >= LIKE_FROM]
    return sorted(fitting, key=lambda one: -one.likeness)[:limit]
