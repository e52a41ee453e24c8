"""The list of released cases: which ones, in which order, and the figures above it."""

from __future__ import annotations

import re
from datetime import timedelta

from aiohttp.test_utils import TestClient, TestServer

from bot.static_files import STATIC
from store.tickets import Ticket, TicketState
from tests.integration.public_pages.conftest import LONG_XUYEN, RACH_GIA, Town
from tests.integration.staff_desk import Browser

CODE = re.compile(r'<b class="code">(PA-\w+)</b>')
ROW = re.compile(r'<th scope="row">([^<]+)</th><td>(.*?)</td><td>(.*?)</td>')


def codes(html: str) -> list[str]:
    return CODE.findall(html)


def figures(html: str) -> dict[str, list[str]]:
    """What the table says, without marks: of all cases, and of those released."""
    return {
        name: [re.sub(r"<[^>]+>", "", cell) for cell in cells] for name, *cells in ROW.findall(html)
    }


async def test_only_released_cases_are_listed_the_last_released_first(
    town: Town, visitor: Browser
) -> None:
    first, second, hidden, taken_back = (town.case() for _ in range(4))
    for ticket in (second, first, taken_back):
        town.desk.now += timedelta(minutes=1)
        town.release(ticket)
    town.withdraw(taken_back)
    html = await visitor.open("/phan-anh")
    assert codes(html) == [first.code, second.code]
    assert hidden.code not in html


async def test_changing_the_words_leaves_a_case_in_its_place(town: Town, visitor: Browser) -> None:
    first, second = town.case(), town.case()
    for ticket in (first, second):
        town.desk.now += timedelta(minutes=1)
        town.release(ticket)
    town.release(first, "Chữ đã sửa")
    html = await visitor.open("/phan-anh")
    assert codes(html) == [second.code, first.code]
    assert "Chữ đã sửa" in html


async def test_pages_follow_one_another_without_a_gap_or_a_repetition(
    town: Town, visitor: Browser
) -> None:
    released = []
    for number in range(45):
        ticket = town.case()
        if number % 3 == 0:  # several at the very same moment
            town.desk.now += timedelta(minutes=1)
        town.release(ticket)
        released.append(ticket)
    newest_first = sorted(released, key=lambda one: -one.id)
    address, seen = "/phan-anh", []
    while address:
        html = await visitor.open(address)
        seen += codes(html)
        more = re.search(r'rel="next" href="([^"]+)"', html)
        address = more.group(1).replace("&amp;", "&") if more else ""
        if len(seen) == 20:
            town.release(town.case(), "Vừa được công khai lúc ai đó đang đọc")
    assert seen == [one.code for one in newest_first]


async def test_every_filter_narrows_the_list(town: Town, visitor: Browser) -> None:
    old = town.case(category="noise", commune_code=RACH_GIA)
    town.release(old)
    town.desk.now += timedelta(days=60)
    road = town.case(category="traffic", commune_code=LONG_XUYEN, state=TicketState.CLOSED)
    town.release(road)
    for query, found in (
        ("category=noise", [old]),
        (f"commune={LONG_XUYEN}", [road]),
        ("state=answered", [road]),
        ("state=open", [old]),
        ("state=rejected", []),
        ("period=30", [road]),
        ("period=90", [road, old]),
        (f"category=noise&commune={LONG_XUYEN}", []),
        ("state=nonsense&period=7&category=%00&after=nonsense", [road, old]),
    ):
        html = await visitor.open(f"/phan-anh?{query}")
        assert codes(html) == [one.code for one in found], query


async def test_an_empty_list_says_why(town: Town, visitor: Browser) -> None:
    assert "Chưa có phản ánh nào được công khai" in await visitor.open("/phan-anh")
    assert "khớp với bộ lọc" in await visitor.open("/phan-anh?category=noise")


async def test_communes_are_counted_with_the_point_of_each(town: Town, visitor: Browser) -> None:
    for commune in (RACH_GIA, RACH_GIA, LONG_XUYEN):
        town.release(town.case(commune_code=commune, latitude=10.123456, longitude=105.654321))
    town.case(commune_code=RACH_GIA)
    html = await visitor.open("/phan-anh")
    counted = re.findall(r'data-count="(\d+)"><a href="([^"]+)">([^<]+)</a>', html)
    assert counted == [
        ("2", f"/phan-anh?commune={RACH_GIA}", "Phường Rạch Giá"),
        ("1", f"/phan-anh?commune={LONG_XUYEN}", "Phường Long Xuyên"),
    ]
    assert "10.123456" not in html
    assert "105.654321" not in html


def answered(town: Town, ticket: Ticket, *, late: bool, stars: int | None) -> None:
    at = ticket.deadline_at + timedelta(hours=1 if late else -1)
    town.change(ticket, state=TicketState.CLOSED, resolved_at=at, closed_at=at, rating=stars)


async def test_figures_tell_of_all_cases_and_of_the_released_ones(town: Town) -> None:
    on_time, late, unhappy, _open = (town.case() for _ in range(4))
    answered(town, on_time, late=False, stars=5)
    answered(town, late, late=True, stars=None)
    answered(town, unhappy, late=False, stars=2)
    town.release(on_time)
    town.desk.now += timedelta(days=10)
    async with TestClient(TestServer(town.desk.app())) as client:
        html = await Browser(client).open("/phan-anh")
    assert figures(html) == {
        "Đã nhận": ["4", "1"],
        "Đã trả lời": ["3", "1"],
        "Trả lời đúng hạn": ["2 (67%)", "1 (100%)"],
        "Người gửi hài lòng": ["1 (50%)", "1 (100%)"],
    }


async def test_the_page_is_small(town: Town, visitor: Browser) -> None:
    for _ in range(25):
        town.release(town.case(commune_code=RACH_GIA), "Ổ gà to trước trường học " * 20)
    html = await visitor.open("/phan-anh")
    size = len(html.encode())
    names = set(re.findall(r'(?:href|src)="/static/([^"?]+)\?', html))
    assert "public.css" in names
    assert size + sum((STATIC / name).stat().st_size for name in names) < 60_000
