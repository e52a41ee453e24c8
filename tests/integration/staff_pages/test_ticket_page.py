"""A ticket's page: what it shows of place, deadlines, history and messages, and what it offers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image
from sqlalchemy import select

from actions import cases, clocks
from store.cases import CitizenNews
from store.messages import OutboxMessage, OutboxStatus
from store.staff import Handoff, Officer
from store.tickets import Attachment, Ticket, TicketEvent, TicketState
from tests.case_room import GOOD_ANSWER, HERE, LOCAL
from tests.integration.staff_desk import RESPONSES, Browser, Desk
from tests.rig import WIDE_OPEN

MONDAY = datetime(2026, 11, 2, 8, 0, tzinfo=HERE)
CODE = "PA-AAAAA1"
PAGE = f"/staff/tickets/{CODE}"
PAUSED = re.compile("Tạm dừng, chờ người dân; còn [^<\n]+ làm việc")


def with_deadlines(desk: Desk, **values: Any) -> Ticket:
    """A ticket whose clocks run, as one that a citizen has sent."""
    ticket = desk.ticket(CODE, **values)
    with desk.database.write() as session:
        kept = session.get_one(Ticket, ticket.id)
        clocks.planned(kept, local=LOCAL, now=desk.now)
        clocks.start(session, kept, local=LOCAL, now=desk.now)
    return ticket


def happened(desk: Desk, ticket: Ticket, kind: str, **detail: Any) -> TicketEvent:
    return desk.add(
        TicketEvent(ticket_id=ticket.id, at=desk.now, kind=kind, actor="citizen", detail=detail)
    )


def told(desk: Desk, ticket: Ticket, text: str, **values: Any) -> OutboxMessage:
    """A message about the ticket to its citizen."""
    return desk.add(
        OutboxMessage(
            **{
                "conversation_id": ticket.conversation_id,
                "ticket_id": ticket.id,
                "author": "officer",
                "payload": {"text": text},
                "created_at": desk.now,
                "next_try_at": desk.now,
            }
            | values
        )
    )


async def test_a_deadline_shows_how_much_working_time_is_left(desk: Desk, browser: Browser) -> None:
    desk.now = MONDAY
    with_deadlines(desk, category="telecom")
    desk.now = MONDAY + timedelta(hours=8)
    html = await browser.open(PAGE)
    assert "Tiếp nhận: đã dùng" in html
    # Four o'clock: an hour of today, and the whole of tomorrow.
    assert "Còn 1 ngày 1 giờ làm việc" in html


async def test_a_deadline_that_is_missed_shows_by_how_much(desk: Desk, browser: Browser) -> None:
    desk.now = MONDAY
    with_deadlines(desk, category="telecom")
    desk.now = MONDAY + timedelta(days=2)
    await browser.log_in()
    html = await browser.open(PAGE)
    assert "Quá hạn 1 giờ làm việc" in html


async def test_a_paused_deadline_says_so_and_stands_still(desk: Desk, browser: Browser) -> None:
    desk.now = MONDAY
    with_deadlines(desk, category="telecom")
    await browser.open(PAGE)
    await browser.send(f"{PAGE}/ask", {"text": "Việc này ở trước số nhà nào?"})
    (left,) = PAUSED.findall(browser.html)
    desk.now = MONDAY + timedelta(days=20)
    await browser.log_in()
    html = await browser.open(PAGE)
    assert PAUSED.findall(html) == [left]
    assert "Quá hạn" not in html


async def test_the_map_shows_the_point_and_asks_no_server_for_tiles(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket(CODE, latitude=10.0124, longitude=105.0809)
    async with browser.client.get(PAGE) as response:
        html = await response.text()
    assert 'data-latitude="10.0124"' in html
    assert 'data-tiles=""' in html
    assert "Phường Rạch Giá" in html
    policy = response.headers["Content-Security-Policy"]
    assert "img-src 'self' blob: data:;" in policy
    assert "unsafe" not in policy


async def test_a_server_of_tiles_that_is_set_is_the_only_other_host(desk: Desk) -> None:
    desk.map_tiles = "https://{s}.tiles.example.vn/{z}/{x}/{y}.png"
    desk.officer()
    desk.ticket(CODE, latitude=10.0124, longitude=105.0809)
    async with TestClient(TestServer(desk.app())) as client:
        browser = Browser(client)
        await browser.log_in()
        async with client.get(PAGE) as response:
            html = await response.text()
    assert 'data-tiles="https://{s}.tiles.example.vn/{z}/{x}/{y}.png"' in html
    assert 'data-communes=""' in html
    policy = response.headers["Content-Security-Policy"]
    assert "img-src 'self' blob: data: https://*.tiles.example.vn;" in policy
    assert policy.count("example.vn") == 1


async def test_a_ticket_without_a_point_shows_its_commune(desk: Desk, browser: Browser) -> None:
    desk.ticket(CODE, commune_code="30760")
    html = await browser.open(PAGE)
    assert 'data-exact=""' in html
    assert "Xem xã, phường trên bản đồ" in html


async def test_a_ticket_from_nowhere_shows_no_map(desk: Desk, browser: Browser) -> None:
    desk.ticket(CODE)
    html = await browser.open(PAGE)
    assert 'id="map"' not in html
    assert "leaflet" not in html


async def test_what_citizens_sent_and_what_staff_show_stand_apart(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket(CODE)
    for purpose, letter in (("report", "b"), ("after", "c"), ("note", "d")):
        desk.add(
            Attachment(
                conversation_id=ticket.conversation_id,
                ticket_id=ticket.id,
                kind="photo",
                mime="image/jpeg",
                size=1,
                path=f"aa/{letter * 64}.jpg",
                purpose=purpose,
                created_at=desk.now,
            )
        )
    html = await browser.open(PAGE)
    before, _, after = html.partition("Sau khi xử lý</h2>")
    assert f'src="/staff/media/aa/{"b" * 64}.jpg?small"' in before
    assert f'src="/staff/media/aa/{"c" * 64}.jpg?small"' in after
    assert "d" * 64 not in before


async def test_a_photo_is_shown_small_and_opens_in_large(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket(CODE)
    data = BytesIO()
    Image.effect_noise((1600, 1200), 60).save(data, "JPEG")
    kept = desk.media_store.add("photo", data.getvalue())
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
    html = await browser.open(PAGE)
    assert f'<a href="/staff/media/{kept.path}"' in html
    sides = []
    for address in (f"/staff/media/{kept.path}?small", f"/staff/media/{kept.path}"):
        assert f'"{address}"' in html
        async with browser.client.get(address) as response:
            assert response.headers["Content-Type"] == "image/jpeg"
            with Image.open(BytesIO(await response.read())) as picture:
                sides.append(picture.width)
    assert sides == [480, 1600]


async def test_the_history_tells_steps_in_words(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket(CODE)
    minh = desk.officer("minh", "Trần Minh")
    desk.add(
        TicketEvent(
            ticket_id=ticket.id,
            at=desk.now,
            kind="assign",
            from_state="new",
            to_state="assigned",
            actor="officer",
            officer_id=minh.id,
            detail={"officer": minh.id, "text": "việc gấp"},
        )
    )
    happened(desk, ticket, "edit", text="ổ gà rất sâu", before="ổ gà")
    happened(desk, ticket, "rate", stars=2, text="chậm")
    happened(desk, ticket, "follow", ended=True)
    happened(desk, ticket, "warn", deadline="accept", percent=80)
    html = await browser.open(PAGE)
    for words in (
        "phân công cho Trần Minh",
        "→ Đã phân công",
        "Lời trước khi sửa",
        "đánh giá 2/5",
        "có người thôi theo dõi",
        "nhắc hạn “Tiếp nhận”: đã dùng 80% thời gian",
    ):
        assert words in html, words
    assert html.index("ổ gà rất sâu") < html.index('<p class="said">ổ gà</p>')


async def test_words_that_no_citizen_hears_are_marked_as_internal(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket(CODE)
    await browser.open(PAGE)
    await browser.send(f"{PAGE}/start")
    await browser.send(f"{PAGE}/note", {"text": "Gọi đội trưởng trước"})
    await browser.send(f"{PAGE}/release", {"text": "Không phải địa bàn của tôi"})
    history = browser.html.partition('id="history"')[2]
    steps = history.split("<li ")
    inside = [step for step in steps if step.startswith('class="by-officer internal"')]
    assert len(inside) == 2
    assert any("Gọi đội trưởng trước" in step for step in inside)
    assert any("Không phải địa bàn của tôi" in step for step in inside)


async def test_followers_and_merged_tickets_are_shown(desk: Desk, browser: Browser) -> None:
    desk.ticket(CODE)
    desk.ticket("PA-7JH4BK")
    await browser.open(PAGE)
    await browser.send(f"{PAGE}/merge", {"target": "PA-7JH4BK"})
    assert 'gộp vào <a href="/staff/tickets/PA-7JH4BK">' in browser.html
    html = await browser.open("/staff/tickets/PA-7JH4BK")
    assert "1 người dân, cũng được báo từng bước" in html
    assert f'<dt>Gộp vào đây</dt><dd><a href="{PAGE}">' in html


async def test_a_canned_reply_chosen_by_its_link_fills_the_box(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket(CODE, place_text="chợ Rạch Sỏi")
    html = await browser.open(f"{PAGE}?canned=road_mended&for=resolve")
    box = html.partition('id="resolve-text"')[2].partition("</textarea>")[0]
    assert "Sở Xây dựng đã kiểm tra đoạn đường tại chợ Rạch Sỏi" in box
    assert '<details id="resolve" name="deed" open' in html


@pytest.mark.parametrize("query", ["canned=road_mended&for=note", "canned=x&for=reply", "answer=x"])
async def test_a_link_that_fits_no_box_fills_none(desk: Desk, browser: Browser, query: str) -> None:
    desk.ticket(CODE)
    html = await browser.open(f"{PAGE}?{query}")
    boxes = [part.partition(">")[2].partition("</textarea>")[0] for part in html.split("<textarea")]
    assert not any(box.strip() for box in boxes[1:])


async def test_the_answer_to_a_like_case_can_be_used(desk: Desk, browser: Browser) -> None:
    done: dict[str, Any] = {"state": TicketState.CLOSED, "resolved_at": desk.now}
    desk.ticket("PA-7JH4BK", text="Ổ gà trước trường học", answer=GOOD_ANSWER, **done)
    desk.ticket(CODE, text="Ổ gà trước trường")
    html = await browser.open(PAGE)
    assert f"{PAGE}?answer=PA-7JH4BK#resolve" in html
    html = await browser.open(f"{PAGE}?answer=PA-7JH4BK")
    assert f"{GOOD_ANSWER}</textarea>" in html


async def test_a_blank_that_was_left_is_said_beside_the_box(desk: Desk, browser: Browser) -> None:
    desk.ticket(CODE, category="telecom")
    await browser.open(PAGE)
    text = "Sở Xây dựng đã cử [tên tổ, người phụ trách] đến"
    response = await browser.send(f"{PAGE}/reply", {"text": text})
    assert response.status == 400
    assert f"{text}</textarea>" in browser.html
    fault = browser.html.partition('id="reply-text-fault">')[2].partition("</p>")[0]
    assert "[tên tổ, người phụ trách]" in fault


@pytest.mark.parametrize(
    ("deed", "data", "field"),
    [
        ("resolve", {"text": GOOD_ANSWER}, "files"),
        ("resolve", {"text": "đã xử lý xong"}, "text"),
        ("reject", {"text": ""}, "text"),
        ("merge", {"target": "không có mã"}, "target"),
        ("transfer", {"text": "không thuộc thẩm quyền"}, "agency"),
    ],
)
async def test_what_is_missing_is_said_beside_its_field(
    desk: Desk, browser: Browser, deed: str, data: dict[str, str], field: str
) -> None:
    desk.ticket(CODE, category="traffic")
    await browser.open(PAGE)
    response = await browser.send(f"{PAGE}/{deed}", data)
    assert response.status == 400
    assert f'id="{deed}-{field}-fault"' in browser.html
    marked = browser.html.partition(f'id="{deed}-{field}"')[2].partition(">")[0]
    assert 'aria-invalid="true"' in marked
    for typed in data.values():
        assert typed in browser.html


async def test_what_was_chosen_stays_chosen(desk: Desk, browser: Browser) -> None:
    desk.ticket(CODE)
    await browser.open(PAGE)
    agency = next(code for code in LOCAL.agencies if f'<option value="{code}">' in browser.html)
    await browser.send(f"{PAGE}/transfer", {"agency": agency, "text": ""})
    assert f'<option value="{agency}" selected>' in browser.html


async def test_messages_show_what_became_of_them(desk: Desk, browser: Browser) -> None:
    desk.capabilities["telegram"] = WIDE_OPEN
    ticket = desk.ticket(CODE, chat=desk.chat("b", channel="telegram"))
    told(desk, ticket, "tin một", status=OutboxStatus.SENT, sent_at=desk.now)
    told(desk, ticket, "tin hai", status=OutboxStatus.FAILED, error="forbidden")
    told(desk, ticket, "tin ba", attempts=2)
    html = await browser.open(PAGE)
    messages = html.partition('id="messages"')[2].partition("</section>")[0]
    for words in (
        "đã gửi",
        "không gửi được",
        "Lý do: người dân đã chặn hoặc xóa cuộc trò chuyện.",
        "đang gửi, đã thử 2 lần",
    ):
        assert words in messages, words


async def test_news_that_waits_for_others_is_shown_as_still_to_come(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket(CODE)
    await browser.open(PAGE)
    await browser.send(f"{PAGE}/start")
    messages = browser.html.partition('id="messages"')[2]
    assert "Chờ gửi" in messages
    with desk.database.read() as session:
        due_at = session.scalars(select(CitizenNews.due_at)).one()
    assert due_at > desk.now


async def test_what_failed_can_be_sent_again_once(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket(CODE)
    row = told(desk, ticket, "tin", status=OutboxStatus.FAILED, error="window_closed", attempts=3)
    page = await browser.open(PAGE)
    desk.now += timedelta(hours=3)
    await browser.send(f"{PAGE}/resend", {"message": str(row.id)})
    assert "Tin đang được gửi lại." in browser.html
    again = desk.kept(row, row.id)
    assert (again.status, again.attempts, again.error) == (OutboxStatus.WAITING, 0, None)
    assert again.created_at == desk.now
    assert desk.posted == {ticket.conversation_id}
    browser.html = page
    second = await browser.send(f"{PAGE}/resend", {"message": str(row.id)})
    assert second.status == 409
    assert "có thể vừa được gửi lại rồi" in browser.html


async def test_nothing_of_another_ticket_is_sent_again_from_here(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat("b")
    desk.ticket(CODE, chat=chat)
    other = desk.ticket("PA-7JH4BK", chat=chat)
    row = told(desk, other, "tin", status=OutboxStatus.FAILED)
    await browser.open(PAGE)
    await browser.send(f"{PAGE}/resend", {"message": str(row.id)})
    assert desk.kept(row, row.id).status == OutboxStatus.FAILED


async def test_an_officer_opens_a_talk_and_the_citizen_hears_of_it(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket(CODE)
    prepared = told(desk, ticket, "bot đang nói", author="bot", ticket_id=None)
    await browser.open(PAGE)
    response = await browser.send(f"{PAGE}/talk")
    assert response.url.path == f"/staff/chats/{ticket.conversation_id}"
    assert "Người dân đã được báo là có cán bộ." in browser.html
    assert desk.said_to(ticket.conversation_id)[-1] == RESPONSES.text(
        "utter_officer_opens", code=CODE, agency="Sở Xây dựng"
    )
    with desk.database.read() as session:
        begun = session.scalars(select(Handoff)).one()
    assert (begun.reason, begun.taken_at) == ("officer", desk.now)
    assert desk.kept(prepared, prepared.id).status == OutboxStatus.SUPPRESSED
    html = await browser.open(PAGE)
    assert "Bạn đang trò chuyện với người dân này." in html
    assert "mở trò chuyện trực tiếp với người dân" in html


async def test_opening_a_talk_twice_tells_the_citizen_once(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket(CODE)
    page = await browser.open(PAGE)
    for _ in range(2):
        browser.html = page
        response = await browser.send(f"{PAGE}/talk")
        assert response.url.path == f"/staff/chats/{ticket.conversation_id}"
    assert len(desk.said_to(ticket.conversation_id)) == 1


async def test_a_talk_that_a_colleague_has_is_not_opened(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket(CODE)
    await browser.open(PAGE)
    minh = desk.officer("minh", "Trần Minh")
    desk.add(
        Handoff(
            conversation_id=ticket.conversation_id,
            reason="officer",
            requested_at=desk.now,
            officer_id=minh.id,
            taken_at=desk.now,
        )
    )
    response = await browser.send(f"{PAGE}/talk")
    assert response.status == 409
    assert "Trần Minh đang trò chuyện với người dân này." in browser.html


async def test_a_denunciation_is_not_tied_to_a_ticket(desk: Desk, browser: Browser) -> None:
    ticket = desk.ticket(CODE)
    page = await browser.open(PAGE)
    desk.add(
        Handoff(
            conversation_id=ticket.conversation_id, reason="denunciation", requested_at=desk.now
        )
    )
    html = await browser.open(PAGE)
    assert f"/staff/chats/{ticket.conversation_id}" not in html
    assert f"{PAGE}/talk" not in html
    browser.html = page
    response = await browser.send(f"{PAGE}/talk")
    assert response.status == 409
    assert desk.said_to(ticket.conversation_id) == []


@pytest.mark.parametrize(("hours", "allowed"), [(47, True), (49, False)])
async def test_a_talk_is_opened_only_while_the_messenger_allows_it(
    desk: Desk, browser: Browser, hours: int, allowed: bool
) -> None:
    desk.capabilities["zalo_oa"] = replace(WIDE_OPEN, talk_within=timedelta(hours=48))
    chat = desk.chat("b", channel="zalo_oa", last_incoming_at=desk.now)
    desk.ticket(CODE, chat=chat)
    desk.now += timedelta(hours=hours)
    await browser.log_in()
    html = await browser.open(PAGE)
    assert (f"{PAGE}/talk" in html) == allowed
    assert ("chỉ cho phép trong 48 giờ sau tin cuối" in html) != allowed
    response = await browser.send(f"{PAGE}/talk")
    assert response.status == (200 if allowed else 409)
    assert bool(desk.said_to(chat.id)) == allowed


async def test_moves_offered_are_those_that_this_officer_may_make(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket(CODE)
    desk.change(role="lead", agency_code="so-xay-dung")
    html = await browser.open(PAGE)
    with desk.database.read() as session:
        lan = session.scalars(select(Officer)).one()
        kept = session.get_one(Ticket, ticket.id)
        expected = {move.name for move in cases.allowed(kept, cases.by_officer(lan), LOCAL)}
    offered = {name for name in LOCAL.moves.moves if f'action="{PAGE}/{name}"' in html}
    assert offered == expected
