"""The web chat's socket: kept before acknowledged, never twice, in order, and to its own only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from bot.channels.web import limits
from bot.channels.web.channel import CLOSED_FOR_ANOTHER, SOCKETS_OF_CHAT
from bot.channels.web.protocol import FRAME_LIMIT
from bot.messages import Incoming, Kind, Outgoing
from store.messages import Author, InboxEvent, OutboxStatus
from tests.fakes.web_chat_page import Visitor, visiting
from tests.fakes.web_chat_server import WebChatServer, settings_for
from tests.rig import until


def echo(incoming: Incoming) -> list[Outgoing]:
    greeting = incoming.kind == Kind.OPENED
    return [Outgoing(text="chào bạn" if greeting else f"nghe: {incoming.text}")]


@pytest.fixture
def chat(database_url: str, tmp_path: Path) -> WebChatServer:
    return WebChatServer(settings_for(tmp_path, database_url=database_url), dialogue=echo)


async def test_a_first_visit_is_greeted_once_however_often_the_page_is_opened(
    chat: WebChatServer,
) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        async with visitor.line() as line:
            assert (await line.next("message"))["text"] == "chào bạn"
        async with visitor.line(hello=False) as line:
            history = await line.hello()
    assert [item["text"] for item in history] == ["chào bạn"]
    assert [event.kind for event in chat.events()] == [Kind.OPENED]


async def test_a_message_is_acknowledged_only_once_it_is_kept(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        chat.broken = True
        name = await line.text("ổ gà to tướng")
        later = await line.next("later")
        assert (later["id"], later["code"]) == (name, "unavailable")
        chat.broken = False
        await line.text("ổ gà to tướng", id=name)
        assert (await line.next("ack"))["id"] == name
        assert [event.text for event in chat.events()] == ["", "ổ gà to tướng"]


async def test_a_message_sent_twice_is_acknowledged_twice_and_kept_once(
    chat: WebChatServer,
) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        async with visitor.line() as line:
            name = await line.text("một lần thôi")
            await line.next("ack")
        async with visitor.line() as line:  # the acknowledgement was lost with the line
            await line.text("một lần thôi", id=name)
            assert (await line.next("ack"))["id"] == name
    assert [event.text for event in chat.events()].count("một lần thôi") == 1


async def test_the_same_id_of_another_person_is_another_message(chat: WebChatServer) -> None:
    async with chat.running() as server:
        for words in ("của tôi", "của bạn"):
            async with visiting(server) as visitor, visitor.line() as line:
                await line.text(words, id="the-same-id")
                await line.next("ack")
    assert {event.text for event in chat.events()} >= {"của tôi", "của bạn"}


async def test_messages_are_handled_in_the_order_they_were_written(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        await line.next("message")
        for number in range(10):
            await line.text(f"tin {number}")
        heard = [(await line.next("message"))["text"] for _ in range(10)]
    assert heard == [f"nghe: tin {number}" for number in range(10)]


async def test_a_returning_page_gets_what_was_said_meanwhile(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        async with visitor.line() as line:
            last = (await line.next("message"))["id"]
            await line.send(type="seen", ids=[last])
            await until(lambda: chat.outbox_status(last) == OutboxStatus.SENT)
        number = chat.only_conversation()
        said = [chat.say(number, Outgoing(text=text)) for text in ("một", "hai")]
        async with visitor.line(hello=False) as line:
            await line.hello(last)
            heard = [await line.next("message") for _ in said]
    assert [frame["id"] for frame in heard] == said
    assert [frame["text"] for frame in heard] == ["một", "hai"]


async def test_what_no_page_has_shown_is_delivered_again(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        async with visitor.line() as line:
            first = await line.next("message")
        assert chat.outbox_status(first["id"]) == OutboxStatus.WAITING
        async with visitor.line(hello=False) as line:
            await line.hello(first["id"])
            assert await line.next("message") == first
            await line.send(type="seen", ids=[first["id"]])
            await until(lambda: chat.outbox_status(first["id"]) == OutboxStatus.SENT)


async def test_rows_written_by_another_process_arrive_without_a_call(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        await line.next("message")
        chat.say(chat.only_conversation(), Outgoing(text="từ nơi khác"), wake=False)
        assert (await line.next("message"))["text"] == "từ nơi khác"


async def test_a_page_held_by_another_process_is_told_of_what_is_said_here(
    postgres_url: str, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, database_url=postgres_url)
    here, there = WebChatServer(settings, dialogue=echo), WebChatServer(settings)
    async with here.running() as server, there.running() as other, visiting(server) as visitor:
        elsewhere = Visitor(other, visitor.session)
        async with visitor.line() as line, elsewhere.line() as page:
            await line.text("viết ở đây")
            while (await page.next("message"))["text"] != "nghe: viết ở đây":
                pass


async def test_every_window_of_a_chat_is_told(chat: WebChatServer) -> None:
    async with (
        chat.running() as server,
        visiting(server) as visitor,
        visitor.line() as one,
        visitor.line(hello=False) as two,
    ):
        seen = await one.next("message")
        await one.send(type="seen", ids=[seen["id"]])
        await two.hello()
        number = chat.say(chat.only_conversation(), Outgoing(text="cả hai"))
        for line in (one, two):
            frame = await line.next("message")
            while frame["id"] != number:
                frame = await line.next("message")
            assert frame["text"] == "cả hai"


async def test_nobody_hears_or_confirms_what_is_said_to_another(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as one, one.line() as line:
        mine = (await line.next("message"))["id"]
        async with visiting(server) as two, two.line() as strange:
            await strange.next("message")
            await strange.send(type="seen", ids=[mine])
            await strange.text("chào")
            assert (await strange.next("message"))["text"] == "nghe: chào"
        assert chat.outbox_status(mine) == OutboxStatus.WAITING


async def test_the_bot_is_silent_once_a_person_has_taken_the_chat(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        async with visitor.line() as line:
            greeting = await line.next("message")
            await line.send(type="seen", ids=[greeting["id"]])
            await until(lambda: chat.outbox_status(greeting["id"]) == OutboxStatus.SENT)
        number = chat.only_conversation()
        prepared = chat.say(number, Outgoing(text="của bot"))
        chat.hand_over(number)
        officers = chat.say(number, Outgoing(text="của cán bộ"), author=Author.OFFICER)
        async with visitor.line(hello=False) as line:
            history = await line.hello()
            assert [item["text"] for item in history] == ["chào bạn", "của cán bộ"]
            await line.send(type="seen", ids=[officers])
            await until(lambda: chat.outbox_status(officers) == OutboxStatus.SENT)
            await until(lambda: chat.outbox_status(prepared) == OutboxStatus.SUPPRESSED)


async def test_the_past_is_told_by_time_and_without_what_was_erased(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor:
        async with visitor.line() as line:
            for words in ("điều không ai được đọc", "đường hư"):
                await line.text(words)
                while (await line.next("message"))["text"] != f"nghe: {words}":
                    pass
        with chat.database.write() as session:
            for event in session.query(InboxEvent):
                if "không ai" in event.payload.get("text", ""):
                    event.payload = {}
        async with visitor.line(hello=False) as line:
            history = await line.hello()
    assert [(item["type"], item["text"]) for item in history] == [
        ("message", "chào bạn"),
        ("message", "nghe: điều không ai được đọc"),
        ("own", "đường hư"),
        ("message", "nghe: đường hư"),
    ]


async def test_who_sends_too_fast_is_told_when_to_send_again(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        sent = range(limits.MESSAGES_OF_CHAT.burst + 10)
        names = [await line.text(f"nhanh số {number};") for number in sent]
        later = await line.next("later")
        refused = f"nhanh số {names.index(later['id'])};"
    assert later["code"] == "too_fast"
    assert 0 < later["after"] <= 1
    assert refused not in [event.text for event in chat.events()]


async def test_a_flood_of_frames_ends_the_line(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        for _ in range(limits.FRAMES_OF_CHAT.burst + 50):
            await line.socket.send_str("{")
        assert await line.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_a_bad_frame_is_answered_and_the_line_goes_on(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        await line.send(type="text", id="message-x", order=1, text="")
        assert await line.next("error") == {"type": "error", "id": "message-x", "code": "empty"}
        await line.send(type="ping")
        await line.next("pong")


async def test_a_frame_beyond_the_limit_ends_the_line(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        await line.text("a" * FRAME_LIMIT)
        assert await line.closed() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG


async def test_bytes_that_are_no_text_end_the_line(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        await line.socket.send_bytes(b"\x00")
        assert await line.closed() == aiohttp.WSCloseCode.UNSUPPORTED_DATA


async def test_one_window_too_many_closes_the_oldest(chat: WebChatServer) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as oldest:
        sockets = [
            await visitor.session.ws_connect(
                server.make_url("/chat/ws"), headers={"Origin": visitor.origin}
            )
            for _ in range(SOCKETS_OF_CHAT)
        ]
        assert await oldest.closed() == CLOSED_FOR_ANOTHER
        assert not sockets[-1].closed


@pytest.mark.parametrize(
    "headers",
    [
        lambda own: {},
        lambda own: {"Origin": "https://evil.example"},
        lambda own: {"Origin": own, "Cookie": "caunoi_chat=short"},
        lambda own: {"Origin": own, "Cookie": ""},
    ],
    ids=["no origin", "another site", "a cookie made up", "no cookie"],
)
async def test_only_our_page_with_its_cookie_gets_a_line(
    chat: WebChatServer, headers: Callable[[str], dict[str, str]]
) -> None:
    async with chat.running() as server, aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await stranger.ws_connect(server.make_url("/chat/ws"), headers=headers(_origin(server)))
    assert caught.value.status == 403


async def test_a_stopping_server_hangs_up_at_once_and_the_page_may_come_back(
    chat: WebChatServer,
) -> None:
    async with chat.running() as server, visiting(server) as visitor, visitor.line() as line:
        await chat.channel.hang_up()
        assert await line.closed() == aiohttp.WSCloseCode.GOING_AWAY
        async with visitor.line() as again:
            await again.next("message")


def _origin(server: TestServer) -> str:
    return str(server.make_url("")).rstrip("/")
