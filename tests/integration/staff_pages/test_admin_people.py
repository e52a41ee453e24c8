"""The people of the staff on the administrators' pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from actions import routing, staff
from actions.administration import people
from actions.administration.people import Person
from store.desk import DeskChange
from store.messages import ConversationMode
from store.staff import Handoff, Officer, OfficerRole, StaffSession
from store.tickets import Ticket, TicketEvent, TicketState
from tests.case_room import LOCAL
from tests.integration.staff_desk import Browser, Desk

PEOPLE = "/staff/admin/people"
HOA = {"name": "Trần Thị Hoa", "role": "officer", "agency": "so-xay-dung", "team": "ha-tang"}


@pytest.fixture
async def admin(desk: Desk, stranger: Browser) -> Browser:
    desk.officer(role=OfficerRole.ADMIN)
    stranger.let_in(desk)
    return stranger


def hoa(desk: Desk, **values: Any) -> Officer:
    facts = {"agency_code": "so-xay-dung", "team_code": "ha-tang"} | values
    return desk.officer("hoa", HOA["name"], **facts)


def now_of(desk: Desk, officer: Officer) -> Officer:
    return desk.kept(officer, officer.id)


def logged(desk: Desk) -> list[DeskChange]:
    with desk.database.read() as session:
        return session.query(DeskChange).order_by(DeskChange.id).all()


async def save(admin: Browser, officer: Officer, data: dict[str, Any]) -> int:
    await admin.open(f"{PEOPLE}/{officer.id}")
    return (await admin.send(f"{PEOPLE}/{officer.id}", HOA | data)).status


async def press(admin: Browser, officer: Officer, what: str) -> int:
    await admin.open(f"{PEOPLE}/{officer.id}")
    return (await admin.send(f"{PEOPLE}/{officer.id}/{what}")).status


async def undo(admin: Browser, change: DeskChange) -> int:
    await admin.open("/staff/admin/changes")
    return (await admin.send(f"/staff/admin/changes/{change.id}/undo")).status


def shown(html: str) -> list[str]:
    """The secrets on a page."""
    return re.findall(r"<dd><code>([^<]+)</code></dd>", html)


async def test_somebody_new_logs_in_with_the_password_that_is_shown_once(
    desk: Desk, admin: Browser
) -> None:
    await admin.open(f"{PEOPLE}/new")
    await admin.send(f"{PEOPLE}/new", HOA | {"username": "Hoa"})
    username, password, code = shown(admin.html)
    assert username == "hoa"
    with desk.database.write() as session:
        officer = staff.link_telegram(session, code, 77, now=desk.now)
        assert (officer.role, officer.agency_code) == ("officer", "so-xay-dung")
    [change] = logged(desk)
    assert change.before is None
    assert password not in str(change.after)
    assert password not in await admin.open(f"{PEOPLE}/{officer.id}")
    assert "Trần Thị Hoa" in await admin.open(f"{PEOPLE}?search=tran+thi")
    await admin.send("/staff/logout")
    assert (await admin.log_in("hoa", password)).status == 200


@pytest.mark.parametrize(
    ("data", "column", "words"),
    [
        ({"username": "Trần Hoa"}, "username", "2 đến 40 ký tự"),
        ({"username": "lan"}, "username", "đã có người dùng"),
        ({"name": " "}, "name", "chưa điền"),
        ({"name": "x" * 101}, "name", "dài quá"),
        ({"role": "king"}, "role", "Chọn một mục"),
        ({"agency": "khong-co"}, "agency", "Chọn một mục"),
        ({"team": "khong-co"}, "team", "Chọn một mục"),
        ({"away": "mai"}, "away", "Chọn một ngày"),
        ({"away": "9999-12-31"}, "away", "Chọn một ngày"),
    ],
)
async def test_what_cannot_be_used_is_said_beside_its_field(
    desk: Desk, admin: Browser, data: dict[str, str], column: str, words: str
) -> None:
    await admin.open(f"{PEOPLE}/new")
    response = await admin.send(f"{PEOPLE}/new", HOA | {"username": "hoa"} | data)
    assert response.status == 400
    assert f'id="fault-{column}"' in admin.html
    assert words in admin.html
    assert logged(desk) == []
    with desk.database.read() as session:
        assert session.query(Officer).count() == 1


async def test_an_officer_on_leave_gets_no_new_ticket_until_the_day_after(
    desk: Desk, admin: Browser
) -> None:
    officer = hoa(desk)
    assert await save(admin, officer, {"away": "2026-11-05"}) == 200
    assert now_of(desk, officer).away_until == datetime(2026, 11, 5, 17, 0, tzinfo=UTC)
    with desk.database.read() as session:
        present = routing.at_work(session, "so-xay-dung", desk.now)
        assert "hoa" not in {one.username for one in present}
    assert 'value="2026-11-05"' in await admin.open(f"{PEOPLE}/{officer.id}")
    [change] = logged(desk)
    assert await undo(admin, change) == 200
    assert now_of(desk, officer).away_until is None


async def test_a_role_is_changed_undone_and_what_was_said_meanwhile_stays(
    desk: Desk, admin: Browser
) -> None:
    officer = hoa(desk)
    await save(admin, officer, {"role": "lead"})
    await save(admin, officer, {"role": "lead", "name": "Trần Thị Hoa Mai"})
    first, second = logged(desk)
    assert await undo(admin, first) == 200
    kept = now_of(desk, officer)
    assert (kept.role, kept.name) == ("officer", "Trần Thị Hoa Mai")
    assert await undo(admin, first) == 409
    assert "sửa tiếp sau thay đổi đó" in admin.html
    assert await undo(admin, second) == 200
    assert now_of(desk, officer).name == "Trần Thị Hoa"


async def test_what_the_command_line_changed_is_listed_and_undone_here(
    desk: Desk, admin: Browser
) -> None:
    officer = hoa(desk)
    await admin.open(f"{PEOPLE}/{officer.id}")
    with desk.database.write() as session:
        person = Person.of(people.of_number(session, officer.id))
        lead = Person(**{**vars(person), "role": OfficerRole.LEAD})
        people.change(session, None, officer.id, lead, reason="", local=LOCAL, now=desk.now)
    assert (await admin.send(f"{PEOPLE}/{officer.id}", HOA)).status == 409
    assert "Dòng lệnh vừa sửa mục này" in admin.html
    await save(admin, officer, {"role": "duty"})
    html = await admin.open("/staff/admin/changes?officer=command")
    assert html.count("<span>dòng lệnh</span>") == 1
    assert "Dòng lệnh</option>" in html
    by_command, by_admin = logged(desk)
    assert (by_command.officer_id, by_admin.officer_id is None) == (None, False)
    assert await undo(admin, by_admin) == 200
    assert await undo(admin, by_command) == 200
    assert now_of(desk, officer).role == OfficerRole.OFFICER


async def test_who_saves_over_a_colleague_is_told(desk: Desk, admin: Browser) -> None:
    officer = hoa(desk)
    await admin.open(f"{PEOPLE}/{officer.id}")
    mine = admin.html
    await save(admin, officer, {"team": "dien"})
    admin.html = mine
    response = await admin.send(f"{PEOPLE}/{officer.id}", HOA | {"name": "Hoa"})
    assert response.status == 409
    assert "vừa sửa mục này" in admin.html
    assert 'value="Hoa"' in admin.html
    assert now_of(desk, officer).name == "Trần Thị Hoa"


async def test_retiring_says_what_it_means_and_leaves_nothing_in_their_hands(
    desk: Desk, admin: Browser
) -> None:
    officer = hoa(desk, telegram_user_id=77)
    working = desk.ticket("PA-AAAA-1", state=TicketState.IN_PROGRESS, officer_id=officer.id)
    asking = desk.ticket("PA-AAAA-2", state=TicketState.WAITING, officer_id=officer.id)
    closed = desk.ticket(
        "PA-AAAA-3",
        state=TicketState.CLOSED,
        officer_id=officer.id,
        resolved_at=desk.now,
        closed_at=desk.now,
    )
    chat = desk.chat("talk", mode=ConversationMode.HUMAN)
    talk = desk.add(
        Handoff(
            conversation_id=chat.id,
            reason="asked",
            requested_at=desk.now,
            officer_id=officer.id,
            taken_at=desk.now,
        )
    )
    desk.add(
        StaffSession(
            token_hash="x" * 64,
            officer_id=officer.id,
            csrf_token="c",
            created_at=desk.now,
            expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        )
    )
    html = await admin.open(f"{PEOPLE}/{officer.id}/retire")
    for words in ("2 phản ánh</b>", "1 cuộc trò chuyện</b>", "khỏi 1 nơi", "Telegram bị ngắt"):
        assert words in html
    await admin.send(f"{PEOPLE}/{officer.id}/retire")
    assert "Đã cho thôi việc" in admin.html
    gone = now_of(desk, officer)
    assert (gone.active, gone.telegram_user_id) == (False, None)
    assert desk.kept(working, working.id).state == TicketState.ACCEPTED
    assert desk.kept(working, working.id).officer_id is None
    assert desk.kept(asking, asking.id).state == TicketState.WAITING
    assert desk.kept(asking, asking.id).officer_id is None
    assert desk.kept(closed, closed.id).officer_id == officer.id
    assert desk.kept(talk, talk.id).officer_id is None
    with desk.database.read() as session:
        assert session.query(StaffSession).filter_by(officer_id=officer.id).count() == 0
        released = session.query(TicketEvent).filter_by(kind="release").all()
        assert {event.detail["text"] for event in released} == {
            "Trần Thị Hoa không còn phụ trách việc này"
        }
    assert (await admin.client.get(f"{PEOPLE}/{officer.id}/retire")).status == 404
    assert "Trần Thị Hoa" in await admin.open(f"{PEOPLE}?view=retired")


async def test_a_retired_officer_cannot_log_in_until_brought_back(
    desk: Desk, admin: Browser
) -> None:
    officer = hoa(desk)
    await admin.open(f"{PEOPLE}/{officer.id}/retire")
    await admin.send(f"{PEOPLE}/{officer.id}/retire")
    await admin.send("/staff/logout")
    assert (await admin.log_in("hoa")).status == 401
    await admin.log_in()
    await admin.open(f"{PEOPLE}/{officer.id}")
    await admin.send(f"{PEOPLE}/{officer.id}/return")
    assert "Đã cho làm việc lại" in admin.html
    assert now_of(desk, officer).active
    retired, returned = logged(desk)
    assert await undo(admin, returned) == 200
    assert not now_of(desk, officer).active
    assert await undo(admin, retired) == 200
    assert now_of(desk, officer).active


async def test_undoing_that_somebody_was_added_retires_them(desk: Desk, admin: Browser) -> None:
    await admin.open(f"{PEOPLE}/new")
    await admin.send(f"{PEOPLE}/new", HOA | {"username": "hoa"})
    [added] = logged(desk)
    assert await undo(admin, added) == 200
    with desk.database.read() as session:
        assert not session.query(Officer).filter_by(username="hoa").one().active


async def test_the_last_administrator_stays_one(desk: Desk, admin: Browser) -> None:
    with desk.database.read() as session:
        lan = session.query(Officer).one()
    assert "người quản trị duy nhất" in await admin.open(f"{PEOPLE}/{lan.id}/retire")
    assert await save(admin, lan, {"role": "duty"}) == 400
    assert "người quản trị duy nhất" in admin.html
    await admin.open(f"{PEOPLE}/{lan.id}")
    assert (await admin.send(f"{PEOPLE}/{lan.id}/retire")).status == 400
    officer = hoa(desk)
    await save(admin, officer, {"role": "admin", "agency": "", "team": ""})
    [change] = logged(desk)
    assert await save(admin, lan, {"role": "duty"}) == 403  # saved: what comes next is not theirs
    assert now_of(desk, lan).role == "duty"
    await admin.open("/staff/login")
    desk.change("hoa", active=True)
    await admin.log_in("hoa")
    assert await undo(admin, change) == 409
    assert "không còn người quản trị nào" in admin.html


async def test_cases_of_the_old_agency_go_back_when_somebody_changes_to_another(
    desk: Desk, admin: Browser
) -> None:
    officer = hoa(desk)
    old = desk.ticket("PA-AAAA-4", state=TicketState.IN_PROGRESS, officer_id=officer.id)
    assert await save(admin, officer, {"name": "Hoa"}) == 200
    assert desk.kept(old, old.id).officer_id == officer.id
    assert await save(admin, officer, {"agency": "so-y-te"}) == 200
    with desk.database.read() as session:
        kept = session.get_one(Ticket, old.id)
        assert (kept.officer_id, kept.state) == (None, TicketState.ACCEPTED)


async def test_a_new_password_ends_the_sessions_and_cannot_be_undone(
    desk: Desk, admin: Browser
) -> None:
    officer = hoa(desk)
    assert await press(admin, officer, "password") == 200
    _, password = shown(admin.html)
    [change] = logged(desk)
    assert change.after == {"event": "password"}
    assert await undo(admin, change) == 409
    assert "Hoàn tác</button>" not in await admin.open("/staff/admin/changes")
    await admin.send("/staff/logout", csrf=await csrf(admin))
    assert (await admin.log_in("hoa")).status == 401
    assert (await admin.log_in("hoa", password)).status == 200


async def csrf(admin: Browser) -> str:
    await admin.open("/staff/admin")
    return admin.csrf


async def test_a_link_code_links_the_telegram_account_once(desk: Desk, admin: Browser) -> None:
    officer = hoa(desk)
    assert await press(admin, officer, "link-code") == 200
    [code] = shown(admin.html)
    with desk.database.write() as session:
        assert staff.link_telegram(session, code, 77, now=desk.now).username == "hoa"
        with pytest.raises(staff.LinkCodeInvalid):
            staff.link_telegram(session, code, 78, now=desk.now)
    await admin.open(f"{PEOPLE}/{officer.id}/retire")
    await admin.send(f"{PEOPLE}/{officer.id}/retire")
    assert (await admin.send(f"{PEOPLE}/{officer.id}/link-code")).status == 404


async def test_sessions_end_and_a_lost_phone_is_no_more_asked_for(
    desk: Desk, admin: Browser
) -> None:
    officer = hoa(desk, totp_secret="JBSWY3DPEHPK3PXP", totp_used_step=1)
    assert "Đang bật" in await admin.open(f"{PEOPLE}/{officer.id}")
    assert await press(admin, officer, "second-factor") == 200
    assert now_of(desk, officer).totp_secret is None
    desk.add(
        StaffSession(
            token_hash="x" * 64,
            officer_id=officer.id,
            csrf_token="c",
            created_at=desk.now,
            expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        )
    )
    assert await press(admin, officer, "sessions") == 200
    with desk.database.read() as session:
        assert session.query(StaffSession).filter_by(officer_id=officer.id).count() == 0
    assert [change.after for change in logged(desk)] == [
        {"event": "second_factor"},
        {"event": "sessions"},
    ]


async def test_ones_own_password_and_second_factor_are_changed_where_the_password_is_asked_for(
    desk: Desk, admin: Browser
) -> None:
    with desk.database.read() as session:
        lan = session.query(Officer).one()
    html = await admin.open(f"{PEOPLE}/{lan.id}")
    assert "Cấp mật khẩu mới" not in html
    for path, leads_to in (("password", "/staff/password"), ("second-factor", "/second-factor")):
        response = await admin.client.post(
            f"{PEOPLE}/{lan.id}/{path}", data={"csrf": admin.csrf}, allow_redirects=False
        )
        assert response.status == 303
        assert response.headers["Location"].endswith(leads_to)
    assert now_of(desk, lan).password_hash == lan.password_hash


async def test_nobody_is_found_under_a_number_that_nobody_has(desk: Desk, admin: Browser) -> None:
    token = await csrf(admin)
    for path in ("", "/retire"):
        assert (await admin.client.get(f"{PEOPLE}/999{path}")).status == 404
    for path in ("", "/retire", "/return", "/password", "/link-code", "/sessions"):
        response = await admin.send(f"{PEOPLE}/999{path}", HOA, csrf=token)
        assert response.status == 404, path
    assert logged(desk) == []
