"""What was said, and is still to be said, to the citizen who sent a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from actions import deliveries
from bot.desk.notices import why_undelivered
from bot.messages import Outgoing
from bot.work import UnitOfWork
from store.cases import CitizenNews
from store.messages import OutboxStatus
from store.tickets import Ticket


@dataclass(frozen=True)
class Told:
    """A message to the citizen and what became of it; `status` as in OutboxMessage."""

    number: int
    at: datetime
    officer: str | None
    text: str
    pictures: int
    status: str
    tried: int
    why: str
    """Why it failed, in words."""


@dataclass(frozen=True)
class ToCome:
    """A message that waits for the morning, or to be told with what follows closely."""

    due_at: datetime
    text: str


def told(work: UnitOfWork, ticket: Ticket) -> list[Told]:
    """What was said, the newest first."""
    return [_told(work, one) for one in deliveries.of_ticket(work.session, ticket)]


def to_come(work: UnitOfWork, ticket: Ticket) -> list[ToCome]:
    """What the citizen is to hear later, in its order."""
    return [_to_come(one) for one in deliveries.still_to_come(work.session, ticket)]


def _told(work: UnitOfWork, one: deliveries.Delivery) -> Told:
    row, said = one.message, Outgoing.model_validate(one.message.payload)
    failed = row.status == OutboxStatus.FAILED
    return Told(
        number=row.id,
        at=row.sent_at or row.created_at,
        officer=one.officer,
        text=said.text,
        pictures=len(said.media),
        status=row.status,
        tried=row.attempts,
        why=why_undelivered(work.responses, row.error) if failed else "",
    )


def _to_come(news: CitizenNews) -> ToCome:
    return ToCome(news.due_at, Outgoing.model_validate(news.message).text)
