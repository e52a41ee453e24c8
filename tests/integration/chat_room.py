"""A room to talk to the bot in: a real database, the real model, a clock that stands still."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from bot.channels.base import Capabilities
from bot.dispatch import handle
from bot.messages import Button, Contact, Incoming, Kind, Location, MediaRef, Outgoing, StoredMedia
from bot.responses import Responses
from bot.turn import FactNeeded, Prepared, Services, Turn
from nlu.understanding import Understanding
from store.engine import Database
from store.messages import Conversation, InboxEvent, InboxStatus, OutboxMessage

MONDAY_MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""09:00 in Vietnam, on a working day."""

EVERYTHING = Capabilities(
    text_limit=4096,
    caption_limit=1024,
    max_buttons=5,
    button_title_limit=60,
    asks_location=True,
    asks_contact=True,
    sends_media=True,
)
NO_BUTTONS = Capabilities(
    text_limit=2000,
    caption_limit=500,
    max_buttons=0,
    button_title_limit=0,
    asks_location=False,
    asks_contact=False,
    sends_media=True,
)


class RecordingResponses(Responses):
    """Notes the names of the responses that are said."""

    names_said: list[str]

    def say(self, name: str, **fields: object) -> Outgoing:
        self.names_said.append(name)
        return super().say(name, **fields)


@dataclass
class Answer:
    """What the bot did with one event."""

    responses: list[str] = field(default_factory=list)
    messages: list[Outgoing] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(message.text for message in self.messages)

    @property
    def buttons(self) -> list[Button]:
        return [button for message in self.messages for button in message.buttons]


class ChatRoom:
    """One citizen's chat; `understand` reads texts."""

    def __init__(
        self,
        database: Database,
        services: Services,
        understand: Any,
        *,
        channel: str = "web",
        chat_id: str = "a",
    ) -> None:
        self.database = database
        self.services = services
        self.now = MONDAY_MORNING
        self.seen_buttons: list[Button] = []
        self._understand = understand
        self._channel, self._chat_id = channel, chat_id
        self._events = 0
        self._written = ""

    def send(self, kind: Kind, *, media: tuple[StoredMedia, ...] = (), **fields: Any) -> Answer:
        """Deliver one event the way the worker does, facts from outside included."""
        self._events += 1
        failed = fields.pop("failed_media", 0)
        understood = fields.pop("understood", None)
        incoming = Incoming(
            channel=self._channel,
            event_id=f"{self._chat_id}-{self._events}",
            chat_id=self._chat_id,
            kind=kind,
            sent_at=self.now,
            sort_key=self._events,
            media=tuple(MediaRef(kind=m.kind, ref=m.path) for m in media),
            **fields,
        )
        self.now += timedelta(seconds=20)
        prepared = Prepared(
            understanding=understood or self._read(incoming), media=media, failed_media=failed
        )
        facts: dict[str, object] = {}
        while True:
            try:
                return self._commit(incoming, prepared, facts)
            except FactNeeded as needed:
                facts[needed.key] = asyncio.run(_fetched(needed))

    def _read(self, incoming: Incoming) -> Understanding | None:
        if not incoming.text or incoming.kind not in (Kind.TEXT, Kind.MEDIA):
            return None
        understanding: Understanding = self._understand(incoming.text)
        return understanding

    def _commit(self, incoming: Incoming, prepared: Prepared, facts: dict[str, object]) -> Answer:
        responses = self.services.responses
        assert isinstance(responses, RecordingResponses)
        responses.names_said = []
        with self.database.write() as session:
            conversation = session.scalar(
                select(Conversation).where(
                    Conversation.channel == self._channel, Conversation.chat_id == self._chat_id
                )
            )
            if conversation is None:
                conversation = Conversation(
                    channel=self._channel, chat_id=self._chat_id, created_at=self.now, state={}
                )
                session.add(conversation)
                session.flush()
            row = InboxEvent(
                channel=self._channel,
                event_id=incoming.event_id,
                conversation_id=conversation.id,
                sort_key=incoming.sort_key,
                payload=incoming.model_dump(mode="json"),
                received_at=self.now,
                ready_at=self.now,
            )
            session.add(row)
            session.flush()
            turn = Turn(
                services=self.services,
                session=session,
                now=self.now,
                conversation=conversation,
                event_id=row.id,
                incoming=incoming,
                prepared=prepared,
                facts=facts,
            )
            handle(turn)
            row.status, row.done_at = InboxStatus.DONE, self.now
            if turn.erased:
                row.payload = {}
            session.flush()
            mine = [r for r in turn.posted if r.conversation_id == conversation.id]
            messages = [r.message for r in mine]
        if turn.erased:
            self.database.forget_erased()
        answer = Answer([n for n in responses.names_said if "staff" not in n], messages)
        self.seen_buttons = answer.buttons or self.seen_buttons
        return answer

    def says(self, text: str, understood: Understanding | None = None) -> Answer:
        """Type a text; `understood` takes the place of what the model makes of it."""
        self._written = f"m{self._events + 1}"
        return self.send(Kind.TEXT, text=text, understood=understood, message_id=self._written)

    def edits(self, text: str) -> Answer:
        """Change the words of the last message that was typed."""
        return self.send(Kind.TEXT, text=text, message_id=self._written, edited=True)

    def presses(self, title: str) -> Answer:
        """Press the button with this title, of the last message that had buttons."""
        for button in self.seen_buttons:
            if button.title == title:
                return self.send(Kind.PRESS, payload=button.payload)
        raise AssertionError(f"no button {title!r} among {[b.title for b in self.seen_buttons]}")

    def sends_photos(self, count: int, caption: str = "", failed: int = 0) -> Answer:
        media = tuple(
            StoredMedia(kind="photo", path=f"ab/{self._events}-{n}.jpg", mime="image/jpeg", size=9)
            for n in range(count)
        )
        return self.send(Kind.MEDIA, media=media, text=caption, failed_media=failed)

    def shares_location(self, latitude: float, longitude: float) -> Answer:
        return self.send(Kind.LOCATION, location=Location(latitude=latitude, longitude=longitude))

    def shares_contact(self, phone: str, *, own: bool = True) -> Answer:
        return self.send(Kind.CONTACT, contact=Contact(phone=phone, own=own))

    def newest_row(self) -> int:
        """The outbox's newest id, 0 for none."""
        with self.database.read() as session:
            return session.scalar(select(func.max(OutboxMessage.id))) or 0

    def hears(self, *, after: int) -> Answer:
        """What was said in this chat after that row of the outbox."""
        with self.database.read() as session:
            rows = session.scalars(
                select(OutboxMessage)
                .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
                .where(
                    Conversation.channel == self._channel,
                    Conversation.chat_id == self._chat_id,
                    OutboxMessage.id > after,
                )
                .order_by(OutboxMessage.id)
            )
            answer = Answer([], [Outgoing.model_validate(row.payload) for row in rows])
        self.seen_buttons = answer.buttons or self.seen_buttons
        return answer

    def bot_rows(self) -> int:
        with self.database.read() as session:
            return len(session.scalars(select(OutboxMessage.id)).all())


async def _fetched(needed: FactNeeded) -> object:
    return await needed.fetch()
