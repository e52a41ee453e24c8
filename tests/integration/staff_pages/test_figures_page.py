"""The leader's page: every number is a link to exactly its cases, and nobody sees too much."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from bot.staff_pages.list_filter import Filter
from bot.static_files import STATIC
from store.desk import PersonalView
from store.local import Agency
from store.staff import Officer, OfficerRole
from store.tickets import TicketState
from tests.integration.figures_room import cases_of
from tests.integration.staff_desk import Browser, Desk

FIGURES = "/staff/figures"
_LINK = re.compile(r'<a (?!class="days")[^>]*href="(/staff(?:\?[^"]*)?)"[^>]*>\s*([\d.]+)\s*</a>')
"""A number of days leads to the cases that it is the median of, but does not count them."""


@pytest.fixture
def leader(desk: Desk, browser: Browser) -> Browser:
    """A leader's browser, and the cases of ten days; START is a Monday, eight in the morning."""
    desk.change(role=OfficerRole.LEADER, agency_code=None)
    for number in range(12):
        _case(desk, number)
    return browser


def _case(desk: Desk, number: int) -> None:
    sent = desk.now - timedelta(days=number % 10, hours=number)
    answered = sent + timedelta(days=number % 4) if number % 3 else None
    closed = answered if answered and number % 2 else None
    state = TicketState.CLOSED if closed else TicketState.RESOLVED if answered else TicketState.NEW
    desk.ticket(
        f"PA-AAAA{number:02}",
        created_at=sent,
        deadline_at=sent + timedelta(days=1),
        resolved_at=answered,
        closed_at=closed,
        answered_days=number % 4 if answered else None,
        state=state,
        rating=1 + number % 5 if closed else None,
        category=("traffic", "environment")[number % 2],
        commune_code=("30760", "30337", None)[number % 3],
        agency_code=("so-xay-dung", "so-nnmt")[number % 2],
        text="Số điện thoại 0912345678 của ông Bảy",
        contact_name="Ông Bảy Riêng Tư",
        contact_phone="0912345678",
    )


def links(page: str) -> Iterator[tuple[str, int]]:
    """The address and the number of each figure."""
    body = page.partition("<main")[2]
    for address, number in _LINK.findall(body):
        yield html.unescape(address), int(number.replace(".", ""))


def officer(desk: Desk) -> Officer:
    with desk.database.read() as session:
        return session.query(Officer).filter_by(username="lan").one()


@pytest.mark.parametrize("query", ["", "?period=today", "?period=month", "?category=environment"])
@pytest.mark.parametrize("role", [OfficerRole.LEADER, OfficerRole.LEAD])
async def test_every_number_on_the_page_is_that_of_the_cases_behind_it(
    desk: Desk, leader: Browser, query: str, role: OfficerRole
) -> None:
    agency = "so-nnmt" if role is OfficerRole.LEAD else None
    desk.change(role=role, agency_code=agency)
    found = list(links(await leader.open(FIGURES + query)))
    assert len(found) > 20
    assert any(number for _, number in found)
    who = officer(desk)
    with desk.database.read() as session:
        for address, number in found:
            wanted = Filter.of_query(address.partition("?")[2]).wanted
            assert len(cases_of(session, wanted, who, desk.now)) == number, address


async def test_the_list_behind_a_number_says_what_it_is_and_keeps_it_when_narrowed(
    leader: Browser,
) -> None:
    page = await leader.open(FIGURES)
    address, number = next((a, n) for a, n in links(page) if "in_time=late" in a and n)
    shown = await leader.open(address)
    assert f"{number} phản ánh" in shown
    assert "Chỉ gồm phản ánh trả lời trễ hạn từ 27/10/2026 đến 02/11/2026" in shown
    assert '<input type="hidden" name="in_time" value="late">' in shown


async def test_only_who_has_the_right_sees_figures(desk: Desk, leader: Browser) -> None:
    desk.change(role=OfficerRole.OFFICER)
    for path in (FIGURES, f"{FIGURES}/file?kind=csv"):
        async with leader.client.get(path) as response:
            assert response.status == 403
    page = await leader.open("/staff")
    assert FIGURES not in page


async def test_a_lead_sees_nothing_of_another_agency(desk: Desk, leader: Browser) -> None:
    desk.change(role=OfficerRole.LEAD, agency_code="so-nnmt")
    page = await leader.open(FIGURES)
    assert "Sở Nông nghiệp và Môi trường" in page
    assert "Sở Xây dựng" not in page
    assert "Trò chuyện với cán bộ" not in page


async def test_no_page_and_no_file_says_who_sent_a_case(desk: Desk, leader: Browser) -> None:
    async with leader.client.get(f"{FIGURES}/file?kind=csv") as response:
        shown = await leader.open(FIGURES) + await response.text()
    for private in ("0912345678", "Bảy", "PA-AAAA"):
        assert private not in shown
    with desk.database.read() as session:
        assert session.query(PersonalView).all() == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?from=2026-11-09&to=2026-11-01", "Khoảng thời gian chưa đúng"),
        ("?from=2020-01-01&to=2026-11-01", "tối đa 1.100 ngày"),
        ("?from=hôm%20qua", "Ngày chưa đúng"),
        ("?from=1999-01-01", "Ngày chưa đúng"),
        ("?from=2026-02-30&to=2026-03-01", "Ngày chưa đúng"),
    ],
)
async def test_days_that_make_no_sense_are_said_so_and_the_usual_days_shown(
    leader: Browser, query: str, said: str
) -> None:
    async with leader.client.get(FIGURES + query) as response:
        page = await response.text()
    assert response.status == 400
    assert said in page
    assert "Số liệu 7 ngày qua" in page
    async with leader.client.get(f"{FIGURES}/file{query}&kind=csv") as response:
        assert response.status == 400


async def test_codes_that_nothing_has_are_no_error(leader: Browser) -> None:
    page = await leader.open(f"{FIGURES}?agency=%00x&category=%22%3E&commune=99999")
    assert "Không có phản ánh nào trong kỳ." in page


async def test_the_same_is_counted_once_in_half_a_minute(desk: Desk, leader: Browser) -> None:
    def received(page: str) -> int:
        return int(re.findall(r'aria-label="Tiếp nhận: (\d+)"', page)[0])

    before = received(await leader.open(FIGURES))
    desk.ticket("PA-BBBBB1")
    assert received(await leader.open(FIGURES)) == before
    desk.now += timedelta(seconds=30)
    assert received(await leader.open(FIGURES)) == before + 1


async def test_what_a_lead_sees_is_never_what_was_counted_for_a_leader(
    desk: Desk, leader: Browser
) -> None:
    everything = list(links(await leader.open(FIGURES)))
    desk.change(role=OfficerRole.LEAD, agency_code="so-nnmt")
    assert list(links(await leader.open(FIGURES))) != everything


async def test_figures_as_files_hold_the_same_numbers_and_no_formula(
    desk: Desk, leader: Browser
) -> None:
    desk.ticket("PA-BBBBB1", agency_code="evil", agency_name="x")
    with desk.database.write() as session:
        session.add(Agency(code="evil", name="=1+1"))
    page = await leader.open(FIGURES)
    shown = re.findall(r'aria-label="Tiếp nhận: (\d+)"', page)[0]
    async with leader.client.get(f"{FIGURES}/file?kind=csv") as response:
        assert response.headers["Cache-Control"] == "no-store"
        rows = list(csv.reader(io.StringIO(await response.text(encoding="utf-8-sig"))))
    assert ["Tiếp nhận", shown] == next(row[:2] for row in rows if row[:1] == ["Tiếp nhận"])
    assert "'=1+1" in [row[0] for row in rows if row]
    async with leader.client.get(f"{FIGURES}/file?kind=xlsx") as response:
        sheet = load_workbook(io.BytesIO(await response.read())).active
    assert sheet is not None
    cells = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert cells["Tiếp nhận"] == int(shown)
    assert "'=1+1" in cells
    assert "=1+1" not in cells
    async with leader.client.get(f"{FIGURES}/file?kind=exe") as response:
        assert response.status == 400


async def test_the_shares_stand_beside_the_goal_of_the_province(leader: Browser) -> None:
    page = await leader.open(FIGURES)
    shares = re.findall(r'aria-label="(Có đánh giá|Hài lòng[^:]*): ([\d,]+)%, mục tiêu 90%"', page)
    assert [name for name, _ in shares] == ["Có đánh giá", "Hài lòng (4–5 sao)"]
    assert shares[0][1] == "100"  # every closed one of these was rated
    assert "Mục tiêu <b>90%</b>: đạt." in page
    assert "Mục tiêu <b>90%</b>: chưa đạt." in page


async def test_the_rule_of_growing_topics_is_said_on_the_page(leader: Browser) -> None:
    page = await leader.open(FIGURES)
    assert "Chỉ nêu khi có từ 5 phản ánh, gấp 1,5 lần trung bình trở lên" in page
    assert "dưới 5% (kiểm định nhị thức, hiệu chỉnh Bonferroni)" in page


async def test_tiles_come_only_from_where_the_province_says(desk: Desk, leader: Browser) -> None:
    async with leader.client.get(FIGURES) as response:
        policy = response.headers["Content-Security-Policy"]
    assert "img-src 'self' blob: data:;" in policy
    assert "script-src 'self';" in policy


@pytest.mark.parametrize(
    ("role", "start"), [(OfficerRole.LEADER, FIGURES), (OfficerRole.LEAD, "/staff")]
)
async def test_the_desk_installs_as_an_app_that_keeps_nothing(
    desk: Desk, leader: Browser, role: OfficerRole, start: str
) -> None:
    """Its icons are there; no page may be stored, and no script of ours takes over the network."""
    desk.change(role=role)
    async with leader.client.get(FIGURES) as response:
        assert response.headers["Cache-Control"] == "no-store"
        page = await response.text()
    address = re.findall(r'<link rel="manifest" href="/static/([^"?]+)', page)[0]
    manifest = json.loads((STATIC / address).read_text(encoding="utf-8"))
    assert (manifest["start_url"], manifest["scope"]) == (start, "/staff")
    for icon in manifest["icons"]:
        assert (STATIC / icon["src"].removeprefix("/static/")).is_file()
    ours = [path for path in STATIC.glob("*.js") if path.is_file()]
    assert not [path.name for path in ours if "serviceWorker" in path.read_text(encoding="utf-8")]
