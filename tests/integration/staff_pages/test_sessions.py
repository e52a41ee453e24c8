"""The list of one's own sessions, and ending them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from actions import staff_sessions
from store.staff import StaffSession
from tests.integration.staff_desk import Browser, Desk

SESSIONS = "/staff/sessions"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)


@pytest.fixture
async def phone(desk: Desk) -> AsyncIterator[Browser]:
    """The browser of a phone, not logged in."""
    server = TestServer(desk.app())
    async with TestClient(server, headers={"User-Agent": ANDROID}) as client:
        yield Browser(client)


async def is_in(browser: Browser) -> bool:
    async with browser.client.get("/staff/password", allow_redirects=False) as response:
        return response.status == 200


def key_of_the_other(desk: Desk, browser: Browser) -> str:
    with desk.database.read() as session:
        found = staff_sessions.signed_in(session, browser.cookie("caunoi_staff"), now=desk.now)
        assert found is not None
        return found.token_hash


async def test_an_officer_sees_where_they_are_logged_in(
    desk: Desk, browser: Browser, phone: Browser
) -> None:
    desk.now += timedelta(hours=1)
    await phone.log_in()
    desk.now += timedelta(minutes=5)
    html = await browser.open(SESSIONS)
    assert "Chrome trên Android" in html
    assert "Đăng nhập lúc 09:00 02/11/2026" in html
    assert html.count("Nơi bạn đang dùng") == 1
    assert html.count("Đăng xuất nơi này") == 1
    assert "Dùng lần cuối 09:00 02/11/2026" in html


async def test_one_session_is_ended_and_the_others_stay(
    desk: Desk, browser: Browser, phone: Browser
) -> None:
    await phone.log_in()
    await browser.open(SESSIONS)
    await browser.send(SESSIONS, {"session": key_of_the_other(desk, phone)})
    assert "Đã đăng xuất." in browser.html
    assert not await is_in(phone)
    assert await is_in(browser)


async def test_all_other_sessions_are_ended_at_once(
    desk: Desk, browser: Browser, phone: Browser
) -> None:
    await phone.log_in()
    await browser.open(SESSIONS)
    await browser.send(SESSIONS)
    assert not await is_in(phone)
    assert await is_in(browser)
    assert "Đăng xuất mọi nơi khác" not in await browser.open(SESSIONS)


async def test_nobody_ends_the_session_of_somebody_else(
    desk: Desk, browser: Browser, phone: Browser
) -> None:
    desk.officer("hung", "Lê Văn Hùng")
    await phone.log_in("hung")
    await browser.open(SESSIONS)
    await browser.send(SESSIONS, {"session": key_of_the_other(desk, phone)})
    assert await is_in(phone)


async def test_that_a_session_is_in_use_is_written_at_most_once_a_minute(
    desk: Desk, browser: Browser
) -> None:
    def seen_at() -> list[object]:
        with desk.database.read() as session:
            return [row.seen_at for row in session.query(StaffSession)]

    first = desk.now
    await browser.open("/staff/password")
    assert seen_at() == [first]
    desk.now += timedelta(seconds=59)
    await browser.open("/staff/password")
    assert seen_at() == [first]
    desk.now += timedelta(seconds=1)
    await browser.open("/staff/password")
    assert seen_at() == [desk.now]


async def test_a_browser_may_call_itself_what_it_likes(desk: Desk) -> None:
    desk.officer()
    attack = "<script>alert(1)</script>" + "x" * 500
    server = TestServer(desk.app())
    async with TestClient(server, headers={"User-Agent": attack}) as client:
        browser = Browser(client)
        await browser.log_in()
        html = await browser.open(SESSIONS)
    assert "<script>alert" not in html
    assert "Trình duyệt không rõ tên" in html
