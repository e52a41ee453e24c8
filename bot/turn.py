"""One turn: one event of one chat, handled in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.messages import Incoming, Outgoing, StoredMedia
from bot.work import Services, UnitOfWork
from nlu.understanding import Understanding
from store.messages import Author, Conversation

__all__ = ["FactNeeded", "Fetch", "Prepared", "Services", "Turn", "UnitOfWork"]

Fetch = Callable[[], Awaitable[object]]


class FactNeeded(Exception):
    """A turn needs something from outside the database.

    The turn's transaction is rolled back, `fetch` is awaited outside of it, and the turn runs again
    with the result among its facts: no lock is ever held while a network answers.
    """

    def __init__(self, key: str, fetch: Fetch) -> None:
        super().__init__(key)
        self.key = key
        self.fetch = fetch


@dataclass(frozen=True)
class Prepared:
    """What was found out about an event before its transaction began."""

    understanding: Understanding | None = None
    """None when the event has no text."""
    media: tuple[StoredMedia, ...] = ()
    failed_media: int = 0
    """How many files could not be had from the messenger."""


@dataclass
class Turn(UnitOfWork):
    """One event being handled: the work, and the event it is about."""

    conversation: Conversation
    event_id: int
    incoming: Incoming
    prepared: Prepared
    facts: Mapping[str, object] = field(default_factory=dict)
    erased: bool = False
    files_to_forget: list[str] = field(default_factory=list)
    """Paths in the media folder to be removed with the payload, unless somebody else's."""

    def fact(self, key: str, fetch: Fetch) -> object:
        """Something from outside, fetched once per turn.

        Raises:
            FactNeeded: on the first run; let it pass through.
        """
        if key not in self.facts:
            raise FactNeeded(key, fetch)
        return self.facts[key]

    def erase_payload(self) -> None:
        """Leave nothing of this event in the inbox once the turn is committed."""
        self.erased = True

    def post(self, conversation: Conversation, message: Outgoing, **more: Any) -> None:
        """As `UnitOfWork.post`; what answers an event in a topic is said in that topic."""
        group = self.incoming.group
        if group is not None and conversation is self.conversation and message.topic is None:
            message = message.model_copy(update={"topic": group.topic})
        super().post(conversation, message, **more)

    def say(self, message: Outgoing, *, author: Author = Author.BOT) -> None:
        """Say something in this chat."""
        self.post(self.conversation, message, author=author)
