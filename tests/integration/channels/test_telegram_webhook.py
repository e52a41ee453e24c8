"""Updates that Telegram hands over to the webhook."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from itertools import count

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from telegram import Bot

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.webhook import announce
from bot.messages import Kind
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_updates import TelegramPerson
from tests.integration.channels.conftest import SECRET, STAFF, Inbox, MakeTelegram

HEADERS = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
PATH = "/webhooks/telegram"

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def server(channel: TelegramChannel, inbox: Inbox) -> TestServer:
    app = web.Application()
    app.router.add_routes(channel.routes(inbox.accept))
    return TestServer(app)


@pytest.fixture
async def client(server: TestServer, aiohttp_client: object) -> Client:
    assert callable(aiohttp_client)
    made: Client = await aiohttp_client(server)
    return made


async def post(client: Client, update: object, **headers: str) -> int:
    response = await client.post(PATH, json=update, headers=headers or HEADERS)
    return response.status


async def settled(channel: TelegramChannel) -> None:
    """What runs beside the webhook's answer is over."""
    await channel.idle()


async def test_an_update_with_the_secret_is_kept(client: Client, inbox: Inbox) -> None:
    assert await post(client, TelegramPerson(5).says("cháy nhà")) == 200
    assert [event.text for event in inbox.events] == ["cháy nhà"]


@pytest.mark.parametrize("secret", ["", "wrong", "a-secret_of-the-webhoo", "bí mật"])
async def test_without_the_secret_nothing_gets_in(
    client: Client, inbox: Inbox, secret: str
) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {"X": "1"}
    assert await post(client, TelegramPerson(5).says("x"), **headers) == 403
    assert inbox.events == []


async def test_with_no_secret_set_nothing_gets_in(
    make_telegram: MakeTelegram, inbox: Inbox, aiohttp_client: object
) -> None:
    app = web.Application()
    app.router.add_routes(make_telegram(telegram_webhook_secret=None).routes(inbox.accept))
    assert callable(aiohttp_client)
    client: Client = await aiohttp_client(TestServer(app))
    headers = {"X-Telegram-Bot-Api-Secret-Token": ""}
    assert await post(client, TelegramPerson(5).says("x"), **headers) == 403


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b"\xff", b"[" * 100_000, b'{"message": {}}']
)
async def test_what_is_no_update_is_a_bad_request(client: Client, body: bytes) -> None:
    response = await client.post(PATH, data=body, headers=HEADERS)
    assert response.status == 400


async def test_a_body_beyond_the_limit_is_refused(client: Client, inbox: Inbox) -> None:
    big = b'{"update_id": 1, "x": "' + b"a" * 2_000_000 + b'"}'
    response = await client.post(PATH, data=big, headers=HEADERS)
    assert response.status == 413
    assert inbox.events == []


async def test_an_update_that_cannot_be_kept_is_asked_for_again(
    client: Client, inbox: Inbox
) -> None:
    inbox.failures = 1
    update = TelegramPerson(5).says("ngập đường")
    assert await post(client, update) == 500
    assert await post(client, update) == 200
    assert await post(client, update) == 200
    assert [event.text for event in inbox.events] == ["ngập đường"]


async def test_what_does_not_concern_the_bot_is_taken_and_forgotten(
    client: Client, inbox: Inbox
) -> None:
    assert await post(client, {"update_id": 7, "poll_answer": {}}) == 200
    assert await post(client, {"update_id": 8}) == 200
    assert await post(client, {"update_id": 9, "message": {"message_id": 1}}) == 200
    assert inbox.events == []


async def test_a_press_stops_turning(
    client: Client, channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    await post(client, TelegramPerson(5).presses("d:menu:report"))
    await settled(channel)
    assert telegram.answered_presses == ["press-1"]


async def test_a_press_that_can_no_longer_be_answered_is_kept_all_the_same(
    client: Client, channel: TelegramChannel, telegram: FakeTelegram, inbox: Inbox
) -> None:
    telegram.fail("answerCallbackQuery", 400, "Bad Request: query is too old")
    assert await post(client, TelegramPerson(5).presses("d:menu:report")) == 200
    await settled(channel)
    assert [event.kind for event in inbox.events] == [Kind.PRESS]


async def test_the_staff_group_is_heard(client: Client, inbox: Inbox) -> None:
    await post(client, TelegramPerson(77, group=STAFF).says("Đã rõ"))
    assert [event.chat_id for event in inbox.events] == [str(STAFF)]


async def test_a_group_that_is_not_the_staffs_is_left_unheard(
    client: Client, channel: TelegramChannel, telegram: FakeTelegram, inbox: Inbox
) -> None:
    stranger = TelegramPerson(9, group=-5_555)
    await post(client, stranger.changes_membership("left", "member"))
    await post(client, stranger.says("xin chào bot"))
    await settled(channel)
    assert telegram.left == [-5_555]
    assert inbox.events == []


async def test_with_no_staff_group_set_every_group_is_left(
    make_telegram: MakeTelegram, telegram: FakeTelegram, inbox: Inbox, aiohttp_client: object
) -> None:
    channel = make_telegram(staff=None)
    app = web.Application()
    app.router.add_routes(channel.routes(inbox.accept))
    assert callable(aiohttp_client)
    async with asynccontextmanager(channel.running)(inbox.accept):
        client: Client = await aiohttp_client(TestServer(app))
        await post(client, TelegramPerson(77, group=STAFF).says("x"))
        await settled(channel)
    assert telegram.left == [STAFF]


async def test_a_group_that_the_bot_was_put_out_of_is_not_left_again(
    client: Client, channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    await post(client, TelegramPerson(9, group=-5_555).changes_membership("member", "kicked"))
    await settled(channel)
    assert telegram.left == []


async def test_the_staff_group_is_known_as_a_supergroup_too(
    client: Client, channel: TelegramChannel, telegram: FakeTelegram, inbox: Inbox
) -> None:
    new, ids = -1_000_000_004_001, count(1)
    await post(client, TelegramPerson(77, ids, group=STAFF).message(migrate_to_chat_id=new))
    await post(client, TelegramPerson(77, ids, group=new).message(migrate_from_chat_id=STAFF))
    await post(client, TelegramPerson(77, ids, group=new).says("Vẫn đây"))
    await settled(channel)
    assert [event.kind for event in inbox.events] == [
        Kind.MEMBERSHIP,
        Kind.MEMBERSHIP,
        Kind.TEXT,
    ]
    assert telegram.left == []


async def test_words_from_the_new_supergroup_may_overtake_the_news_of_it(
    client: Client, channel: TelegramChannel, telegram: FakeTelegram, inbox: Inbox
) -> None:
    new = -1_000_000_004_001
    telegram.migrated[STAFF] = new
    await post(client, TelegramPerson(77, group=new).says("Đã lên nhóm lớn"))
    await settled(channel)
    assert [event.text for event in inbox.events] == ["Đã lên nhóm lớn"]
    assert telegram.left == []


async def test_another_supergroup_does_not_pass_for_the_staffs(
    client: Client, channel: TelegramChannel, telegram: FakeTelegram, inbox: Inbox
) -> None:
    forged = TelegramPerson(9, group=-1_000_000_009_999)
    await post(client, forged.message(migrate_from_chat_id=-5_555))
    await settled(channel)
    assert inbox.events == []
    assert telegram.left == [-1_000_000_009_999]


async def test_telegram_is_told_of_the_webhook(
    make_telegram: MakeTelegram, telegram: FakeTelegram, inbox: Inbox
) -> None:
    channel = make_telegram(public_url="https://caunoi.example/")
    async with asynccontextmanager(channel.running)(inbox.accept):
        await settled(channel)
    assert telegram.webhook["url"] == "https://caunoi.example/webhooks/telegram"
    assert telegram.webhook["secret"] == SECRET
    assert "callback_query" in telegram.webhook["allowed_updates"]


async def test_telegram_is_told_again_until_it_listens(telegram: FakeTelegram) -> None:
    waits: list[float] = []

    async def no_time(seconds: float) -> None:
        waits.append(seconds)

    telegram.fail("setWebhook", 502, "Bad Gateway", times=2)
    telegram.fail("setWebhook", 429, "Too Many Requests", parameters={"retry_after": 90})
    request = AiohttpRequest()
    async with Bot(TOKEN, f"{telegram.url}/bot", request=request) as bot:
        await announce(bot, "https://caunoi.example", SECRET, sleep=no_time)
    assert telegram.webhook["url"] == "https://caunoi.example/webhooks/telegram"
    assert waits == [1.0, 2.0, 90.0]


async def test_neither_words_nor_token_nor_secret_reach_the_log(
    client: Client, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await post(client, TelegramPerson(5).says("tôi tên là Nguyễn Thị Bí Mật"))
    await post(client, TelegramPerson(5).presses("d:menu"))
    await post(client, {"update_id": 9, "message": {"text": "Bí Mật"}})
    await settled(channel)
    assert "Bí Mật" not in caplog.text
    assert "TEST-token" not in caplog.text
    assert SECRET not in caplog.text


async def test_in_polling_mode_there_is_no_webhook(
    make_telegram: MakeTelegram, inbox: Inbox
) -> None:
    assert make_telegram(telegram_mode="polling").routes(inbox.accept) == []
