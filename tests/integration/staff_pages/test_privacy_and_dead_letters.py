"""Privacy requests and dead letters on the staff page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from store.messages import InboxEvent, InboxStatus
from store.privacy import PrivacyRequest
from store.staff import OfficerRole
from tests.integration.staff_desk import Browser, Desk


@pytest.fixture(autouse=True)
def on_duty(desk: Desk, browser: Browser) -> None:
    """Both pages are the duty officer's."""
    desk.change(role=OfficerRole.DUTY)


def dead(desk: Desk, event_id: str = "1", **values: Any) -> InboxEvent:
    chat = desk.chat(f"chat {event_id}") if "conversation_id" not in values else None
    return desk.add(
        InboxEvent(
            **{
                "channel": "web",
                "event_id": event_id,
                "conversation_id": chat.id if chat else 0,
                "sort_key": 0,
                "payload": {"kind": "text", "text": "lời của người dân"},
                "status": InboxStatus.DEAD,
                "attempts": 6,
                "error": "KeyError",
                "received_at": desk.now,
                "ready_at": desk.now,
                "done_at": desk.now,
            }
            | values
        )
    )


async def test_privacy_requests_stand_with_their_due_dates_and_are_marked_done_once(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    desk.ticket("PA-AAAAA1", chat=chat)
    request = desk.add(
        PrivacyRequest(
            conversation_id=chat.id,
            kind="delete",
            requested_at=desk.now,
            due_at=desk.now + timedelta(days=20),
        )
    )
    html = await browser.open("/staff/privacy")
    assert "Xóa dữ liệu" in html
    assert "Hạn 08:00 22/11/2026" in html
    assert "/staff/tickets/PA-AAAAA1" in html
    await browser.send(f"/staff/privacy/{request.id}/done")
    assert "Đã ghi nhận là làm xong." in browser.html
    first = desk.kept(request, request.id)
    assert first.done_at == desk.now
    desk.now += timedelta(hours=1)
    await browser.send(f"/staff/privacy/{request.id}/done")
    assert desk.kept(request, request.id).done_at == first.done_at


async def test_a_privacy_request_that_does_not_exist_is_not_found(browser: Browser) -> None:
    await browser.open("/staff/privacy")
    assert (await browser.send("/staff/privacy/999/done")).status == 404


async def test_a_dead_letter_is_listed_without_a_word_of_it_and_tried_again(
    desk: Desk, browser: Browser
) -> None:
    event = dead(desk)
    html = await browser.open("/staff/dead-letters")
    assert "KeyError" in html
    assert "lời của người dân" not in html
    await browser.send(f"/staff/dead-letters/{event.id}/replay")
    assert "hàng chờ để xử lý lại" in browser.html
    kept = desk.kept(event, event.id)
    assert (kept.status, kept.attempts, kept.error) == (InboxStatus.WAITING, 0, None)
    assert kept.ready_at == desk.now
    assert desk.woken == [event.conversation_id]


async def test_an_album_is_tried_again_as_a_whole(desk: Desk, browser: Browser) -> None:
    first = dead(desk, "1", group_key="album")
    dead(desk, "2", group_key="album", conversation_id=first.conversation_id)
    dead(desk, "3", conversation_id=first.conversation_id)
    await browser.open("/staff/dead-letters")
    await browser.send(f"/staff/dead-letters/{first.id}/replay")
    with desk.database.read() as session:
        rows = session.execute(select(InboxEvent.event_id, InboxEvent.status)).all()
    assert {row.event_id: row.status for row in rows} == {
        "1": "waiting",
        "2": "waiting",
        "3": "dead",
    }


@pytest.mark.parametrize("values", [{"payload": {}}, {"status": InboxStatus.DONE}])
async def test_what_is_erased_or_done_is_not_tried_again(
    desk: Desk, browser: Browser, values: dict[str, Any]
) -> None:
    event = dead(desk, **values)
    html = await browser.open("/staff/dead-letters")
    assert "/replay" not in html
    await browser.send(f"/staff/dead-letters/{event.id}/replay")
    assert "không xử lý lại được nữa" in browser.html
    assert desk.kept(event, event.id).status == event.status
    assert desk.woken == []


async def test_empty_pages_say_so(browser: Browser) -> None:
    assert "Không có yêu cầu nào đang chờ." in await browser.open("/staff/privacy")
    assert "Không có tin nào bị lỗi." in await browser.open("/staff/dead-letters")
    assert "Không có ai đang chờ." in await browser.open("/staff/chats")
