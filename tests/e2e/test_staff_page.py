"""An officer's work in a real browser: the citizen writes on a phone, the officer answers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.browser import PATIENCE_MS, chromium, phone
from tests.e2e.server import CAUNOI, Server

REPORT = "ổ gà to tướng trước trường Lê Lợi, p. Vĩnh Thanh, Rạch Giá, nguy hiểm quá"
CODE = re.compile(r"PA-[0-9A-Z-]{5,9}")
PASSWORD = "một mật khẩu dài"


@pytest.fixture
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    async with chromium(chromium_path) as opened:
        yield opened


async def add_officer(folder: Path) -> None:
    """The command that an administrator types, beside the running server."""
    process = await asyncio.create_subprocess_exec(
        CAUNOI, "staff", "add", "lan", "--name", "Nguyễn Thị Lan", "--password-stdin",
        env={"DATABASE_URL": f"sqlite:///{folder / 'caunoi.db'}"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    await process.communicate(f"{PASSWORD}\n".encode())
    assert process.returncode == 0


@asynccontextmanager
async def office(browser: Browser, url: str, *, scripts: bool = True) -> AsyncIterator[Page]:
    """An officer's computer, logged in at the staff page; fails when a page had errors."""
    context = await browser.new_context(java_script_enabled=scripts, locale="vi-VN")
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(f"{url}/staff")
    await expect(page).to_have_title("Đăng nhập · Cầu Nối")
    await page.get_by_label("Tên đăng nhập").fill("lan")
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Đăng nhập").click()
    await expect(page.get_by_role("link", name="Nguyễn Thị Lan")).to_be_visible()
    yield page
    await context.close()
    assert faults == []


async def write(page: Page, words: str) -> None:
    await page.get_by_label("Tin nhắn của bạn").fill(words)
    await page.get_by_role("button", name="Gửi", exact=True).click()


async def report(page: Page) -> str:
    """The citizen reports; returns the ticket's code."""
    await write(page, REPORT)
    await page.get_by_role("button", name="Gửi ẩn danh").click()
    await expect(page.locator(".bot .code")).to_have_text(CODE)
    return await page.locator(".bot .code").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
async def test_an_officer_finds_a_ticket_replies_and_closes_it_and_the_citizen_reads_both(
    browser: Browser, tmp_path: Path, scripts: bool
) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        await add_officer(tmp_path)
        code = await report(visit.page)
        async with office(browser, server.url, scripts=scripts) as page:
            await page.get_by_label("Lĩnh vực").select_option(label="Giao thông")
            await page.get_by_role("button", name="Lọc").click()
            await page.get_by_role("link", name=re.compile(code)).click()
            await expect(page.locator(".said").first).to_have_text(REPORT)
            await page.get_by_role("button", name="Nhận xử lý").click()
            await page.get_by_label("Trả lời người dân").fill("Chiều nay đội sửa đường đến.")
            await page.get_by_role("button", name="Gửi trả lời").click()
            await expect(page.get_by_role("status")).to_contain_text("Đã gửi trả lời")
            await expect(visit.page.locator("body")).to_contain_text("Chiều nay đội sửa đường đến.")
            await page.get_by_text("Hoàn tất phản ánh").click()
            await page.get_by_label("Kết quả gửi cho người dân").fill("Đã vá xong ổ gà.")
            await page.get_by_role("button", name="Gửi kết quả và đóng").click()
            await expect(page.get_by_role("status")).to_contain_text("Đã hoàn tất")
            await expect(visit.page.locator("body")).to_contain_text("Đã vá xong ổ gà.")
            await page.goto(f"{server.url}/staff?view=done")
            await expect(page.get_by_role("link", name=re.compile(code))).to_be_visible()


async def test_an_officer_talks_with_a_citizen_and_gives_the_chat_back(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        await add_officer(tmp_path)
        await write(visit.page, "cho tôi gặp cán bộ")
        async with office(browser, server.url) as page:
            await page.get_by_role("link", name="Trò chuyện").click()
            waiting = page.get_by_role("link", name=re.compile("xin gặp cán bộ"))
            while not await waiting.count():
                await page.reload()
            await waiting.click()
            await page.get_by_label("Tin nhắn").fill("Chào bạn, mình nghe đây.")
            await page.get_by_role("button", name="Gửi", exact=True).click()
            await expect(visit.page.locator("body")).to_contain_text("Chào bạn, mình nghe đây.")
            await page.get_by_label("Tin nhắn").fill("Đang viết dở")
            await write(visit.page, "hồ sơ của tôi bị trả lại")
            await expect(page.locator("#lines")).to_contain_text("hồ sơ của tôi bị trả lại")
            await expect(page.get_by_label("Tin nhắn")).to_have_value("Đang viết dở")
            await page.get_by_role("button", name="Trả lại cho bot").click()
            await expect(page.get_by_role("status")).to_contain_text("lại cho bot")
