"""Getting in, staying in, being kept out."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from aiohttp.test_utils import TestClient, TestServer

from actions import login_attempts, staff_sessions
from bot.staff_pages.access import COOKIE
from store.staff import StaffSession
from tests.integration.staff_desk import PASSWORD, Browser, Desk


async def test_what_was_typed_on_a_page_whose_session_is_over_is_shown_to_be_copied(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-ABCDE1")
    await browser.open(f"/staff/tickets/{ticket.code}")
    desk.now += timedelta(hours=13)
    response = await browser.send(
        f"/staff/tickets/{ticket.code}/reply", {"text": "Chào bác,\n<b>mai</b> đội thợ tới."}
    )
    assert response.status == 401
    assert "Chào bác,\n&lt;b&gt;mai&lt;/b&gt; đội thợ tới.</textarea>" in browser.html
    assert f'href="/staff/login?next=/staff/tickets/{ticket.code}"' in browser.html


@pytest.mark.parametrize(
    ("text", "headers"),
    [("lời của trang khác", {"Sec-Fetch-Site": "cross-site"}), ("dài quá " * 20_000, {})],
)
async def test_words_of_another_site_or_too_many_of_them_are_not_shown(
    stranger: Browser, text: str, headers: dict[str, str]
) -> None:
    response = await stranger.client.post(
        "/staff/chats/1/reply", data={"text": text}, headers=headers, allow_redirects=False
    )
    assert response.status == 303


async def test_the_login_leads_back_to_the_page_that_was_asked_for(
    desk: Desk, stranger: Browser
) -> None:
    desk.officer()
    ticket = desk.ticket("PA-ABCDE1")
    await stranger.open(f"/staff/tickets/{ticket.code}", to_login=True)
    form = {"username": "lan", "password": PASSWORD, "next": f"/staff/tickets/{ticket.code}"}
    response = await stranger.send("/staff/login", form)
    assert response.url.path == f"/staff/tickets/{ticket.code}"
    assert "Nguyễn Thị Lan" in stranger.html


async def test_the_login_never_leads_away_from_the_staff_pages(
    desk: Desk, stranger: Browser
) -> None:
    desk.officer()
    for elsewhere in ("https://evil.example/", "//evil.example", "/staff\\evil", "/", "/staffx"):
        await stranger.open("/staff/login")
        form = {
            "csrf": stranger.csrf,
            "username": "lan",
            "password": PASSWORD,
            "next": elsewhere,
        }
        response = await stranger.client.post("/staff/login", data=form, allow_redirects=False)
        assert response.headers["Location"] == "/staff", elsewhere


async def test_the_login_form_of_another_browser_is_refused(desk: Desk, stranger: Browser) -> None:
    desk.officer()
    form = {"csrf": "given by somebody else", "username": "lan", "password": PASSWORD}
    response = await stranger.client.post("/staff/login", data=form)
    assert response.status == 403
    assert not stranger.cookie(COOKIE)


async def test_an_unknown_name_and_a_wrong_password_are_told_the_same(
    desk: Desk, stranger: Browser
) -> None:
    desk.officer()
    wrong = await stranger.log_in(password="không phải")
    said = stranger.html.replace('value="lan"', "")
    unknown = await stranger.log_in(username="nobody")
    assert wrong.status == unknown.status == 401
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in said
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in stranger.html


async def test_too_many_failures_lock_the_name_until_the_window_has_passed(
    desk: Desk, stranger: Browser
) -> None:
    desk.officer()
    for _ in range(login_attempts.MAX_PER_USERNAME):
        assert (await stranger.log_in(password="không phải")).status == 401
    assert (await stranger.log_in()).status == 429
    assert "Bạn chờ 15 phút" in stranger.html
    desk.now += login_attempts.WINDOW + timedelta(seconds=1)
    assert (await stranger.log_in()).url.path == "/staff"


async def test_too_many_failures_lock_the_address_for_every_name(
    desk: Desk, stranger: Browser
) -> None:
    desk.officer()
    with desk.database.write() as session:
        for number in range(login_attempts.MAX_PER_ADDRESS):
            login_attempts.begin(
                session, username=f"name{number}", remote="127.0.0.1", now=desk.now
            )
    assert (await stranger.log_in()).status == 429


async def test_a_login_that_succeeds_forgets_the_failures_before_it(
    desk: Desk, stranger: Browser
) -> None:
    desk.officer()
    for _ in range(3):
        for _ in range(login_attempts.MAX_PER_USERNAME - 1):
            await stranger.log_in(password="không phải")
        assert (await stranger.log_in()).url.path == "/staff"


async def test_a_login_always_starts_a_new_session_and_ends_the_one_before(
    desk: Desk, stranger: Browser
) -> None:
    desk.officer()
    await stranger.open("/staff/login")
    planted = SimpleCookie({COOKIE: "planted-by-somebody-else"})
    planted[COOKIE]["path"] = "/staff"
    stranger.client.session.cookie_jar.update_cookies(planted, stranger.client.make_url("/staff"))
    assert stranger.cookie(COOKIE) == "planted-by-somebody-else"
    await stranger.log_in()
    first = stranger.cookie(COOKIE)
    assert first not in ("", "planted-by-somebody-else")
    await stranger.log_in()
    second = stranger.cookie(COOKIE)
    assert second != first
    with desk.database.read() as session:
        assert staff_sessions.signed_in(session, first, now=desk.now) is None
        assert staff_sessions.signed_in(session, second, now=desk.now) is not None


async def test_the_database_does_not_hold_the_token_itself(desk: Desk, browser: Browser) -> None:
    token = browser.cookie(COOKIE)
    with desk.database.read() as session:
        rows = session.query(StaffSession).all()
    assert len(rows) == 1
    assert token not in vars(rows[0]).values()


@pytest.mark.parametrize(("public_url", "secure"), [("https://caunoi.example", True), ("", False)])
async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    desk: Desk, public_url: str, secure: bool
) -> None:
    desk.officer()
    desk.public_url = public_url
    async with TestClient(TestServer(desk.app())) as client:
        stranger = Browser(client)
        await stranger.open("/staff/login")
        login_cookie = next(c for c in client.session.cookie_jar if c.key == "caunoi_login")
        response = await client.post(
            "/staff/login",
            data={"csrf": stranger.csrf, "username": "lan", "password": PASSWORD},
            headers={"Cookie": f"caunoi_login={login_cookie.value}"},
            allow_redirects=False,
        )
        cookie = response.cookies[COOKIE]
    assert cookie["httponly"]
    # Sent along when a link in a chat leads here, never with a form of another site.
    assert cookie["samesite"] == "Lax"
    assert bool(cookie["secure"]) is secure
    assert cookie["path"] == "/staff"
    assert int(cookie["max-age"]) == 12 * 3600


async def test_a_session_ends_after_twelve_hours(desk: Desk, browser: Browser) -> None:
    desk.now += timedelta(hours=12)
    response = await browser.client.get("/staff", allow_redirects=False)
    assert response.status == 303


async def test_logging_out_ends_the_session_on_the_server_too(desk: Desk, browser: Browser) -> None:
    token = browser.cookie(COOKIE)
    await browser.open("/staff")
    response = await browser.send("/staff/logout")
    assert response.url.path == "/staff/login"
    with desk.database.read() as session:
        assert staff_sessions.signed_in(session, token, now=desk.now) is None


async def test_an_officer_who_has_left_is_out_at_once(desk: Desk, browser: Browser) -> None:
    with desk.database.write() as session:
        found = staff_sessions.signed_in(session, browser.cookie(COOKIE), now=desk.now)
        assert found is not None
        found.officer.active = False
    response = await browser.client.get("/staff", allow_redirects=False)
    assert response.status == 303
    assert (await browser.log_in()).status == 401


async def test_a_new_password_replaces_the_old_one_and_ends_other_sessions(
    desk: Desk, browser: Browser
) -> None:
    with desk.database.write() as session:
        attempt = login_attempts.begin(session, username="lan", remote="other", now=desk.now)
        other = staff_sessions.open_session(session, attempt, now=desk.now).token
    await browser.open("/staff/password")
    new = "mật khẩu mới dài"
    await browser.send("/staff/password", {"old": PASSWORD, "new": new, "again": new})
    assert "Đã đổi mật khẩu." in browser.html
    with desk.database.read() as session:
        assert staff_sessions.signed_in(session, other, now=desk.now) is None
    assert (await browser.log_in()).status == 401
    assert (await browser.log_in(password=new)).url.path == "/staff"


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("sai rồi", "mật khẩu mới", "mật khẩu mới", "Mật khẩu hiện tại chưa đúng."),
        (PASSWORD, "mật khẩu mới", "mật khẩu khác", "chưa giống nhau"),
        (PASSWORD, "ngắn", "ngắn", "cần từ 8 đến 200 ký tự"),
    ],
)
async def test_a_password_is_not_changed_when_something_is_wrong(
    browser: Browser, old: str, new: str, again: str, said: str
) -> None:
    await browser.open("/staff/password")
    response = await browser.send("/staff/password", {"old": old, "new": new, "again": again})
    assert response.status == 400
    assert said in browser.html
    assert (await browser.log_in()).url.path == "/staff"


async def test_guessing_the_password_on_the_password_page_is_limited_as_well(
    browser: Browser,
) -> None:
    await browser.open("/staff/password")
    form = {"old": "sai rồi", "new": "mật khẩu mới", "again": "mật khẩu mới"}
    for _ in range(login_attempts.MAX_PER_USERNAME):
        assert (await browser.send("/staff/password", form)).status == 400
    assert (await browser.send("/staff/password", form)).status == 429


async def test_a_huge_login_form_is_not_read(stranger: Browser) -> None:
    await stranger.open("/staff/login")
    data = {"csrf": stranger.csrf, "username": "x" * 200_000, "password": "x"}
    response = await stranger.client.post("/staff/login", data=data)
    assert response.status == 413


async def test_odd_characters_in_a_username_are_an_ordinary_failure(stranger: Browser) -> None:
    assert (await stranger.log_in(username="a\x00b")).status == 401


async def test_no_cache_keeps_a_page_and_no_script_of_others_runs(browser: Browser) -> None:
    response = await browser.client.get("/staff")
    assert response.headers["Cache-Control"] == "no-store"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded; charset=klingon",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
    ],
)
async def test_a_login_form_that_nobody_can_read_is_refused(stranger: Browser, kind: str) -> None:
    answer = await stranger.client.post(
        "/staff/login", data=b"--x\r\n\r\na\r\n--x--\r\n", headers={"Content-Type": kind}
    )
    assert answer.status in (400, 403)
