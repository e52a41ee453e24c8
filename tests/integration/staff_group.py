"""The staff's Telegram group on a real database, with the real sentences and local facts."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast

from sqlalchemy import select

from actions import tickets
from bot import case_news
from bot.channels.base import Capabilities
from bot.channels.telegram.sending import CAPABILITIES as TELEGRAM
from bot.channels.zalo_oa.sending import CAPABILITIES as ZALO
from bot.desk.notices import announce_ticket
from bot.dispatch import handle
from bot.documents import TYPES
from bot.messages import Button, GroupContext, Incoming, Kind, MediaRef, Outgoing, StoredMedia
from bot.responses import Responses
from bot.settings import ROOT, Settings
from bot.turn import FactNeeded, Prepared, Services, Turn, UnitOfWork
from nlu.understanding import Label, Understanding
from store.engine import Database
from store.messages import Author, Conversation, OutboxMessage, OutboxStatus
from store.migrate import migrate
from store.staff import Handoff, Officer
from store.tickets import Attachment, Ticket, TicketEvent
from tests.case_room import LOCAL

RESPONSES = Responses.load(ROOT / "domain.yml")

GROUP = -4_001
LAN, MINH, STRANGER = 71, 72, 99
"""Telegram accounts: two officers, and somebody else in the group."""

MORNING = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PHOTO = StoredMedia(kind="photo", path="ab/photo.jpg", mime="image/jpeg", size=9)
PAPER = StoredMedia(
    kind="file", path="ab/don.docx", mime=TYPES["docx"], size=9, name="Đơn đề nghị.docx"
)
VIDEO = StoredMedia(kind="video", path="ab/video.mp4", mime="video/mp4", size=9)


def understood(text: str, intent: str = "report") -> Understanding:
    """A reading of a text that leaves no doubt about the intent."""
    return Understanding(
        text=text,
        intent=Label(intent, 0.99),
        sure=True,
        category=None,
        category_top3=(),
        urgency=Label("normal", 0.99),
        acts=(),
        entities=(),
    )


@dataclass
class Post:
    """A message of the bot, as its chat shows it."""

    row: OutboxMessage
    message: Outgoing

    @property
    def text(self) -> str:
        return self.message.text

    @property
    def id(self) -> str:
        assert self.row.external_id is not None
        return self.row.external_id

    @property
    def buttons(self) -> list[Button]:
        return list(self.message.buttons)

    def payload(self, action: str) -> str:
        return next(b.payload for b in self.buttons if b.payload and f":{action}:" in b.payload)


@dataclass
class StaffGroup:
    """The group, two officers, and citizens' chats.

    What is posted counts as sent at once, under an id of its own, unless `noting_ids` is off: then
    it is as after a crash between sending and noting the id.
    """

    database: Database
    configured: int | None = GROUP
    now: datetime = MORNING
    noting_ids: bool = True
    chat_id: int = GROUP
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        migrate(self.database)
        capabilities: dict[str, Capabilities] = {
            "telegram": TELEGRAM,
            "zalo_oa": ZALO,
            "web": TELEGRAM,
        }
        self.services = Services(
            settings=Settings(
                _env_file=None,
                telegram_token="42:T",
                telegram_staff_chat_id=self.configured,
            ),
            responses=RESPONSES,
            local=LOCAL,
            capabilities=capabilities,
            dossiers=None,
        )
        with self.database.write() as session:
            for username, name, account in (("lan", "Lan", LAN), ("minh", "Minh", MINH)):
                session.add(
                    Officer(
                        username=username,
                        name=name,
                        telegram_user_id=account,
                        created_at=self.now,
                    )
                )

    # --- what people do ---

    def presses(self, payload: str, *, on: str = "1", by: int = LAN) -> None:
        self._in_group(Kind.PRESS, GroupContext(sender_id=by, message_id=on), payload=payload)

    def replies(
        self,
        post: Post,
        text: str = "",
        *,
        by: int = LAN,
        kind: Kind = Kind.TEXT,
        media: tuple[StoredMedia, ...] = (),
        failed_media: int = 0,
        edited: bool = False,
        message_id: str | None = None,
    ) -> None:
        """Reply to a message of the bot; Telegram shows us that message's text."""
        group = GroupContext(
            sender_id=by,
            message_id=message_id or str(900_000 + next(self._numbers)),
            reply_to=post.row.external_id or "77777",
            reply_to_text=post.text,
            edited=edited,
        )
        prepared = Prepared(media=media, failed_media=failed_media)
        kind = Kind.MEDIA if media or failed_media else kind
        self._in_group(kind, group, text=text, prepared=prepared)

    def becomes_supergroup(self, new_id: int) -> None:
        self._in_group(Kind.MEMBERSHIP, GroupContext(sender_id=0, migrated_to=str(new_id)))
        self.chat_id = new_id

    def _in_group(self, kind: Kind, group: GroupContext, **fields: Any) -> None:
        self.deliver("telegram", str(self.chat_id), kind, group=group, **fields)

    def citizen(
        self,
        kind: Kind = Kind.TEXT,
        *,
        channel: str = "zalo_oa",
        chat_id: str = "8800",
        intent: str = "report",
        media: tuple[StoredMedia, ...] = (),
        failed_media: int = 0,
        **fields: Any,
    ) -> Turn:
        """A citizen does something; a text is read as having this intent."""
        text = str(fields.get("text", ""))
        prepared = Prepared(
            understanding=understood(text, intent) if text else None,
            media=media,
            failed_media=failed_media,
        )
        return self.deliver(channel, chat_id, kind, prepared=prepared, **fields)

    def asks_for_a_person(self, **where: Any) -> None:
        self.citizen(text="cho tôi gặp cán bộ", intent="talk_to_human", **where)

    def deliver(
        self,
        channel: str,
        chat_id: str,
        kind: Kind,
        *,
        prepared: Prepared | None = None,
        **fields: Any,
    ) -> Turn:
        """One event through the dispatcher, in one transaction, facts from outside included."""
        number = next(self._numbers)
        prepared = prepared or Prepared()
        event = Incoming(
            channel=channel,
            event_id=str(number),
            chat_id=chat_id,
            kind=kind,
            sort_key=number,
            sent_at=self.now,
            media=tuple(MediaRef(kind=m.kind, ref=m.path) for m in prepared.media),
            **fields,
        )
        facts: dict[str, object] = {}
        while True:
            try:
                return self._handle(event, number, prepared, facts)
            except FactNeeded as needed:
                with ThreadPoolExecutor(1) as elsewhere:
                    facts[needed.key] = elsewhere.submit(_fetched, needed).result()

    def _handle(
        self, event: Incoming, number: int, prepared: Prepared, facts: dict[str, object]
    ) -> Turn:
        with self.database.write() as session:
            conversation = session.scalar(
                select(Conversation).where(
                    Conversation.channel == event.channel, Conversation.chat_id == event.chat_id
                )
            )
            if conversation is None:
                conversation = Conversation(
                    channel=event.channel,
                    chat_id=event.chat_id,
                    role="staff" if event.group else "citizen",
                    state={},
                    created_at=self.now,
                )
                session.add(conversation)
                session.flush()
            turn = Turn(
                services=self.services,
                session=session,
                now=self.now,
                conversation=conversation,
                event_id=number,
                incoming=event,
                prepared=prepared,
                facts=facts,
            )
            handle(turn)
            session.flush()
            self._send(turn)
        self.now += timedelta(seconds=20)
        return turn

    def work(self, do: Any) -> None:
        """Something done elsewhere than in a chat, such as on the staff page."""
        with self.database.write() as session:
            work = UnitOfWork(self.services, session, self.now)
            do(work)
            session.flush()
            self._send(work)
        self.now += timedelta(seconds=20)

    def later(self, chat_id: str = "8800") -> None:
        """An hour passes, and a chat is told what was kept for it."""
        self.now += timedelta(hours=1)
        self.work(lambda work: case_news.tell_waiting(work, self._chat(work, "", chat_id)))

    def _send(self, work: UnitOfWork) -> None:
        for posted in work.posted:
            row = work.session.get_one(OutboxMessage, posted.id)
            row.status, row.sent_at = OutboxStatus.SENT, self.now
            edited = row.payload.get("edit")
            row.external_id = (edited or str(row.id)) if self.noting_ids else None

    # --- what there is ---

    def ticket(
        self, *, photos: int = 0, channel: str = "zalo_oa", chat_id: str = "8800", **draft: Any
    ) -> str:
        """A citizen's report, announced to the group; returns its code."""
        codes = []

        def make(work: UnitOfWork) -> None:
            chat = self._chat(work, channel, chat_id)
            rows = [
                Attachment(
                    conversation_id=chat.id,
                    kind="photo",
                    mime="image/jpeg",
                    size=9,
                    path=f"ab/{number}.jpg",
                    created_at=self.now,
                )
                for number in range(photos)
            ]
            work.session.add_all(rows)
            work.session.flush()
            values = {
                "intent": "report",
                "category": "traffic",
                "urgency": "high",
                "text": "ổ gà to trước trường Lê Lợi",
                "place_text": "trường Lê Lợi",
                "commune_code": None,
                "latitude": 10.0124,
                "longitude": 105.0809,
                "attachment_ids": tuple(row.id for row in rows),
            }
            ticket = tickets.create(
                work.session,
                conversation=chat,
                draft=tickets.TicketDraft(**cast("dict[str, Any]", values | draft)),
                local=self.services.local,
                now=self.now,
                random=random.Random(next(self._numbers)),
            )
            announce_ticket(work, ticket)
            codes.append(ticket.code)

        self.work(make)
        return codes[0]

    def _chat(self, work: UnitOfWork, channel: str, chat_id: str) -> Conversation:
        chat = work.session.scalar(select(Conversation).where(Conversation.chat_id == chat_id))
        if chat is None:
            chat = Conversation(channel=channel, chat_id=chat_id, state={}, created_at=self.now)
            work.session.add(chat)
            work.session.flush()
        return chat

    def posts(self, chat_id: str | int | None = None) -> list[Post]:
        """What the bot said in a chat, the group's unless another is named, oldest first."""
        with self.database.read() as session:
            rows = session.scalars(
                select(OutboxMessage)
                .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
                .where(Conversation.chat_id == str(chat_id or self.chat_id))
                .order_by(OutboxMessage.id)
            )
            return [Post(row, Outgoing.model_validate(row.payload)) for row in rows]

    def texts(self, chat_id: str | int | None = None) -> list[str]:
        return [post.text for post in self.posts(chat_id)]

    def said_by_officers(self, chat_id: str = "8800") -> list[str]:
        return [p.text for p in self.posts(chat_id) if p.row.author == Author.OFFICER]

    def read_ticket(self, code: str) -> tuple[str, str | None, list[str]]:
        """A ticket's state, its officer's username, and the kinds of its events."""
        with self.database.read() as session:
            ticket = session.scalars(select(Ticket).where(Ticket.code == code)).one()
            officer = session.get(Officer, ticket.officer_id) if ticket.officer_id else None
            events = session.scalars(
                select(TicketEvent.kind)
                .where(TicketEvent.ticket_id == ticket.id)
                .order_by(TicketEvent.id)
            ).all()
            return ticket.state, officer.username if officer else None, list(events)

    def mode(self, chat_id: str = "8800") -> str:
        with self.database.read() as session:
            return session.scalars(
                select(Conversation.mode).where(Conversation.chat_id == chat_id)
            ).one()

    def handoffs(self) -> list[Handoff]:
        with self.database.read() as session:
            return list(session.scalars(select(Handoff).order_by(Handoff.id)))


def _fetched(needed: FactNeeded) -> object:
    async def fetch() -> object:
        return await needed.fetch()

    return asyncio.run(fetch())
