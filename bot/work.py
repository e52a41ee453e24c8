"""One transaction's worth of work: what it may use, and what it says to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, cast

from sqlalchemy import Table
from sqlalchemy.orm import Session

from actions.local_facts import LocalFacts
from bot.channels.base import Capabilities
from bot.messages import Outgoing
from bot.rendering import render
from bot.responses import Responses
from bot.settings import Settings
from store.messages import Author, Conversation, OutboxMessage, OutboxStatus

if TYPE_CHECKING:
    from bot.dossier_sources import DossierSource


_TABLE = cast(Table, OutboxMessage.__table__)
# Built once: building a statement costs as much as running it.
_INSERT = _TABLE.insert().returning(_TABLE.c.id)


@dataclass(frozen=True)
class OutboxRow:
    """A message that waits to be sent, and the chat it is for, as they were when read."""

    id: int
    conversation_id: int
    channel: str
    chat_id: str
    author: str
    mode: str
    message: Outgoing
    attempts: int
    created_at: datetime
    next_try_at: datetime


@dataclass(frozen=True)
class Services:
    """What every turn may use and none may change."""

    settings: Settings
    responses: Responses
    local: LocalFacts
    capabilities: Mapping[str, Capabilities]
    """By channel name; a chat of a channel that is off has none and is sent nothing."""
    dossiers: DossierSource | None
    """Without one the local table is read, which needs nothing from outside."""


@dataclass
class UnitOfWork:
    """The hands of whoever works inside a transaction.

    Everything posted becomes an outbox row of this transaction; nothing is sent before the commit,
    and nothing is lost after it.
    """

    services: Services
    session: Session
    now: datetime
    posted: list[OutboxRow] = field(default_factory=list, kw_only=True)

    @property
    def responses(self) -> Responses:
        return self.services.responses

    def post(
        self,
        conversation: Conversation,
        message: Outgoing,
        *,
        author: Author,
        ticket_id: int | None = None,
        about: Conversation | None = None,
        officer_id: int | None = None,
    ) -> None:
        """Say something in any chat, as one or more calls to its messenger."""
        can = self.services.capabilities.get(conversation.channel)
        if can is None:
            return
        for part in render(message, can):
            row = {
                "conversation_id": conversation.id,
                "author": author,
                "payload": part.model_dump(mode="json", exclude_defaults=True),
                "ticket_id": ticket_id,
                "about_conversation_id": about.id if about else None,
                "officer_id": officer_id,
                "status": OutboxStatus.WAITING,
                "attempts": 0,
                "created_at": self.now,
                "next_try_at": self.now,
            }
            number = self.session.connection().execute(_INSERT, row).scalar_one()
            self.posted.append(
                OutboxRow(
                    id=number,
                    conversation_id=conversation.id,
                    channel=conversation.channel,
                    chat_id=conversation.chat_id,
                    author=author,
                    mode=conversation.mode,
                    message=part,
                    attempts=0,
                    created_at=self.now,
                    next_try_at=self.now,
                )
            )

    @property
    def touched(self) -> set[int]:
        """The chats that something was posted in."""
        return {row.conversation_id for row in self.posted}
