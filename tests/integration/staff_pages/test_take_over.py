"""A person takes a chat over from the web: nothing that the bot had prepared is said after that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from actions import handoff
from bot import outbox
from bot.messages import Incoming
from bot.turn import Prepared
from store.messages import Author, Conversation, OutboxMessage, OutboxStatus
from tests.integration.staff_desk import RESPONSES, Browser, Desk
from tests.rig import WIDE_OPEN, MemoryChannel, Rig, message

CODE = "PA-AAAAA1"
OPENED = RESPONSES.text("utter_officer_opens", code=CODE, agency="Sở Xây dựng")


@pytest.fixture
def rig(database_url: str, tmp_path: Path, desk: Desk) -> Rig:
    """Inbox, worker and sender beside the desk, on the same database; the bot echoes."""
    desk.capabilities[MemoryChannel.name] = WIDE_OPEN
    return Rig(database_url, tmp_path)


@pytest.fixture
async def officer(rig: Rig, desk: Desk) -> AsyncIterator[Browser]:
    desk.officer()
    async with TestClient(TestServer(desk.app())) as client:
        browser = Browser(client)
        browser.let_in(desk)
        yield browser


def chat_with_a_ticket(desk: Desk) -> Conversation:
    chat = desk.chat("a", channel=MemoryChannel.name)
    desk.ticket(CODE, chat=chat)
    return chat


async def open_a_talk(officer: Browser) -> None:
    await officer.open(f"/staff/tickets/{CODE}")
    response = await officer.send(f"/staff/tickets/{CODE}/talk")
    assert response.status == 200


def by_author(rig: Rig, author: Author) -> list[str]:
    """What became of what this author said."""
    with rig.database.read() as session:
        query = select(OutboxMessage.status).where(OutboxMessage.author == author)
        return list(session.scalars(query.order_by(OutboxMessage.id)))


async def test_a_reply_that_waits_for_the_messenger_is_not_sent_after_the_take_over(
    rig: Rig, desk: Desk, officer: Browser
) -> None:
    chat_with_a_ticket(desk)
    waiting, taken = asyncio.Event(), asyncio.Event()

    async def limit(chat_id: str) -> bool:
        waiting.set()
        await taken.wait()
        return True

    rig.channel.before_sending = limit
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await waiting.wait()
        await open_a_talk(officer)
        taken.set()
        await rig.settled()
    assert rig.channel.texts("a") == [OPENED]
    assert by_author(rig, Author.BOT) == [OutboxStatus.SUPPRESSED]


async def test_a_reply_that_stands_in_line_is_not_sent_after_the_take_over(
    rig: Rig, desk: Desk, officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a chat that waits its turn to be sent to, what was known when it began counts no more."""
    monkeypatch.setattr(outbox, "PARALLEL_SENDS", 1)
    chat_with_a_ticket(desk)
    busy, taken = asyncio.Event(), asyncio.Event()

    async def limit(chat_id: str) -> bool:
        if chat_id == "other":
            busy.set()
            await taken.wait()
        return False

    rig.channel.before_sending = limit
    async with rig.running() as inbox:
        await inbox.accept([message("0", chat_id="other")])
        await busy.wait()
        await inbox.accept([message("1")])
        async with asyncio.timeout(20):
            while len(by_author(rig, Author.BOT)) < 2:
                await asyncio.sleep(0.02)
        await open_a_talk(officer)
        taken.set()
        await rig.settled()
    assert rig.channel.texts("other") == ["nghe: chào"]
    assert rig.channel.texts("a") == [OPENED]


async def test_a_turn_under_way_at_the_take_over_says_nothing_after_it(
    rig: Rig, desk: Desk, officer: Browser
) -> None:
    chat_with_a_ticket(desk)
    reading, taken = asyncio.Event(), asyncio.Event()

    async def prepare(incoming: Incoming, attempts: int) -> Prepared:
        reading.set()
        await taken.wait()
        return Prepared()

    rig.prepare = prepare
    async with rig.running() as inbox:
        await inbox.accept([message("1")])
        await reading.wait()
        await open_a_talk(officer)
        taken.set()
        await rig.settled()
    assert rig.channel.texts("a") == [OPENED]
    assert by_author(rig, Author.BOT) == [OutboxStatus.SUPPRESSED]


async def test_of_two_officers_who_open_a_talk_at_once_one_has_it(
    rig: Rig, desk: Desk, officer: Browser
) -> None:
    chat = chat_with_a_ticket(desk)
    desk.officer("minh", "Trần Minh")
    async with TestClient(TestServer(desk.app())) as client:
        colleague = Browser(client)
        await colleague.log_in("minh")
        for browser in (officer, colleague):
            await browser.open(f"/staff/tickets/{CODE}")
        answers = await asyncio.gather(
            *(browser.send(f"/staff/tickets/{CODE}/talk") for browser in (officer, colleague))
        )
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert len(desk.said_to(chat.id)) == 1


async def test_a_talk_that_its_officer_forgot_is_the_bots_again(
    rig: Rig, desk: Desk, officer: Browser
) -> None:
    chat = chat_with_a_ticket(desk)
    await open_a_talk(officer)
    begun = desk.now
    desk.now += timedelta(hours=5)
    await officer.open(f"/staff/chats/{chat.id}")
    await officer.send(f"/staff/chats/{chat.id}/reply", {"text": "Chào bạn"})

    def forgotten(hours: int) -> bool:
        now = begun + timedelta(hours=hours)
        with desk.database.read() as session:
            return handoff.fell_silent(session, session.get_one(Conversation, chat.id), now=now)

    assert [forgotten(hours) for hours in (13, 16, 18)] == [False, False, True]


async def test_a_chat_that_the_citizen_asked_for_waits_for_a_person(rig: Rig, desk: Desk) -> None:
    chat = desk.chat("a", channel=MemoryChannel.name)
    with desk.database.write() as session:
        kept = session.get_one(Conversation, chat.id)
        handoff.request(session, kept, reason="asked", now=desk.now)
        assert not handoff.fell_silent(session, kept, now=desk.now + timedelta(days=2))
