"""The inbox in a real browser: keys, what comes live, many at once, no scripts, a phone."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from actions import tickets
from actions.tickets import TicketDraft
from bot.clock import utc_now
from store.engine import Database
from store.models import Conversation
from tests.case_room import LOCAL
from tests.e2e.browser import PHONE
from tests.e2e.desk import LAPTOP, add_officer, at_the_desk, serious_findings, too_wide
from tests.e2e.server import Server

TEXTS = (
    "Ổ gà to trước trường tiểu học, hôm qua có người té xe",
    "Rác ở chợ Rạch Sỏi ba ngày chưa ai gom",
    "Đèn đường hẻm 12 tắt cả tuần",
    "Nước máy đục từ sáng hôm qua",
)

BEYOND_A_PULSE_MS = 16_000


class Citizens:
    """Whoever reports, beside the running server."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(f"sqlite:///{folder / 'caunoi.db'}")
        self._random = Random(7)

    def report(self, text: str, category: str = "traffic", urgency: str = "normal") -> str:
        """Make a case; returns its code."""
        with self._database.write() as session:
            chat = Conversation(
                channel="web", chat_id=uuid.uuid4().hex, state={}, created_at=utc_now()
            )
            session.add(chat)
            session.flush()
            ticket = tickets.create(
                session,
                conversation=chat,
                draft=TicketDraft("report", category, urgency, text, commune_code="30760"),
                local=LOCAL,
                now=utc_now(),
                random=self._random,
            )
            return ticket.code

    def close(self) -> None:
        self._database.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with Server(tmp_path) as running:
        await add_officer(tmp_path, "lan", "Nguyễn Thị Lan")
        yield running


@pytest.fixture
def citizens(server: Server, tmp_path: Path) -> Iterator[Citizens]:
    made = Citizens(tmp_path)
    yield made
    made.close()


async def count_of(page: Page, view: str) -> str:
    link = page.locator("#views a", has_text=view)
    return await link.locator("span").inner_text()


async def focused(page: Page) -> str:
    found: str = await page.evaluate("document.activeElement.id")
    return found


async def test_a_list_is_worked_through_without_touching_the_mouse(
    browser: Browser, server: Server, citizens: Citizens
) -> None:
    first, second, third = (citizens.report(text) for text in TEXTS[:3])
    async with at_the_desk(browser, server.url) as page:
        await page.goto(f"{server.url}/staff")
        await page.keyboard.press("j")
        assert await focused(page) == f"case-{first}"
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("j")
        await page.keyboard.press("j")  # there is nothing after the last one
        assert await focused(page) == f"case-{third}"
        await page.keyboard.press("x")
        await page.keyboard.press("k")
        await page.keyboard.press("x")
        await expect(page.get_by_label(f"Chọn {second}")).to_be_checked()
        await expect(page.get_by_label(f"Chọn {third}")).to_be_checked()
        await expect(page.locator("#ticked")).to_have_text("Đã chọn 2 phản ánh.")
        await page.keyboard.press("x")
        await expect(page.get_by_label(f"Chọn {second}")).not_to_be_checked()

        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog", name="Phím tắt")).to_be_visible()
        await page.keyboard.press("Escape")
        await page.keyboard.press("/")
        assert await focused(page) == "search"
        await page.keyboard.type("jxk?")
        await expect(page.get_by_label("Tìm theo nội dung")).to_have_value("jxk?")
        await page.get_by_label("Tìm theo nội dung").fill("")
        await page.keyboard.press("Escape")
        await expect(page.locator(f"#case-{first}")).to_be_visible()
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{server.url}/staff/tickets/{first}")


async def test_keys_can_be_switched_off(
    browser: Browser, server: Server, citizens: Citizens
) -> None:
    citizens.report(TEXTS[0])
    async with at_the_desk(browser, server.url) as page:
        await page.goto(f"{server.url}/staff")
        await page.keyboard.press("?")
        await page.get_by_label("Dùng phím tắt trên máy này").uncheck()
        await page.get_by_role("button", name="Đóng").click()
        await page.reload()
        await page.keyboard.press("/")
        assert await focused(page) == ""


async def test_searching_and_filtering_swap_the_list_and_the_address_says_so(
    browser: Browser, server: Server, citizens: Citizens
) -> None:
    pothole = citizens.report(TEXTS[0])
    rubbish = citizens.report(TEXTS[1], "environment")
    async with at_the_desk(browser, server.url) as page:
        await page.goto(f"{server.url}/staff")
        await page.evaluate("window.stillTheSamePage = true")
        await page.get_by_label("Tìm theo nội dung").press_sequentially("rac cho")
        await expect(page.locator(f"#case-{pothole}")).to_have_count(0)
        await expect(page.locator(f"#case-{rubbish}")).to_be_visible()
        await expect(page).to_have_url(f"{server.url}/staff?search=rac+cho")
        assert await focused(page) == "search"
        await expect(page.locator("#told")).to_have_text("1 phản ánh")

        await page.get_by_label("Lĩnh vực").select_option(label="Giao thông")
        await expect(page.locator("#list")).to_contain_text("Không có phản ánh nào khớp")
        await page.locator("#views a", has_text="Tất cả").click()
        await expect(page).to_have_url(
            f"{server.url}/staff?view=all&category=traffic&search=rac+cho"
        )
        await page.get_by_label("Tìm theo nội dung").fill("")
        await expect(page.locator(f"#case-{pothole}")).to_be_visible()
        await expect(page).to_have_url(f"{server.url}/staff?view=all&category=traffic")
        assert await page.evaluate("window.stillTheSamePage")
        kept = await page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))")
        assert "htmx-history-cache" not in kept  # nothing of a case stays in the browser
        await page.go_back()
        await expect(page.locator("#list")).to_contain_text("Không có phản ánh nào khớp")


async def test_what_comes_is_shown_and_said_and_nothing_moves_while_boxes_are_ticked(
    browser: Browser, server: Server, citizens: Citizens
) -> None:
    first = citizens.report(TEXTS[0])
    async with at_the_desk(browser, server.url) as page:
        await page.clock.install()
        await page.goto(f"{server.url}/staff")
        await page.keyboard.press("j")
        second = citizens.report(TEXTS[1], urgency="urgent")
        await page.clock.fast_forward(BEYOND_A_PULSE_MS)
        await expect(page.locator(f"#case-{second}")).to_be_visible()
        await expect(page.locator("#news")).to_have_text(
            "Có một phản ánh mới, 1 phản ánh khẩn cấp."
        )
        assert await count_of(page, "Đang mở") == "2"
        assert await focused(page) == f"case-{first}"

        await page.get_by_label(f"Chọn {first}").check()
        third = citizens.report(TEXTS[2])
        await page.clock.fast_forward(BEYOND_A_PULSE_MS)
        await expect(page.locator("#news")).to_contain_text("Danh sách có thay đổi.")
        await expect(page.locator("#views a", has_text="Đang mở").locator("span")).to_have_text("3")
        await expect(page.locator(f"#case-{third}")).to_have_count(0)
        await expect(page.get_by_label(f"Chọn {first}")).to_be_checked()
        await page.get_by_role("button", name="Bỏ chọn và cập nhật danh sách").click()
        await expect(page.locator(f"#case-{third}")).to_be_visible()
        await expect(page.get_by_label(f"Chọn {first}")).not_to_be_checked()
        await expect(page.locator("#bulk")).to_be_hidden()


async def test_what_is_ticked_is_done_and_the_page_says_what_became_of_each(
    browser: Browser, server: Server, citizens: Citizens
) -> None:
    codes = [citizens.report(text) for text in TEXTS]
    async with at_the_desk(browser, server.url) as page:
        await page.goto(f"{server.url}/staff")
        await expect(page.locator("#bulk")).to_be_hidden()
        await page.get_by_label("Chọn tất cả trên trang này").check()
        await page.get_by_label(f"Chọn {codes[3]}").uncheck()
        await page.get_by_label("Việc cần làm").select_option(label="Chuyển cơ quan khác")
        await expect(page.get_by_label("Giao cho")).to_be_hidden()
        await page.get_by_label("Chuyển đến").select_option("so-y-te")
        await page.get_by_label("Lý do chuyển").fill("Thuộc việc của Sở")
        assert await serious_findings(page) == []
        await page.get_by_role("button", name="Thực hiện").click()
        await expect(page.get_by_role("heading", name="Đã xong: 3 phản ánh")).to_be_visible()
        assert await serious_findings(page) == []
        await page.get_by_role("link", name="← Về danh sách").click()
        await expect(page.locator("#list tr", has_text=codes[0])).to_contain_text("Sở Y tế")
        await expect(page.locator("#list tr", has_text=codes[3])).not_to_contain_text("Sở Y tế")


async def test_without_scripts_lists_are_filtered_kept_and_worked_on(
    browser: Browser, server: Server, citizens: Citizens
) -> None:
    pothole = citizens.report(TEXTS[0])
    rubbish = citizens.report(TEXTS[1], "environment")
    async with at_the_desk(browser, server.url, scripts=False) as page:
        await page.goto(f"{server.url}/staff")
        await page.get_by_label("Tìm theo nội dung").fill("rac")
        await page.get_by_role("button", name="Lọc").click()
        await expect(page.locator(f"#case-{rubbish}")).to_be_visible()
        await expect(page.locator(f"#case-{pothole}")).to_have_count(0)
        await page.locator("summary", has_text="Lưu danh sách này").click()
        await page.get_by_label("Tên danh sách").fill("Rác")
        await page.get_by_role("button", name="Lưu").click()
        await page.locator("#views a", has_text="Đang mở").click()
        await page.get_by_role("link", name="Rác", exact=True).click()
        await page.get_by_label(f"Chọn {rubbish}").check()
        await page.get_by_label("Việc cần làm").select_option(label="Tiếp nhận")
        await page.get_by_role("button", name="Thực hiện").click()
        await expect(page.get_by_role("heading", name="Đã xong: 1 phản ánh")).to_be_visible()


@pytest.mark.parametrize(
    "screen",
    [LAPTOP, ViewportSize(width=PHONE["width"], height=PHONE["height"])],
    ids=["desk", "phone"],
)
async def test_the_list_fits_the_screen_and_everything_in_it_has_a_name(
    browser: Browser, server: Server, citizens: Citizens, screen: ViewportSize
) -> None:
    codes = [citizens.report(text * 5, urgency="urgent") for text in TEXTS]
    async with at_the_desk(browser, server.url, screen=screen) as page:
        await page.goto(f"{server.url}/staff")
        assert await too_wide(page) == 0
        assert await serious_findings(page) == []
        cells = page.locator("#list tr", has_text=codes[0]).locator("td")
        boxes = [await cells.nth(n).bounding_box() for n in (1, 2)]
        assert boxes[0] is not None
        assert boxes[1] is not None
        beside = boxes[1]["x"] > boxes[0]["x"]
        assert beside == (screen["width"] > 700)  # a table on a desk, cards on a phone
        await page.get_by_label(f"Chọn {codes[1]}").check()
        await expect(page.locator("#bulk")).to_be_in_viewport()
        assert await too_wide(page) == 0
        assert await serious_findings(page) == []


async def test_a_list_is_downloaded_as_a_file_again_and_again(
    browser: Browser, server: Server, citizens: Citizens
) -> None:
    code = citizens.report(TEXTS[0])
    async with at_the_desk(browser, server.url) as page:
        await page.goto(f"{server.url}/staff")
        await page.locator("summary", has_text="Xuất danh sách").click()
        for _ in range(2):
            async with page.expect_download() as coming:
                await page.get_by_role("button", name="Tải CSV").click()
            file = await (await coming.value).path()
            assert code in file.read_text(encoding="utf-8-sig")
