"""Officers at the staff desk in a real browser, and what a checker of accessibility finds there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from bot.settings import ROOT
from tests.e2e.browser import PATIENCE_MS
from tests.e2e.server import CAUNOI

CODE = re.compile(r"PA-[0-9A-Z-]{5,9}")
PASSWORD = "một mật khẩu dài"
LAPTOP = ViewportSize(width=1366, height=768)

AXE = (ROOT / "tests" / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
SERIOUS = ("serious", "critical")


async def add_officer(folder: Path, username: str, name: str) -> None:
    """The command that an administrator types, beside the running server."""
    process = await asyncio.create_subprocess_exec(
        CAUNOI, "staff", "add", username, "--name", name, "--password-stdin",
        env={"DATABASE_URL": f"sqlite:///{folder / 'caunoi.db'}"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    await process.communicate(f"{PASSWORD}\n".encode())
    assert process.returncode == 0


@asynccontextmanager
async def at_the_desk(
    browser: Browser,
    url: str,
    username: str = "lan",
    *,
    screen: ViewportSize = LAPTOP,
    scripts: bool = True,
) -> AsyncIterator[Page]:
    """An officer's computer, logged in; fails when a page had errors or broke its own policy."""
    context = await browser.new_context(
        java_script_enabled=scripts,
        viewport=screen,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    faults = _faults_of(page)
    await page.goto(f"{url}/staff/chats")
    await page.get_by_label("Tên đăng nhập").fill(username)
    await page.get_by_label("Mật khẩu").fill(PASSWORD)
    await page.get_by_role("button", name="Đăng nhập").click()
    await expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()
    yield page
    await context.close()
    assert faults == []


def _faults_of(page: Page) -> list[str]:
    """A list that grows with every error of the page; answers that refuse a form are none."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: (
            faults.append(said.text)
            if said.type == "error" and "Failed to load resource" not in said.text
            else None
        ),
    )
    return faults


async def serious_findings(page: Page) -> list[dict[str, Any]]:
    """What axe-core finds serious or worse: its rule, and the elements."""
    await page.evaluate(AXE)
    found = await page.evaluate("axe.run()")
    return [
        {"rule": one["id"], "where": [node["html"][:200] for node in one["nodes"]]}
        for one in found["violations"]
        if one["impact"] in SERIOUS
    ]


async def too_wide(page: Page) -> int:
    """Pixels by which the page is wider than the screen."""
    wider: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


async def write(page: Page, words: str) -> None:
    """The citizen writes on the chat page."""
    await page.get_by_label("Tin nhắn của bạn").fill(words)
    await page.get_by_role("button", name="Gửi", exact=True).click()


async def report(page: Page, words: str) -> str:
    """The citizen reports; returns the ticket's code."""
    await write(page, words)
    await page.get_by_role("button", name="Gửi ẩn danh").click()
    await expect(page.locator(".bot .code")).to_have_text(CODE)
    return await page.locator(".bot .code").inner_text()


async def reload_until(page: Page, place: Locator, words: str) -> None:
    """Reload until a place on the page has these words.

    Raises:
        TimeoutError: it did not get them.
    """
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while words not in " ".join(await place.all_inner_texts()):
            await page.reload()
