"""Two officers and one chat: who has it, who is there, who types; and news that cost little."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import event, select

from bot.staff_pages.chats import STOP_ASKING
from store.desk import ChatPresence
from store.messages import Conversation, OutboxMessage, OutboxStatus
from store.staff import Officer
from store.tickets import Attachment
from tests.integration.staff_desk import Browser, Desk
from tests.integration.staff_pages.test_chats import bot_says, hand_over, says

_SEEN = re.compile(r'id="seen" value="(\w+)"')


@pytest.fixture
async def colleague(desk: Desk, browser: Browser) -> AsyncIterator[Browser]:
    """A second browser, in which the officer `minh` is logged in."""
    desk.officer("minh", "Trần Minh")
    async with TestClient(TestServer(desk.app())) as client:
        other = Browser(client)
        other.let_in(desk, "minh")
        yield other


def seen_in(html: str) -> str:
    """What the page, or the news, would say that it has shown."""
    found = _SEEN.search(html)
    assert found is not None
    return found.group(1)


async def news(browser: Browser, chat: Conversation, seen: str) -> tuple[int, str]:
    path = f"/staff/chats/{chat.id}/news"
    async with browser.client.get(path, params={"seen": seen}) as response:
        return response.status, await response.text()


async def types(browser: Browser, chat: Conversation) -> None:
    response = await browser.client.post(
        f"/staff/chats/{chat.id}/typing", data={"csrf": browser.csrf}
    )
    assert response.status == 204


async def test_an_officer_sees_who_else_has_the_chat_open(
    desk: Desk, browser: Browser, colleague: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    assert "đang xem" not in await browser.open(f"/staff/chats/{chat.id}")
    assert "Nguyễn Thị Lan đang xem" in await colleague.open(f"/staff/chats/{chat.id}")


async def test_whoever_has_closed_the_page_is_soon_gone(
    desk: Desk, browser: Browser, colleague: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    desk.now += timedelta(minutes=1)
    assert "đang xem" not in await colleague.open(f"/staff/chats/{chat.id}")


async def test_a_page_that_asks_for_news_stays_seen(
    desk: Desk, browser: Browser, colleague: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    seen = seen_in(await browser.open(f"/staff/chats/{chat.id}"))
    for _ in range(20):
        desk.now += timedelta(seconds=3)
        assert await news(browser, chat, seen) == (204, "")
    assert "Nguyễn Thị Lan đang xem" in await colleague.open(f"/staff/chats/{chat.id}")


async def test_typing_is_seen_and_runs_out_by_itself(
    desk: Desk, browser: Browser, colleague: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    seen = seen_in(await colleague.open(f"/staff/chats/{chat.id}"))
    await types(browser, chat)
    status, html = await news(colleague, chat, seen)
    assert status == 200
    assert "Nguyễn Thị Lan đang gõ…" in html
    desk.now += timedelta(seconds=9)
    status, html = await news(colleague, chat, seen_in(html))
    assert "đang gõ" not in html
    assert "Nguyễn Thị Lan đang xem" in html


async def test_a_message_that_is_sent_ends_the_typing(
    desk: Desk, browser: Browser, colleague: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    await types(browser, chat)
    await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Chào bạn"})
    assert "đang gõ" not in await colleague.open(f"/staff/chats/{chat.id}")


async def test_many_letters_are_one_note(desk: Desk, browser: Browser) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    await types(browser, chat)
    with desk.database.read() as session:
        first = session.scalars(select(ChatPresence.typing_until)).one()
    desk.now += timedelta(seconds=1)
    await types(browser, chat)
    with desk.database.read() as session:
        assert session.scalars(select(ChatPresence.typing_until)).one() == first
    desk.now += timedelta(seconds=2)
    await types(browser, chat)
    with desk.database.read() as session:
        later = session.scalars(select(ChatPresence.typing_until)).one()
    assert later is not None
    assert first is not None
    assert later > first


async def test_typing_in_a_chat_that_the_bot_has_is_noted_nowhere(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    await browser.open("/staff/chats")
    await types(browser, chat)
    with desk.database.read() as session:
        assert session.scalars(select(ChatPresence)).all() == []


async def test_old_notes_are_deleted(desk: Desk, browser: Browser) -> None:
    first, second = desk.chat("a"), desk.chat("b")
    hand_over(desk, first)
    hand_over(desk, second)
    await browser.open(f"/staff/chats/{first.id}")
    desk.now += timedelta(hours=2)
    await browser.open(f"/staff/chats/{second.id}")
    with desk.database.read() as session:
        assert session.scalars(select(ChatPresence.conversation_id)).all() == [second.id]


async def test_news_come_when_something_was_said_and_not_before(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    seen = seen_in(await browser.open(f"/staff/chats/{chat.id}"))
    assert await news(browser, chat, seen) == (204, "")
    desk.now += timedelta(seconds=5)
    says(desk, chat, "hồ sơ của tôi đâu", desk.now)
    with desk.database.write() as session:  # as the turn that handles the message does
        session.get_one(Conversation, chat.id).last_incoming_at = desk.now
    status, html = await news(browser, chat, seen)
    assert status == 200
    assert "hồ sơ của tôi đâu" in html
    assert await news(browser, chat, seen_in(html)) == (204, "")


async def test_news_come_when_a_message_was_sent_or_failed(desk: Desk, browser: Browser) -> None:
    desk.now += timedelta(seconds=1)
    chat = desk.chat()
    hand_over(desk, chat)
    row = bot_says(desk, chat, "Đang chuyển cho cán bộ", desk.now)
    seen = seen_in(await browser.open(f"/staff/chats/{chat.id}"))
    with desk.database.write() as session:
        session.get_one(OutboxMessage, row.id).status = OutboxStatus.SENT
    status, html = await news(browser, chat, seen)
    assert status == 200
    assert "đã gửi" in html


async def test_nothing_new_reads_neither_the_messages_nor_writes(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    seen = seen_in(await browser.open(f"/staff/chats/{chat.id}"))
    statements: list[str] = []
    event.listen(
        desk.database.engine,
        "before_cursor_execute",
        lambda conn, cursor, statement, *rest: statements.append(statement),
    )
    assert (await news(browser, chat, seen))[0] == 204
    assert statements
    read = [statement for statement in statements if "payload" in statement]
    assert read == []
    assert not any(statement.startswith(("INSERT", "UPDATE", "DELETE")) for statement in statements)


async def test_a_chat_that_was_given_back_asks_no_more(
    desk: Desk, browser: Browser, colleague: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    seen = seen_in(await browser.open(f"/staff/chats/{chat.id}"))
    await colleague.open(f"/staff/chats/{chat.id}")
    await colleague.send(f"/staff/chats/{chat.id}/give-back")
    status, html = await news(browser, chat, seen)
    assert status == STOP_ASKING
    assert "tin của bạn sẽ không được gửi" in html


async def test_a_chat_that_a_colleague_takes_says_so_and_takes_no_message(
    desk: Desk, browser: Browser, colleague: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    seen = seen_in(await browser.open(f"/staff/chats/{chat.id}"))
    await colleague.open(f"/staff/chats/{chat.id}")
    await colleague.send(f"/staff/chats/{chat.id}/take")
    _, html = await news(browser, chat, seen)
    assert "<b>Trần Minh</b> đang trả lời người dân này" in html
    response = await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Chào bạn"})
    assert response.status == 409
    assert "Chào bạn</textarea>" in browser.html
    assert "Chào bạn" not in desk.said_to(chat.id)


async def test_a_blank_of_a_canned_reply_is_noticed_in_a_chat(desk: Desk, browser: Browser) -> None:
    chat = desk.chat()
    desk.ticket("PA-AAAAA1", chat=chat)
    hand_over(desk, chat)
    html = await browser.open(f"/staff/chats/{chat.id}?canned=on_the_way")
    text = html.partition("<textarea")[2].partition(">")[2].partition("</textarea>")[0]
    assert text.startswith("Sở Xây dựng đã cử")
    response = await browser.send(f"/staff/chats/{chat.id}/reply", {"text": text})
    assert response.status == 400
    assert "chưa điền" in browser.html
    assert desk.said_to(chat.id) == []


async def test_a_message_that_failed_is_sent_again_from_the_chat(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    with desk.database.read() as session:
        lan = session.scalars(select(Officer.id)).one()
    row = desk.add(
        OutboxMessage(
            conversation_id=chat.id,
            author="officer",
            officer_id=lan,
            payload={"text": "Chào bạn"},
            status=OutboxStatus.FAILED,
            error="forbidden",
            created_at=desk.now,
            next_try_at=desk.now,
        )
    )
    html = await browser.open(f"/staff/chats/{chat.id}")
    assert "không gửi được" in html
    assert "Lý do: người dân đã chặn hoặc xóa cuộc trò chuyện." in html
    await browser.send(f"/staff/chats/{chat.id}/resend", {"message": str(row.id)})
    assert desk.kept(row, row.id).status == OutboxStatus.WAITING
    assert desk.posted == {chat.id}


async def test_pictures_of_an_internal_note_are_not_shown_as_the_citizens(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    for purpose, letter in (("added", "b"), ("note", "c"), ("after", "d")):
        desk.add(
            Attachment(
                conversation_id=chat.id,
                kind="photo",
                mime="image/jpeg",
                size=1,
                path=f"aa/{letter * 64}.jpg",
                purpose=purpose,
                created_at=desk.now + timedelta(seconds=1),
            )
        )
    html = await browser.open(f"/staff/chats/{chat.id}")
    assert "b" * 64 in html
    assert "c" * 64 not in html
    assert "d" * 64 not in html
