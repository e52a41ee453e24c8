"""Reports of one thing: found before another ticket is made of it, and merged by staff."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session, selectinload

from actions import cases, following, likeness
from actions.cases import NOTHING, Actor, Moved
from actions.local_facts import LocalFacts
from actions.tickets import TicketDraft
from store.cases import TicketFollower
from store.messages import Conversation
from store.tickets import UNDER_WAY, Attachment, Ticket, TicketEvent

NEAR_M = 300
"""Metres within which two reports may be about one thing."""

NOT_OLDER_THAN = timedelta(days=60)

LOOKED_AT = 150
"""Open tickets of the same matter and place that are compared, the newest first."""

LIKELY_FROM = 0.95
"""Sum of the likenesses of matter (0 to 1), place (0 to 1) and photo (0 or 0.5); how it was chosen
and what it finds is in docs/cases.md."""

FAR = 600
"""Metres over which nearness falls from 1 to 0; nobody looks farther than `NEAR_M`."""

PLACE_UNKNOWN = 0.25
"""What stands in for the likeness of the places where nobody has named one."""

PLACES_DIFFER = 0.3
"""Two places that are less alike are two places, whatever the words."""

ALIKE_PHOTO = 0.5


@dataclass(frozen=True)
class Likely:
    """An open ticket that may be about the same; the distance is None where one has no point."""

    ticket: Ticket
    distance_m: float | None
    likeness: float


def likely(
    session: Session,
    draft: TicketDraft,
    *,
    local: LocalFacts,
    now: datetime,
    limit: int = 3,
) -> list[Likely]:
    """The open tickets that are likeliest about the same thing, the likeliest first."""
    bounds, in_commune = _bounds(draft), bool(draft.commune_code)
    if not bounds and not in_commune:
        return []
    looks = _looks(session, draft.attachment_ids)
    asked = {"category": draft.category, "since": now - NOT_OLDER_THAN, **bounds}
    if in_commune:
        asked["commune"] = draft.commune_code
    found = session.scalars(_candidates(bool(bounds), in_commune, bool(looks)), asked).all()
    unit = local.commune(draft.commune_code) if draft.commune_code else None
    commune = unit.name if unit else ""
    place = likeness.place_words(draft.place_text or "", commune)
    matter = likeness.matter(draft.text, draft.place_text or "", commune)
    compared = []
    for ticket in found:
        distance = _distance(draft, ticket)
        if distance is not None:
            nearness = max(0.0, 1 - distance / FAR)
        else:
            nearness = _of_places(place, likeness.place_words(ticket.place_text or "", commune))
        other = likeness.matter(ticket.text, ticket.place_text or "", commune)
        sum_ = likeness.of_texts(matter, other) + nearness
        if looks and _alike(looks, ticket.attachments):
            sum_ += ALIKE_PHOTO
        compared.append(Likely(ticket, distance, sum_))
    fitting = [one for one in compared if one.likeness >= LIKELY_FROM]
    return sorted(fitting, key=lambda one: -one.likeness)[:limit]


def of_ticket(
    session: Session, ticket: Ticket, *, local: LocalFacts, now: datetime, limit: int = 3
) -> list[Likely]:
    """The same for a ticket that is made already, for the staff who may merge them."""
    draft = TicketDraft(
        intent=ticket.intent,
        category=ticket.category,
        urgency=ticket.urgency,
        text=ticket.text,
        place_text=ticket.place_text,
        commune_code=ticket.commune_code,
        latitude=ticket.latitude,
        longitude=ticket.longitude,
        attachment_ids=tuple(attachment.id for attachment in ticket.attachments),
    )
    found = likely(session, draft, local=local, now=now, limit=limit + 1)
    return [one for one in found if one.ticket.id != ticket.id][:limit]


def merge(
    session: Session,
    ticket: Ticket,
    into: Ticket,
    *,
    by: Actor,
    local: LocalFacts,
    now: datetime,
) -> Moved:
    """Work on two tickets as one: whoever hears of the first from now on hears of the second.

    Raises:
        What `cases.move` raises.
    """
    # Both are locked: two merges crosswise must not leave nobody with either.
    locked = select(Ticket).where(Ticket.id == into.id).with_for_update(key_share=True)
    into = session.scalars(locked.execution_options(populate_existing=True)).one()
    given = replace(NOTHING, target=into)
    moved = cases.move(session, ticket, "merge", by=by, given=given, local=local, now=now)
    for chat in _hearers(session, ticket):
        if chat.id != into.conversation_id:
            following.follow(session, into, chat, now=now)
    return moved


def unmerge(
    session: Session, ticket: Ticket, *, by: Actor, local: LocalFacts, now: datetime
) -> Moved:
    """Take a merged ticket out again; whoever followed the other only because of it stops.

    Raises:
        What `cases.move` raises.
    """
    other_id = ticket.merged_into_id
    merged_at = session.scalar(
        select(TicketEvent.at)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "merge")
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    moved = cases.move(session, ticket, "unmerge", by=by, local=local, now=now)
    session.execute(
        update(TicketFollower)
        .where(
            TicketFollower.ticket_id == other_id,
            TicketFollower.conversation_id.in_([chat.id for chat in _hearers(session, ticket)]),
            TicketFollower.since == merged_at,
            TicketFollower.ended_at.is_(None),
        )
        .values(ended_at=now)
    )
    return moved


def _hearers(session: Session, ticket: Ticket) -> list[Conversation]:
    """Who hears of a ticket: its reporter, and those who follow it."""
    return [
        ticket.conversation,
        *following.followers(session, ticket),
    ]


@cache  # building a statement costs more than running it
def _candidates(has_point: bool, in_commune: bool, with_photos: bool) -> Select[Ticket]:
    """The tickets that are compared with a report of which so much is known."""
    query = (
        select(Ticket)
        .where(
            UNDER_WAY,
            Ticket.category == bindparam("category"),
            Ticket.created_at > bindparam("since"),
            _near(has_point, in_commune),
        )
        .order_by(Ticket.created_at.desc())
        .limit(LOOKED_AT)
    )
    return query.options(selectinload(Ticket.attachments)) if with_photos else query


def _near(has_point: bool, in_commune: bool) -> ColumnElement[bool]:
    """What a ticket must fulfil to lie near."""
    same_commune = Ticket.commune_code == bindparam("commune")
    if not has_point:
        return same_commune
    in_the_box = and_(
        Ticket.latitude.between(bindparam("south"), bindparam("north")),
        Ticket.longitude.between(bindparam("west"), bindparam("east")),
    )
    if not in_commune:
        return in_the_box
    return or_(in_the_box, and_(same_commune, Ticket.latitude.is_(None)))


def _bounds(draft: TicketDraft) -> dict[str, float]:
    """Between which degrees lies what is near; nothing where the report has no point."""
    if draft.latitude is None or draft.longitude is None:
        return {}
    up = NEAR_M / likeness.METRES_OF_A_DEGREE
    along = up / math.cos(math.radians(draft.latitude))
    return {
        "south": draft.latitude - up,
        "north": draft.latitude + up,
        "west": draft.longitude - along,
        "east": draft.longitude + along,
    }


def _of_places(place: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How much two places in words are alike; far below 0 where they are two places."""
    if not place or not other:
        return PLACE_UNKNOWN
    alike = likeness.of_places(place, other)
    return alike if alike >= PLACES_DIFFER else -math.inf


def _distance(draft: TicketDraft, ticket: Ticket) -> float | None:
    if (
        draft.latitude is None
        or draft.longitude is None
        or ticket.latitude is None
        or ticket.longitude is None
    ):
        return None
    return likeness.metres(draft.latitude, draft.longitude, ticket.latitude, ticket.longitude)


def _looks(session: Session, attachment_ids: tuple[int, ...]) -> list[int]:
    if not attachment_ids:
        return []
    found = select(Attachment.look).where(Attachment.id.in_(attachment_ids))
    return [look for look in session.scalars(found) if look is not None]


def _alike(looks: Iterable[int], attachments: Iterable[Attachment]) -> bool:
    others = [attachment.look for attachment in attachments if attachment.look is not None]
    return any(likeness.of_looks(one, other) for one in looks for other in others)
