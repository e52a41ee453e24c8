"""A person with a phone: headless Chromium, driven by Playwright."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

PHONE = {"width": 360, "height": 740}
"""The screen of a cheap phone."""

PATIENCE_MS = 20_000


@dataclass
class Visit:
    """One page in one browser profile, and what went wrong inside of it."""

    page: Page
    context: BrowserContext
    faults: list[str] = field(default_factory=list)

    def note(self, message: ConsoleMessage) -> None:
        # A lost connection is no fault of the page; a blocked script or style is.
        if message.type == "error" and "net::ERR" not in message.text:
            self.faults.append(message.text)


@asynccontextmanager
async def phone(browser: Browser, url: str, *, location: bool = False) -> AsyncIterator[Visit]:
    """Open a page on a new phone; fails at the end when the page had errors.

    Args:
        location: whether the person lets pages know where the phone is.
    """
    context = await browser.new_context(
        viewport={"width": PHONE["width"], "height": PHONE["height"]},
        is_mobile=True,
        has_touch=True,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        geolocation={"latitude": 10.0125, "longitude": 105.0809},
        permissions=["geolocation"] if location else [],
    )
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    visit = Visit(page, context)
    page.on("console", visit.note)
    page.on("pageerror", lambda error: visit.faults.append(str(error)))
    await page.goto(url)
    yield visit
    await context.close()
    assert visit.faults == [], visit.faults
