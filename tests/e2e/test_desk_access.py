"""An officer secures the account on a phone: password, code, sessions; pages that all can use."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pyotp
from playwright.async_api import Browser, ViewportSize, expect

from tests.e2e.browser import PHONE
from tests.e2e.desk import PASSWORD, add_officer, at_the_desk, serious_findings, too_wide
from tests.e2e.server import Server

SMALL = ViewportSize(width=PHONE["width"], height=PHONE["height"])
PAGES = ("password", "second-factor", "sessions", "views", "khong-co-trang-nay")


async def test_the_second_factor_is_switched_on_and_asked_for_without_scripts(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server(tmp_path) as server:
        await add_officer(tmp_path, "lan", "Nguyễn Thị Lan")
        async with at_the_desk(browser, server.url, screen=SMALL, scripts=False) as page:
            await page.get_by_role("link", name="Nguyễn Thị Lan").click()
            await page.get_by_role("link", name="Mã xác nhận").click()
            await page.get_by_role("button", name="Bắt đầu bật").click()
            await expect(page.get_by_role("img", name=re.compile("Mã QR"))).to_be_visible()
            codes = pyotp.TOTP(await page.locator("code.secret").inner_text())
            used = codes.now()
            await page.get_by_label("Mã 6 số").fill(used)
            await page.get_by_role("button", name="Bật mã xác nhận").click()
            await expect(page.get_by_role("status")).to_contain_text("Đã bật.")
            await page.get_by_role("button", name="Đăng xuất").click()
            await page.get_by_label("Tên đăng nhập").fill("lan")
            await page.get_by_label("Mật khẩu").fill(PASSWORD)
            await page.get_by_role("button", name="Đăng nhập").click()
            await page.get_by_label("Mã 6 số trong ứng dụng xác thực").fill(used)
            await page.get_by_role("button", name="Đăng nhập").click()
            await expect(page.get_by_role("alert")).to_contain_text("đã dùng rồi")
            following = codes.generate_otp(codes.timecode(datetime.now(UTC)) + 1)
            await page.get_by_label("Mã 6 số trong ứng dụng xác thực").fill(following)
            await page.get_by_role("button", name="Đăng nhập").click()
            await expect(page.get_by_role("link", name="Nguyễn Thị Lan")).to_be_visible()


async def test_pages_of_the_account_fit_a_phone_and_can_be_used_by_all(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server(tmp_path) as server:
        await add_officer(tmp_path, "lan", "Nguyễn Thị Lan")
        await server.run("staff", "add", "lan", "--role", "admin")
        async with at_the_desk(browser, server.url, screen=SMALL) as page:
            for name in PAGES:
                await page.goto(f"{server.url}/staff/{name}")
                assert await serious_findings(page) == [], name
                assert await too_wide(page) <= 0, name
