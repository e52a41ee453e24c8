"""What citizens are still to hear of tickets: when, in one message or in several, and only once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from actions.deadlines import LOCAL_ZONE
from store.cases import CitizenNews
from store.messages import Conversation
from store.tickets import Ticket, TicketEvent

QUIET_FROM, QUIET_UNTIL = time(21), time(7)
"""Between these nobody is woken, but for what is urgent."""

TOGETHER = timedelta(minutes=2)
"""Steps that follow one another so closely are told in one message."""

STILL_THERE = timedelta(minutes=10)
"""Whoever has written within so long is awake and looks at the chat."""

_NEWS = cast(Table, CitizenNews.__table__)
# Built once: building a statement costs more than running it.
_NEW = {
    name: insert(_NEWS)
    .on_conflict_do_nothing(index_elements=["event_id", "conversation_id"])
    .returning(_NEWS.c.id)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}
_UNHEARD = (
    select(CitizenNews)
    .where(CitizenNews.conversation_id == bindparam("chat"), CitizenNews.told_at.is_(None))
    .order_by(CitizenNews.id)
)
_ANY_UNHEARD = (
    select(_NEWS.c.id)
    .where(_NEWS.c.conversation_id == bindparam("chat"), _NEWS.c.told_at.is_(None))
    .limit(1)
)


def due(chat: Conversation, ticket: Ticket, *, alone: bool, now: datetime) -> datetime:
    """When a chat is to hear of something.

    Args:
        alone: it is an answer or a question, which waits for no other news.
    """
    awake = chat.last_incoming_at is not None and now - chat.last_incoming_at <= STILL_THERE
    at = now if alone else now + TOGETHER
    if ticket.urgency == "urgent" or awake:
        return at
    return _after_the_night(at)


def put(
    session: Session,
    chat: Conversation,
    ticket: Ticket,
    event: TicketEvent,
    message: dict[str, Any],
    *,
    due_at: datetime,
    told_at: datetime | None = None,
    now: datetime,
) -> bool:
    """Keep what a chat is to hear of an event; False when it has heard, or will, already."""
    row = {
        "conversation_id": chat.id,
        "ticket_id": ticket.id,
        "event_id": event.id,
        "message": message,
        "created_at": now,
        "due_at": due_at,
        "told_at": told_at,
    }
    return session.scalar(_NEW[session.get_bind().dialect.name], row) is not None


def waiting(session: Session, now: datetime, *, limit: int = 200) -> Sequence[int]:
    """The chats that are to hear something now."""
    return session.scalars(
        select(CitizenNews.conversation_id)
        .where(CitizenNews.told_at.is_(None), CitizenNews.due_at <= now)
        .group_by(CitizenNews.conversation_id)
        .order_by(CitizenNews.conversation_id)
        .limit(limit)
    ).all()


def any_unheard(session: Session, chat: Conversation) -> bool:
    """Whether a chat is still to hear anything, now or later."""
    return session.scalar(_ANY_UNHEARD, {"chat": chat.id}) is not None


def take(session: Session, chat: Conversation, *, now: datetime) -> Sequence[CitizenNews]:
    """What a chat is to hear now, in order; from now on it counts as told.

    Older news of the same tickets go along, though their time has not come.
    """
    unheard = session.scalars(_UNHEARD, {"chat": chat.id}).all()
    newest = {item.ticket_id: item.id for item in unheard if item.due_at <= now}
    going = [item.id for item in unheard if item.id <= newest.get(item.ticket_id, 0)]
    # Somebody else may be telling it at this moment: then it is theirs.
    ours = session.scalars(
        update(CitizenNews)
        .where(CitizenNews.id.in_(going), CitizenNews.told_at.is_(None))
        .values(told_at=now)
        .returning(CitizenNews.id)
    ).all()
    return [item for item in unheard if item.id in set(ours)]


def _after_the_night(at: datetime) -> datetime:
    here = at.astimezone(LOCAL_ZONE)
    if QUIET_UNTIL <= here.time() < QUIET_FROM:
        return at
    morning = here.date() + timedelta(days=here.time() >= QUIET_FROM)
    return datetime.combine(morning, QUIET_UNTIL, LOCAL_ZONE).astimezone(UTC)
