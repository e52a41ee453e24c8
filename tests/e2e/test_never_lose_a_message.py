"""The server is killed again and again under load, and nothing that it accepted is lost."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from store.engine import Database
from store.messages import Conversation, InboxEvent, InboxStatus, OutboxMessage, OutboxStatus
from store.tickets import Ticket
from tests.case_room import LOCAL
from tests.e2e.server import Server, ServerDied
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.rig import until

KILLS = 15
COMMUNES = [commune.name for commune in LOCAL.communes.values()]
SECRET = "webhook-secret"
SETTLE_WITHIN = 120.0

SEND_ANONYMOUSLY = "1"
"""The first choice under a summary."""

MATTERS = (
    "đường trước chợ có ổ gà to, xe té hoài",
    "rác đổ đầy bờ kênh hôi quá, không ai dọn",
    "đèn đường hư tối thui cả tuần nay",
    "quán karaoke hát ồn tới khuya không ngủ được",
    "chó thả rông rượt người đi đường",
    "cống nghẹt nước ngập đường hoài",
)
"""Six people, each with a trouble of its own, one commune after the other: no two are alike."""

REPORTS_OF_A_CHAT = 15
"""So many a person may send in an hour, and so quickly; then somebody else goes on."""


@dataclass
class Citizens:
    """People who send reports one after the other, each message until the server says 200."""

    number: int
    update_ids: Iterable[int]
    url: str
    reports: int = 0
    accepted: Counter[int] = field(default_factory=Counter)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def send_reports(self, client: aiohttp.ClientSession) -> None:
        ids = iter(self.update_ids)
        while not self.stop.is_set() and self.reports < len(COMMUNES):
            chat_id = self.chat_of(self.reports)
            await self._say(client, chat_id, next(ids), self.report(self.reports))
            await self._say(client, chat_id, next(ids), SEND_ANONYMOUSLY)
            self.reports += 1

    def chat_of(self, number: int) -> int:
        return 7000 + 100 * self.number + number // REPORTS_OF_A_CHAT

    def report(self, number: int) -> str:
        return f"{MATTERS[self.number]}, ở {COMMUNES[number]}"

    async def _say(
        self, client: aiohttp.ClientSession, chat_id: int, update_id: int, text: str
    ) -> None:
        person = {"id": chat_id, "is_bot": False, "first_name": "A"}
        update = {
            "update_id": update_id,
            "message": {
                "message_id": update_id,
                "date": 1_790_000_000,
                "chat": {"id": chat_id, "type": "private", "first_name": "A"},
                "from": person,
                "text": text,
            },
        }
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        while True:
            try:
                answer = await client.post(self.url, json=update, headers=headers)
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
                continue
            if answer.status == 200:
                self.accepted[chat_id] += 1
                return
            await asyncio.sleep(0.05)


async def test_fifteen_kills_lose_nothing_and_double_nothing(
    database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(20_261_123)
    async with FakeTelegram(limits=False) as telegram, aiohttp.ClientSession() as client:
        server = Server(
            tmp_path,
            DATABASE_URL=database_url,
            TELEGRAM_TOKEN=TOKEN,
            TELEGRAM_API_URL=telegram.url,
            TELEGRAM_MODE="webhook",
            TELEGRAM_WEBHOOK_SECRET=SECRET,
            TELEGRAM_MESSAGES_PER_SECOND="0",
        )
        citizens = [
            Citizens(n, range(1 + n, 10**9, len(MATTERS)), f"{server.url}/webhooks/telegram")
            for n in range(len(MATTERS))
        ]
        talking = [asyncio.create_task(citizen.send_reports(client)) for citizen in citizens]
        try:
            for _ in range(KILLS):
                await server.start()
                await asyncio.sleep(chance.uniform(0.05, 1.5))
                await server.kill()
            await server.start()
            for citizen in citizens:
                citizen.stop.set()
            await asyncio.wait_for(asyncio.gather(*talking), SETTLE_WITHIN)
            database = Database(database_url)
            await until(lambda: _waiting(database) == 0, within=SETTLE_WITHIN)
        finally:
            for task in talking:
                task.cancel()
            await server.stop()
        for citizen in citizens:
            assert citizen.reports > 0
            for chat_id in citizen.accepted:
                _check(database, telegram, citizen, chat_id)
        database.dispose()


def _waiting(database: Database) -> int:
    with database.read() as session:
        events = session.scalars(
            select(InboxEvent.id).where(InboxEvent.status == InboxStatus.WAITING)
        ).all()
        messages = session.scalars(
            select(OutboxMessage.id).where(OutboxMessage.status == OutboxStatus.WAITING)
        ).all()
    return len(events) + len(messages)


def _check(database: Database, telegram: FakeTelegram, citizen: Citizens, chat_id: int) -> None:
    with database.read() as session:
        chat = session.scalars(
            select(Conversation).where(Conversation.chat_id == str(chat_id))
        ).one()
        statuses = session.scalars(
            select(InboxEvent.status).where(InboxEvent.conversation_id == chat.id)
        ).all()
        tickets = session.scalars(
            select(Ticket.text).where(Ticket.conversation_id == chat.id).order_by(Ticket.id)
        ).all()
        decided = [
            row.payload["text"]
            for row in session.scalars(
                select(OutboxMessage)
                .where(OutboxMessage.conversation_id == chat.id)
                .order_by(OutboxMessage.id)
            )
        ]
    assert statuses == [InboxStatus.DONE] * citizen.accepted[chat_id]
    # One ticket per report, in the order in which they were sent.
    sent = [n for n in range(citizen.reports) if citizen.chat_of(n) == chat_id]
    assert tickets == [citizen.report(number) for number in sent]
    # Every reply at least once, and in order: repeats may stand in between, gaps may not.
    shown = [sent.text for sent in telegram.sent(chat_id)]
    rest = iter(shown)
    assert all(text in rest for text in decided)
    assert set(shown) <= set(decided)


async def test_a_second_server_on_the_same_sqlite_file_refuses_to_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'one.db'}"
    async with Server(tmp_path / "first", DATABASE_URL=url):
        second = Server(tmp_path / "second", DATABASE_URL=url)
        with pytest.raises(ServerDied, match="another server is working on"):
            await second.start()
