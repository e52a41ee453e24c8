"""The leader's view on a phone at seven in the morning: a finger on a number opens its cases."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from playwright.async_api import Browser, Page, ViewportSize, expect

from actions import staff
from actions.local_facts import load_local_facts
from store.engine import Database
from store.messages import Conversation
from store.migrate import migrate
from store.staff import OfficerRole
from store.tickets import Ticket
from tests.case_room import LOCAL
from tests.e2e.browser import PHONE
from tests.e2e.desk import PASSWORD, at_the_desk, serious_findings, too_wide
from tests.e2e.server import Server

CASES = 400
SCREEN = ViewportSize(width=PHONE["width"], height=PHONE["height"])
CATEGORIES = ("traffic", "environment", "drainage", "power_lighting", "urban_order", "animals")


def fill(folder: Path) -> None:
    """A leader, and cases of six weeks; drains have been blocked in one ward for some days."""
    database = Database(f"sqlite:///{folder / 'caunoi.db'}")
    migrate(database)
    random, now = Random(7), datetime.now(UTC)
    communes = random.sample(sorted(LOCAL.communes), 30)
    with database.write() as session:
        load_local_facts(session, LOCAL)
        officer = staff.add_officer(
            session, username="sep", name="Trần Văn Sếp", password=PASSWORD, now=now
        )
        officer.role = OfficerRole.LEADER
        chat = Conversation(channel="web", chat_id="c", state={}, created_at=now)
        session.add(chat)
        session.flush()
        for number in range(CASES):
            category, commune = random.choice(CATEGORIES), random.choice(communes)
            age = random.uniform(0, 42)
            if number < 30:
                category, commune, age = "drainage", communes[0], random.uniform(1, 6)
            session.add(_ticket(number, chat.id, category, commune, now - timedelta(days=age), now))
    database.dispose()


def _ticket(
    number: int, chat_id: int, category: str, commune: str, sent: datetime, now: datetime
) -> Ticket:
    random = Random(number)
    agency, _ = LOCAL.route(category, "normal", commune)
    days = random.choice((0, 1, 1, 2, 3, 5, 9))
    answered: datetime | None = sent + timedelta(days=days, hours=2)
    if answered is not None and answered > now:
        answered = None
    closed = (
        answered + timedelta(days=1) if answered and answered < now - timedelta(days=1) else None
    )
    return Ticket(
        code=f"PA-{number:05}",
        conversation_id=chat_id,
        intent="report",
        category=category,
        urgency="normal",
        text="Cống nghẹt, nước tràn lên đường",
        commune_code=commune,
        agency_code=agency.code,
        agency_name=agency.name,
        state="closed" if closed else "resolved" if answered else "in_progress",
        created_at=sent,
        deadline_at=sent + timedelta(days=6),
        resolved_at=answered,
        answered_days=days if answered else None,
        closed_at=closed,
        rating=random.choice((None, 2, 4, 5, 5, 5)) if closed else None,
    )


@asynccontextmanager
async def leaders_phone(browser: Browser, url: str, *, scripts: bool = True) -> AsyncIterator[Page]:
    """Logged in, at the figures; fails when a page had errors."""
    async with at_the_desk(browser, url, "sep", screen=SCREEN, scripts=scripts) as page:
        await page.get_by_role("link", name="Số liệu").click()
        await expect(page).to_have_title("Số liệu · Cầu Nối")
        yield page


async def number_in(page: Page, name: str) -> int:
    shown = page.get_by_role("link", name=re.compile(f"^{name}: "))
    return int((await shown.inner_text()).replace(".", ""))


async def test_a_leader_reads_the_figures_and_opens_the_cases_behind_one(
    browser: Browser, tmp_path: Path
) -> None:
    await asyncio.to_thread(fill, tmp_path)
    async with Server(tmp_path) as server, leaders_phone(browser, server.url) as page:
        assert await serious_findings(page) == []
        assert await too_wide(page) <= 0
        await expect(page.locator(".chart canvas").first).to_be_visible()
        circles = page.locator("#figures-map path.leaflet-interactive")
        section = page.locator("section", has=page.get_by_role("heading", name="Theo xã, phường"))
        received_there = await section.locator("td:nth-of-type(1)").all_text_contents()
        assert await circles.count() == sum(int(number) > 0 for number in received_there) > 10
        await expect(page.locator(".topics li").first).to_contain_text("Ngập, thoát nước")

        kept = "Promise.all([caches.keys(), navigator.serviceWorker.getRegistrations()])"
        assert await page.evaluate(kept) == [[], []]  # nothing of it stays on the phone

        received = await number_in(page, "Tiếp nhận")
        assert received > 30
        await page.get_by_role("link", name=re.compile("^Tiếp nhận: ")).click()
        await expect(page.locator("#found")).to_contain_text(f"{received} phản ánh")
        await expect(page.locator(".happened")).to_contain_text("gửi từ")
        await page.go_back()

        await page.get_by_role("link", name="Tháng này").click()
        await expect(page.get_by_role("link", name="Tháng này")).to_have_attribute(
            "aria-current", "true"
        )
        assert await serious_findings(page) == []


async def test_the_figures_are_whole_without_scripts(browser: Browser, tmp_path: Path) -> None:
    await asyncio.to_thread(fill, tmp_path)
    async with (
        Server(tmp_path) as server,
        leaders_phone(browser, server.url, scripts=False) as page,
    ):
        await expect(page.locator(".chart").first).to_be_hidden()
        await page.get_by_text("Bảng số liệu theo thời gian").click()
        days = page.get_by_role("region", name="Bảng theo thời gian").locator("tbody tr")
        assert await days.count() == 7
        rows = page.get_by_role("region", name="Bảng theo lĩnh vực").locator("tbody tr")
        assert await rows.count() == len(CATEGORIES)
        late = await number_in(page, "Trả lời trễ hạn")
        await page.get_by_role("link", name=re.compile("^Trả lời trễ hạn: ")).click()
        await expect(page.locator("#found")).to_contain_text(f"{late} phản ánh")
