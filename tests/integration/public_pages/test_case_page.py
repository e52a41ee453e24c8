"""What everybody sees of a case by its code: its state, and nothing that was not released."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image
from sqlalchemy import update

from actions import cases
from actions.cases import by_officer
from bot.channels.web.limits import Rate
from bot.public_pages import site
from store.cases import TicketDeadline
from store.tickets import Ticket, TicketState
from tests.case_room import GOOD_ANSWER, LOCAL
from tests.integration.public_pages.conftest import RACH_GIA, Town
from tests.integration.staff_desk import Browser

WRONG = ("PA-000000", "PA-7K3QX8", "nothing", "%3Cscript%3E", "PA-" + "9" * 200)


def met(town: Town, ticket: Ticket, after: timedelta) -> None:
    """The deadline of the result was met so long after it was due."""
    with town.desk.database.write() as session:
        rows = update(TicketDeadline).where(TicketDeadline.ticket_id == ticket.id)
        session.execute(
            rows.values(due_at=town.desk.now, met_at=town.desk.now + after, next_warning_at=None)
        )


async def test_without_a_release_only_state_steps_agency_category_and_unit_are_told(
    town: Town, visitor: Browser
) -> None:
    ticket = town.case(text="Chữ của người gửi", place_text="12 Lạc Hồng", commune_code=RACH_GIA)
    html = await visitor.open(f"/phan-anh/{ticket.code}")
    for told in ("Mới gửi", "Người dân gửi phản ánh", "Sở Xây dựng", "Giao thông", "Rạch Giá"):
        assert told in html
    assert "Chữ của người gửi" not in html
    assert "Lạc Hồng" not in html


async def test_a_release_shows_its_words_and_photos_and_no_others(
    town: Town, visitor: Browser
) -> None:
    ticket = town.case(text="gọi tôi 0912345678")
    shown, other = town.after_photo(ticket), town.after_photo(ticket, colour="red")
    town.release(
        ticket, "Ổ gà trước trường", place="Đường Lạc Hồng", answer="Đã vá", photos=(shown,)
    )
    html = await visitor.open(f"/phan-anh/{ticket.code}")
    for told in ("Ổ gà trước trường", "Đường Lạc Hồng", "Đã vá", f"/anh/{shown}"):
        assert told in html
    assert "0912345678" not in html
    assert f"/anh/{other}" not in html


async def test_a_code_is_read_in_any_spelling(town: Town, visitor: Browser) -> None:
    code = town.case().code
    assert code in await visitor.open(f"/phan-anh/{code.lower().replace('-', '')}")
    assert code in await visitor.open(f"/phan-anh?code={code.lower()}")


@pytest.mark.parametrize("code", WRONG)
async def test_every_wrong_code_gets_the_same_page(visitor: Browser, code: str) -> None:
    pages = set()
    for one in (code, WRONG[0]):
        async with visitor.client.get(f"/phan-anh/{one}") as answer:
            assert answer.status == 404
            pages.add(await answer.text())
    assert len(pages) == 1
    assert "Không tìm thấy phản ánh này" in pages.pop()


async def test_codes_cannot_be_tried_out(town: Town, visitor: Browser) -> None:
    hidden, public = town.case(), town.case()
    town.release(public, "Ai cũng đọc được")
    for _ in range(20):
        async with visitor.client.get("/phan-anh/PA-000000") as answer:
            assert answer.status == 404
    for code in ("PA-000000", hidden.code):
        async with visitor.client.get(f"/phan-anh/{code}") as answer:
            assert answer.status == 429
            assert int(answer.headers["Retry-After"]) >= 1
            assert "chờ một chút" in await answer.text()
    assert "Ai cũng đọc được" in await visitor.open(f"/phan-anh/{public.code}")


async def test_an_address_that_asks_without_end_is_asked_to_wait(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "PAGES_OF_ADDRESS", Rate(burst=3, per_second=0.001))
    async with TestClient(TestServer(town.desk.app())) as client:
        answers = [await client.get(path) for path in ("/phan-anh", "/thong-bao") * 2]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert "Bạn chờ một chút nhé" in await answers[-1].text()


async def test_a_right_code_costs_nothing(town: Town, visitor: Browser) -> None:
    code = town.case().code
    for _ in range(30):
        await visitor.open(f"/phan-anh/{code}")


@pytest.mark.parametrize(
    ("late", "told"), [(timedelta(hours=-1), "Đúng hạn."), (timedelta(hours=1), "Trễ hạn.")]
)
async def test_a_deadline_was_kept_or_not(
    town: Town, visitor: Browser, late: timedelta, told: str
) -> None:
    ticket = town.case()
    met(town, ticket, late)
    assert told in await visitor.open(f"/phan-anh/{ticket.code}")


async def test_a_case_that_is_late_says_so(town: Town, visitor: Browser) -> None:
    ticket = town.case()
    town.desk.now += timedelta(days=90)
    assert "Đã quá hạn" in await visitor.open(f"/phan-anh/{ticket.code}")


async def test_steps_say_what_happened_and_to_whom_it_went_but_not_who_did_it(
    town: Town, visitor: Browser
) -> None:
    ticket = town.case()
    given = cases.Given(text="LÝ DO NỘI BỘ", agency=LOCAL.agencies["so-y-te"])
    with town.desk.database.write() as session:
        row = session.get_one(Ticket, ticket.id)
        for name, what in (("start", cases.NOTHING), ("transfer", given)):
            cases.move(
                session, row, name, by=by_officer(town.lead), given=what, local=LOCAL,
                now=town.desk.now,
            )  # fmt: skip
        cases.record(
            session, row, "note", by=by_officer(town.lead), now=town.desk.now,
            detail={"text": "GHI CHÚ NỘI BỘ"},
        )  # fmt: skip
    html = await visitor.open(f"/phan-anh/{ticket.code}")
    assert "Bắt đầu xử lý" in html
    assert f"Chuyển đến {LOCAL.agencies['so-y-te'].name}" in html
    assert "NỘI BỘ" not in html
    assert town.lead.name not in html


async def test_what_is_taken_back_is_gone_at_once(town: Town, visitor: Browser) -> None:
    ticket = town.case()
    number = town.after_photo(ticket)
    town.release(ticket, "Chữ đã công khai", photos=(number,))
    picture = f"/phan-anh/{ticket.code}/anh/{number}"
    async with visitor.client.get(picture) as answer:
        assert answer.status == 200
    town.withdraw(ticket)
    assert "Chữ đã công khai" not in await visitor.open(f"/phan-anh/{ticket.code}")
    async with visitor.client.get(picture) as answer:
        assert answer.status == 404


async def test_a_case_that_the_reporter_has_taken_back_shows_no_words(
    town: Town, visitor: Browser
) -> None:
    ticket = town.case()
    town.release(ticket, "Chữ đã công khai")
    town.change(ticket, state=TicketState.WITHDRAWN)
    assert "Chữ đã công khai" not in await visitor.open(f"/phan-anh/{ticket.code}")
    assert ticket.code not in await visitor.open("/phan-anh")


async def test_later_answers_of_the_case_are_not_shown_by_themselves(
    town: Town, visitor: Browser
) -> None:
    ticket = town.case()
    town.release(ticket, answer="Đã vá ổ gà")
    town.change(ticket, answer=GOOD_ANSWER, text="Chữ mới của người gửi")
    html = await visitor.open(f"/phan-anh/{ticket.code}")
    assert "Đã vá ổ gà" in html
    assert GOOD_ANSWER not in html
    assert "Chữ mới" not in html


async def test_a_merged_case_points_at_the_other_only_if_that_is_public(
    town: Town, visitor: Browser
) -> None:
    kept = town.case()
    merged = town.case(state=TicketState.MERGED, merged_into_id=kept.id)
    assert kept.code not in await visitor.open(f"/phan-anh/{merged.code}")
    town.release(kept)
    assert f"/phan-anh/{kept.code}" in await visitor.open(f"/phan-anh/{merged.code}")


async def test_only_released_photos_of_afterwards_are_served_and_small(
    town: Town, visitor: Browser
) -> None:
    ticket, other = town.case(), town.case()
    after = town.after_photo(ticket)
    sent = town.after_photo(ticket, purpose="report", colour="blue")
    town.release(ticket, photos=(after, sent))
    town.release(other)
    async with visitor.client.get(f"/phan-anh/{ticket.code}/anh/{after}") as answer:
        assert answer.content_type == "image/jpeg"
        body = await answer.read()
    with Image.open(io.BytesIO(body)) as image:
        assert max(image.size) == 1024
        assert dict(image.getexif()) == {}
    for path in (f"{ticket.code}/anh/{sent}", f"{other.code}/anh/{after}", f"nothing/anh/{after}",
                 f"{ticket.code}/anh/999999999999"):  # fmt: skip
        async with visitor.client.get(f"/phan-anh/{path}") as answer:
            assert answer.status == 404


async def test_pages_and_photos_are_kept_by_browsers_for_a_short_time(
    town: Town, visitor: Browser
) -> None:
    ticket = town.case()
    number = town.after_photo(ticket)
    town.release(ticket, photos=(number,))
    for path in ("/phan-anh", "/thong-bao", f"/phan-anh/{ticket.code}",
                 f"/phan-anh/{ticket.code}/anh/{number}"):  # fmt: skip
        async with visitor.client.get(path) as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=60"
            known = {"If-None-Match": answer.headers["ETag"]}
        async with visitor.client.get(path, headers=known) as answer:
            assert answer.status == 304
            assert await answer.read() == b""
    town.release(ticket, "Chữ khác")
    async with visitor.client.get(f"/phan-anh/{ticket.code}", headers=known) as answer:
        assert answer.status == 200


async def test_no_page_of_a_case_is_for_search_engines(town: Town, visitor: Browser) -> None:
    assert 'content="noindex"' in await visitor.open(f"/phan-anh/{town.case().code}")


@pytest.mark.parametrize("path", ["/phan-anh", "/phan-anh/{code}", "/phan-anh/{code}/anh/1"])
async def test_switched_off_there_is_no_such_page(town: Town, path: str) -> None:
    code = town.case().code
    town.desk.public_cases = "off"
    async with TestClient(TestServer(town.desk.app())) as client:
        async with client.get(path.format(code=code)) as answer:
            assert answer.status == 404
        async with client.get("/thong-bao") as answer:
            assert answer.status == 200
            assert "/phan-anh" not in await answer.text()


async def test_what_staff_wrote_is_never_taken_for_a_page_of_ours(
    town: Town, visitor: Browser
) -> None:
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    ticket = town.case(commune_code=RACH_GIA)
    town.release(ticket, nasty, place=nasty, answer=nasty)
    for path in ("/phan-anh", f"/phan-anh/{ticket.code}"):
        html = await visitor.open(path)
        assert "&lt;script&gt;alert(1)" in html
        assert not re.search(r"<script>|<img src=x|onerror=alert\(1\)>", html)
