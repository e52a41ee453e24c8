"""Floods and misuse: limits per person, and blocks that end, say why, and can be lifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.orm import Session

from actions.folding import folded
from store.cases import Block
from store.messages import Conversation, ConversationRole
from store.staff import Officer
from store.tickets import Ticket, TicketState

TICKETS_AN_HOUR = 20
TICKETS_A_DAY = 60
"""More reports from one chat than a person has to make; urgent ones are never counted."""

SAME_AGAIN_WITHIN = timedelta(days=1)
"""The same words sent again within so long are the same report, not another one."""

FLOOD_BLOCK = timedelta(minutes=15)
"""For how long a chat that floods is not heard."""

FLOODED = "flood"
"""The reason of a block that the programme made itself."""

LONGEST_BLOCK = timedelta(days=90)

_TICKETS = cast(Table, Ticket.__table__)
# Built once: building a statement costs more than running it.
_SENT_LATELY = select(
    func.count(), func.count().filter(_TICKETS.c.created_at > bindparam("hour_ago"))
).where(
    _TICKETS.c.conversation_id == bindparam("chat"),
    _TICKETS.c.created_at > bindparam("day_ago"),
    _TICKETS.c.urgency != "urgent",
)
_WORDS_LATELY = (
    select(_TICKETS.c.id, _TICKETS.c.text)
    .where(
        _TICKETS.c.conversation_id == bindparam("chat"),
        _TICKETS.c.created_at > bindparam("since"),
        _TICKETS.c.state != TicketState.WITHDRAWN,
    )
    .order_by(_TICKETS.c.id.desc())
)


class NoSuchChat(LookupError):
    """No chat of a citizen has this number."""


class ReasonMissing(ValueError):
    """A block says why."""


class BlockedAlready(Exception):
    """An officer's block stands: the button was pressed twice, or a colleague was quicker."""


class TooLong(ValueError):
    """A block ends within `LONGEST_BLOCK`, and not before it begins."""


@dataclass(frozen=True)
class Blocked:
    """A block with those who made and lifted it, for the list of the staff."""

    block: Block
    officer: str | None
    lifted_by: str | None


def in_force(session: Session, now: datetime) -> dict[int, Block]:
    """The block under which each blocked chat stands now, by the number of the chat."""
    found = session.scalars(
        select(Block).where(Block.lifted_at.is_(None), Block.until > now).order_by(Block.until)
    )
    return {block.conversation_id: block for block in found}


def block(
    session: Session,
    chat: Conversation,
    *,
    reason: str,
    until: datetime,
    officer: Officer | None = None,
    now: datetime,
) -> Block:
    """Hear nothing of a chat until then, but of danger.

    Raises:
        ReasonMissing, TooLong: what the names say.
    """
    if not reason.strip():
        raise ReasonMissing
    if not now < until <= now + LONGEST_BLOCK:
        raise TooLong
    made = Block(
        conversation_id=chat.id,
        reason=reason.strip(),
        officer_id=officer.id if officer else None,
        created_at=now,
        until=until,
    )
    session.add(made)
    session.flush()
    return made


def block_by_officer(
    session: Session,
    chat_number: int,
    officer: Officer,
    *,
    reason: str,
    until: datetime,
    now: datetime,
) -> Block:
    """The same by an officer, once; a block that the programme made is no hindrance.

    Raises:
        NoSuchChat, BlockedAlready, ReasonMissing, TooLong: what the names say.
    """
    chat = session.get(Conversation, chat_number, with_for_update=True)
    if chat is None or chat.role != ConversationRole.CITIZEN:
        raise NoSuchChat(chat_number)
    standing = in_force(session, now).get(chat.id)
    if standing is not None and standing.officer_id is not None:
        raise BlockedAlready(chat_number)
    return block(session, chat, reason=reason, until=until, officer=officer, now=now)


def lift(block: Block, officer: Officer, *, now: datetime) -> bool:
    """Hear the chat again; False when the block was over already."""
    if block.lifted_at is not None or block.until <= now:
        return False
    block.lifted_at, block.lifted_by_id = now, officer.id
    return True


def blocks(session: Session, *, limit: int = 100) -> Sequence[Blocked]:
    """The blocks, the newest first; those that are over stay in the list."""
    lifter = Officer.__table__.alias("lifter")
    rows = session.execute(
        select(Block, Officer.name, lifter.c.name)
        .outerjoin(Officer, Officer.id == Block.officer_id)
        .outerjoin(lifter, lifter.c.id == Block.lifted_by_id)
        .order_by(Block.id.desc())
        .limit(limit)
    )
    return [Blocked(*row) for row in rows]


def too_many_tickets(session: Session, chat: Conversation, now: datetime) -> bool:
    """Whether a chat has sent more reports lately than a person has to make."""
    since = {"day_ago": now - timedelta(days=1), "hour_ago": now - timedelta(hours=1)}
    a_day, an_hour = session.execute(_SENT_LATELY, {"chat": chat.id, **since}).one()
    return bool(a_day >= TICKETS_A_DAY or an_hour >= TICKETS_AN_HOUR)


def sent_before(session: Session, chat: Conversation, text: str, now: datetime) -> Ticket | None:
    """The chat's own report with the same words, if it was sent lately and not taken back."""
    recent = session.execute(_WORDS_LATELY, {"chat": chat.id, "since": now - SAME_AGAIN_WITHIN})
    words = folded(text)
    number = next((number for number, sent in recent if folded(sent) == words), None)
    return None if number is None else session.get(Ticket, number)
