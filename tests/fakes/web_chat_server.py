"""A server with the real web channel and inbox, and a dialogue that tests write themselves."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from bot.channels.web.channel import WebChannel
from bot.channels.web.limits import Seconds
from bot.clock import Clock, utc_now
from bot.error_pages import answer_errors_in_words
from bot.inbox import Inbox
from bot.media import MediaStore
from bot.messages import Incoming, Outgoing
from bot.settings import Settings
from bot.waiting import Waiting
from bot.web_security import add_security_headers
from store.engine import Database
from store.messages import (
    Author,
    Conversation,
    ConversationMode,
    InboxEvent,
    InboxStatus,
    OutboxMessage,
)
from store.migrate import migrate

Dialogue = Callable[[Incoming], list[Outgoing]]
"""What the bot says to an event."""


def silent(_incoming: Incoming) -> list[Outgoing]:
    return []


class WebChatServer:
    """The parts of a running server, and what a test does behind the citizen's back.

    Attributes:
        broken: while true the inbox refuses everything, as when the database is away.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        dialogue: Dialogue = silent,
        clock: Clock = utc_now,
        seconds: Seconds = time.monotonic,
    ) -> None:
        self.database = Database(settings.effective_database_url)
        migrate(self.database)
        self.media_store = MediaStore(settings.media_dir)
        self.channel = WebChannel(settings, self.database, self.media_store, clock, seconds)
        self.inbox = Inbox(self.database, clock, self._arrived)
        self.broken = False
        self._clock = clock
        self._dialogue = dialogue

    async def accept(self, events: list[Incoming]) -> list[bool]:
        if self.broken:
            raise ConnectionError("the database is away")
        return await self.inbox.accept(events)

    def _arrived(self, conversation_id: int, _event: Waiting | None) -> None:
        """Answer what waits in a chat, as the worker would."""
        with self.database.write() as session:
            events = session.scalars(
                select(InboxEvent)
                .where(
                    InboxEvent.conversation_id == conversation_id,
                    InboxEvent.status == InboxStatus.WAITING,
                )
                .order_by(InboxEvent.sort_key, InboxEvent.id)
            ).all()
            for event in events:
                event.status = InboxStatus.DONE
                for message in self._dialogue(Incoming.model_validate(event.payload)):
                    session.add(self._row(conversation_id, message, Author.BOT))
        self.channel.wake({conversation_id})

    def say(
        self,
        conversation_id: int,
        message: Outgoing,
        *,
        author: Author = Author.BOT,
        wake: bool = True,
    ) -> int:
        """Write an outbox row; without `wake` as another process would. Returns its id."""
        with self.database.write() as session:
            row = self._row(conversation_id, message, author)
            session.add(row)
            session.flush()
            number = row.id
        if wake:
            self.channel.wake({conversation_id})
        return number

    def _row(self, conversation_id: int, message: Outgoing, author: Author) -> OutboxMessage:
        now = self._clock()
        return OutboxMessage(
            conversation_id=conversation_id,
            author=author,
            payload=message.model_dump(mode="json", exclude_defaults=True),
            created_at=now,
            next_try_at=now,
        )

    def hand_over(self, conversation_id: int) -> None:
        """A person takes the chat."""
        with self.database.write() as session:
            session.get_one(Conversation, conversation_id).mode = ConversationMode.HUMAN

    def events(self) -> list[Incoming]:
        """Everything kept in the inbox that was not erased, in the order of the chats' messages."""
        with self.database.read() as session:
            payloads = session.scalars(
                select(InboxEvent.payload).order_by(InboxEvent.sort_key, InboxEvent.id)
            ).all()
        return [Incoming.model_validate(payload) for payload in payloads if payload]

    def outbox_status(self, row_id: int) -> str:
        with self.database.read() as session:
            return session.get_one(OutboxMessage, row_id).status

    def only_conversation(self) -> int:
        with self.database.read() as session:
            return session.scalars(select(Conversation.id)).one()

    @asynccontextmanager
    async def running(self, port: int | None = None) -> AsyncIterator[TestServer]:
        app = web.Application(client_max_size=21 * 1024 * 1024)
        add_security_headers(app)
        answer_errors_in_words(app)
        app.add_routes(self.channel.routes(self.accept))
        app.cleanup_ctx.append(lambda _app: self.channel.running(self.accept))
        app.on_shutdown.append(self.channel.hang_up)
        server = TestServer(app, port=port)
        try:
            await server.start_server()
            yield server
        finally:
            await server.close()
            self.database.dispose()


def settings_for(
    folder: Path,
    *,
    database_url: str | None = None,
    public_url: str = "",
    zalo_site_verification: str = "",
) -> Settings:
    """Settings of a test: nothing from a `.env` file, everything under one folder."""
    return Settings(
        _env_file=None,
        data_dir=folder,
        database_url=database_url or f"sqlite:///{folder / 'caunoi.db'}",
        public_url=public_url,
        zalo_site_verification=zalo_site_verification,
    )
