"""The chat page in a real browser, against the real channel and a dialogue of the test's own."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, FilePayload, expect

from bot.messages import Button, Incoming, Kind, Outgoing
from store.messages import Author, OutboxStatus
from tests.e2e.browser import PHONE, phone
from tests.fakes.web_chat_server import WebChatServer, settings_for
from tests.office_files import DOCX, PDF
from tests.rig import until


def dialogue(incoming: Incoming) -> list[Outgoing]:
    if incoming.kind == Kind.OPENED:
        menu = Button(title="Gửi phản ánh", payload="d:menu:report")
        return [Outgoing(text="Chào bạn", buttons=(menu, Button(title="Gọi 114", phone="114")))]
    if incoming.kind == Kind.PRESS:
        return [Outgoing(text="Ở đâu?", ask="location")]
    if incoming.kind == Kind.LOCATION:
        return [Outgoing(text="Số của bạn?", ask="contact")]
    if incoming.kind == Kind.CONTACT:
        return [Outgoing(text="Mã của bạn: PA-7K3-QX9, xem tại https://caunoi.example/a.")]
    return [Outgoing(text=f"nghe: {incoming.text}")]


@pytest.fixture
def chat(tmp_path: Path) -> WebChatServer:
    return WebChatServer(settings_for(tmp_path), dialogue=dialogue)


def photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2400, 1800), "orange").save(out, "JPEG")
    return out.getvalue()


async def test_buttons_place_and_phone_number_lead_to_an_answer(
    chat: WebChatServer, browser: Browser
) -> None:
    async with (
        chat.running() as server,
        phone(browser, str(server.make_url("/")), location=True) as visit,
    ):
        page = visit.page
        await expect(page.get_by_role("link", name="Gọi 114")).to_have_attribute("href", "tel:114")
        await page.get_by_role("button", name="Gửi phản ánh").click()
        await page.get_by_role("button", name="Chia sẻ vị trí của tôi").click()
        await page.get_by_label("Số điện thoại của bạn").fill("không có")
        await page.get_by_role("button", name="Gửi số này").click()
        await expect(page.locator("#notice")).to_contain_text("Số điện thoại chưa đúng")
        await page.get_by_label("Số điện thoại của bạn").fill("0912 345 678")
        await page.get_by_role("button", name="Gửi số này").click()
        await expect(page.locator(".code")).to_have_text("PA-7K3-QX9")
        link = page.get_by_role("link", name="https://caunoi.example/a")
        await expect(link).to_have_attribute("href", "https://caunoi.example/a")
    assert [event.kind for event in chat.events()] == [
        Kind.OPENED,
        Kind.PRESS,
        Kind.LOCATION,
        Kind.CONTACT,
    ]
    place = chat.events()[2].location
    assert place is not None
    assert (place.latitude, place.longitude) == (10.0125, 105.0809)


async def test_a_refused_location_is_explained_and_writing_goes_on(
    chat: WebChatServer, browser: Browser
) -> None:
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        await visit.page.get_by_role("button", name="Vị trí").click()
        await expect(visit.page.locator("#notice")).to_contain_text("chưa cho phép")
        await visit.page.get_by_label("Tin nhắn của bạn").fill("ngay chợ Rạch Sỏi")
        await visit.page.get_by_role("button", name="Gửi", exact=True).click()
        await expect(visit.page.get_by_text("nghe: ngay chợ Rạch Sỏi")).to_be_visible()
        await expect(visit.page.locator(".own.kept")).to_be_visible()
        # What the server says of the line does not wipe away what the page has just explained.
        await expect(visit.page.locator("#notice")).to_contain_text("chưa cho phép")


async def test_a_photo_is_chosen_looked_at_and_sent_with_its_words(
    chat: WebChatServer, browser: Browser
) -> None:
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        page = visit.page
        file = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=photo())
        for _ in range(2):
            await page.locator("#files").set_input_files([file])
        await expect(page.locator("#picked img")).to_have_count(2)
        await page.get_by_role("button", name="Bỏ tệp này").first.click()
        await page.get_by_label("Tin nhắn của bạn").fill("ổ gà đây")
        await page.get_by_role("button", name="Gửi", exact=True).click()
        await expect(page.get_by_text("nghe: ổ gà đây")).to_be_visible()
        await page.reload()
        await expect(page.locator(".own img")).to_have_js_property("complete", True)
        await expect(page.locator(".own img")).to_have_js_property("naturalWidth", 1920)
    (sent,) = [event for event in chat.events() if event.kind == Kind.MEDIA]
    assert len(sent.media) == 1


async def test_a_file_that_is_no_picture_is_refused_in_words(
    chat: WebChatServer, browser: Browser
) -> None:
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        page = visit.page
        await expect(page.get_by_text("Chào bạn")).to_be_visible()
        file = FilePayload(name="a.jpg", mimeType="image/jpeg", buffer=b"no picture at all")
        await page.locator("#files").set_input_files([file])
        await page.get_by_role("button", name="Gửi", exact=True).click()
        await expect(page.locator("#notice")).to_contain_text("Chưa đọc được tệp này")
        await expect(page.locator(".own .state")).to_have_text("Chưa gửi được")
        visit.faults.clear()  # the browser notes the refused upload


async def test_what_the_server_could_not_keep_survives_a_reload_and_is_sent_once(
    chat: WebChatServer, browser: Browser
) -> None:
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        page = visit.page
        await expect(page.get_by_text("Chào bạn")).to_be_visible()
        chat.broken = True
        for words in ("tin một", "tin hai"):
            await page.get_by_label("Tin nhắn của bạn").fill(words)
            await page.get_by_role("button", name="Gửi", exact=True).click()
        await expect(page.locator("#notice")).to_contain_text("Hệ thống đang bận")
        await page.reload()
        await expect(page.locator(".own.waiting")).to_have_count(2)
        chat.broken = False
        await expect(page.get_by_text("nghe: tin hai")).to_be_visible()
        await expect(page.locator(".own.waiting")).to_have_count(0)
    assert [event.text for event in chat.events()][1:] == ["tin một", "tin hai"]


async def test_a_lost_line_is_told_in_words_and_comes_back_by_itself(
    chat: WebChatServer, browser: Browser
) -> None:
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        page = visit.page
        await expect(page.locator("#status")).to_have_text("Đã kết nối")
        await visit.context.set_offline(True)
        await expect(page.locator("#status")).to_have_text("Mất kết nối")
        await page.get_by_label("Tin nhắn của bạn").fill("viết lúc mất mạng")
        await page.get_by_role("button", name="Gửi", exact=True).click()
        await expect(page.locator(".own .state")).to_have_text("Đang chờ gửi")
        await visit.context.set_offline(False)
        await expect(page.get_by_text("nghe: viết lúc mất mạng")).to_be_visible()
        await expect(page.locator("#status")).to_have_text("Đã kết nối")
        await expect(page.locator("#notice")).to_be_hidden()


async def test_an_officers_words_appear_as_such_and_count_as_delivered(
    chat: WebChatServer, browser: Browser
) -> None:
    stored = chat.media_store.add("photo", photo())
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        await expect(visit.page.get_by_text("Chào bạn")).to_be_visible()
        message = Outgoing(text="Đã vá xong.", media=(stored,))
        row = chat.say(chat.only_conversation(), message, author=Author.OFFICER)
        bubble = visit.page.locator(".officer")
        await expect(bubble).to_contain_text("Cán bộ")
        await expect(bubble.locator("img")).to_have_js_property("complete", True)
        await until(lambda: chat.outbox_status(row) == OutboxStatus.SENT)


async def test_documents_are_sent_and_received_under_their_names(
    chat: WebChatServer, browser: Browser
) -> None:
    stored = chat.media_store.add("file", DOCX, "Mẫu đơn.docx")
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        page = visit.page
        await expect(page.get_by_text("Chào bạn")).to_be_visible()
        row = chat.say(
            chat.only_conversation(),
            Outgoing(text="Mẫu đây.", media=(stored,)),
            author=Author.OFFICER,
        )
        link = page.get_by_role("link", name="Mẫu đơn.docx")
        await expect(link).to_have_attribute("href", f"/chat/media/{row}/0")
        async with page.expect_download() as download:
            await link.click()
        assert (await download.value).suggested_filename == "Mẫu đơn.docx"

        file = FilePayload(name="don.pdf", mimeType="application/pdf", buffer=PDF)
        await page.locator("#files").set_input_files([file])
        await expect(page.locator("#picked")).to_contain_text("don.pdf")
        await page.get_by_label("Tin nhắn của bạn").fill("đơn của tôi")
        await page.get_by_role("button", name="Gửi", exact=True).click()
        await expect(page.get_by_text("nghe: đơn của tôi")).to_be_visible()
        await page.reload()
        await expect(page.locator(".own").get_by_role("link", name="Tài liệu")).to_be_visible()
    (sent,) = [event for event in chat.events() if event.kind == Kind.MEDIA]
    assert [ref.kind for ref in sent.media] == ["file"]


async def test_nobody_is_said_to_be_answering_while_a_person_has_the_chat(
    tmp_path: Path, browser: Browser
) -> None:
    chat = WebChatServer(settings_for(tmp_path))
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        field = visit.page.get_by_label("Tin nhắn của bạn")
        send = visit.page.get_by_role("button", name="Gửi", exact=True)
        await field.fill("cho gặp cán bộ")
        await send.click()
        await expect(visit.page.get_by_text("Đang trả lời")).to_be_visible()
        chat.hand_over(chat.only_conversation())
        chat.say(chat.only_conversation(), Outgoing(text="Đã báo cán bộ"), author=Author.SYSTEM)
        await expect(visit.page.get_by_text("Đã báo cán bộ")).to_be_visible()
        await field.fill("alo")
        await send.click()
        await expect(visit.page.locator(".own.kept")).to_have_count(2)
        await expect(visit.page.get_by_text("Đang trả lời")).to_be_hidden()


async def test_everything_is_reached_with_the_keyboard_alone(
    chat: WebChatServer, browser: Browser
) -> None:
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        page = visit.page
        button = page.get_by_role("button", name="Gửi phản ánh")
        await button.wait_for()
        for _ in range(8):
            await page.keyboard.press("Tab")
            if await button.evaluate("element => element === document.activeElement"):
                break
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Ở đâu?")).to_be_visible()
        await page.locator(".skip").focus()
        await page.keyboard.press("Enter")
        await page.keyboard.type("chào")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("nghe: chào")).to_be_visible()


async def test_words_of_a_person_are_never_taken_for_code(
    chat: WebChatServer, browser: Browser
) -> None:
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        page = visit.page
        text = "<img src=x onerror=alert(1)> javascript:alert(1)"
        await page.get_by_label("Tin nhắn của bạn").fill(text)
        await page.get_by_role("button", name="Gửi", exact=True).click()
        await expect(page.get_by_text(f"nghe: {text}")).to_be_visible()
        assert await page.locator("#messages img, #messages a[href^=javascript]").count() == 0


async def test_nothing_is_wider_than_a_cheap_phone(chat: WebChatServer, browser: Browser) -> None:
    async with chat.running() as server, phone(browser, str(server.make_url("/"))) as visit:
        page = visit.page
        await page.get_by_label("Tin nhắn của bạn").fill("https://caunoi.example/" + "a" * 300)
        await page.get_by_role("button", name="Gửi", exact=True).click()
        await expect(page.locator(".own.kept")).to_be_visible()
        widths = await page.evaluate(
            "[document.documentElement.scrollWidth, document.getElementById('scroll').scrollWidth]"
        )
        assert max(widths) <= PHONE["width"]
