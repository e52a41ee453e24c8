"""One transaction's worth of work: what it may use, and what it says to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from actions.local_facts import LocalFacts
from bot.channels.base import Capabilities
from bot.messages import Outgoing
from bot.rendering import render
from bot.responses import Responses
from bot.settings import Settings
from store.groups import Topic
from store.messages import (
    Author,
    Conversation,
    ConversationRole,
    OutboxMessage,
    OutboxStatus,
)

if TYPE_CHECKING:
    from bot.dossier_sources import DossierSource


_TABLE = cast(Table, OutboxMessage.__table__)
# Built once: building a statement costs as much as running it.
_INSERT = _TABLE.insert().returning(_TABLE.c.id)


class Members(Protocol):
    """Who can be asked whether an account is in a group."""

    async def present(self, chat_id: str, account: int) -> bool:
        """Whether it is, as far as the messenger tells.

        Raises:
            TryLater: the messenger did not answer.
        """
        ...


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
    topic_id: int | None = None


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
    members: Members | None = None
    """Without one there is no messenger with groups."""


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
        topic: Topic | None = None,
    ) -> None:
        """Say something in any chat, as one or more calls to its messenger.

        Args:
            topic: of a group, where it is to be said; else that of the ticket or chat it is about.
        """
        can = self.services.capabilities.get(conversation.channel)
        if can is None:
            return
        topic = topic or self._topic(conversation, ticket_id, about)
        for part in render(message, can):
            row = {
                "conversation_id": conversation.id,
                "author": author,
                "payload": part.model_dump(mode="json", exclude_defaults=True),
                "ticket_id": ticket_id,
                "about_conversation_id": about.id if about else None,
                "officer_id": officer_id,
                "topic_id": topic.id if topic else None,
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
                    topic_id=topic.id if topic else None,
                )
            )

    def _topic(
        self, group: Conversation, ticket_id: int | None, about: Conversation | None
    ) -> Topic | None:
        """Where in a group a ticket or a chat is spoken of; None outside of any topic."""
        if group.role != ConversationRole.STAFF or (ticket_id is None and about is None):
            return None
        whose = (
            Topic.ticket_id == ticket_id
            if ticket_id is not None
            else Topic.about_conversation_id == (about.id if about else None)
        )
        return self.session.scalar(select(Topic).where(Topic.conversation_id == group.id, whose))

    @property
    def touched(self) -> set[int]:
        """The chats that something was posted in."""
        return {row.conversation_id for row in self.posted}
