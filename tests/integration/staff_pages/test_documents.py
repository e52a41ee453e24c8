"""Documents at the desk: from officer to citizen, and from citizens, for those who may see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import FormData

from bot.channels.base import Capabilities
from bot.channels.zalo_oa.sending import CAPABILITIES as ZALO
from store.messages import Conversation, OutboxMessage
from store.tickets import Attachment
from tests.integration.staff_desk import Browser, Desk
from tests.integration.staff_pages.test_chats import hand_over
from tests.office_files import DOCX, PDF, XLSX, package
from tests.rig import WIDE_OPEN


async def reply(browser: Browser, page: str, *files: tuple[str, bytes], text: str = "") -> int:
    """Answer on a page that is open, with files."""
    form = FormData({"csrf": browser.csrf, "text": text}, quote_fields=False)  # as browsers do
    for name, content in files:
        form.add_field("files", content, filename=name)
    response = await browser.client.post(f"{page}/reply", data=form)
    browser.html = await response.text()
    return response.status


def sent(desk: Desk) -> list[dict[str, Any]]:
    with desk.database.read() as session:
        rows = session.query(OutboxMessage).order_by(OutboxMessage.id).all()
        return [item for row in rows for item in row.payload.get("media", ())]


async def open_chat(desk: Desk, browser: Browser, **values: Any) -> tuple[Conversation, str]:
    chat = desk.chat(**values)
    hand_over(desk, chat)
    page = f"/staff/chats/{chat.id}"
    await browser.open(page)
    return chat, page


@pytest.mark.parametrize(("name", "content"), [("Mẫu đơn.pdf", PDF), ("bảng.xlsx", XLSX)])
async def test_an_officer_sends_a_document(
    desk: Desk, browser: Browser, name: str, content: bytes
) -> None:
    _, page = await open_chat(desk, browser)
    assert await reply(browser, page, (name, content), text="Bạn điền giúp") == 200
    (item,) = sent(desk)
    assert (item["kind"], item["name"], item["size"]) == ("file", name, len(content))
    assert desk.media_store.path(item["path"]).read_bytes() == content
    assert f'href="/staff/media/{item["path"]}" download>Tài liệu' in browser.html


@pytest.mark.parametrize("content", [b"MZ program", package("word/vbaProject.bin"), b"<html>"])
async def test_what_is_no_document_whatever_its_name_is_not_sent(
    desk: Desk, browser: Browser, content: bytes
) -> None:
    _, page = await open_chat(desk, browser)
    assert await reply(browser, page, ("mau-don.pdf", content), text="Chào bạn") == 400
    assert "Có tệp không phải ảnh, video MP4 hay tài liệu PDF, Word, Excel" in browser.html
    assert "Chào bạn</textarea>" in browser.html
    assert sent(desk) == []


async def test_what_zalo_does_not_take_is_told_to_the_officer(desk: Desk, browser: Browser) -> None:
    capabilities: dict[str, Capabilities] = {"web": WIDE_OPEN, "zalo_oa": ZALO}
    desk.capabilities.update(capabilities)
    _, page = await open_chat(desk, browser, channel="zalo_oa")
    assert await reply(browser, page, ("bang.xlsx", XLSX)) == 409
    assert "Zalo nhận PDF hoặc Word đến 5 MB" in browser.html
    assert await reply(browser, page, ("don.pdf", PDF + bytes(5 * 1024 * 1024))) == 409
    assert sent(desk) == []
    await browser.open(page)
    assert await reply(browser, page, ("don.docx", DOCX)) == 200
    assert [item["name"] for item in sent(desk)] == ["don.docx"]


async def test_a_document_of_a_citizen_is_saved_and_never_shown(
    desk: Desk, browser: Browser
) -> None:
    chat, page = await open_chat(desk, browser)
    kept = desk.media_store.add("file", PDF, "don.pdf")
    desk.add(
        Attachment(
            conversation_id=chat.id,
            kind="file",
            mime=kept.mime,
            size=kept.size,
            path=kept.path,
            created_at=desk.now + timedelta(minutes=1),
        )
    )
    html = await browser.open(page)
    assert f'<a class="document" href="/staff/media/{kept.path}" download>Tài liệu PDF</a>' in html
    async with browser.client.get(f"/staff/media/{kept.path}") as got:
        assert await got.read() == PDF
        assert got.headers["Content-Type"] == "application/pdf"
        assert got.headers["Content-Disposition"].startswith("attachment;")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in got.headers["Content-Security-Policy"]


async def test_a_document_of_a_ticket_is_for_those_who_see_the_ticket(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-AAAAA1", agency_code="so-nnmt")
    kept = desk.media_store.add("file", DOCX)
    desk.add(
        Attachment(
            conversation_id=ticket.conversation_id,
            ticket_id=ticket.id,
            kind="file",
            mime=kept.mime,
            size=kept.size,
            path=kept.path,
            purpose="added",
            created_at=desk.now,
        )
    )
    assert "Tài liệu DOCX" in await browser.open("/staff/tickets/PA-AAAAA1")
    assert (await browser.client.get(f"/staff/media/{kept.path}")).status == 200
    desk.change(agency_code="so-xay-dung")
    assert (await browser.client.get(f"/staff/media/{kept.path}")).status == 404
