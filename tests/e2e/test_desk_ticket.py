"""An officer's day on one case, in a real browser: the page of a ticket, and talking live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.e2e.browser import PATIENCE_MS, PHONE, phone
from tests.e2e.desk import (
    add_officer,
    at_the_desk,
    reload_until,
    report,
    serious_findings,
    too_wide,
    write,
)
from tests.e2e.people import photo
from tests.e2e.server import Server

REPORT = "ổ gà to tướng trước trường Lê Lợi, p. Vĩnh Thanh, Rạch Giá, hôm qua có người té xe"
QUESTION = "Ổ gà nằm bên nào của đường, cách cổng trường bao xa?"
RESULT = "Tổ hạ tầng đã vá ổ gà trước cổng trường lúc 14 giờ hôm nay, mặt đường đã êm."


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A machine that is busy with other tests is slow, not wrong."""
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=None)


async def ask_for_a_person(visitor: Page) -> None:
    await write(visitor, "cho tôi gặp cán bộ")
    await expect(visitor.locator("body")).to_contain_text("cán bộ")


async def open_waiting_chat(page: Page, url: str) -> None:
    """Open the chat that waits; it is in the list a moment after the citizen asked."""
    await page.goto(f"{url}/staff/chats")
    await reload_until(page, page.locator(".list"), "xin gặp cán bộ")
    await page.get_by_role("link", name=re.compile("xin gặp cán bộ")).click()
    await expect(page.get_by_role("heading", name=re.compile("Chat số"))).to_be_visible()


async def test_an_officers_day_on_one_case(browser: Browser, tmp_path: Path) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        await add_officer(tmp_path, "lan", "Nguyễn Thị Lan")
        citizen = visit.page.locator("body")
        code = await report(visit.page, REPORT)
        async with at_the_desk(browser, server.url) as page:
            await page.goto(f"{server.url}/staff/tickets/{code}")
            await expect(page.locator(".said").first).to_have_text(REPORT)
            await expect(page.locator("#map .place")).to_be_visible()
            await expect(page.locator(".clocks")).to_contain_text(re.compile("Còn .+ làm việc"))
            assert await serious_findings(page) == []

            await page.get_by_role("button", name="Nhận xử lý").click()
            await expect(page.get_by_role("status")).to_contain_text("Bạn đã nhận xử lý")

            await page.locator("summary", has_text="Hỏi người dân").click()
            await page.get_by_label("Câu hỏi gửi cho người dân").fill(QUESTION)
            await page.locator("#ask form > button").click()
            await expect(page.locator(".clocks")).to_contain_text("Tạm dừng, chờ người dân")
            await expect(citizen).to_contain_text(QUESTION)

            await write(visit.page, "bên phải, cách cổng trường khoảng 5 mét")
            history = page.locator(".history")
            await reload_until(page, history, "bên phải, cách cổng trường")
            await expect(history).to_contain_text("trả lời câu hỏi")

            await page.locator("summary", has_text="Ghi chú nội bộ").click()
            await page.get_by_label("Chỉ cán bộ đọc được").fill("Gọi tổ hạ tầng trước 10 giờ")
            await page.get_by_role("button", name="Lưu ghi chú").click()
            await expect(history.locator(".internal")).to_contain_text("Gọi tổ hạ tầng")

            await page.locator("summary", has_text="Trả kết quả").click()
            await page.locator("#resolve summary", has_text="Câu trả lời mẫu").click()
            await page.locator("#resolve .use").first.click()
            box = page.get_by_label("Kết quả gửi cho người dân")
            await expect(box).to_have_value(re.compile("hoàn thành"))
            await box.fill(RESULT)
            await page.locator("#resolve form > button").click()
            await expect(page.locator("#resolve-files-fault")).to_contain_text("ảnh chụp sau")
            await expect(box).to_have_value(RESULT)
            assert await serious_findings(page) == []
            await page.get_by_label("Ảnh sau khi xử lý").set_input_files(
                {"name": "sau.jpg", "mimeType": "image/jpeg", "buffer": photo()}
            )
            await page.locator("#resolve form > button").click()
            await expect(page.get_by_role("status")).to_contain_text("Đã trả kết quả")
            await expect(page.get_by_role("heading", name="Sau khi xử lý")).to_be_visible()

            await expect(citizen).to_contain_text(RESULT)
            await expect(citizen).not_to_contain_text("Gọi tổ hạ tầng")
            result = page.locator("#messages li", has_text=RESULT[:20])
            await reload_until(page, result, "đã gửi")

            await page.locator(".sides .pictures a").first.click()
            await expect(page.get_by_role("dialog")).to_be_visible()
            await page.get_by_role("button", name="Đóng").click()
            await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_two_officers_never_answer_one_chat_unknowingly(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        await add_officer(tmp_path, "lan", "Nguyễn Thị Lan")
        await add_officer(tmp_path, "minh", "Trần Minh")
        await ask_for_a_person(visit.page)
        async with (
            at_the_desk(browser, server.url, "lan") as lan,
            at_the_desk(browser, server.url, "minh") as minh,
        ):
            for page in (lan, minh):
                await open_waiting_chat(page, server.url)
            await expect(lan.locator("#who")).to_contain_text("Trần Minh đang xem")
            await lan.get_by_role("textbox").press_sequentially("Chào bạn, ")
            await expect(minh.locator("#who")).to_contain_text("Nguyễn Thị Lan đang gõ…")

            await lan.get_by_role("textbox").fill("Chào bạn, mình là Lan.")
            await lan.get_by_role("button", name="Gửi", exact=True).click()
            await expect(visit.page.locator("body")).to_contain_text("Chào bạn, mình là Lan.")
            await expect(lan.get_by_role("textbox")).to_have_value("")
            await expect(minh.locator("#who")).to_contain_text("Nguyễn Thị Lan đang trả lời")
            await expect(minh.locator("#lines")).to_contain_text("Chào bạn, mình là Lan.")
            assert await serious_findings(minh) == []

            await minh.get_by_role("textbox").fill("Bạn cần gì ạ?")
            await minh.get_by_role("button", name="Gửi", exact=True).click()
            await expect(minh.get_by_role("alert").first).to_contain_text(
                "Nguyễn Thị Lan đã nhận trước"
            )
            await expect(minh.get_by_role("textbox")).to_have_value("Bạn cần gì ạ?")

            await lan.get_by_role("textbox").fill("Đang viết dở")
            await write(visit.page, "hồ sơ của tôi bị trả lại")
            await expect(lan.locator("#lines")).to_contain_text("hồ sơ của tôi bị trả lại")
            await expect(lan.get_by_role("textbox")).to_have_value("Đang viết dở")
            await lan.get_by_label("Kèm ảnh, video hoặc tài liệu").set_input_files(
                {"name": "mau.jpg", "mimeType": "image/jpeg", "buffer": photo()}
            )
            await lan.get_by_role("button", name="Gửi", exact=True).click()
            await expect(lan.locator("#lines .pictures img")).to_be_visible()
            await expect(visit.page.locator("body")).to_contain_text("Đang viết dở")
            await expect(visit.page.locator("body")).not_to_contain_text("Bạn cần gì ạ?")

            await lan.get_by_role("button", name="Trả lại cho bot").click()
            await expect(lan.get_by_role("status").first).to_contain_text("lại cho bot")
            await expect(minh.locator("#who")).to_contain_text("đã kết thúc")
            await expect(minh.get_by_role("textbox")).to_have_value("Bạn cần gì ạ?")


async def test_an_officer_opens_a_talk_from_the_ticket(browser: Browser, tmp_path: Path) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        await add_officer(tmp_path, "lan", "Nguyễn Thị Lan")
        citizen = visit.page.locator("body")
        code = await report(visit.page, REPORT)
        async with at_the_desk(browser, server.url) as page:
            await page.goto(f"{server.url}/staff/tickets/{code}")
            await page.get_by_role("button", name="Trò chuyện trực tiếp").click()
            await expect(page.get_by_role("status").first).to_contain_text("Người dân đã được báo")
            await expect(citizen).to_contain_text(f"trực tiếp với bạn về phản ánh {code}")
            await write(visit.page, "dạ tôi nghe")
            await expect(page.locator("#lines")).to_contain_text("dạ tôi nghe")
            await page.get_by_text("Câu trả lời mẫu").click()
            await page.locator(".use").first.click()
            await expect(page.get_by_role("textbox")).to_have_value(re.compile(r"\S"))
            await visit.page.get_by_role("button", name="Quay lại trợ lý tự động").click()
            await expect(page.locator("#who")).to_contain_text("đã kết thúc")


async def test_without_javascript_a_ticket_is_read_and_worked_on(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        await add_officer(tmp_path, "lan", "Nguyễn Thị Lan")
        citizen = visit.page.locator("body")
        code = await report(visit.page, REPORT)
        async with at_the_desk(browser, server.url, scripts=False) as page:
            await page.goto(f"{server.url}/staff/tickets/{code}")
            await expect(page.locator(".said").first).to_have_text(REPORT)
            await expect(page.locator("#map")).to_be_hidden()
            await page.get_by_role("button", name="Nhận xử lý").click()
            await expect(page.get_by_role("status")).to_contain_text("Bạn đã nhận xử lý")

            await page.locator("#reply .beginnings summary").click()
            await page.locator("#reply .use").first.click()
            box = page.get_by_label("Tin gửi cho người dân")
            await expect(box).to_have_value(re.compile(r"\S"))
            await box.fill("Chiều nay tổ hạ tầng đến nơi.")
            await page.get_by_role("button", name="Gửi tin").click()
            await expect(page.get_by_role("status")).to_contain_text("Đã gửi tin")
            await expect(citizen).to_contain_text("Chiều nay tổ hạ tầng đến nơi.")

            await page.get_by_role("button", name="Trò chuyện trực tiếp").click()
            await page.get_by_label("Tin nhắn", exact=True).fill("Chào bạn, mình là Lan.")
            await page.get_by_role("button", name="Gửi", exact=True).click()
            await expect(citizen).to_contain_text("Chào bạn, mình là Lan.")
            await write(visit.page, "dạ chào chị")
            await expect(page.get_by_role("link", name="Xem tin mới")).to_be_visible()
            await reload_until(page, page.locator("#lines"), "dạ chào chị")
            await page.get_by_role("button", name="Trả lại cho bot").click()
            await expect(page.get_by_role("status")).to_contain_text("lại cho bot")


async def test_pages_fit_a_phone_and_are_worked_by_keyboard(
    browser: Browser, tmp_path: Path
) -> None:
    screen = ViewportSize(width=PHONE["width"], height=PHONE["height"])
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        await add_officer(tmp_path, "lan", "Nguyễn Thị Lan")
        code = await report(visit.page, REPORT)
        async with at_the_desk(browser, server.url, screen=screen) as page:
            await page.goto(f"{server.url}/staff/tickets/{code}")
            assert await too_wide(page) <= 0
            await page.locator("summary", has_text="Hỏi người dân").focus()
            await page.keyboard.press("Enter")
            await page.keyboard.press("Tab")
            await page.keyboard.type("Ổ gà sâu cỡ nào?")
            await expect(page.get_by_label("Câu hỏi gửi cho người dân")).to_have_value(
                "Ổ gà sâu cỡ nào?"
            )
            assert await too_wide(page) <= 0
            assert await serious_findings(page) == []
            await page.get_by_role("button", name="Trò chuyện trực tiếp").press("Enter")
            await expect(page.get_by_role("heading", name=re.compile("Chat số"))).to_be_visible()
            assert await too_wide(page) <= 0
            assert await serious_findings(page) == []
            await expect(page.get_by_role("textbox")).to_be_focused()
            await page.keyboard.type("Chào bạn.")
            await page.keyboard.press("Tab")
            await expect(page.get_by_role("textbox")).to_have_value("Chào bạn.")


async def test_words_typed_when_the_session_has_ended_are_shown_to_be_copied(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server(tmp_path) as server, phone(browser, server.url) as visit:
        await add_officer(tmp_path, "lan", "Nguyễn Thị Lan")
        await ask_for_a_person(visit.page)
        async with at_the_desk(browser, server.url) as page:
            await open_waiting_chat(page, server.url)
            await page.get_by_role("textbox").fill("Chào bạn, mình là Lan.")
            other = await page.context.new_page()
            await other.goto(f"{server.url}/staff/chats")
            await other.get_by_role("button", name="Đăng xuất").click()
            await expect(page.locator("#unsent")).to_contain_text("Phiên đăng nhập đã hết")
            await expect(page.get_by_role("textbox")).to_have_value("Chào bạn, mình là Lan.")
            await page.get_by_role("button", name="Gửi", exact=True).click()
            await expect(page.locator("main, body").first).to_contain_text("Chào bạn, mình là Lan.")
            await expect(page).to_have_title(re.compile("đăng nhập", re.IGNORECASE))
