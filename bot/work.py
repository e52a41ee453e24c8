"""One transaction's worth of work: what it may use, and what it says to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from actions.local_facts import LocalFacts
from bot.channels.base import Capabilities
from bot.messages import Outgoing
from bot.rendering import render
from bot.responses import Responses
from bot.settings import Settings
from store.messages import Author, Conversation, OutboxMessage

if TYPE_CHECKING:
    from bot.dossier_sources import DossierSource


@dataclass(frozen=True)
class Services:
    """What every turn may use and none may change."""

    settings: Settings
    responses: Responses
    local: LocalFacts
    capabilities: Mapping[str, Capabilities]
    """By channel name; a chat of a channel that is off has none and is sent nothing."""
    dossiers: DossierSource


@dataclass
class UnitOfWork:
    """The hands of whoever works inside a transaction.

    Everything posted becomes an outbox row of this transaction; nothing is sent before the commit,
    and nothing is lost after it.
    """

    services: Services
    session: Session
    now: datetime
    posted: list[OutboxMessage] = field(default_factory=list, kw_only=True)

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
            row = OutboxMessage(
                conversation_id=conversation.id,
                author=author,
                payload=part.model_dump(mode="json", exclude_defaults=True),
                ticket_id=ticket_id,
                about_conversation_id=about.id if about else None,
                officer_id=officer_id,
                created_at=self.now,
                next_try_at=self.now,
            )
            self.session.add(row)
            self.posted.append(row)
