"""A staff's group with topics on the fake Telegram, behind the real desk, outbox and channel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from actions import groups, staff
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.groups import OurGroups
from bot.leases import Leases
from bot.messages import GroupContext, Incoming, Kind, StoredMedia
from bot.outbox import Sender
from bot.outbox_rows import OutboxRows
from bot.settings import Settings
from bot.turn import Prepared, UnitOfWork
from store.messages import OutboxMessage, OutboxStatus
from store.staff import OfficerRole
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_api import Sent
from tests.fakes.telegram_groups import Topic
from tests.integration.staff_group import LAN, RESPONSES, StaffGroup
from tests.rig import nobody_told, until

FORUM = -1_004_000_000_001
OTHER_FORUM = -1_004_000_000_002
CITIZEN = "8800"


async def always(_name: str) -> bool:
    return True


@dataclass
class StaffForum(StaffGroup):
    """The duty group as a forum; citizens are on Telegram as well.

    What is posted waits in the outbox until `sent`.
    """

    configured: int | None = FORUM
    chat_id: int = FORUM
    telegram: FakeTelegram = field(default_factory=lambda: FakeTelegram(limits=False))
    media_dir: Path = Path("unused")

    def _send(self, work: UnitOfWork) -> None:
        """The outbox sends, when it is told to."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[StaffForum]:
        """The messenger and the channel are there until the block ends."""
        async with self.telegram:
            self.telegram.forums |= {FORUM, OTHER_FORUM}
            self._channel = TelegramChannel(
                Settings(
                    _env_file=None,
                    telegram_token=TOKEN,
                    telegram_api_url=self.telegram.url,
                    telegram_mode="webhook",
                    telegram_messages_per_second=0,
                    data_dir=self.media_dir,
                ),
                RESPONSES,
                hold=always,
                our_groups=self._our_groups,
                now=lambda: self.now,
            )
            self._told: list[Incoming] = []
            async with asynccontextmanager(self._channel.running)(self._hear):
                yield self

    async def _our_groups(self) -> OurGroups:
        return OurGroups(frozenset({FORUM, OTHER_FORUM}))

    async def _hear(self, events: list[Incoming]) -> list[bool]:
        """What the channel itself has found out about a group becomes an event of it."""
        self._told += events
        return [True for _ in events]

    async def sent(self) -> None:
        """Send all that waits, and what comes of what was found out on the way."""
        while self._waiting() or self._told:
            leases = Leases(self.database)
            rows = OutboxRows(self.database, lambda: self.now, nobody_told)
            sender = Sender(rows, {"telegram": self._channel}, leases, lambda: self.now)
            running = asyncio.create_task(sender.run())
            try:
                await until(lambda: self._waiting() == 0)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                leases.close()
            told, self._told = self._told, []
            for event in told:
                assert event.group is not None
                self.deliver(
                    event.channel,
                    event.chat_id,
                    event.kind,
                    group=event.group,
                    payload=event.payload,
                )

    def _waiting(self) -> int:
        with self.database.read() as session:
            query = select(OutboxMessage.id).where(OutboxMessage.status == OutboxStatus.WAITING)
            return len(session.scalars(query).all())

    # --- what the group shows ---

    def topics(self, group: int = FORUM) -> list[Topic]:
        return self.telegram.topics_of(group)

    def shown(self, topic: Topic | None = None, group: int = FORUM) -> list[Sent]:
        """What is said in a topic, or in the group outside of all topics."""
        thread = topic.thread if topic is not None else None
        return [one for one in self.telegram.sent(group) if one.thread == thread]

    def card(self, code: str, group: int = FORUM) -> Sent:
        """The card that is pinned in the ticket's topic; there is one topic and one pin."""
        (topic,) = [one for one in self.topics(group) if one.name.startswith(code)]
        pinned = self.telegram.pinned.get(group, [])
        cards = [one for one in self.shown(topic, group) if one.message_id in pinned]
        assert cards, self.shown(topic, group)
        return cards[-1]

    # --- what officers do there ---

    def presses_on(self, sent: Sent, action: str, *, by: int = LAN, group: int = FORUM) -> None:
        """Press the button whose payload begins so."""
        rows = (sent.reply_markup or {}).get("inline_keyboard", [])
        buttons = [button["callback_data"] for row in rows for button in row]
        payload = next(one for one in buttons if one.startswith(f"s:{action}"))
        self._at(group, Kind.PRESS, self._where(sent, by), payload=payload)

    def replies_to(
        self,
        sent: Sent,
        text: str,
        *,
        by: int = LAN,
        group: int = FORUM,
        media: tuple[StoredMedia, ...] = (),
    ) -> None:
        number = str(sent.message_id)
        where = self._where(sent, by, reply_to=number, reply_to_text=sent.text)
        kind = Kind.MEDIA if media else Kind.TEXT
        self._at(group, kind, where, text=text, prepared=Prepared(media=media))

    def writes_in(
        self,
        topic: Topic,
        text: str,
        *,
        by: int = LAN,
        edited: bool = False,
        media: tuple[StoredMedia, ...] = (),
    ) -> None:
        """Write in a topic, in reply to nothing."""
        where = GroupContext(sender_id=by, message_id="777", topic=str(topic.thread), edited=edited)
        kind = Kind.MEDIA if media else Kind.TEXT
        self._at(topic.chat_id, kind, where, text=text, prepared=Prepared(media=media))

    def _where(self, sent: Sent, by: int, **more: Any) -> GroupContext:
        return GroupContext(
            sender_id=by,
            message_id=more.pop("message_id", str(sent.message_id)),
            topic=str(sent.thread) if sent.thread is not None else None,
            **more,
        )

    def _at(self, group: int, kind: Kind, where: GroupContext, **fields: Any) -> None:
        self.deliver("telegram", str(group), kind, group=where, **fields)

    def is_told(self, group: int = FORUM, payload: str | None = None, **context: Any) -> None:
        """Telegram tells of the group: who came or went, what the bot may do."""
        where = GroupContext(sender_id=0, **context)
        self._at(group, Kind.MEMBERSHIP, where, payload=payload)

    def makes_the_bot_administrator(self) -> None:
        """Somebody gives the bot all rights; the channel forgets that it had none."""
        self.telegram.rights.pop(FORUM, None)
        self._channel._topics.may_have_some_again(FORUM)
        self.is_told(payload="administrator")

    # --- who has which group ---

    def give_group(self, agency: str, group: int) -> None:
        """Give a group to an agency, as its lead does with a code."""
        with self.database.write() as session:
            lan = staff.find(session, "lan")
            assert lan is not None
            lan.role = OfficerRole.DUTY
            code = groups.new_link_code(session, agency, now=self.now)
        self._at(
            group, Kind.TEXT, GroupContext(sender_id=LAN, message_id="1"), text=f"/nhom {code}"
        )
