"""The seam between the conversation and a messenger."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from aiohttp import web

from bot.documents import TYPES
from bot.messages import Incoming, MediaRef, Outgoing

Accept = Callable[[list[Incoming]], Awaitable[list[bool]]]
"""Keeps events in the inbox and returns once they are committed: for each, whether it was new."""


@dataclass(frozen=True)
class Capabilities:
    """What a messenger can show; whatever it cannot is degraded by `bot.rendering`.

    Lengths are in characters as the messenger counts them.
    """

    text_limit: int
    caption_limit: int
    max_buttons: int
    """0: no buttons, choices are numbered in the text."""
    button_title_limit: int
    asks_location: bool
    asks_contact: bool
    sends_media: bool
    sends_video: bool = True
    """Media without videos: a bot of a Zalo account can send photos only."""
    documents: frozenset[str] = frozenset(TYPES)
    """The documents that it takes from us, by the ends of their names."""
    document_limit: int = 20 * 1024 * 1024
    """Bytes of one of them."""
    document_captions: bool = True
    """Whether words may stand under a document."""
    albums: int = 0
    """So many photos and videos are one message; 0: each is one of its own."""
    talk_within: timedelta | None = None
    """So long after the citizen's last message staff may begin to talk; None: at any time."""


class SendError(Exception):
    """A message could not be handed to the messenger; `reason` is a short name for the records."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryLater(SendError):
    """The messenger is busy or out of reach: try again, not before `after` seconds."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Undeliverable(SendError):
    """The messenger refuses this message, now and later (e.g. a window that has closed)."""


class TopicGone(Undeliverable):
    """The topic of the group that this was to go to has been deleted."""


class TopicClosed(Undeliverable):
    """The topic is closed, and only those who manage topics may write there."""


class ChatUnreachable(Undeliverable):
    """This chat can no longer be written to at all (blocked, deleted, not a follower)."""


class MediaUnavailable(Exception):
    """A file cannot be had from the messenger; `again` says whether a later try may help."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


class Channel(ABC):
    """A messenger. One instance per process, made at start, closed at stop."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    pushed: ClassVar[bool] = True
    """False where the other side fetches its messages from the outbox itself (the web chat)."""

    @abstractmethod
    def routes(self, accept: Accept) -> list[web.RouteDef]:
        """The routes of its webhook; each answers 200 only after `accept` has returned."""

    @abstractmethod
    def running(self, accept: Accept) -> AsyncIterator[None]:
        """An async generator for `cleanup_ctx`: opens sessions, starts polling; closes all."""

    async def may_send(self, chat_id: str) -> bool:
        """Return when the messenger's limits let one message go to this chat, and count it.

        Returns whether that took a while, in which the world may have changed.
        """
        return False

    @abstractmethod
    async def send(self, chat_id: str, message: Outgoing) -> str | None:
        """Hand one rendered message over; returns the messenger's id of it.

        Raises:
            TryLater: the network failed, or a limit of the messenger was reached.
            Undeliverable, ChatUnreachable: it never will be.
        """

    async def open_topic(self, chat_id: str, name: str) -> str | None:
        """Open a topic in a group; None where there are none, or we may not open one.

        Raises:
            TryLater, ChatUnreachable: as `send`.
        """
        return None

    async def set_topic(self, chat_id: str, topic: str, *, is_open: bool) -> None:
        """Open a topic again, or close it.

        Raises:
            TryLater, Undeliverable: as `send`; TopicGone when it has been deleted.
        """
        return

    async def pin(self, chat_id: str, message_id: str) -> None:
        """Pin a message of ours, without a sound.

        Raises:
            TryLater, Undeliverable: as `send`.
        """
        return

    @abstractmethod
    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        """The bytes of a file that a person sent, at most `limit` of them.

        Raises:
            MediaUnavailable: it cannot be had, or is larger.
        """

    def discard(self, ref: MediaRef) -> None:
        """Remove what this process itself holds of a file that must leave no trace."""
        return

    def wake(self, conversation_ids: set[int]) -> None:
        """These chats have new outbox rows; of use to a channel that is not pushed to."""
        return
