"""Chats that were handed over, on the staff page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from actions import handoff
from bot.staff_pages.chats import STOP_ASKING
from store.messages import Conversation, ConversationMode, InboxEvent, OutboxMessage
from store.staff import Handoff
from store.tickets import Attachment
from tests.integration.staff_desk import RESPONSES, Browser, Desk


def hand_over(desk: Desk, chat: Conversation, reason: str = "asked") -> Handoff:
    with desk.database.write() as session:
        return handoff.request(
            session, session.get_one(Conversation, chat.id), reason=reason, now=desk.now
        )


def says(desk: Desk, chat: Conversation, text: str, at: datetime, **values: Any) -> InboxEvent:
    payload = {
        "channel": "web",
        "event_id": text,
        "chat_id": chat.chat_id,
        "kind": "text",
        "text": text,
        "sent_at": at.isoformat(),
    }
    return desk.add(
        InboxEvent(
            **{
                "channel": "web",
                "event_id": text,
                "conversation_id": chat.id,
                "sort_key": 0,
                "payload": payload,
                "status": "done",
                "received_at": at,
                "ready_at": at,
                "done_at": at,
            }
            | values
        )
    )


def bot_says(desk: Desk, chat: Conversation, text: str, at: datetime) -> OutboxMessage:
    return desk.add(
        OutboxMessage(
            conversation_id=chat.id,
            author="bot",
            payload={"text": text},
            created_at=at,
            next_try_at=at,
        )
    )


async def test_chats_wait_with_the_oldest_first_and_those_without_an_officer_on_top(
    desk: Desk, browser: Browser
) -> None:
    taken, late, early = desk.chat("taken"), desk.chat("late"), desk.chat("early")
    other = desk.officer("minh", "Trần Minh")
    hand_over(desk, taken)
    with desk.database.write() as session:
        handoff.take(session, session.get_one(Conversation, taken.id), other, now=desk.now)
    hand_over(desk, early)
    desk.now += timedelta(minutes=20)
    hand_over(desk, late)
    html = await browser.open("/staff/chats")
    places = [html.index(f'href="/staff/chats/{chat.id}"') for chat in (early, late, taken)]
    assert places == sorted(places)
    assert "Chờ 20 phút" in html
    assert "Trần Minh" in html
    assert 'aria-label="2 việc đang chờ"' in html


async def test_a_chat_shows_what_was_said_since_the_hand_over_and_what_led_to_it(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    at = desk.now
    says(desk, chat, "tôi muốn gặp cán bộ", at)
    hand_over(desk, chat)
    bot_says(desk, chat, "Đang chuyển cho cán bộ", at)
    says(desk, chat, "hồ sơ của tôi bị trả lại", at + timedelta(minutes=1))
    says(desk, chat, "đang chờ xử lý", at, status="waiting", done_at=None)
    says(desk, chat, "bị lỗi", at + timedelta(minutes=1), status="dead")
    says(desk, chat, "đã xóa", at + timedelta(minutes=1), payload={})
    html = await browser.open(f"/staff/chats/{chat.id}")
    earlier, _, since = html.partition('id="lines"')
    assert "tôi muốn gặp cán bộ" in earlier
    assert "hồ sơ của tôi bị trả lại" in since
    assert since.index("Đang chuyển cho cán bộ") < since.index("hồ sơ của tôi bị trả lại")
    for absent in ("đang chờ xử lý", "bị lỗi", "đã xóa"):
        assert absent not in html


async def test_a_denunciation_shows_nothing_from_before_it(desk: Desk, browser: Browser) -> None:
    chat = desk.chat()
    ticket = desk.ticket("PA-AAAAA1", chat=chat)
    says(desk, chat, "chuyện trước đó", desk.now)
    hand_over(desk, chat, reason="denunciation")
    says(desk, chat, "tôi gửi đơn ở đâu", desk.now + timedelta(minutes=1))
    html = await browser.open(f"/staff/chats/{chat.id}")
    assert "chuyện trước đó" not in html
    assert ticket.code not in html
    assert "tôi gửi đơn ở đâu" in html
    assert "giữ bí mật" in html


async def test_a_later_hand_over_shows_nothing_of_a_denunciation_before_it(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat, reason="denunciation")
    desk.now += timedelta(minutes=1)
    says(desk, chat, "chuyện kín", desk.now)
    desk.now += timedelta(minutes=1)
    with desk.database.write() as session:
        handoff.give_back(session, session.get_one(Conversation, chat.id), now=desk.now)
    desk.now += timedelta(minutes=1)
    says(desk, chat, "chào cán bộ", desk.now)
    hand_over(desk, chat)
    html = await browser.open(f"/staff/chats/{chat.id}")
    assert "chào cán bộ" in html
    assert "chuyện kín" not in html


async def test_places_phones_and_pictures_are_shown_as_what_they_are(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    at = desk.now + timedelta(minutes=1)
    common = {"channel": "web", "chat_id": "a", "sent_at": at.isoformat()}
    place = {"latitude": 10.5, "longitude": 105.25}
    kinds: tuple[dict[str, object], ...] = (
        {"kind": "location", "location": place},
        {"kind": "contact", "contact": {"phone": "0912345678", "own": True}},
        {"kind": "unsupported"},
    )
    for number, more in enumerate(kinds):
        payload = {**common, "event_id": str(number), **more}
        says(desk, chat, str(number), at, payload=payload)
    path = "aa/" + "b" * 64 + ".jpg"
    desk.add(
        Attachment(
            conversation_id=chat.id,
            kind="photo",
            mime="image/jpeg",
            size=1,
            path=path,
            created_at=at,
        )
    )
    html = await browser.open(f"/staff/chats/{chat.id}")
    assert "mlat=10.500000&amp;mlon=105.250000" in html
    assert "0912345678" in html
    assert "không đọc được ở đây" in html
    assert f'src="/staff/media/{path}?small"' in html


async def test_what_a_citizen_writes_in_a_chat_is_escaped(desk: Desk, browser: Browser) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    says(desk, chat, "<script>alert(1)</script>", desk.now + timedelta(minutes=1))
    for path in (f"/staff/chats/{chat.id}", f"/staff/chats/{chat.id}/news"):
        html = await browser.open(path)
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert(1)" in html


async def test_the_first_reply_takes_the_chat_and_reaches_the_citizen(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    row = hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    response = await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Chào bạn"})
    assert response.status == 200
    assert desk.said_to(chat.id) == ["Chào bạn"]
    assert desk.kept(row, row.id).taken_at == desk.now
    assert desk.posted == {chat.id}
    assert "Chào bạn" in browser.html


async def test_pressing_send_twice_sends_one_message(desk: Desk, browser: Browser) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    page = await browser.open(f"/staff/chats/{chat.id}")
    await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Chào bạn"})
    browser.html = page
    await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Chào bạn"})
    assert "Tin này đã được gửi rồi" in browser.html
    assert desk.said_to(chat.id) == ["Chào bạn"]


async def test_a_message_written_on_an_old_page_is_kept_and_not_sent(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    page = await browser.open(f"/staff/chats/{chat.id}")
    await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Chào bạn"})
    browser.html = page
    response = await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Bạn cần gì"})
    assert response.status == 409
    assert "Bạn cần gì</textarea>" in browser.html
    assert desk.said_to(chat.id) == ["Chào bạn"]


async def test_the_same_words_may_be_said_again_later(desk: Desk, browser: Browser) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    for _ in range(2):
        await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Dạ"})
    assert desk.said_to(chat.id) == ["Dạ", "Dạ"]


async def test_an_empty_message_is_refused(desk: Desk, browser: Browser) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    response = await browser.send(f"/staff/chats/{chat.id}/reply", {"text": " "})
    assert response.status == 400
    assert "Bạn chưa viết nội dung." in browser.html


async def test_a_chat_of_another_officer_takes_no_reply(desk: Desk, browser: Browser) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    other = desk.officer("minh", "Trần Minh")
    with desk.database.write() as session:
        handoff.take(session, session.get_one(Conversation, chat.id), other, now=desk.now)
    response = await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Chào bạn"})
    assert response.status == 409
    assert "Trần Minh đã nhận trước bạn rồi." in browser.html
    assert "Chào bạn</textarea>" in browser.html
    assert desk.said_to(chat.id) == []


async def test_nothing_is_said_to_be_sent_where_nothing_can_be(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat(channel="telegram")
    hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    response = await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "Chào bạn"})
    assert response.status == 409
    assert "Tin chưa được gửi." in browser.html
    assert "Chào bạn</textarea>" in browser.html


async def test_taking_a_chat_tells_the_citizen_that_a_person_is_there(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    await browser.open(f"/staff/chats/{chat.id}")
    for _ in range(2):
        await browser.send(f"/staff/chats/{chat.id}/take")
        desk.now += timedelta(seconds=1)
    assert "Bạn đã nhận cuộc trò chuyện này." in browser.html
    assert desk.said_to(chat.id) == [RESPONSES.text("utter_officer_here")]


async def test_giving_a_chat_back_wakes_the_bot_and_closes_the_page(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    hand_over(desk, chat)
    page = await browser.open(f"/staff/chats/{chat.id}")
    await browser.send(f"/staff/chats/{chat.id}/give-back")
    assert "Đã trả cuộc trò chuyện lại cho bot." in browser.html
    assert desk.kept(chat, chat.id).mode == ConversationMode.BOT
    browser.html = page
    again = await browser.send(f"/staff/chats/{chat.id}/give-back")
    assert again.status == 200
    assert desk.said_to(chat.id) == [RESPONSES.text("utter_back_to_bot")]
    assert (await browser.client.get(f"/staff/chats/{chat.id}")).status == 404
    news = await browser.client.get(f"/staff/chats/{chat.id}/news")
    assert news.status == STOP_ASKING
    assert "đã được trả lại cho bot" in await news.text()
    browser.html = page
    late = await browser.send(f"/staff/chats/{chat.id}/reply", {"text": "còn đó không"})
    assert late.status == 404


async def test_a_chat_that_was_never_handed_over_is_nobodys_to_read(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    says(desk, chat, "chuyện riêng", desk.now)
    response = await browser.client.get(f"/staff/chats/{chat.id}")
    assert response.status == 404
    assert "chuyện riêng" not in await response.text()
