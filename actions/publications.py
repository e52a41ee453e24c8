"""Notices and figures for everybody: what staff publish, and what the province's file says.

There is one source for the public page and for the bot: `told`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from actions import staff
from actions.local_facts import LocalFacts
from actions.local_facts.notices import KINDS
from store.desk import Publication
from store.staff import Officer

LONGEST_TITLE = 200
LONGEST_TEXT = 4000
"""Characters."""

MOST_TOLD = 100
"""Published at once; older ones are not shown."""


class TitleMissing(ValueError):
    """There is no title, or one that is too long."""


class TextMissing(ValueError):
    """There is no text, or one that is too long."""


class KindUnknown(ValueError):
    """Neither a notice nor a figure."""


class EndsBeforeItBegins(ValueError):
    """It would end at a moment that has passed."""


class PublishedAlready(Exception):
    """The same words stand already: the button was pressed twice."""


@dataclass(frozen=True)
class Draft:
    """What is to be published; `ends_at` None: until somebody takes it back."""

    kind: str
    title: str
    text: str
    ends_at: datetime | None


@dataclass(frozen=True)
class Told:
    """A notice or a figure as everybody reads it.

    `since` is when it was published; None for the province's own file, which says its `source`.
    """

    kind: str
    title: str
    text: str
    since: datetime | None
    source: str


def checked(draft: Draft, now: datetime) -> Draft:
    """The draft without needless spaces.

    Raises:
        KindUnknown, TitleMissing, TextMissing, EndsBeforeItBegins: what is wrong with it.
    """
    title, text = " ".join(draft.title.split()), draft.text.strip()
    if draft.kind not in KINDS:
        raise KindUnknown
    if not title or len(title) > LONGEST_TITLE:
        raise TitleMissing
    if not text or len(text) > LONGEST_TEXT:
        raise TextMissing
    if draft.ends_at is not None and draft.ends_at <= now:
        raise EndsBeforeItBegins
    return Draft(draft.kind, title, text, draft.ends_at)


def publish(session: Session, officer: Officer, draft: Draft, *, now: datetime) -> Publication:
    """Tell everybody, from now on.

    Raises:
        What `checked` raises.
        PublishedAlready: the same words stand.
    """
    draft = checked(draft, now)
    staff.lock(session, officer)
    for one in standing(session, now):
        if (one.kind, one.title, one.text) == (draft.kind, draft.title, draft.text):
            raise PublishedAlready
    row = Publication(
        kind=draft.kind,
        title=draft.title,
        text=draft.text,
        officer_id=officer.id,
        published_at=now,
        ends_at=draft.ends_at,
    )
    session.add(row)
    session.flush()
    return row


def set_end(row: Publication, ends_at: datetime | None, *, now: datetime) -> None:
    """Let it end at another moment; None: not by itself.

    Raises:
        EndsBeforeItBegins: that moment has passed.
    """
    if ends_at is not None and ends_at <= now:
        raise EndsBeforeItBegins
    row.ends_at = ends_at


def withdraw(row: Publication, *, now: datetime) -> None:
    """Tell it no more; the first to withdraw it has done so."""
    row.withdrawn_at = row.withdrawn_at or now


def stands(row: Publication, now: datetime) -> bool:
    """Whether everybody is told it now."""
    return row.withdrawn_at is None and (row.ends_at is None or row.ends_at > now)


def standing(session: Session, now: datetime) -> Sequence[Publication]:
    """What everybody is told now, the newest first."""
    query = (
        select(Publication)
        .where(
            Publication.withdrawn_at.is_(None),
            or_(Publication.ends_at.is_(None), Publication.ends_at > now),
        )
        .order_by(Publication.published_at.desc(), Publication.id.desc())
        .limit(MOST_TOLD)
    )
    return session.scalars(query).all()


def told(session: Session, local: LocalFacts, now: datetime) -> list[Told]:
    """What everybody is told, notices before figures, the newest first.

    Of a kind of which staff have published nothing, the province's file is told.
    """
    published = standing(session, now)
    found: list[Told] = []
    for kind in KINDS:
        own = [
            Told(kind, one.title, one.text, one.published_at, "")
            for one in published
            if one.kind == kind
        ]
        found += own or [
            Told(kind, one.title, one.text, None, one.source)
            for one in local.notices
            if one.kind == kind
        ]
    return found
