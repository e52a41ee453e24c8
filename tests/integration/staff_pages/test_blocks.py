"""Blocking a chat on the staff page, and hearing it again."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from actions import abuse
from store.messages import Conversation
from store.staff import OfficerRole
from tests.integration.staff_desk import Browser, Desk


def in_force(desk: Desk) -> list[int]:
    with desk.database.read() as session:
        return list(abuse.in_force(session, desk.now))


def flooding_chat(desk: Desk) -> Conversation:
    """A chat that was blocked by itself, for it sent too much."""
    chat = desk.chat()
    with desk.database.write() as session:
        until = desk.now + abuse.FLOOD_BLOCK
        abuse.block(session, session.merge(chat), reason=abuse.FLOODED, until=until, now=desk.now)
    return chat


async def test_a_chat_is_blocked_with_a_reason_and_heard_again(
    desk: Desk, browser: Browser
) -> None:
    desk.change(role=OfficerRole.LEAD)
    chat = desk.chat()
    await browser.open("/staff/blocks")
    await browser.send(
        "/staff/blocks", {"chat": str(chat.id), "reason": "Gửi tin quấy rối", "days": "7"}
    )
    assert "Đã tạm chặn" in browser.html
    assert "Gửi tin quấy rối" in browser.html
    assert "Đến 08:00 09/11/2026" in browser.html
    assert in_force(desk) == [chat.id]
    await browser.send(lift_form(browser))
    assert "Đã gỡ chặn" in browser.html
    assert in_force(desk) == []
    assert "Nguyễn Thị Lan gỡ lúc" in browser.html


def lift_form(browser: Browser) -> str:
    """Where the form leads that hears the first chat of the list again."""
    found = re.search(r'action="(/staff/blocks/\d+/lift)"', browser.html)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"reason": "  "}, "Hãy ghi lý do"),
        ({"days": "365"}, "Hãy chọn thời hạn"),
        ({"chat": "999999"}, "Không có cuộc trò chuyện nào"),
    ],
)
async def test_what_is_missing_is_said_and_nobody_is_blocked(
    desk: Desk, browser: Browser, data: dict[str, str], problem: str
) -> None:
    desk.change(role=OfficerRole.DUTY)
    chat = desk.chat()
    await browser.open("/staff/blocks")
    form = {"chat": str(chat.id), "reason": "vì quấy rối", "days": "7"} | data
    response = await browser.send("/staff/blocks", form)
    assert response.status == 400
    assert problem in browser.html
    assert in_force(desk) == []


async def test_two_presses_make_one_block(desk: Desk, browser: Browser) -> None:
    desk.change(role=OfficerRole.LEAD)
    chat = desk.chat()
    await browser.open("/staff/blocks")
    form = {"csrf": browser.csrf, "chat": str(chat.id), "reason": "quấy rối", "days": "7"}
    answers = await asyncio.gather(
        *(browser.client.post("/staff/blocks", data=form) for _ in range(4))
    )
    said = [answer.url.query["said"] for answer in answers]
    assert sorted(said) == ["already", "already", "already", "blocked"]
    with desk.database.read() as session:
        assert len(abuse.blocks(session)) == 1
    assert "đang bị tạm chặn rồi" in await browser.open("/staff/blocks?said=already")


async def test_a_chat_that_flooded_may_be_blocked_for_longer(desk: Desk, browser: Browser) -> None:
    desk.change(role=OfficerRole.LEAD)
    chat = flooding_chat(desk)
    await browser.open("/staff/blocks")
    await browser.send("/staff/blocks", {"chat": str(chat.id), "reason": "quấy rối", "days": "30"})
    assert "Đã tạm chặn" in browser.html
    with desk.database.read() as session:
        assert abuse.in_force(session, desk.now)[chat.id].reason == "quấy rối"


async def test_an_officer_blocks_nobody(desk: Desk, browser: Browser) -> None:
    chat = desk.chat()
    assert "/staff/blocks" not in await browser.open("/staff")
    response = await browser.send(
        "/staff/blocks", {"chat": str(chat.id), "reason": "vì", "days": "1"}
    )
    assert response.status == 403
    assert "Việc này không thuộc phần việc của bạn" in browser.html
    assert in_force(desk) == []


async def test_a_block_that_has_ended_stands_below(desk: Desk, browser: Browser) -> None:
    desk.change(role=OfficerRole.LEAD)
    flooding_chat(desk)
    assert "Tự động chặn" in await browser.open("/staff/blocks")
    desk.now += timedelta(hours=1)
    html = await browser.open("/staff/blocks")
    assert "Hiện không có ai bị chặn" in html
    assert "gửi quá nhiều tin" in html
