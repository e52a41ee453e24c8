"""Staff release a case: words are proposed with what is personal hidden, edited, and taken back."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from store.desk import TicketRelease
from store.staff import OfficerRole
from store.tickets import Attachment, Ticket, TicketEvent
from tests.integration.staff_desk import Browser, Desk

CODE = "PA-4JVSR0"
PAGE = f"/staff/releases/{CODE}"

TOLD = "Anh Nguyễn Văn Hùng ở số 12 đường Lạc Hồng xả rác, gọi tôi 0912 345 678, CCCD 091123456789"


@pytest.fixture
async def lead(desk: Desk, browser: Browser) -> Browser:
    """A browser in which the lead `lan` is logged in."""
    desk.change(role=OfficerRole.LEAD)
    return browser


def field(html: str, name: str) -> str:
    """What stands in a field of the form."""
    area = re.search(rf'<textarea name="{name}"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    found = area or re.search(rf'<input name="{name}"[^>]* value="([^"]*)"', html)
    assert found is not None, name
    return unescape(found.group(1))


def photo_of(desk: Desk, ticket: Ticket, purpose: str = "after", path: str = "ab/1.jpg") -> int:
    row = Attachment(
        conversation_id=ticket.conversation_id, ticket_id=ticket.id, kind="photo",
        mime="image/jpeg", size=1, path=path, purpose=purpose, created_at=desk.now,
    )  # fmt: skip
    return desk.add(row).id


def released(desk: Desk) -> TicketRelease | None:
    with desk.database.read() as session:
        return session.scalar(select(TicketRelease))


def kinds(desk: Desk) -> list[str]:
    with desk.database.read() as session:
        return list(session.scalars(select(TicketEvent.kind).order_by(TicketEvent.id)))


WORDS = {"text": "Có người xả rác ra đường", "place": "Đường Lạc Hồng", "answer": "Đã dọn sạch"}


async def test_the_proposal_hides_who_people_are(desk: Desk, lead: Browser) -> None:
    desk.ticket(
        CODE, text=TOLD, place_text="số 12 đường Lạc Hồng", commune_code="30760",
        contact_name="Út Trà Vinh", answer="Đã mời Út Trà Vinh đến, số 0987654321",
    )  # fmt: skip
    html = await lead.open(PAGE)
    proposed = [field(html, name) for name in ("text", "place", "answer")]
    assert "xả rác" in proposed[0]
    assert "Phường Rạch Giá" in proposed[1]
    for secret in ("0912", "345 678", "091123456789", "Hùng", "số 12", "Trà Vinh", "0987654321"):
        assert all(secret not in words for words in proposed), secret


async def test_what_an_officer_edits_is_released_and_the_history_says_so(
    desk: Desk, lead: Browser
) -> None:
    ticket = desk.ticket(CODE, text=TOLD)
    after = photo_of(desk, ticket)
    await lead.open(PAGE)
    await lead.send(PAGE, WORDS | {f"photo-{after}": "yes"})
    assert "Đã công khai." in lead.html
    assert "Sửa hoặc thôi công khai" in lead.html
    row = released(desk)
    assert row is not None
    assert (row.text, row.place, row.answer) == tuple(WORDS.values())
    assert row.attachment_ids == [after]
    assert kinds(desk) == ["create", "publish"]
    assert "Có người xả rác ra đường" in await lead.open(f"/phan-anh/{CODE}")


async def test_only_photos_of_afterwards_of_this_very_case_are_released(
    desk: Desk, lead: Browser
) -> None:
    ticket, other = desk.ticket(CODE), desk.ticket("PA-VCRWDC")
    asked = [
        photo_of(desk, ticket, "report"), photo_of(desk, ticket, "note"), photo_of(desk, other)
    ]  # fmt: skip
    await lead.open(PAGE)
    await lead.send(PAGE, WORDS | {f"photo-{number}": "yes" for number in (*asked, 10**14)})
    row = released(desk)
    assert row is not None
    assert row.attachment_ids == []


async def test_a_release_is_changed_and_taken_back_and_can_come_again(
    desk: Desk, lead: Browser
) -> None:
    desk.ticket(CODE)
    for text in ("Chữ đầu", "Chữ sau"):
        await lead.open(PAGE)
        await lead.send(PAGE, WORDS | {"text": text})
    assert field(await lead.open(PAGE), "text") == "Chữ sau"
    await lead.send(f"{PAGE}/withdraw")
    assert "Đã thôi công khai." in lead.html
    assert "Công khai phản ánh này" in lead.html
    row = released(desk)
    assert row is not None
    assert row.withdrawn_at is not None
    assert "Chữ sau" not in await lead.open(f"/phan-anh/{CODE}")
    await lead.open(PAGE)
    await lead.send(PAGE, WORDS)
    assert kinds(desk) == ["create", "publish", "publish", "unpublish", "publish"]


async def test_personal_data_that_is_left_must_be_meant(desk: Desk, lead: Browser) -> None:
    desk.ticket(CODE)
    await lead.open(PAGE)
    typed = WORDS | {"text": "Gọi cho tôi 0912 345 678"}
    answer = await lead.send(PAGE, typed)
    assert answer.status == 400
    assert "<b>0912 345 678</b>" in lead.html
    assert field(lead.html, "text") == typed["text"]
    assert released(desk) is None
    await lead.send(PAGE, typed | {"meant": "yes"})
    assert released(desk) is not None


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"text": "  "}, "Nội dung đang trống"),
        ({"text": "a" * 4001}, "dài quá 4000 ký tự"),
        ({"place": "a" * 301}, "dài quá 300 ký tự"),
    ],
)
async def test_what_cannot_be_released_comes_back_with_a_word_on_why(
    desk: Desk, lead: Browser, data: dict[str, str], problem: str
) -> None:
    desk.ticket(CODE)
    await lead.open(PAGE)
    answer = await lead.send(PAGE, WORDS | data)
    assert answer.status == 400
    assert problem in lead.html
    assert "Đã dọn sạch" in lead.html
    assert released(desk) is None


async def test_a_second_press_releases_nothing_twice(desk: Desk, lead: Browser) -> None:
    desk.ticket(CODE)
    html = await lead.open(PAGE)
    for _ in range(2):
        lead.html = html
        await lead.send(PAGE, WORDS)
    assert "vừa được làm rồi" in lead.html
    assert kinds(desk) == ["create", "publish"]


async def test_what_came_meanwhile_is_read_first(desk: Desk, lead: Browser) -> None:
    ticket = desk.ticket(CODE)
    await lead.open(PAGE)
    desk.add(TicketEvent(ticket_id=ticket.id, at=desk.now, kind="add", actor="citizen", detail={}))
    answer = await lead.send(PAGE, WORDS)
    assert answer.status == 400
    assert "Vừa có cập nhật mới" in lead.html
    assert released(desk) is None


@pytest.mark.parametrize(
    "values",
    [
        {"role": OfficerRole.OFFICER},
        {"role": OfficerRole.LEADER},
        {"role": OfficerRole.LEAD, "agency_code": "so-nnmt"},
    ],
)
async def test_who_may_not_release_is_shown_no_way_to_it(
    desk: Desk, browser: Browser, values: dict[str, Any]
) -> None:
    desk.ticket(CODE)
    await browser.open("/staff/password")
    desk.change(**values)
    for path in (PAGE, f"{PAGE}/withdraw"):
        html = browser.html
        answer = await browser.send(path, WORDS)
        assert answer.status in (403, 404)
        browser.html = html
    assert released(desk) is None
    async with browser.client.get(f"/staff/tickets/{CODE}") as answer:
        assert "/staff/releases/" not in await answer.text()


async def test_a_form_without_the_sessions_token_releases_nothing(
    desk: Desk, lead: Browser
) -> None:
    desk.ticket(CODE)
    await lead.open(PAGE)
    answer = await lead.send(PAGE, WORDS, csrf="another")
    assert answer.status == 403
    assert released(desk) is None


async def test_a_case_that_is_not_there_is_said_to_be_so(lead: Browser) -> None:
    async with lead.client.get(PAGE) as answer:
        assert answer.status == 404
        assert "Không tìm thấy phản ánh nào có mã này" in await answer.text()


async def test_switched_off_there_is_nothing_to_release_and_no_link(desk: Desk) -> None:
    desk.officer(role=OfficerRole.LEAD)
    desk.ticket(CODE)
    desk.public_cases = "off"
    async with TestClient(TestServer(desk.app())) as client:
        lead = Browser(client)
        lead.let_in(desk)
        html = await lead.open(f"/staff/tickets/{CODE}")
        assert "/staff/releases/" not in html
        assert "/phan-anh" not in html
        async with client.get(PAGE) as answer:
            assert answer.status == 404


async def test_what_is_released_is_shown_as_words_on_every_page(desk: Desk, lead: Browser) -> None:
    nasty = "<script>alert(1)</script>"
    desk.ticket(CODE, text=nasty, place_text=nasty, answer=nasty)
    await lead.open(PAGE)
    await lead.send(PAGE, {"text": nasty, "place": nasty, "answer": nasty})
    for path in (PAGE, f"/staff/tickets/{CODE}"):
        html = await lead.open(path)
        assert nasty not in html
        assert "&lt;script&gt;" in html
