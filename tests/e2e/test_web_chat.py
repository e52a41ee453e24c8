"""The whole house through the chat page: a real server process, a real browser."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from store.engine import Database
from store.tickets import Ticket
from tests.e2e.browser import phone
from tests.e2e.server import Server

REPORT = "ổ gà to tướng trước trường Lê Lợi, p. Vĩnh Thanh, Rạch Giá, nguy hiểm quá"
CODE = re.compile(r"PA-[0-9A-Z-]{5,9}")


def tickets(folder: Path) -> list[str]:
    """The codes of all tickets, as the database has them."""
    database = Database(f"sqlite:///{folder / 'caunoi.db'}")
    with database.read() as session:
        codes = list(session.scalars(select(Ticket.code)))
    database.dispose()
    return codes


async def write(page: Page, words: str) -> None:
    await page.get_by_label("Tin nhắn của bạn").fill(words)
    await page.get_by_role("button", name="Gửi", exact=True).click()


async def test_a_message_becomes_a_ticket_and_a_reload_shows_the_conversation(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        page = visit.page
        await expect(page.locator(".bot").first).to_contain_text("Chào bạn")
        await write(page, REPORT)
        await page.get_by_role("button", name="Gửi ẩn danh").click()
        await expect(page.locator(".bot .code")).to_have_text(CODE)
        code = await page.locator(".bot .code").inner_text()
        shown = await page.locator(".message .text").all_inner_texts()
        await page.reload()
        await expect(page.locator(".message .text")).to_have_text(shown)
        assert tickets(tmp_path) == [code]


async def test_a_report_written_while_the_server_is_dead_becomes_one_ticket(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        page = visit.page
        await expect(page.locator(".bot").first).to_be_visible()
        await server.kill()
        await expect(page.locator("#status")).to_have_text("Mất kết nối")
        await write(page, REPORT)
        await expect(page.locator(".own .state")).to_have_text("Đang chờ gửi")
        await server.start()
        send = page.get_by_role("button", name="Gửi ẩn danh")
        await send.wait_for()
        await server.kill()
        await expect(page.locator("#status")).to_have_text("Mất kết nối")
        await send.click()
        await server.start()
        await expect(page.locator(".bot .code")).to_have_text(CODE)
        assert tickets(tmp_path) == [await page.locator(".bot .code").inner_text()]
        await expect(page.locator(".own.kept")).to_have_count(2)


async def test_an_open_page_is_told_that_the_server_ends(browser: Browser, tmp_path: Path) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        await expect(visit.page.locator("#status")).to_have_text("Đã kết nối")
        assert await server.stop() == 0
        await expect(visit.page.locator("#status")).to_have_text("Mất kết nối")
        assert "Traceback" not in server.printed
