"""Floods and misuse: limits per person, and blocks that end, say why, and can be lifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions.folding import folded
from store.cases import Block
from store.messages import Conversation
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


class ReasonMissing(ValueError):
    """A block says why."""


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
    for most, within in ((TICKETS_AN_HOUR, timedelta(hours=1)), (TICKETS_A_DAY, timedelta(days=1))):
        sent = session.scalar(
            select(func.count(Ticket.id)).where(
                Ticket.conversation_id == chat.id,
                Ticket.created_at > now - within,
                Ticket.urgency != "urgent",
            )
        )
        if (sent or 0) >= most:
            return True
    return False


def sent_before(session: Session, chat: Conversation, text: str, now: datetime) -> Ticket | None:
    """The chat's own report with the same words, if it was sent lately and not taken back."""
    words = folded(text)
    recent = session.scalars(
        select(Ticket)
        .where(
            Ticket.conversation_id == chat.id,
            Ticket.created_at > now - SAME_AGAIN_WITHIN,
            Ticket.state != TicketState.WITHDRAWN,
        )
        .order_by(Ticket.id.desc())
    )
    return next((ticket for ticket in recent if folded(ticket.text) == words), None)
