"""Officers look dossiers up: in any spelling, from where the bot has them, each look noted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from actions import dossiers
from actions.dossiers import DossierRecord
from bot.dossier_sources import DossierSource, DossierSourceUnavailable
from bot.staff_pages.dossiers import LOOKS
from store.desk import PersonalView
from store.staff import OfficerRole
from tests.integration.staff_desk import Browser, Desk

PAGE = "/staff/dossiers"
RECORD = DossierRecord(
    code="H01.07-261102-0001",
    procedure="Đăng ký khai sinh",
    agency="UBND phường Rạch Giá",
    applicant="Trần Thị Bông",
    state=4,
    received_on=date(2026, 11, 2),
    due_on=date(2026, 11, 9),
    phone_last4="4321",
    note="Thiếu giấy chứng sinh",
)


class OneStop(DossierSource):
    """A one-stop system that has one dossier, or does not answer."""

    def __init__(self, reason: str = "") -> None:
        self._reason = reason

    async def find(self, code: str) -> DossierRecord | None:
        if self._reason:
            raise DossierSourceUnavailable(self._reason)
        return replace(RECORD, note="từ hệ thống một cửa") if code == RECORD.code else None


def noted(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.read() as session:
        rows = session.scalars(select(PersonalView).order_by(PersonalView.id))
        return [(row.what, row.key) for row in rows]


@pytest.fixture
async def officer(desk: Desk, browser: Browser) -> Browser:
    """A browser at the page of dossiers; the local table has one."""
    with desk.database.write() as session:
        dossiers.save(session, RECORD, now=desk.now)
    await browser.open(PAGE)
    return browser


@pytest.mark.parametrize(
    "typed", ["H01.07-261102-0001", "h01 07 - 261102 - 0001", "mã H01.07–261102–OOO1 đó"]
)
async def test_a_dossier_is_found_however_its_code_is_typed_and_the_look_is_noted(
    desk: Desk, officer: Browser, typed: str
) -> None:
    await officer.send(PAGE, {"code": typed})
    for told in ("Đang xử lý", "Trần Thị Bông", "Đăng ký khai sinh", "02/11/2026", "09/11/2026",
                 "Thiếu giấy chứng sinh", "UBND phường Rạch Giá"):  # fmt: skip
        assert told in officer.html
    assert "4321" not in officer.html
    assert noted(desk) == [("dossier", RECORD.code)]


@pytest.mark.parametrize(
    ("typed", "status", "told"),
    [
        ("hồ sơ của tôi", 400, "Chưa đọc được mã này"),
        ("", 400, "Chưa đọc được mã này"),
        ("H01.07-261102-9999", 404, "Không có hồ sơ nào mang mã H01.07-261102-9999"),
    ],
)
async def test_a_code_that_is_none_or_unknown_is_said_to_be_so(
    officer: Browser, typed: str, status: int, told: str
) -> None:
    answer = await officer.send(PAGE, {"code": typed})
    assert answer.status == status
    assert told in officer.html


async def test_nobody_looks_up_more_than_so_many_in_a_minute(desk: Desk, officer: Browser) -> None:
    html = officer.html
    for number in range(LOOKS):
        officer.html = html
        answer = await officer.send(PAGE, {"code": f"H01.07-261102-1{number:03}"})
        assert answer.status == 404
    answer = await officer.send(PAGE, {"code": RECORD.code})
    assert answer.status == 429
    assert f"đã tra cứu {LOOKS} lần trong một phút" in officer.html
    assert "Trần Thị Bông" not in officer.html
    assert len(noted(desk)) == LOOKS
    desk.now += timedelta(minutes=1, seconds=1)
    await officer.send(PAGE, {"code": RECORD.code})
    assert "Trần Thị Bông" in officer.html


async def test_many_at_once_count_as_many(desk: Desk, officer: Browser) -> None:
    form = {"csrf": officer.csrf, "code": RECORD.code}
    answers = await asyncio.gather(
        *(officer.client.post(PAGE, data=form) for _ in range(LOOKS + 6))
    )
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] * LOOKS + [429] * 6
    assert len(noted(desk)) == LOOKS


@pytest.mark.parametrize(
    ("source", "status", "told"),
    [
        (OneStop(), 200, "từ hệ thống một cửa"),
        (OneStop("timeout"), 503, "không trả lời trong 8 giây"),
        (OneStop("http_500"), 503, "đang không trả lời được (http_500)"),
    ],
)
async def test_the_one_stop_system_is_asked_where_there_is_one(
    desk: Desk, source: OneStop, status: int, told: str
) -> None:
    desk.officer()
    desk.dossiers = source
    async with TestClient(TestServer(desk.app())) as client:
        browser = Browser(client)
        await browser.log_in()
        await browser.open(PAGE)
        answer = await browser.send(PAGE, {"code": "h01.07-261102-0001"})
        assert answer.status == status
        assert told in browser.html


async def test_a_leader_looks_up_no_dossier(desk: Desk, officer: Browser) -> None:
    desk.change(role=OfficerRole.LEADER)
    answer = await officer.send(PAGE, {"code": RECORD.code})
    assert answer.status == 403
    assert noted(desk) == []
