"""The second factor: switched on, asked for at the login, switched off."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pyotp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from actions import login_attempts, second_factor, staff, staff_sessions
from actions.sealing import Seal, SealBroken, is_sealed
from bot.staff_pages.access import COOKIE
from bot.staff_pages.login import HALF_COOKIE
from store.staff import Officer, StaffSession
from tests.integration.staff_desk import PASSWORD, Browser, Desk

SECOND = "/staff/second-factor"
CODE = "/staff/login/code"
_SECRET = re.compile(r'<code class="secret">([A-Z2-7]{32})</code>')


def secret_of(desk: Desk, username: str = "lan") -> str:
    with desk.database.read() as session:
        officer = staff.find(session, username)
    assert officer is not None
    assert officer.totp_secret is not None
    return desk.seal.open(officer.totp_secret)


def code(desk: Desk, *, steps: int = 0) -> str:
    """What the officer's app shows now, or so many steps of 30 seconds from now."""
    return pyotp.TOTP(secret_of(desk)).at(desk.now, counter_offset=steps)


def wrong_code(desk: Desk) -> str:
    right = {code(desk, steps=steps) for steps in (-1, 0, 1)}
    return next(f"{n:06}" for n in range(10) if f"{n:06}" not in right)


async def switch_on(desk: Desk, browser: Browser) -> None:
    await browser.open(SECOND)
    await browser.send(f"{SECOND}/begin")
    await browser.send(f"{SECOND}/on", {"code": code(desk)})
    assert "Đã bật." in browser.html
    desk.now += timedelta(seconds=30)  # that code is used


@pytest.fixture
async def secured(desk: Desk, browser: Browser) -> Browser:
    """A browser, logged out, of an officer with a second factor."""
    await switch_on(desk, browser)
    await browser.send("/staff/logout")
    return browser


async def test_switching_on_shows_the_secret_as_text_and_image_and_takes_a_code(
    desk: Desk, browser: Browser
) -> None:
    await browser.open(SECOND)
    await browser.send(f"{SECOND}/begin")
    found = _SECRET.search(browser.html)
    assert found is not None
    assert found.group(1) == secret_of(desk)
    async with browser.client.get(f"{SECOND}/qr.svg") as image:
        assert image.status == 200
        assert image.content_type == "image/svg+xml"
        assert image.headers["Cache-Control"] == "no-store"
        svg = await image.text()
    assert "<svg" in svg
    assert "script" not in svg
    await browser.send(f"{SECOND}/on", {"code": code(desk)})
    assert "Đã bật." in browser.html


async def test_the_image_holds_secret_name_and_issuer(desk: Desk, browser: Browser) -> None:
    await browser.open(SECOND)
    await browser.send(f"{SECOND}/begin")
    read = pyotp.parse_uri(second_factor.address("lan", secret_of(desk)))
    assert (read.secret, read.name, read.issuer) == (secret_of(desk), "lan", "Cầu Nối")


async def test_a_secret_that_is_proven_is_never_shown_again(desk: Desk, browser: Browser) -> None:
    await switch_on(desk, browser)
    assert secret_of(desk) not in await browser.open(SECOND)
    assert (await browser.client.get(f"{SECOND}/qr.svg")).status == 404


async def test_a_wrong_code_switches_nothing_on(desk: Desk, browser: Browser) -> None:
    await browser.open(SECOND)
    await browser.send(f"{SECOND}/begin")
    for typed in (wrong_code(desk), "", "abcdef", "１２３４５６", code(desk)[:5]):
        response = await browser.send(f"{SECOND}/on", {"code": typed})
        assert response.status == 400, typed
        assert "Mã chưa đúng." in browser.html
    await browser.send("/staff/logout")
    assert (await browser.log_in()).url.path == "/staff"


async def test_a_code_without_a_secret_switches_nothing_on(browser: Browser) -> None:
    await browser.open(SECOND)
    assert (await browser.send(f"{SECOND}/on", {"code": "123456"})).status == 400


async def test_switching_on_ends_the_sessions_that_had_only_a_password(
    desk: Desk, browser: Browser
) -> None:
    with desk.database.write() as session:
        attempt = login_attempts.begin(session, username="lan", remote="other", now=desk.now)
        other = staff_sessions.open_session(session, attempt, now=desk.now).token
    await switch_on(desk, browser)
    with desk.database.read() as session:
        assert staff_sessions.signed_in(session, other, now=desk.now) is None
    assert await browser.open("/staff")


async def test_what_is_on_is_not_begun_anew(desk: Desk, browser: Browser) -> None:
    await switch_on(desk, browser)
    before = secret_of(desk)
    for step in ("begin", "on"):
        response = await browser.send(f"{SECOND}/{step}", {"code": code(desk)})
        assert response.status == 409
    assert secret_of(desk) == before


async def test_a_login_asks_for_the_code_in_a_second_step(desk: Desk, secured: Browser) -> None:
    response = await secured.log_in()
    assert response.url.path == CODE
    assert "Mã 6 số trong ứng dụng xác thực" in secured.html
    assert not secured.cookie(COOKIE)
    assert (await secured.client.get("/staff", allow_redirects=False)).status == 303
    response = await secured.send(CODE, {"code": code(desk)})
    assert response.url.path == "/staff"
    assert "Nguyễn Thị Lan" in secured.html


async def test_the_second_step_leads_back_to_the_page_that_was_asked_for(
    desk: Desk, secured: Browser
) -> None:
    page = "/staff/sessions?said=ended"
    await secured.open("/staff/login")
    await secured.send("/staff/login", {"username": "lan", "password": PASSWORD, "next": page})
    assert f'name="next" value="{page}"' in secured.html
    response = await secured.send(CODE, {"code": code(desk), "next": page})
    assert response.url.path_qs == page
    await secured.send("/staff/logout")
    desk.now += timedelta(minutes=1)
    await secured.log_in()
    response = await secured.send(CODE, {"code": code(desk), "next": "https://evil.example/"})
    assert response.url.path == "/staff"


async def test_the_session_that_waited_for_the_code_is_not_the_one_after_it(
    desk: Desk, secured: Browser
) -> None:
    await secured.log_in()
    half = secured.cookie(HALF_COOKIE)
    await secured.send(CODE, {"code": code(desk)})
    assert half
    assert secured.cookie(COOKIE) not in ("", half)
    assert not secured.cookie(HALF_COOKIE)
    with desk.database.read() as session:
        assert staff_sessions.half_open(session, half, now=desk.now) is None
        assert staff_sessions.signed_in(session, half, now=desk.now) is None
        assert session.query(StaffSession).count() == 1


async def test_a_session_that_waits_for_its_code_opens_no_page(
    desk: Desk, secured: Browser
) -> None:
    await secured.log_in()
    half = secured.cookie(HALF_COOKIE)
    response = await secured.client.get(
        "/staff", headers={"Cookie": f"{COOKIE}={half}"}, allow_redirects=False
    )
    assert response.status == 303
    with desk.database.read() as session:
        officer = session.query(Officer).one()
        assert list(staff_sessions.of_officer(session, officer, now=desk.now)) == []


async def test_a_code_is_taken_once(desk: Desk, secured: Browser) -> None:
    await secured.log_in()
    used = code(desk)
    await secured.send(CODE, {"code": used})
    await secured.send("/staff/logout")
    await secured.log_in()
    response = await secured.send(CODE, {"code": used})
    assert response.status == 401
    assert "đã dùng rồi" in secured.html
    earlier = code(desk, steps=-1)
    assert (await secured.send(CODE, {"code": earlier})).status == 401
    assert (await secured.send(CODE, {"code": code(desk, steps=1)})).url.path == "/staff"


@pytest.mark.parametrize(("steps", "taken"), [(-1, True), (1, True), (-2, False), (2, False)])
async def test_a_phone_whose_clock_is_off_by_half_a_minute_is_believed(
    desk: Desk, secured: Browser, steps: int, taken: bool
) -> None:
    desk.now += timedelta(minutes=2)
    await secured.log_in()
    response = await secured.send(CODE, {"code": code(desk, steps=steps)})
    assert (response.url.path == "/staff") is taken


async def test_wrong_codes_lock_the_login_and_the_page_says_for_how_long(
    desk: Desk, secured: Browser
) -> None:
    await secured.log_in()
    for _ in range(login_attempts.MAX_PER_USERNAME - 1):
        assert (await secured.send(CODE, {"code": wrong_code(desk)})).status == 401
    desk.now += timedelta(minutes=4)
    assert (await secured.send(CODE, {"code": code(desk)})).status == 429
    assert "Bạn chờ 11 phút" in secured.html
    assert (await secured.log_in()).status == 429
    assert "Bạn chờ 11 phút" in secured.html


async def test_the_right_password_does_not_forgive_wrong_codes(
    desk: Desk, secured: Browser
) -> None:
    statuses = []
    for _ in range(4):
        response = await secured.log_in()
        if response.status == 200:
            response = await secured.send(CODE, {"code": wrong_code(desk)})
        statuses.append(response.status)
    assert statuses == [401, 401, 429, 429]


async def test_a_code_that_comes_too_late_begins_at_the_password_again(
    desk: Desk, secured: Browser
) -> None:
    await secured.log_in()
    desk.now += staff_sessions.CODE_WITHIN
    response = await secured.send(CODE, {"code": code(desk)})
    assert response.url.path == "/staff/login"
    assert "Đã quá lâu từ lúc bạn nhập mật khẩu." in secured.html
    response = await secured.client.get(CODE)
    assert response.url.path == "/staff/login"


async def test_a_new_password_voids_a_login_that_waits_for_its_code(
    desk: Desk, secured: Browser
) -> None:
    await secured.log_in()
    with desk.database.write() as session:
        officer = session.query(Officer).one()
        staff.set_password(officer, "mật khẩu mới")
        staff_sessions.end_other_sessions(session, officer)
    response = await secured.send(CODE, {"code": code(desk)})
    assert response.url.path == "/staff/login"
    assert not secured.cookie(COOKIE)


async def test_the_form_for_the_code_needs_its_token(desk: Desk, secured: Browser) -> None:
    await secured.log_in()
    for csrf in ("", "given by somebody else"):
        response = await secured.send(CODE, {"code": code(desk)}, csrf=csrf)
        assert response.status == 403
    assert not secured.cookie(COOKIE)


async def test_switching_off_takes_the_password(desk: Desk, secured: Browser) -> None:
    await secured.log_in()
    await secured.send(CODE, {"code": code(desk)})
    await secured.open(SECOND)
    response = await secured.send(f"{SECOND}/off", {"password": "không phải"})
    assert response.status == 400
    assert "Mật khẩu chưa đúng." in secured.html
    await secured.send(f"{SECOND}/off", {"password": PASSWORD})
    assert "Đã tắt." in secured.html
    await secured.send("/staff/logout")
    assert (await secured.log_in()).url.path == "/staff"


async def test_a_secret_is_kept_sealed(desk: Desk, secured: Browser) -> None:
    with desk.database.read() as session:
        kept = session.scalars(select(Officer.totp_secret)).one()
    assert kept is not None
    assert is_sealed(kept)
    assert secret_of(desk) not in kept
    with pytest.raises(SealBroken):
        Seal("another key").open(kept)


async def test_plain_secrets_of_an_earlier_version_are_sealed_and_go_on_to_work(
    desk: Desk, secured: Browser
) -> None:
    secret = secret_of(desk)
    desk.change(totp_secret=secret)
    for _ in range(2):
        with desk.database.write() as session:
            second_factor.seal_all(session, desk.seal)
    with desk.database.read() as session:
        kept = session.scalars(select(Officer.totp_secret)).one()
    assert kept is not None
    assert is_sealed(kept)
    assert desk.seal.open(kept) == secret
    await secured.log_in()
    assert (await secured.send(CODE, {"code": wrong_code(desk)})).status == 401
    assert (await secured.send(CODE, {"code": code(desk)})).url.path == "/staff"


async def test_without_the_key_it_is_said_that_the_code_cannot_be_checked(
    desk: Desk, secured: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    right = code(desk)
    desk.change(totp_secret=Seal("another key").close(secret_of(desk)))
    await secured.log_in()
    assert (await secured.send(CODE, {"code": right})).status == 503
    assert "Bạn báo người quản trị nhé" in secured.html
    assert "sealed with another key" in caplog.text
    assert not secured.cookie(COOKIE)


async def test_guessing_the_password_there_is_limited(desk: Desk, browser: Browser) -> None:
    await switch_on(desk, browser)
    for _ in range(login_attempts.MAX_PER_USERNAME):
        assert (await browser.send(f"{SECOND}/off", {"password": "sai rồi"})).status == 400
    assert (await browser.send(f"{SECOND}/off", {"password": PASSWORD})).status == 429
    assert "Bạn chờ 15 phút" in browser.html


async def test_a_code_that_is_sent_from_two_places_at_once_is_taken_once(
    desk: Desk, secured: Browser
) -> None:
    async with TestClient(TestServer(desk.app())) as client:
        elsewhere = Browser(client)
        await secured.log_in()
        await elsewhere.log_in()
        both = (secured, elsewhere)
        answers = await asyncio.gather(*(one.send(CODE, {"code": code(desk)}) for one in both))
        assert sorted(answer.status for answer in answers) == [200, 401]
        assert sum(bool(one.cookie(COOKIE)) for one in both) == 1
