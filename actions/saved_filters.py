"""Lists of cases that an officer keeps under names of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from actions import staff
from store.desk import SavedFilter
from store.staff import Officer

LONGEST_NAME = 40
MOST = 20
"""So many an officer keeps; more nobody finds anything in."""


class NameMissing(ValueError):
    """A list is kept under a name."""


class TooMany(Exception):
    """The officer keeps `MOST` already."""


def of_officer(session: Session, officer: Officer) -> Sequence[SavedFilter]:
    """What an officer keeps, by name."""
    kept = select(SavedFilter).where(SavedFilter.officer_id == officer.id)
    return session.scalars(kept.order_by(SavedFilter.name)).all()


def keep(session: Session, officer: Officer, name: str, query: str, now: datetime) -> SavedFilter:
    """Keep a list; one of this name that the officer keeps already is replaced.

    Args:
        query: the list as the query of its address.

    Raises:
        NameMissing: the name is empty; it is cut at `LONGEST_NAME` characters.
        TooMany: there are `MOST` others.
    """
    name = " ".join(name.split())[:LONGEST_NAME].strip()
    if not name:
        raise NameMissing
    staff.lock(session, officer)
    mine = SavedFilter.officer_id == officer.id
    kept = session.scalar(select(SavedFilter).where(mine, SavedFilter.name == name))
    if kept is None:
        if (session.scalar(select(func.count(SavedFilter.id)).where(mine)) or 0) >= MOST:
            raise TooMany
        kept = SavedFilter(officer_id=officer.id, name=name, created_at=now)
        session.add(kept)
    kept.query = query
    session.flush()
    return kept


def drop(session: Session, officer: Officer, number: int) -> None:
    """Keep a list no longer; one that is not the officer's stays."""
    session.execute(
        delete(SavedFilter).where(SavedFilter.id == number, SavedFilter.officer_id == officer.id)
    )
