"""The filtered list as a file: what it holds, who may have it, and that it is noted."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from actions.rights import RIGHTS, Right
from store.desk import PersonalView
from store.privacy import Consent
from store.staff import OfficerRole
from store.tickets import Ticket
from tests.integration.staff_desk import Browser, Desk
from tests.integration.staff_pages.test_inbox import change

NAME, PHONE = "Trần Văn Bình", "0912345678"


def told_by(desk: Desk, code: str, *, withdrawn: bool = False, **values: Any) -> Ticket:
    """A case whose citizen left a name and a number, and wrote the number into the text too."""
    chat = desk.chat(f"chat of {code}")
    consent = desk.add(
        Consent(
            conversation_id=chat.id,
            wording_version="1",
            channel="web",
            given_at=desk.now,
            withdrawn_at=desk.now if withdrawn else None,
        )
    )
    return desk.ticket(
        code,
        chat=chat,
        contact_name=NAME,
        contact_phone=PHONE,
        consent_id=consent.id,
        **{"text": f"Ổ gà to, gọi tôi số {PHONE}"} | values,
    )


async def fetch(browser: Browser, **fields: str) -> bytes:
    await browser.open("/staff")
    data = {"csrf": browser.csrf, "kind": "csv", **fields}
    async with browser.client.post("/staff/export", data=data) as response:
        assert response.status == 200
        assert response.headers["Content-Disposition"].startswith("attachment; filename=")
        assert response.headers["Cache-Control"] == "no-store"
        return await response.read()


async def table(browser: Browser, **fields: str) -> list[dict[str, str]]:
    text = (await fetch(browser, **fields)).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text, newline="")))


def noted(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.read() as session:
        rows = session.scalars(select(PersonalView).where(PersonalView.what == "export"))
        return [(row.what, row.key) for row in rows]


async def test_the_file_holds_what_is_filtered_and_the_look_is_noted(
    desk: Desk, browser: Browser
) -> None:
    told_by(desk, "PA-AAAAA1", commune_code="30760")
    desk.ticket("PA-AAAAA2", category="environment")
    rows = await table(browser, filter="category=traffic")
    assert [row["Mã"] for row in rows] == ["PA-AAAAA1"]
    assert rows[0]["Lĩnh vực"] == "Giao thông"
    assert rows[0]["Trạng thái"] == "Mới gửi"
    assert rows[0]["Xã, phường, đặc khu"] == "Phường Rạch Giá"
    assert rows[0]["Gửi lúc"] == "08:00 02/11/2026"
    assert noted(desk) == [("export", "1")]


async def test_nobody_is_told_who_sent_a_case_unless_it_is_asked_for(
    desk: Desk, browser: Browser
) -> None:
    told_by(desk, "PA-AAAAA1")
    content = (await fetch(browser)).decode()
    assert NAME not in content
    assert PHONE not in content
    assert "Ổ gà to, gọi tôi số" in content
    (row,) = await table(browser, identity="yes")
    assert (row["Họ tên"], row["Số điện thoại"]) == (NAME, PHONE)
    assert PHONE in row["Nội dung"]


async def test_a_withdrawn_consent_holds_in_files_too(desk: Desk, browser: Browser) -> None:
    told_by(desk, "PA-AAAAA1", withdrawn=True, text="Ổ gà")
    (row,) = await table(browser, identity="yes")
    assert (row["Họ tên"], row["Số điện thoại"]) == ("", "")


async def test_a_leader_gets_the_file_without_identity_even_when_asking(
    desk: Desk, browser: Browser
) -> None:
    told_by(desk, "PA-AAAAA1")
    change(desk, role=OfficerRole.LEADER)
    content = (await fetch(browser, identity="yes")).decode()
    assert "Họ tên" not in content
    assert PHONE not in content


async def test_an_agency_exports_its_own_cases_only(desk: Desk, browser: Browser) -> None:
    change(desk, agency_code="so-nnmt")
    desk.ticket("PA-AAAAA1")
    desk.ticket("PA-AAAAA2", agency_code="so-nnmt")
    assert [row["Mã"] for row in await table(browser, filter="view=all")] == ["PA-AAAAA2"]


async def test_whoever_has_not_the_right_gets_no_file(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.ticket("PA-AAAAA1")
    await browser.open("/staff")
    csrf = browser.csrf
    monkeypatch.setitem(RIGHTS, OfficerRole.OFFICER, frozenset({Right.CHAT}))
    change(desk, role=OfficerRole.OFFICER)
    response = await browser.send("/staff/export", {"kind": "csv"}, csrf=csrf)
    assert response.status == 403
    assert noted(desk) == []


async def test_what_a_citizen_wrote_is_calculated_by_no_spreadsheet(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket("PA-AAAAA1", text='=HYPERLINK("http://evil")')
    (row,) = await table(browser)
    assert row["Nội dung"] == '\'=HYPERLINK("http://evil")'


async def test_excel_reads_the_same_rows(desk: Desk, browser: Browser) -> None:
    told_by(desk, "PA-AAAAA1")
    sheet = load_workbook(BytesIO(await fetch(browser, kind="xlsx"))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:2] == ("Mã", "Loại")
    assert rows[1][:3] == ("PA-AAAAA1", "Phản ánh", "Giao thông")
    assert len(rows) == 2


async def test_a_long_list_is_cut_and_the_file_says_so(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.staff_pages.export.MOST_ROWS", 3)
    monkeypatch.setattr("bot.staff_pages.export.ROWS_AT_ONCE", 2)
    chat = desk.chat()
    for number in range(4):
        desk.ticket(f"PA-AAAAA{number}", chat=chat)
    rows = await table(browser)
    assert [row["Mã"] for row in rows[:3]] == ["PA-AAAAA0", "PA-AAAAA1", "PA-AAAAA2"]
    assert rows[3]["Mã"].startswith("Chỉ xuất 3 dòng đầu")
    assert noted(desk) == [("export", "3")]


async def test_a_list_that_just_fits_is_whole_and_says_nothing(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.staff_pages.export.MOST_ROWS", 3)
    chat = desk.chat()
    for number in range(3):
        desk.ticket(f"PA-AAAAA{number}", chat=chat)
    assert len(await table(browser)) == 3


async def test_another_kind_of_file_is_not_made(desk: Desk, browser: Browser) -> None:
    await browser.open("/staff")
    response = await browser.send("/staff/export", {"kind": "exe"})
    assert response.status == 400
    assert noted(desk) == []
