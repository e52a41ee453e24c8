"""The public pages in a real browser: on a cheap phone, without JavaScript, for a screen reader."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from actions import publications
from actions.local_facts import load_local_facts
from actions.publications import Draft
from bot.settings import ROOT
from bot.static_files import StaticFiles
from store.engine import Database
from store.migrate import migrate
from store.tickets import Ticket, TicketState
from tests.case_room import LOCAL
from tests.e2e.browser import PATIENCE_MS, PHONE, phone
from tests.integration.public_pages.conftest import LONG_XUYEN, RACH_GIA, Town
from tests.integration.staff_desk import PASSWORD, Desk

AXE = (ROOT / "tests" / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

TEXT = "Ổ gà to trước trường Lê Lợi, trời mưa ngập không thấy, đã có người té xe."
ANSWER = "Sáng 05/11 tổ hạ tầng đã đổ nhựa vá ổ gà và đặt lại biển báo trước cổng trường."


@pytest_asyncio.fixture(loop_scope="session")
async def town(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    """A province with a released case that was answered, some more, and a notice."""
    database = Database(sqlite_url)
    migrate(database)
    with database.write() as session:
        load_local_facts(session, LOCAL)
    desk = Desk(database, tmp_path)
    made = Town(desk, desk.officer(role="duty"))
    answered(made)
    for commune in (RACH_GIA, RACH_GIA, LONG_XUYEN):
        made.release(made.case(commune_code=commune), "Đèn đường tắt ba đêm nay")
    with database.write() as session:
        draft = Draft("notice", "Lịch cúp điện xã An Biên", "Thứ hai, 8 đến 11 giờ.", None)
        publications.publish(session, made.lead, draft, now=desk.now)
    yield made
    database.dispose()


def answered(town: Town) -> Ticket:
    ticket = town.case(commune_code=RACH_GIA, state=TicketState.RESOLVED)
    town.release(
        ticket, TEXT, place="Trước trường Lê Lợi", answer=ANSWER, photos=(town.after_photo(ticket),)
    )
    return ticket


@pytest_asyncio.fixture(loop_scope="session")
async def url(town: Town) -> AsyncIterator[str]:
    app = town.desk.app()
    app.router.add_get("/static/{name:.+}", StaticFiles().serve)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def faults(page: Page) -> list[str]:
    """What axe has against the page: rule and where."""
    await page.evaluate(AXE)
    result: dict[str, Any] = await page.evaluate("axe.run()")
    return [
        f"{fault['id']}: {node['target']} {node['failureSummary']}"
        for fault in result["violations"]
        for node in fault["nodes"]
    ]


async def fits(page: Page) -> bool:
    """Whether nothing of the page lies beside the screen."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_somebody_finds_a_case_in_the_list_and_reads_what_became_of_it(
    browser: Browser, url: str
) -> None:
    async with phone(browser, f"{url}/phan-anh") as visit:
        page = visit.page
        await page.get_by_label("Trạng thái").select_option(label="Đã trả lời")
        await page.get_by_role("button", name="Lọc").click()
        await page.get_by_role("link", name=TEXT).click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("PA-")
        await expect(page.get_by_text(ANSWER)).to_be_visible()
        picture = page.get_by_alt_text("Ảnh sau khi xử lý, số 1")
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_have_js_property("complete", True)
        assert await picture.evaluate("image => image.naturalWidth") == 1024
        assert await fits(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_has_a_fault_of_accessibility_or_is_wider_than_a_phone(
    browser: Browser, town: Town, url: str, scheme: Any
) -> None:
    released, hidden = answered(town), town.case()
    paths = (
        "/phan-anh", "/phan-anh?category=noise", f"/phan-anh/{released.code}",
        f"/phan-anh/{hidden.code}", "/phan-anh/PA-000000", "/thong-bao",
    )  # fmt: skip
    async with phone(browser, f"{url}/thong-bao") as visit:
        await visit.page.emulate_media(color_scheme=scheme)
        for path in paths:
            await visit.page.goto(url + path)
            assert await faults(visit.page) == [], path
            assert await fits(visit.page), path
        visit.faults.clear()  # the browser itself reports the page that is not there


async def test_the_map_opens_on_wish_and_leads_to_a_commune(browser: Browser, url: str) -> None:
    async with phone(browser, f"{url}/phan-anh") as visit:
        page = visit.page
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        assert not any("leaflet" in one for one in loaded)
        await page.get_by_role("button", name="Xem bản đồ").click()
        await expect(page.locator("#map path")).to_have_count(len(LOCAL.communes) + 2)
        assert all(one.startswith((url, "data:")) for one in loaded)
        assert await faults(page) == []
        await page.locator("#map path").last.click(force=True)
        # By key: the words move while the map makes room for them, and a click would miss them.
        await page.locator("#map").get_by_role("link", name="Phường Long Xuyên").press("Enter")
        await expect(page).to_have_url(f"{url}/phan-anh?commune={LONG_XUYEN}")


async def test_everything_can_be_read_without_javascript(browser: Browser, url: str) -> None:
    context = await browser.new_context(java_script_enabled=False, viewport=None, locale="vi-VN")
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    await page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    await page.goto(f"{url}/phan-anh")
    await expect(page.get_by_role("button", name="Xem bản đồ")).to_be_hidden()
    await page.get_by_role("link", name="Phường Long Xuyên", exact=True).click()
    await expect(page.locator(".list li")).to_have_count(1)
    await page.get_by_role("link", name="Đèn đường tắt ba đêm nay").click()
    await expect(page.get_by_text("Người dân gửi phản ánh")).to_be_visible()
    await page.get_by_role("link", name="Thông báo").click()
    await expect(page.get_by_text("Thứ hai, 8 đến 11 giờ.")).to_be_visible()
    await context.close()


async def test_a_code_is_typed_in_and_a_wrong_one_is_answered_kindly(
    browser: Browser, town: Town, url: str
) -> None:
    ticket = town.case()
    async with phone(browser, f"{url}/phan-anh") as visit:
        page = visit.page
        await page.get_by_label("Mã phản ánh").fill("pa 000 000")
        await page.get_by_role("button", name="Xem", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(
            "Không tìm thấy phản ánh này"
        )
        await page.get_by_label("Mã phản ánh").fill(ticket.code.lower().replace("-", " "))
        await page.get_by_role("button", name="Xem", exact=True).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(ticket.code)
        await expect(page.get_by_text("Nội dung phản ánh này không công khai")).to_be_visible()
        visit.faults.clear()  # the browser itself reports the page that is not there


async def log_in(page: Page) -> None:
    await page.get_by_label("Tên đăng nhập").fill("lan")
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Đăng nhập").click()
    await page.wait_for_url("**/staff")


async def test_an_officer_releases_a_case_on_a_phone_and_everybody_reads_it(
    browser: Browser, town: Town, url: str
) -> None:
    ticket = town.case(text="Gọi tôi 0912 345 678, đèn đường hẻm 12 tắt", commune_code=RACH_GIA)
    async with phone(browser, f"{url}/staff") as visit:
        page = visit.page
        await log_in(page)
        await page.goto(f"{url}/staff/tickets/{ticket.code}")
        await page.get_by_role("link", name="Công khai phản ánh này").click()
        await expect(page.get_by_label("Nội dung")).to_have_value(re.compile(r"\[số điện thoại\]"))
        assert await faults(page) == []
        assert await fits(page)
        await page.get_by_label("Nội dung").fill("Đèn đường hẻm 12 tắt")
        await page.get_by_role("button", name="Công khai", exact=True).click()
        await expect(page.get_by_role("status")).to_contain_text("Đã công khai")
        await page.goto(f"{url}/phan-anh/{ticket.code}")
        await expect(page.get_by_text("Đèn đường hẻm 12 tắt")).to_be_visible()


async def test_notices_and_dossiers_at_the_desk_fit_a_phone_and_a_screen_reader(
    browser: Browser, url: str
) -> None:
    async with phone(browser, f"{url}/staff") as visit:
        page = visit.page
        await log_in(page)
        await page.goto(f"{url}/staff/publications")
        await page.get_by_label("Tiêu đề").fill("Bão số 12")
        await page.get_by_label("Nội dung").fill("Tàu thuyền không ra khơi.")
        await page.get_by_role("button", name="Xem trước").click()
        await expect(page.get_by_text("Người dân sẽ thấy")).to_be_visible()
        assert await faults(page) == []
        assert await fits(page)
        await page.get_by_role("button", name="Đăng", exact=True).click()
        await expect(page.get_by_role("status")).to_contain_text("Đã đăng")
        await page.goto(f"{url}/staff/dossiers")
        await page.get_by_label("Mã hồ sơ").fill("không phải mã")
        await page.get_by_role("button", name="Tra cứu").click()
        await expect(page.get_by_role("alert")).to_contain_text("Chưa đọc được mã này")
        assert await faults(page) == []
        assert await fits(page)
        visit.faults.clear()  # the browser itself reports the answer 400
