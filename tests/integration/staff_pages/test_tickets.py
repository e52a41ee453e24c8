"""Tickets on the staff page: found, read, taken, answered, closed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from io import BytesIO

import pytest
from aiohttp import FormData
from PIL import Image
from sqlalchemy import select

from actions import following
from store.cases import CitizenNews
from store.messages import OutboxMessage, OutboxStatus
from store.staff import Officer
from store.tickets import Attachment, Ticket, TicketEvent, TicketState
from tests.case_room import GOOD_ANSWER
from tests.integration.staff_desk import Browser, Desk

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"


def picture() -> bytes:
    data = BytesIO()
    Image.new("RGB", (20, 10), "red").save(data, "PNG")
    return data.getvalue()


def officer_of(desk: Desk) -> Officer:
    with desk.database.read() as session:
        return session.scalars(select(Officer).where(Officer.username == "lan")).one()


def events_of(desk: Desk, ticket: Ticket) -> list[tuple[str, object]]:
    with desk.database.read() as session:
        query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)
        rows = session.scalars(query.order_by(TicketEvent.id))
        return [(row.kind, row.detail.get("text")) for row in rows]


async def test_a_ticket_shows_the_words_that_made_it_pressing(desk: Desk, browser: Browser) -> None:
    desk.ticket("PA-AAAAA2", urgency="high", urgency_words=["trụ điện <sắp đổ>"])
    desk.ticket("PA-AAAAA3", urgency="normal")
    page = await browser.open("/staff/tickets/PA-AAAAA2")
    assert "Dấu hiệu khẩn" in page
    assert "“trụ điện &lt;sắp đổ&gt;”" in page
    assert "Dấu hiệu khẩn" not in await browser.open("/staff/tickets/PA-AAAAA3")


async def test_a_ticket_shows_place_map_photo_and_deadline(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket(
        "PA-AAAAA1",
        place_text="trước trường Lê Lợi",
        commune_code="30760",
        latitude=10.0124,
        longitude=105.0809,
    )
    kept = desk.media_store.add("photo", picture())
    desk.add(
        Attachment(
            conversation_id=ticket.conversation_id,
            ticket_id=ticket.id,
            kind="photo",
            mime=kept.mime,
            size=kept.size,
            path=kept.path,
            created_at=desk.now,
        )
    )
    html = await browser.open("/staff/tickets/PA-AAAAA1")
    for words in (
        "trước trường Lê Lợi",
        "Phường Rạch Giá",
        "mlat=10.012400&amp;mlon=105.080900",
        "08:00 07/11/2026",
        "Còn 5 ngày",
        "Giao thông",
        "Sở Xây dựng",
    ):
        assert words in html, words
    response = await browser.client.get(f"/staff/media/{kept.path}")
    assert response.status == 200
    assert response.content_type == "image/jpeg"


@pytest.mark.parametrize(
    "path", ["../caunoi.db", "aa/" + "b" * 64 + ".jpg", "%2e%2e/caunoi.db", "aa/x.html"]
)
async def test_only_files_of_the_media_folder_are_served(browser: Browser, path: str) -> None:
    response = await browser.client.get(f"/staff/media/{path}")
    assert response.status == 404


async def test_what_people_wrote_is_escaped_everywhere(desk: Desk, browser: Browser) -> None:
    desk.ticket(
        "PA-AAAAA1", text=ATTACK, place_text=ATTACK, agency_name=ATTACK, category=ATTACK[:30]
    )
    for path in ("/staff", "/staff/tickets/PA-AAAAA1"):
        html = await browser.open(path)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;" in html
    await browser.send("/staff/tickets/PA-AAAAA1/reply", {"text": ATTACK})
    assert "<img src=x" not in browser.html
    html = await browser.open("/staff?search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in html


async def test_an_unknown_code_says_so(browser: Browser) -> None:
    response = await browser.client.get("/staff/tickets/PA-ZZZZZZ")
    assert response.status == 404
    assert "Không tìm thấy phản ánh nào có mã này." in await response.text()


async def test_taking_a_ticket_is_kept_to_be_told_to_the_citizen(
    desk: Desk, browser: Browser
) -> None:
    """A little later, together with what follows closely."""
    ticket = desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    response = await browser.send("/staff/tickets/PA-AAAAA1/start")
    assert response.status == 200
    assert "Bạn đã nhận xử lý phản ánh này." in browser.html
    assert desk.kept(ticket, ticket.id).state == TicketState.IN_PROGRESS
    assert desk.said_to(ticket.conversation_id) == []
    with desk.database.read() as session:
        (news,) = session.scalars(select(CitizenNews))
    assert news.conversation_id == ticket.conversation_id
    assert desk.now < news.due_at <= desk.now + timedelta(hours=1)
    assert "PA-AAAAA1" in news.message["text"]


async def test_a_ticket_that_another_officer_has_is_not_taken(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    other = desk.officer("minh", "Trần Minh")
    with desk.database.write() as session:
        held = session.get_one(Ticket, ticket.id)
        held.state, held.officer_id = TicketState.ASSIGNED, other.id
    response = await browser.send("/staff/tickets/PA-AAAAA1/start")
    assert response.status == 409
    assert "Trần Minh đã nhận trước bạn rồi." in browser.html


async def test_a_reply_reaches_the_citizen_and_stands_in_the_history(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    await browser.send("/staff/tickets/PA-AAAAA1/reply", {"text": "Mai đội sửa đường đến\r\nnhé"})
    assert "Đã gửi tin cho người dân." in browser.html
    assert "Mai đội sửa đường đến\nnhé" in browser.html
    told = desk.said_to(ticket.conversation_id)[-1]
    assert "Mai đội sửa đường đến\nnhé" in told
    assert "PA-AAAAA1" in told


async def test_pressing_the_reply_button_twice_sends_one_reply(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    page = await browser.open("/staff/tickets/PA-AAAAA1")
    await browser.send("/staff/tickets/PA-AAAAA1/reply", {"text": "Đã chuyển đội sửa"})
    browser.html = page
    response = await browser.send("/staff/tickets/PA-AAAAA1/reply", {"text": "Đã chuyển đội sửa"})
    assert response.status == 200
    assert "Việc này vừa được làm rồi" in browser.html
    assert [kind for kind, _ in events_of(desk, ticket)].count("reply") == 1


async def test_two_presses_at_the_very_same_moment_send_one_reply(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    presses = [
        browser.send("/staff/tickets/PA-AAAAA1/reply", {"text": "Đã chuyển đội sửa"})
        for _ in range(4)
    ]
    responses = await asyncio.gather(*presses)
    assert [response.status for response in responses] == [200] * 4
    assert len(desk.said_to(ticket.conversation_id)) == 1


async def test_a_form_filled_in_on_an_old_page_is_shown_again_with_what_was_typed(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    desk.add(
        TicketEvent(
            ticket_id=ticket.id,
            at=desk.now,
            kind="add",
            actor="citizen",
            detail={"text": "Có người vừa bị té"},
        )
    )
    response = await browser.send("/staff/tickets/PA-AAAAA1/reply", {"text": "Tuần sau sửa"})
    assert response.status == 409
    assert "Có người vừa bị té" in browser.html
    assert "Tuần sau sửa</textarea>" in browser.html
    assert desk.said_to(ticket.conversation_id) == []
    again = await browser.send("/staff/tickets/PA-AAAAA1/reply", {"text": "Chiều nay sửa"})
    assert again.status == 200
    assert len(desk.said_to(ticket.conversation_id)) == 1


async def test_closing_takes_an_answer(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    response = await browser.send("/staff/tickets/PA-AAAAA1/resolve", {"text": "  \r\n "})
    assert response.status == 400
    assert "Bạn chưa viết nội dung." in browser.html
    response = await browser.send("/staff/tickets/PA-AAAAA1/resolve", {"text": "Đã xử lý xong"})
    assert response.status == 400
    assert "Câu trả lời cần nói rõ đã làm gì" in browser.html
    assert "Đã xử lý xong</textarea>" in browser.html
    assert desk.kept(ticket, ticket.id).state == TicketState.NEW


async def test_closing_field_work_takes_a_photo_of_afterwards(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket("PA-AAAAA1", category="traffic")
    await browser.open("/staff/tickets/PA-AAAAA1")
    response = await browser.send("/staff/tickets/PA-AAAAA1/resolve", {"text": GOOD_ANSWER})
    assert response.status == 400
    assert "Việc này cần ảnh chụp sau khi xử lý." in browser.html
    assert desk.kept(ticket, ticket.id).state == TicketState.NEW


async def test_an_answer_resolves_the_ticket_and_reaches_the_citizen(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-AAAAA1", category="telecom")
    page = await browser.open("/staff/tickets/PA-AAAAA1")
    await browser.send("/staff/tickets/PA-AAAAA1/resolve", {"text": GOOD_ANSWER})
    assert "Đã trả kết quả." in browser.html
    resolved = desk.kept(ticket, ticket.id)
    assert (resolved.state, resolved.answer) == (TicketState.RESOLVED, GOOD_ANSWER)
    browser.html = page
    await browser.send("/staff/tickets/PA-AAAAA1/resolve", {"text": GOOD_ANSWER})
    assert "Việc này vừa được làm rồi" in browser.html
    assert len(desk.said_to(ticket.conversation_id)) == 1


async def test_a_ticket_that_is_closed_is_not_closed_again(desk: Desk, browser: Browser) -> None:
    desk.ticket("PA-AAAAA1", state=TicketState.CLOSED, closed_at=desk.now)
    html = await browser.open("/staff/tickets/PA-AAAAA1")
    assert "/resolve" not in html
    response = await browser.send("/staff/tickets/PA-AAAAA1/resolve", {"text": GOOD_ANSWER})
    assert response.status == 409
    assert "Phản ánh đã sang bước khác" in browser.html


async def test_a_note_is_kept_for_colleagues_and_never_reaches_the_citizen(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    await browser.send("/staff/tickets/PA-AAAAA1/note", {"text": "Gọi đội trưởng trước"})
    assert "Gọi đội trưởng trước" in browser.html
    assert desk.said_to(ticket.conversation_id) == []
    assert ("note", "Gọi đội trưởng trước") in events_of(desk, ticket)


async def test_a_ticket_is_merged_into_another_by_its_code(desk: Desk, browser: Browser) -> None:
    ticket, other = desk.ticket("PA-AAAAA1"), desk.ticket("PA-7JH4BK")
    await browser.open("/staff/tickets/PA-AAAAA1")
    response = await browser.send("/staff/tickets/PA-AAAAA1/merge", {"target": "không có mã"})
    assert response.status == 400
    assert "Chưa gộp được" in browser.html
    await browser.send("/staff/tickets/PA-AAAAA1/merge", {"target": other.code})
    merged = desk.kept(ticket, ticket.id)
    assert (merged.state, merged.merged_into_id) == (TicketState.MERGED, other.id)
    with desk.database.read() as session:
        hears = following.followers(session, session.get_one(Ticket, other.id))
    assert [chat.id for chat in hears] == [ticket.conversation_id]


async def test_whoever_has_a_ticket_of_another_agency_reads_it_and_does_not_work_on_it(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-AAAAA1", officer_id=officer_of(desk).id)
    desk.change(agency_code="so-y-te")
    html = await browser.open("/staff/tickets/PA-AAAAA1")
    assert "<textarea" not in html
    response = await browser.send("/staff/tickets/PA-AAAAA1/start")
    assert response.status == 403
    assert "Phản ánh này thuộc cơ quan khác" in browser.html
    assert desk.kept(ticket, ticket.id).state == TicketState.NEW


async def test_a_withdrawn_ticket_offers_no_reply(desk: Desk, browser: Browser) -> None:
    desk.ticket("PA-AAAAA1", state=TicketState.WITHDRAWN, closed_at=desk.now)
    html = await browser.open("/staff/tickets/PA-AAAAA1")
    assert "/staff/tickets/PA-AAAAA1/note" in html
    assert "/staff/tickets/PA-AAAAA1/reply" not in html
    response = await browser.send("/staff/tickets/PA-AAAAA1/reply", {"text": "Chào bạn"})
    assert response.status == 409


async def test_a_photo_goes_with_the_answer(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    form = FormData({"csrf": browser.csrf, "version": "999999", "text": GOOD_ANSWER})
    form.add_field("files", picture(), filename="sau.png", content_type="image/png")
    async with browser.client.post("/staff/tickets/PA-AAAAA1/resolve", data=form) as response:
        html = await response.text()
    assert response.status == 200
    with desk.database.read() as session:
        query = select(OutboxMessage).where(OutboxMessage.ticket_id == ticket.id)
        sent = [item for row in session.scalars(query) for item in row.payload.get("media", ())]
    assert len(sent) == 1
    assert f"/staff/media/{sent[0]['path']}" in html


async def test_a_file_that_is_nothing_we_take_is_refused_and_the_text_kept(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    form = FormData({"csrf": browser.csrf, "version": "999999", "text": "Xem tệp kèm theo"})
    form.add_field("files", b"MZ no document either", filename="a.pdf")
    async with browser.client.post("/staff/tickets/PA-AAAAA1/reply", data=form) as response:
        html = await response.text()
    assert response.status == 400
    assert "Có tệp không phải ảnh" in html
    assert "Xem tệp kèm theo</textarea>" in html


async def test_a_reply_that_is_too_long_is_refused_and_kept(desk: Desk, browser: Browser) -> None:
    desk.ticket("PA-AAAAA1")
    await browser.open("/staff/tickets/PA-AAAAA1")
    response = await browser.send("/staff/tickets/PA-AAAAA1/reply", {"text": "a" * 4001})
    assert response.status == 400
    assert "a" * 4001 in browser.html


async def test_the_page_says_when_the_citizen_cannot_be_reached(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket("PA-AAAAA1", chat=desk.chat("b", unreachable=True))
    assert "Hiện không nhắn được" in await browser.open("/staff/tickets/PA-AAAAA1")


async def test_the_page_says_when_a_reply_did_not_arrive(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    officer = officer_of(desk)
    desk.add(
        OutboxMessage(
            conversation_id=ticket.conversation_id,
            ticket_id=ticket.id,
            officer_id=officer.id,
            author="officer",
            payload={"text": "chào"},
            status=OutboxStatus.FAILED,
            created_at=desk.now,
            next_try_at=desk.now,
        )
    )
    assert "chưa đến được người dân" in await browser.open("/staff/tickets/PA-AAAAA1")
