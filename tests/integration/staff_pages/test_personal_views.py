"""Who sent a case is shown only to those who ask, and every look is noted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from actions import handoff, personal_views
from actions.personal_views import PAGE_SIZE, Seen
from store.desk import PersonalView
from store.messages import Conversation
from store.privacy import Consent
from store.staff import Officer, OfficerRole
from store.tickets import Ticket
from tests.integration.staff_desk import Browser, Desk

NAME, PHONE = "Trần Văn Hai", "0912345678"
TICKET = "/staff/tickets/PA-AAAAA1"
REPORTER = f"{TICKET}/reporter"


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    chat = desk.chat()
    given = {"wording_version": "1", "channel": "web", "given_at": desk.now}
    consent = desk.add(Consent(conversation_id=chat.id, **given))
    return desk.ticket(
        "PA-AAAAA1", chat=chat, consent_id=consent.id, contact_name=NAME, contact_phone=PHONE
    )


def hand_over(desk: Desk, chat_id: int, reason: str = "asked") -> None:
    with desk.database.write() as session:
        chat = session.get_one(Conversation, chat_id)
        handoff.request(session, chat, reason=reason, now=desk.now)


def looks(desk: Desk) -> list[tuple[str, str]]:
    with desk.database.read() as session:
        rows = session.query(PersonalView).order_by(PersonalView.id)
        return [(row.what, row.key) for row in rows]


async def test_who_sent_a_case_is_shown_when_asked_for_and_the_look_is_noted(
    desk: Desk, browser: Browser, ticket: Ticket
) -> None:
    html = await browser.open(TICKET)
    assert NAME not in html
    assert PHONE not in html
    assert "/staff/chats/" not in html
    assert looks(desk) == []
    response = await browser.send(REPORTER)
    assert response.status == 200
    assert NAME in browser.html
    assert f'href="tel:{PHONE}"' in browser.html
    assert f"Chat số {ticket.conversation_id}" in browser.html
    assert looks(desk) == [("reporter", "PA-AAAAA1")]
    html = await browser.open(TICKET)
    assert PHONE not in html
    await browser.send(REPORTER)
    assert looks(desk) == [("reporter", "PA-AAAAA1")] * 2


async def test_a_chat_with_staff_can_be_opened_from_there(
    desk: Desk, browser: Browser, ticket: Ticket
) -> None:
    hand_over(desk, ticket.conversation_id)
    address = f"/staff/chats/{ticket.conversation_id}"
    assert address not in await browser.open(TICKET)
    await browser.send(REPORTER)
    assert f'href="{address}"' in browser.html


async def test_a_denunciation_under_way_is_not_tied_to_the_case(
    desk: Desk, browser: Browser, ticket: Ticket
) -> None:
    hand_over(desk, ticket.conversation_id, "denunciation")
    await browser.open(TICKET)
    await browser.send(REPORTER)
    assert PHONE in browser.html
    assert f"Chat số {ticket.conversation_id}" not in browser.html
    assert "/staff/chats/" not in browser.html


async def test_name_and_number_are_shown_only_while_their_consent_holds(
    desk: Desk, browser: Browser, ticket: Ticket
) -> None:
    with desk.database.write() as session:
        session.query(Consent).update({"withdrawn_at": desk.now})
    assert "Ẩn danh" in await browser.open(TICKET)
    await browser.send(REPORTER)
    assert NAME not in browser.html
    assert PHONE not in browser.html


async def test_an_officer_of_another_agency_does_not_learn_that_there_is_such_a_case(
    desk: Desk, browser: Browser, ticket: Ticket
) -> None:
    await browser.open(TICKET)
    desk.change(agency_code="so-nnmt")
    response = await browser.send(REPORTER)
    assert response.status == 404
    assert looks(desk) == []


async def test_who_only_worked_on_a_case_that_is_another_agencys_now_reads_it_without_the_name(
    desk: Desk, browser: Browser, ticket: Ticket
) -> None:
    desk.change(agency_code="so-nnmt")
    with desk.database.write() as session:
        holder = session.query(Officer).one()
        session.get_one(Ticket, ticket.id).officer_id = holder.id
    assert "Xem người gửi" not in await browser.open(TICKET)
    await browser.open("/staff/password")
    response = await browser.send(REPORTER)
    assert response.status == 403
    assert PHONE not in browser.html
    assert looks(desk) == []


async def test_a_leader_never_sees_who_sent_a_case(
    desk: Desk, browser: Browser, ticket: Ticket
) -> None:
    desk.change(role=OfficerRole.LEADER)
    html = await browser.open(TICKET)
    assert "Xem người gửi" not in html
    assert PHONE not in html
    response = await browser.send(REPORTER)
    assert response.status == 403
    assert PHONE not in browser.html
    assert looks(desk) == []


async def test_a_chat_that_is_opened_is_noted_once_an_hour(
    desk: Desk, browser: Browser, ticket: Ticket
) -> None:
    hand_over(desk, ticket.conversation_id)
    address = f"/staff/chats/{ticket.conversation_id}"
    await browser.open(address)
    await browser.open(address)
    once = [("chat", str(ticket.conversation_id))]
    assert looks(desk) == once
    desk.now += personal_views.SAME_LOOK + timedelta(minutes=1)
    await browser.open(address)
    assert looks(desk) == once * 2


async def test_reading_only_what_is_new_in_a_chat_is_noted_too(
    desk: Desk, browser: Browser, ticket: Ticket
) -> None:
    hand_over(desk, ticket.conversation_id)
    await browser.open(f"/staff/chats/{ticket.conversation_id}/news")
    assert looks(desk) == [("chat", str(ticket.conversation_id))]


async def test_a_chat_that_is_not_there_is_no_look(desk: Desk, browser: Browser) -> None:
    assert (await browser.client.get("/staff/chats/999")).status == 404
    assert looks(desk) == []


def note(desk: Desk, officer: Officer, what: Seen, key: str, *, days_ago: int = 0) -> None:
    with desk.database.write() as session:
        at = desk.now - timedelta(days=days_ago)
        personal_views.note(session, officer, what, key, now=at)


REPORTER_KEY, EXPORTED, DOSSIER_KEY = "PA-AAAAA1", "412 phản ánh", "H01.23.45-261102-0001"


@pytest.fixture
def three_looks(desk: Desk, browser: Browser) -> Officer:
    """Two of Hùng's, one on the day after; one of the administrator who is logged in."""
    desk.change(role=OfficerRole.ADMIN)
    hung = desk.officer("hung", "Lê Văn Hùng")
    with desk.database.read() as session:
        lan = session.query(Officer).filter_by(username="lan").one()
    note(desk, hung, Seen.REPORTER, REPORTER_KEY, days_ago=1)
    note(desk, lan, Seen.EXPORT, "412", days_ago=1)
    note(desk, hung, Seen.DOSSIER, DOSSIER_KEY)
    return hung


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [DOSSIER_KEY, EXPORTED, REPORTER_KEY]),
        ("officer={hung}", [DOSSIER_KEY, REPORTER_KEY]),
        ("what=export", [EXPORTED]),
        ("what=nonsense", [DOSSIER_KEY, EXPORTED, REPORTER_KEY]),
        ("key=PA-AAAAA1", [REPORTER_KEY]),
        ("first=2026-11-02", [DOSSIER_KEY]),
        ("last=2026-11-01", [EXPORTED, REPORTER_KEY]),
        ("first=9999-12-31", []),
        ("first=0001-01-01", [DOSSIER_KEY, EXPORTED, REPORTER_KEY]),
        ("last=9999-12-31", [DOSSIER_KEY, EXPORTED, REPORTER_KEY]),
        ("first=hôm qua&page=99999999999999999999", [DOSSIER_KEY, EXPORTED, REPORTER_KEY]),
    ],
)
async def test_an_administrator_lists_the_looks_by_officer_kind_key_and_day(
    browser: Browser, three_looks: Officer, query: str, shown: list[str]
) -> None:
    html = await browser.open(f"/staff/views?{query.format(hung=three_looks.id)}")
    every = (REPORTER_KEY, EXPORTED, DOSSIER_KEY)
    found = sorted((html.index(f">{key}<"), key) for key in every if f">{key}<" in html)
    assert [key for _, key in found] == shown
    assert ("Chưa có lần xem nào khớp" in html) is (not shown)


async def test_a_long_list_of_looks_has_pages_that_keep_the_filters(
    desk: Desk, browser: Browser, three_looks: Officer
) -> None:
    for number in range(PAGE_SIZE):
        note(desk, three_looks, Seen.CHAT, str(number))
    html = await browser.open("/staff/views?what=chat")
    assert "Trang" not in html.partition("<main")[2]
    html = await browser.open("/staff/views")
    assert "Trang 1 / 2" in html
    assert "/staff/views?page=2" in html
    assert "PA-AAAAA1" in await browser.open("/staff/views?page=2")


async def test_only_administrators_see_who_looked(desk: Desk, browser: Browser) -> None:
    for role in (OfficerRole.OFFICER, OfficerRole.LEAD, OfficerRole.DUTY, OfficerRole.LEADER):
        desk.change(role=role)
        assert (await browser.client.get("/staff/views")).status == 403
