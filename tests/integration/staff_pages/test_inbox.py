"""The inbox: views, counts, filters, search, pages, lists of one's own, what comes live."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import select

from actions import ticket_code
from actions.inbox import PAGE_SIZE
from store.desk import SavedFilter
from store.local import Agency
from store.staff import Officer, OfficerRole
from store.tickets import Ticket, TicketEvent, TicketState
from tests.integration.staff_desk import Browser, Desk

SCRIPT = {"HX-Request": "true"}


def shown_codes(html: str) -> list[str]:
    """The codes of the list, in its order."""
    return re.findall(r'id="case-(PA-[0-9A-Z]+)"', html)


def counts(html: str) -> dict[str, str]:
    """What stands behind each view."""
    nav = html.split('<nav id="views"')[1].split("</nav>")[0]
    return dict(re.findall(r">([^<>]+) <span>([^<]*)</span>", nav))


def link(html: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', html)
    assert found is not None, f"no {rel}"
    return found.group(1).replace("&amp;", "&")


def pulse_of(html: str) -> str:
    found = re.search(r'hx-get="(/staff/pulse[^"]*)"', html)
    assert found is not None
    return found.group(1).replace("&amp;", "&")


def change(desk: Desk, username: str = "lan", **values: object) -> Officer:
    """The officer, with other values from now on."""
    with desk.database.write() as session:
        officer = session.scalars(select(Officer).where(Officer.username == username)).one()
        for name, value in values.items():
            setattr(officer, name, value)
    return officer


async def fetch(browser: Browser, path: str, **headers: str) -> tuple[int, str]:
    """What a script gets."""
    async with browser.client.get(path, headers=SCRIPT | headers) as response:
        browser.html = await response.text()
        return response.status, browser.html


async def test_what_is_due_first_stands_first_where_staff_must_act(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket("PA-AAAAA1", deadline_at=desk.now + timedelta(days=3))
    desk.ticket("PA-AAAAA2", deadline_at=desk.now - timedelta(days=1))
    desk.ticket("PA-AAAAA3", deadline_at=desk.now + timedelta(days=1))
    assert shown_codes(await browser.open("/staff")) == ["PA-AAAAA2", "PA-AAAAA3", "PA-AAAAA1"]


async def test_the_newest_stands_first_where_asked_for_and_where_all_is_done(
    desk: Desk, browser: Browser
) -> None:
    for number in range(1, 4):
        closed = desk.now if number < 3 else None
        desk.ticket(
            f"PA-AAAAA{number}",
            created_at=desk.now + timedelta(minutes=number),
            closed_at=closed,
            state=TicketState.CLOSED if closed else TicketState.NEW,
        )
    desk.ticket("PA-AAAAA4", created_at=desk.now - timedelta(days=9))
    assert shown_codes(await browser.open("/staff?view=closed")) == ["PA-AAAAA2", "PA-AAAAA1"]
    assert shown_codes(await browser.open("/staff?sort=newest")) == ["PA-AAAAA3", "PA-AAAAA4"]


async def test_an_overdue_ticket_is_marked_and_can_be_listed_alone(
    desk: Desk, browser: Browser
) -> None:
    late = desk.now - timedelta(days=3)
    desk.ticket("PA-AAAAA1", deadline_at=late)
    desk.ticket("PA-AAAAA2")
    desk.ticket("PA-AAAAA3", state=TicketState.CLOSED, closed_at=desk.now, deadline_at=late)
    html = await browser.open("/staff?view=overdue")
    assert shown_codes(html) == ["PA-AAAAA1"]
    assert "Quá hạn 3 ngày" in html


async def test_a_ticket_that_waits_for_its_citizen_is_not_marked_as_overdue(
    desk: Desk, browser: Browser
) -> None:
    due, soon = desk.now - timedelta(days=3), desk.now + timedelta(hours=2)
    for code, deadline, paused in (
        ("PA-AAAAA1", due, due - timedelta(hours=1)),
        ("PA-AAAAA2", due, due + timedelta(days=2)),
        ("PA-AAAAA3", soon, desk.now),
    ):
        desk.ticket(code, state=TicketState.WAITING, deadline_at=deadline, paused_at=paused)
    first, second, third = (await browser.open("/staff")).split('<td class="choose">')[1:]
    assert "Tạm dừng, chờ người dân" in first
    assert "Quá hạn" not in first
    assert "Quá hạn 2 ngày" in second  # it was late before it began to wait
    assert "Tạm dừng, chờ người dân" in third
    assert browser.html.count('class="overdue"') == 1
    assert shown_codes(await browser.open("/staff?view=overdue")) == ["PA-AAAAA2"]
    assert shown_codes(await browser.open("/staff?view=today")) == []


def every_kind(desk: Desk) -> None:
    """Nine tickets, each of another kind."""
    lan = change(desk)
    desk.ticket("PA-AAAAA1", commune_code="30760", place_text="đường Lê Lợi")
    desk.ticket(
        "PA-AAAAA2",
        category="environment",
        agency_code="so-nnmt",
        text="Rác đầy chợ",
        state=TicketState.IN_PROGRESS,
        officer_id=lan.id,
        urgency="urgent",
    )
    desk.ticket("PA-AAAAA3", state=TicketState.CLOSED, closed_at=desk.now, resolved_at=desk.now)
    desk.ticket("PA-AAAAA4", state=TicketState.WAITING, paused_at=desk.now, officer_id=lan.id)
    desk.ticket("PA-AAAAA5", state=TicketState.RESOLVED, resolved_at=desk.now, answer="Đã vá xong")
    desk.ticket("PA-AAAAA6", state=TicketState.CLOSED, closed_at=desk.now, rating=2)
    desk.ticket("PA-AAAAA7", state=TicketState.REOPENED, reopened=1)
    desk.ticket("PA-AAAAA8", deadline_at=desk.now + timedelta(hours=2))
    desk.ticket("PA-AAAAA9", created_at=desk.now - timedelta(days=40))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", "124789"),
        ("view=mine", "24"),
        ("view=unassigned", "1789"),
        ("view=new", "189"),
        ("view=today", "8"),
        ("view=overdue", ""),
        ("view=waiting", "4"),
        ("view=unhappy", "67"),
        ("view=answered", "5"),
        ("view=closed", "36"),
        ("view=all", "123456789"),
        ("view=nonsense", "124789"),
        ("category=environment", "2"),
        ("commune=30760", "1"),
        ("agency=so-nnmt", "2"),
        ("urgency=urgent", "2"),
        ("to=2026-10-01", "9"),
        ("from=2026-10-01", "12478"),
        ("from=2026-11-02&to=2026-11-02", "12478"),
        ("from=nonsense", "124789"),
        ("search=rác", "2"),
        ("search=rac day cho", "2"),
        ("search=day ra", "2"),
        ("search=duong le", "1"),
        ("search=ĐƯỜNG LÊ LỢI", "1"),
        ("search=100%25", ""),
        ("search=aaaaa1", "1"),
        ("search=pa-aaaaa1", "1"),
        ("search=%00", "124789"),
        ("search=da va xong&view=all", "5"),
        ("category=environment&search=ổ gà", ""),
        ("view=closed&search=ổ gà", "36"),
        ("after=1-1", "124789"),
        ("after=nonsense", "124789"),
        ("after=99999999999999999999-99999999999999999999", ""),
        ("before=1-1", "124789"),
    ],
)
async def test_the_list_shows_what_is_asked_for(
    desk: Desk, browser: Browser, query: str, numbers: str
) -> None:
    every_kind(desk)
    assert sorted(shown_codes(await browser.open(f"/staff?{query}"))) == [
        f"PA-AAAAA{number}" for number in numbers
    ]


async def test_every_view_says_how_many_it_holds(desk: Desk, browser: Browser) -> None:
    every_kind(desk)
    assert counts(await browser.open("/staff?search=nothing")) == {
        "Đang mở": "6",
        "Của tôi": "2",
        "Chưa ai nhận": "4",
        "Mới": "3",
        "Đến hạn hôm nay": "1",
        "Quá hạn": "0",
        "Chờ người dân": "1",
        "Chưa hài lòng": "2",
        "Đã trả lời": "1",
        "Đã đóng": "2",
        "Tất cả": "9",
    }
    assert "0 phản ánh khớp bộ lọc" in browser.html


async def test_counting_ends_where_nobody_needs_to_know(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.inbox.pages.COUNTED_TO", 2)
    every_kind(desk)
    html = await browser.open("/staff")
    assert counts(html)["Tất cả"] == "hơn 2"
    assert counts(html)["Của tôi"] == "2"
    assert "hơn 2 phản ánh" in html


async def test_an_agency_sees_its_own_tickets_and_those_given_to_its_officer(
    desk: Desk, browser: Browser
) -> None:
    lan = change(desk, agency_code="so-nnmt")
    desk.ticket("PA-AAAAA1")
    desk.ticket("PA-AAAAA2", agency_code="so-nnmt")
    desk.ticket("PA-AAAAA3", officer_id=lan.id)
    html = await browser.open("/staff")
    assert shown_codes(html) == ["PA-AAAAA2", "PA-AAAAA3"]
    assert counts(html)["Tất cả"] == "2"
    assert 'name="agency"' not in html.split('id="bulk"')[0]
    assert shown_codes(await browser.open("/staff?search=ổ gà&agency=so-xay-dung")) == ["PA-AAAAA3"]


@pytest.mark.parametrize("query", ["category=traffic", "view=all", "search=o ga&sort=newest"])
async def test_pages_lead_through_a_long_list_and_back_without_gap_or_repetition(
    desk: Desk, browser: Browser, query: str
) -> None:
    chat = desk.chat()
    for number in range(2 * PAGE_SIZE + 1):
        # Many at the very same moment: the number of the case decides then.
        moment = desk.now + timedelta(minutes=number // 20)
        desk.ticket(f"PA-A{number:05}", chat=chat, deadline_at=moment, created_at=moment)
    first = shown_codes(await browser.open(f"/staff?{query}"))
    second = shown_codes(await browser.open(link(browser.html, "next")))
    third = shown_codes(await browser.open(link(browser.html, "next")))
    assert [len(first), len(second), len(third)] == [PAGE_SIZE, PAGE_SIZE, 1]
    assert len({*first, *second, *third}) == 2 * PAGE_SIZE + 1
    assert 'rel="next"' not in browser.html
    assert shown_codes(await browser.open(link(browser.html, "prev"))) == second
    assert shown_codes(await browser.open(link(browser.html, "prev"))) == first
    assert query.partition("=")[0] in link(browser.html, "next")


async def test_a_page_stays_where_it_is_while_cases_come_and_go_before_it(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    tickets = [
        desk.ticket(f"PA-A{n:05}", chat=chat, deadline_at=desk.now + timedelta(days=1 + n))
        for n in range(PAGE_SIZE + 2)
    ]
    await browser.open("/staff")
    after = link(browser.html, "next")
    desk.ticket("PA-BBBBB1", deadline_at=desk.now)
    with desk.database.write() as session:
        session.get_one(Ticket, tickets[3].id).closed_at = desk.now
    assert shown_codes(await browser.open(after)) == [t.code for t in tickets[PAGE_SIZE:]]


WAYS = {
    "all of the list is looked through": {},
    "the index names them": {"AT_FIRST": 1, "AT_MOST": 0},
    "enough are met along the list": {"AT_FIRST": 4},
    "more are looked through when it is worth it": {"AT_FIRST": 2, "AT_MOST": 4},
    "the index names more than are taken": {"AT_FIRST": 1, "AT_MOST": 0, "NAMED": 3},
}
"""How a search finds, by the limits that lead to it."""


@pytest.mark.parametrize("limits", WAYS.values(), ids=WAYS)
async def test_words_are_found_however_many_cases_hold_them(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    for name, limit in limits.items():
        monkeypatch.setattr(f"actions.inbox.searching.{name}", limit)
    every_kind(desk)
    desk.ticket("PA-BBBBB1", text="Mất sóng", deadline_at=desk.now + timedelta(days=90))
    monkeypatch.setattr("actions.inbox.pages.PAGE_SIZE", 3)
    first = shown_codes(await browser.open("/staff?search=o ga"))
    assert re.search(r"(hơn [234]|\b5) phản ánh khớp", browser.html)
    second = shown_codes(await browser.open(link(browser.html, "next")))
    assert [len(first), len(second)] == [3, 2]
    assert sorted(first + second) == [f"PA-AAAAA{number}" for number in "14789"]
    assert shown_codes(await browser.open(link(browser.html, "prev"))) == first
    assert shown_codes(await browser.open(link(browser.html, "next"))) == second
    assert shown_codes(await browser.open("/staff?search=o ga&view=waiting")) == ["PA-AAAAA4"]
    assert shown_codes(await browser.open("/staff?search=khong co")) == []


async def test_a_code_is_found_however_it_is_spelt(desk: Desk, browser: Browser) -> None:
    desk.ticket("PA-AAAAA2")
    code = ticket_code.issue(Random(1))
    desk.ticket(code)
    spelt = code.replace("PA-", "pa ").replace("0", "o").replace("1", "l")
    assert shown_codes(await browser.open(f"/staff?search={spelt}")) == [code]


async def test_an_empty_list_says_so(browser: Browser) -> None:
    assert "Không có phản ánh nào đang chờ." in await browser.open("/staff")


async def test_the_agencies_to_choose_from_are_those_that_have_had_tickets(
    desk: Desk, browser: Browser
) -> None:
    desk.add(Agency(code="so-chua-ai-hoi", name="Sở chưa ai hỏi"))
    desk.ticket("PA-AAAAA1")
    desk.ticket("PA-AAAAA2", agency_code="so-nnmt")
    filters = (await browser.open("/staff")).split('id="bulk"')[0]
    assert '<option value="so-nnmt">' in filters
    assert "so-chua-ai-hoi" not in filters


async def test_a_list_is_kept_under_a_name_replaced_and_dropped(
    desk: Desk, browser: Browser
) -> None:
    every_kind(desk)
    await browser.open("/staff")
    form = {"name": "  Rác   gấp ", "filter": "view=mine&category=environment&nonsense=1"}
    await browser.send("/staff/lists", form)
    assert "Đã lưu danh sách" in browser.html
    assert shown_codes(browser.html) == ["PA-AAAAA2"]
    assert (
        '<a href="/staff?view=mine&amp;category=environment" aria-current="true">Rác gấp</a>'
        in (browser.html)
    )
    await browser.send("/staff/lists", {"name": "Rác gấp", "filter": "view=overdue"})
    assert browser.html.count(">Rác gấp</a>") == 1
    dropped = re.search(r'action="(/staff/lists/\d+/drop)"', browser.html)
    assert dropped is not None
    await browser.send(dropped.group(1))
    assert "Rác gấp" not in browser.html


async def test_a_list_without_a_name_is_not_kept_and_says_why(browser: Browser) -> None:
    await browser.open("/staff")
    await browser.send("/staff/lists", {"name": "  ", "filter": "view=mine"})
    assert "bạn chưa đặt tên" in browser.html


async def test_nobody_drops_or_sees_a_list_of_somebody_else(desk: Desk, browser: Browser) -> None:
    other = desk.officer("minh", "Trần Minh")
    kept = desk.add(
        SavedFilter(officer_id=other.id, name="Của Minh", query="", created_at=desk.now)
    )
    assert "Của Minh" not in await browser.open("/staff")
    await browser.send(f"/staff/lists/{kept.id}/drop")
    assert desk.kept(kept, kept.id).name == "Của Minh"


async def test_there_is_an_end_to_how_many_lists_somebody_keeps(
    desk: Desk, browser: Browser
) -> None:
    lan = change(desk)
    for number in range(20):
        desk.add(SavedFilter(officer_id=lan.id, name=f"{number}", query="", created_at=desk.now))
    await browser.open("/staff")
    await browser.send("/staff/lists", {"name": "Thêm nữa", "filter": ""})
    assert "bạn đã có 20 danh sách" in browser.html


async def test_a_script_gets_the_parts_that_change_and_the_address_to_show(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket("PA-AAAAA1")
    async with browser.client.get(
        "/staff?search=o+ga&agency=&view=all", headers=SCRIPT | {"HX-Trigger": "filters"}
    ) as response:
        html = await response.text()
    assert "<html" not in html
    assert shown_codes(html) == ["PA-AAAAA1"]
    assert response.headers["HX-Replace-Url"] == "/staff?view=all&search=o+ga"
    async with browser.client.get("/staff?view=all", headers=SCRIPT) as response:
        assert response.headers["HX-Push-Url"] == "/staff?view=all"
    going_back = SCRIPT | {"HX-History-Restore-Request": "true"}
    async with browser.client.get("/staff", headers=going_back) as response:
        assert "<html" in await response.text()


def step(desk: Desk, ticket: Ticket) -> None:
    desk.add(TicketEvent(ticket_id=ticket.id, at=desk.now, kind="note", actor="officer", detail={}))


async def test_an_open_list_hears_nothing_until_something_happens(
    desk: Desk, browser: Browser
) -> None:
    ticket = desk.ticket("PA-AAAAA1")
    pulse = pulse_of(await browser.open("/staff?search=o+ga"))
    assert "search=o+ga" in pulse
    assert await fetch(browser, pulse) == (204, "")
    step(desk, ticket)
    status, html = await fetch(browser, pulse)
    assert status == 200
    assert shown_codes(html) == ["PA-AAAAA1"]
    assert 'id="list"' in html
    assert 'id="views"' in html
    assert html.count('hx-swap-oob="true"') == 2
    assert "phản ánh mới" not in html
    assert await fetch(browser, pulse_of(html)) == (204, "")


async def test_new_cases_are_announced_to_whoever_sees_them(desk: Desk, browser: Browser) -> None:
    change(desk, agency_code="so-xay-dung")
    pulse = pulse_of(await browser.open("/staff"))
    desk.ticket("PA-AAAAA1", urgency="urgent")
    desk.ticket("PA-AAAAA2")
    desk.ticket("PA-AAAAA3", agency_code="so-nnmt")
    _, html = await fetch(browser, pulse)
    assert "Có 2 phản ánh mới, 1 phản ánh khẩn cấp." in html
    assert shown_codes(html) == ["PA-AAAAA1", "PA-AAAAA2"]


async def test_a_case_that_falls_due_is_shown_so_without_anything_happening(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket("PA-AAAAA1", deadline_at=desk.now + timedelta(seconds=30))
    pulse = pulse_of(await browser.open("/staff"))
    desk.now += timedelta(minutes=2)
    status, html = await fetch(browser, pulse)
    assert status == 200
    assert counts(html)["Quá hạn"] == "1"


async def test_a_script_whose_session_is_over_has_the_page_loaded_anew(
    desk: Desk, browser: Browser
) -> None:
    pulse = pulse_of(await browser.open("/staff"))
    browser.client.session.cookie_jar.clear()
    async with browser.client.get(pulse, headers=SCRIPT, allow_redirects=False) as response:
        assert response.status == 204
        assert response.headers["HX-Refresh"] == "true"


async def test_a_leader_reads_the_list_and_has_nothing_to_tick(
    desk: Desk, browser: Browser
) -> None:
    change(desk, role=OfficerRole.LEADER)
    desk.ticket("PA-AAAAA1")
    html = await browser.open("/staff")
    assert shown_codes(html) == ["PA-AAAAA1"]
    assert 'id="bulk"' not in html
    assert re.search(r'name="case"[^>]* hidden>', html)


async def test_what_people_wrote_is_escaped_in_the_list(desk: Desk, browser: Browser) -> None:
    attack = "<script>alert(1)</script>\"'"
    desk.ticket("PA-AAAAA1", text=attack, place_text=attack)
    html = await browser.open(f"/staff?search={attack}")
    assert attack not in html
    assert "<script>alert" not in html


async def test_a_day_ends_at_midnight_here(desk: Desk, browser: Browser) -> None:
    for code, due in (
        ("PA-AAAAA1", "2026-11-02T23:30+07:00"),
        ("PA-AAAAA2", "2026-11-03T00:30+07:00"),
    ):
        desk.ticket(code, deadline_at=datetime.fromisoformat(due))
    assert shown_codes(await browser.open("/staff?view=today")) == ["PA-AAAAA1"]
