"""An administrator's day in a real browser: people, tables, the log; with scripts and without."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.e2e.browser import PHONE, phone
from tests.e2e.desk import add_officer, at_the_desk, report, serious_findings, too_wide
from tests.e2e.server import Server

REPORT = "ổ gà to tướng trước trường Lê Lợi, p. Vĩnh Thanh, Rạch Giá, nguy hiểm quá"
ROW_OF_TRAFFIC = "/staff/admin/tables/routing/row?key=traffic,*,*"
PAGES = (
    "",
    "/people",
    "/people/new",
    "/people/1",
    "/people/2/retire",
    "/agencies",
    "/agencies/so-y-te",
    "/tables/routing",
    "/tables/routing/row",
    "/tables/routing/remove?key=traffic,*,*",
    "/tables/deadlines",
    "/tables/deadlines/row",
    "/tables/replies",
    "/tables/replies/row",
    "/tables/holidays",
    "/tables/holidays/row",
    "/tables/teams",
    "/tables/hours",
    "/changes",
)


async def add_administrator(server: Server, folder: Path) -> None:
    await add_officer(folder, "lan", "Nguyễn Thị Lan")
    await server.run("staff", "add", "lan", "--role", "admin")


async def add_hoa(page: Page) -> str:
    """Add an officer in the desk; returns the password that the page shows."""
    await page.get_by_role("link", name="Quản trị").click()
    await page.get_by_role("link", name="Cán bộ", exact=True).first.click()
    await page.get_by_role("link", name="Thêm cán bộ").click()
    await page.get_by_label("Tên đăng nhập").fill("hoa")
    await page.get_by_label("Họ và tên").fill("Trần Thị Hoa")
    agency = page.get_by_role("combobox", name="Cơ quan", exact=True)
    await agency.select_option(label="Sở Xây dựng tỉnh An Giang")
    await page.get_by_role("button", name="Thêm cán bộ").click()
    await expect(page.get_by_role("status")).to_contain_text("chỉ hiện một lần")
    return await page.locator("dl.secret code").nth(1).inner_text()


async def log_in(page: Page, url: str, username: str, password: str) -> None:
    await page.goto(f"{url}/staff/login")
    await page.get_by_label("Tên đăng nhập").fill(username)
    await page.get_by_label("Mật khẩu").fill(password)
    await page.get_by_role("button", name="Đăng nhập").click()


@pytest.mark.parametrize("scripts", [True, False])
async def test_an_administrator_adds_an_officer_sends_reports_elsewhere_and_takes_both_back(
    browser: Browser, tmp_path: Path, scripts: bool
) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        people = await server.run("staff", "list")
        assert re.search(r"^admin +admin +admin ", people, re.MULTILINE), "nobody could begin"
        await add_administrator(server, tmp_path)
        async with at_the_desk(browser, server.url, "lan", scripts=scripts) as page:
            password = await add_hoa(page)
            hoa = await (await browser.new_context(locale="vi-VN")).new_page()
            await log_in(hoa, server.url, "hoa", password)
            await expect(hoa.get_by_role("button", name="Đăng xuất")).to_be_visible()

            await page.goto(server.url + ROW_OF_TRAFFIC)
            agency = page.get_by_role("combobox", name="Giao cho", exact=True)
            await agency.select_option(label="Sở Y tế tỉnh An Giang")
            await page.get_by_role("button", name="Lưu").click()
            await expect(page.get_by_role("status")).to_contain_text("Đã lưu")
            code = await report(visit.page, REPORT)
            await expect(visit.page.locator(".bot").last).to_contain_text("Sở Y tế tỉnh An Giang")
            await page.goto(f"{server.url}/staff/tickets/{code}")
            await expect(page.locator("main")).to_contain_text("Sở Y tế tỉnh An Giang")

            await page.goto(f"{server.url}/staff/admin/changes?subject=routing")
            await page.get_by_role("button", name=re.compile("Hoàn tác")).click()
            await expect(page.get_by_role("status")).to_have_text("Đã hoàn tác.")
            await page.goto(f"{server.url}/staff/admin/tables/routing?search=giao+thong")
            await expect(page.locator("main")).not_to_contain_text("Sở Y tế")

            await page.goto(f"{server.url}/staff/admin/people?search=hoa")
            await page.get_by_role("link", name="Trần Thị Hoa").click()
            await page.get_by_role("link", name="Cho thôi việc").click()
            await page.get_by_role("button", name="Cho thôi việc").click()
            await expect(page.get_by_role("status")).to_contain_text("Đã cho thôi việc")
            await hoa.reload()
            await expect(hoa).to_have_title(re.compile("Đăng nhập"))


async def test_a_field_that_cannot_be_used_is_marked_and_what_was_typed_stays(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server(tmp_path) as server:
        await add_administrator(server, tmp_path)
        async with at_the_desk(browser, server.url, "lan") as page:
            await page.goto(f"{server.url}/staff/admin/tables/deadlines/row?key=land,normal")
            await page.get_by_label("Xử lý xong trong: số").fill("mười")
            await page.get_by_label("Trả lời lần đầu trong: số").fill("2")
            await page.get_by_role("button", name="Lưu").click()
            await expect(page.get_by_role("alert")).to_contain_text("có mục cần sửa")
            field = page.get_by_label("Xử lý xong trong: số")
            await expect(field).to_have_attribute("aria-invalid", "true")
            await expect(field).to_have_value("mười")
            await expect(page.get_by_label("Trả lời lần đầu trong: số")).to_have_value("2")
            assert await serious_findings(page) == []
            await field.fill("9")
            await page.get_by_role("button", name="Lưu").click()
            await expect(page.get_by_role("row", name=re.compile("Đất đai"))).to_contain_text(
                "9 ngày"
            )


@pytest.mark.parametrize("on_a_phone", [True, False])
async def test_every_page_is_accessible_and_fits_the_screen(
    browser: Browser, tmp_path: Path, on_a_phone: bool
) -> None:
    screen = PHONE if on_a_phone else {"width": 1366, "height": 768}
    async with Server(tmp_path) as server:
        await add_administrator(server, tmp_path)
        size = ViewportSize(width=screen["width"], height=screen["height"])
        async with at_the_desk(browser, server.url, "lan", screen=size) as page:
            await add_hoa(page)
            assert await serious_findings(page) == []
            for path in PAGES:
                await page.goto(f"{server.url}/staff/admin{path}")
                await expect(page.locator("main h1")).to_be_visible()
                assert await serious_findings(page) == [], path
                assert await too_wide(page) <= 0, path
