"""One thing done to many cases: each by its own rules, and the page says what became of each."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from actions import groups
from store.cases import CitizenNews
from store.staff import OfficerRole
from store.tickets import Ticket, TicketEvent, TicketState
from tests.integration.staff_desk import Browser, Desk
from tests.integration.staff_pages.test_inbox import change

AGENCY = "so-nong-nghiep-moi-truong"


async def do(browser: Browser, deed: str, *codes: str, **fields: Any) -> str:
    """Send the form under the list, as it was when opened; returns the page of what became."""
    await browser.open("/staff")
    version = re.search(r'name="version" value="(\d+)"', browser.html)
    assert version is not None
    fields |= {"deed": deed, "case": list(codes), "version": version.group(1)}
    return await again(browser, fields)


async def again(browser: Browser, fields: dict[str, Any]) -> str:
    response = await browser.send("/staff/bulk", fields)
    assert response.status in (200, 400)
    return browser.html


def parts(html: str) -> tuple[list[str], list[str]]:
    """The codes that went through, and those that did not."""
    sections = dict(re.findall(r"<h2>(Đã xong|Chưa làm được)(.*?)</section>", html, re.DOTALL))
    code = re.compile(r'class="code"[^>]*>(PA-[0-9A-Z]+)<')
    return code.findall(sections.get("Đã xong", "")), code.findall(
        sections.get("Chưa làm được", "")
    )


def states(desk: Desk) -> dict[str, str]:
    with desk.database.read() as session:
        return {ticket.code: ticket.state for ticket in session.scalars(select(Ticket))}


def events(desk: Desk, code: str) -> list[tuple[str, object]]:
    with desk.database.read() as session:
        rows = session.scalars(
            select(TicketEvent)
            .join(Ticket, Ticket.id == TicketEvent.ticket_id)
            .where(Ticket.code == code)
            .order_by(TicketEvent.id)
        )
        return [(row.kind, row.detail.get("text")) for row in rows]


async def test_each_case_goes_its_own_way_and_the_page_says_which_and_why(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket("PA-AAAAA1")
    desk.ticket("PA-AAAAA2", state=TicketState.IN_PROGRESS)
    desk.ticket("PA-AAAAA3")
    html = await do(browser, "accept", "PA-AAAAA1", "PA-AAAAA2", "PA-AAAAA3", "PA-ZZZZZ9")
    assert parts(html) == (["PA-AAAAA1", "PA-AAAAA3"], ["PA-AAAAA2", "PA-ZZZZZ9"])
    assert "Phản ánh đã sang bước khác" in html
    assert "Không tìm thấy phản ánh này." in html
    assert states(desk) == {
        "PA-AAAAA1": TicketState.ACCEPTED,
        "PA-AAAAA2": TicketState.IN_PROGRESS,
        "PA-AAAAA3": TicketState.ACCEPTED,
    }


async def test_a_form_that_is_sent_twice_does_nothing_twice(desk: Desk, browser: Browser) -> None:
    desk.ticket("PA-AAAAA1")
    await browser.open("/staff")
    version = re.search(r'name="version" value="(\d+)"', browser.html)
    assert version is not None
    form = {"deed": "note", "case": ["PA-AAAAA1"], "text": "Gọi lại sau", "version": version[1]}
    csrf = browser.csrf
    await browser.send("/staff/bulk", form, csrf=csrf)
    await browser.send("/staff/bulk", form, csrf=csrf)
    assert "Việc này vừa được làm rồi" in browser.html
    assert events(desk, "PA-AAAAA1") == [("create", None), ("note", "Gọi lại sau")]


async def test_a_lead_gives_many_cases_to_one_officer(desk: Desk, browser: Browser) -> None:
    change(desk, role=OfficerRole.LEAD)
    minh = desk.officer("minh", "Trần Minh")
    away = desk.officer("hoa", "Lê Hoa")
    change(desk, "hoa", away_until=desk.now + timedelta(days=3))
    desk.ticket("PA-AAAAA1")
    desk.ticket("PA-AAAAA2")
    html = await browser.open("/staff")
    assert "Trần Minh</option>" in html
    assert "Lê Hoa</option>" not in html
    html = await do(browser, "assign", "PA-AAAAA1", "PA-AAAAA2", officer=str(minh.id))
    assert parts(html) == (["PA-AAAAA1", "PA-AAAAA2"], [])
    html = await do(browser, "assign", "PA-AAAAA1", officer=str(away.id))
    assert "Lê Hoa đang nghỉ" in html
    html = await do(browser, "assign", "PA-AAAAA1")
    assert "Bạn chưa chọn cán bộ để giao." in html
    with desk.database.read() as session:
        assert set(session.scalars(select(Ticket.officer_id))) == {minh.id}


async def test_who_has_left_the_groups_is_marked_where_cases_are_given(
    desk: Desk, browser: Browser
) -> None:
    change(desk, role=OfficerRole.LEAD)
    group = desk.chat("-100", channel="telegram", role="staff")
    desk.officer("minh", "Trần Minh", telegram_user_id=72)
    desk.officer("hoa", "Lê Hoa", telegram_user_id=73)
    desk.ticket("PA-AAAAA1")
    with desk.database.write() as session:
        group = session.merge(group)
        groups.hear_of_member(session, group, 72, present=False, at=desk.now)
        groups.hear_of_member(session, group, 73, present=True, at=desk.now)
    for page in ("/staff", "/staff/tickets/PA-AAAAA1"):
        html = await browser.open(page)
        assert "Trần Minh (đã rời nhóm)</option>" in html
        assert "Lê Hoa</option>" in html


async def test_an_officer_is_not_offered_what_a_lead_does_and_cannot_do_it_either(
    desk: Desk, browser: Browser
) -> None:
    change(desk, role=OfficerRole.OFFICER)
    ticket = desk.ticket("PA-AAAAA1")
    assert 'value="assign"' not in await browser.open("/staff")
    html = await do(browser, "assign", "PA-AAAAA1", officer="1")
    assert "Bạn chưa chọn việc cần làm" in html
    assert desk.kept(ticket, ticket.id).state == TicketState.NEW


async def test_cases_are_transferred_with_a_reason_that_is_kept_when_it_fails(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket("PA-AAAAA1")
    desk.ticket("PA-AAAAA2", state=TicketState.RESOLVED, resolved_at=desk.now)
    html = await do(
        browser, "transfer", "PA-AAAAA1", "PA-AAAAA2", agency=AGENCY, text="Thuộc kênh thủy lợi"
    )
    assert parts(html) == (["PA-AAAAA1"], ["PA-AAAAA2"])
    assert "Thuộc kênh thủy lợi</textarea>" in html
    assert "Bạn chưa viết lý do." in await do(browser, "transfer", "PA-AAAAA1", agency="so-y-te")
    with desk.database.read() as session:
        found = session.scalars(select(Ticket).where(Ticket.code == "PA-AAAAA1")).one()
        assert found.agency_code == AGENCY


async def test_citizens_hear_of_it_as_if_each_case_had_been_opened(
    desk: Desk, browser: Browser
) -> None:
    first, second = desk.ticket("PA-AAAAA1"), desk.ticket("PA-AAAAA2")
    await do(browser, "transfer", first.code, second.code, agency=AGENCY, text="Sai cơ quan")
    with desk.database.read() as session:
        told = session.scalars(select(CitizenNews)).all()
    assert sorted(news.conversation_id for news in told) == sorted(
        [first.conversation_id, second.conversation_id]
    )


async def test_cases_of_other_agencies_are_not_even_told_of(desk: Desk, browser: Browser) -> None:
    change(desk, agency_code="so-y-te")
    ticket = desk.ticket("PA-AAAAA1")
    html = await do(browser, "note", "PA-AAAAA1", text="Xem giúp")
    assert "Không tìm thấy phản ánh này." in html
    assert desk.kept(ticket, ticket.id).state == TicketState.NEW
    assert events(desk, "PA-AAAAA1") == [("create", None)]


async def test_words_typed_for_another_deed_go_nowhere(desk: Desk, browser: Browser) -> None:
    desk.ticket("PA-AAAAA1")
    await do(browser, "accept", "PA-AAAAA1", text="Nháp", agency=AGENCY, officer="1")
    with desk.database.read() as session:
        event = session.scalars(select(TicketEvent).where(TicketEvent.kind == "accept")).one()
    assert not {"text", "agency", "officer"} & event.detail.keys()


async def test_without_a_deed_or_a_case_nothing_is_done(desk: Desk, browser: Browser) -> None:
    desk.ticket("PA-AAAAA1")
    assert "Bạn chưa chọn việc cần làm" in await do(browser, "", "PA-AAAAA1", text="Đã viết")
    assert "Đã viết</textarea>" in browser.html
    assert "Bạn chưa chọn phản ánh nào" in await do(browser, "accept")
    assert "dài quá" in await do(browser, "note", "PA-AAAAA1", text="a" * 4001)
    assert states(desk) == {"PA-AAAAA1": TicketState.NEW}


async def test_a_leader_moves_nothing(desk: Desk, browser: Browser) -> None:
    desk.ticket("PA-AAAAA1")
    await browser.open("/staff")
    csrf = browser.csrf
    change(desk, role=OfficerRole.LEADER)
    response = await browser.send("/staff/bulk", {"deed": "accept", "case": "PA-AAAAA1"}, csrf=csrf)
    assert response.status == 400
    assert states(desk) == {"PA-AAAAA1": TicketState.NEW}


async def test_the_page_leads_back_to_the_list_as_it_was_filtered(
    desk: Desk, browser: Browser
) -> None:
    desk.ticket("PA-AAAAA1")
    html = await do(browser, "accept", "PA-AAAAA1", filter="view=mine&next=//evil")
    assert '<a href="/staff?view=mine">' in html
