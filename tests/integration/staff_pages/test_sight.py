"""An officer of an agency sees its cases, and not a trace of those of others."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from actions import handoff
from bot.messages import StoredMedia
from store.messages import Author, Conversation, OutboxMessage
from store.staff import OfficerRole
from store.tickets import Attachment, Ticket, TicketState
from tests.integration.staff_desk import Browser, Desk

OWN, OTHER = "PA-AAAAA1", "PA-BBBBB1"


@pytest.fixture
def two_agencies(desk: Desk, browser: Browser) -> tuple[Ticket, Ticket]:
    """The officer's own agency has a case, and another agency has one."""
    desk.change(agency_code="so-xay-dung")
    return (
        desk.ticket(OWN),
        desk.ticket(OTHER, agency_code="so-nnmt", agency_name="Sở Nông nghiệp và Môi trường"),
    )


def photo(desk: Desk, colour: str) -> StoredMedia:
    data = BytesIO()
    Image.new("RGB", (20, 10), colour).save(data, "PNG")
    return desk.media_store.add("photo", data.getvalue())


def attach(desk: Desk, kept: StoredMedia, chat_id: int, ticket_id: int | None) -> None:
    desk.add(
        Attachment(
            conversation_id=chat_id,
            ticket_id=ticket_id,
            kind="photo",
            mime=kept.mime,
            size=kept.size,
            path=kept.path,
            created_at=desk.now,
        )
    )


async def status_of(browser: Browser, kept: StoredMedia) -> int:
    async with browser.client.get(f"/staff/media/{kept.path}") as response:
        return response.status


@pytest.mark.usefixtures("two_agencies")
async def test_the_list_and_the_search_hold_only_what_is_in_sight(browser: Browser) -> None:
    for path in ("/staff?view=all", "/staff?search=ổ gà", f"/staff?search={OTHER}"):
        html = await browser.open(path)
        assert f"/tickets/{OTHER}" not in html, path
    assert f"/tickets/{OWN}" in await browser.open("/staff?view=all")


@pytest.mark.usefixtures("two_agencies")
async def test_the_page_of_another_agencys_case_says_that_there_is_none(browser: Browser) -> None:
    seen = await browser.client.get(f"/staff/tickets/{OTHER}")
    unknown = await browser.client.get("/staff/tickets/PA-ZZZZZ9")
    assert seen.status == unknown.status == 404
    assert await seen.text() == await unknown.text()


async def test_another_agencys_case_cannot_be_touched(
    desk: Desk, browser: Browser, two_agencies: tuple[Ticket, Ticket]
) -> None:
    await browser.open(f"/staff/tickets/{OWN}")
    for deed in ("start", "resolve", "reply", "note", "transfer", "resend", "talk", "reporter"):
        response = await browser.send(f"/staff/tickets/{OTHER}/{deed}", {"text": "Xin chào bác"})
        assert response.status == 404, deed
        await browser.open(f"/staff/tickets/{OWN}")
    other = two_agencies[1]
    assert desk.kept(other, other.id).state == TicketState.NEW


@pytest.mark.usefixtures("two_agencies")
@pytest.mark.parametrize("role", [OfficerRole.DUTY, OfficerRole.ADMIN, OfficerRole.LEADER])
async def test_duty_officers_administrators_and_leaders_see_all(
    desk: Desk, browser: Browser, role: OfficerRole
) -> None:
    desk.change(role=role)
    assert f"/tickets/{OTHER}" in await browser.open("/staff?view=all")
    await browser.open(f"/staff/tickets/{OTHER}")


async def test_a_case_that_was_sent_on_is_out_of_sight_and_the_list_says_so(
    desk: Desk, browser: Browser, two_agencies: tuple[Ticket, Ticket]
) -> None:
    await browser.open(f"/staff/tickets/{OWN}")
    form = {"agency": "so-nong-nghiep-moi-truong", "text": "Việc này của bên môi trường"}
    response = await browser.send(f"/staff/tickets/{OWN}/transfer", form)
    assert response.url.path == "/staff"
    assert "Đã chuyển." in browser.html
    assert (await browser.client.get(f"/staff/tickets/{OWN}")).status == 404


async def test_an_answer_of_another_agency_is_not_offered_as_an_example(
    desk: Desk, browser: Browser, two_agencies: tuple[Ticket, Ticket]
) -> None:
    for code, agency in (("PA-AAAAA2", "so-xay-dung"), ("PA-BBBBB2", "so-nnmt")):
        desk.ticket(
            code,
            agency_code=agency,
            state=TicketState.RESOLVED,
            resolved_at=desk.now,
            answer=f"Câu trả lời của {agency}",
        )
    html = await browser.open(f"/staff/tickets/{OWN}")
    assert "Câu trả lời của so-xay-dung" in html
    assert "so-nnmt" not in html.partition("<main")[2].replace('value="so-nnmt"', "")
    assert "PA-BBBBB2" not in html


async def test_a_case_out_of_sight_is_nothing_to_merge_into(
    desk: Desk, browser: Browser, two_agencies: tuple[Ticket, Ticket]
) -> None:
    await browser.open(f"/staff/tickets/{OWN}")
    response = await browser.send(f"/staff/tickets/{OWN}/merge", {"target": OTHER})
    assert response.status == 400
    own = two_agencies[0]
    assert desk.kept(own, own.id).state == TicketState.NEW


async def test_pictures_are_seen_with_the_case_they_belong_to(
    desk: Desk, browser: Browser, two_agencies: tuple[Ticket, Ticket]
) -> None:
    own, other = two_agencies
    mine, theirs, nobodys = photo(desk, "red"), photo(desk, "green"), photo(desk, "blue")
    attach(desk, mine, own.conversation_id, own.id)
    attach(desk, theirs, other.conversation_id, other.id)
    assert await status_of(browser, mine) == 200
    assert await status_of(browser, theirs) == 404
    assert await status_of(browser, nobodys) == 404
    desk.change(role=OfficerRole.DUTY)
    assert await status_of(browser, theirs) == 200


async def test_pictures_of_a_chat_are_seen_while_a_person_has_it_by_those_who_may_chat(
    desk: Desk, browser: Browser
) -> None:
    chat = desk.chat()
    sent, answered = photo(desk, "red"), photo(desk, "green")
    attach(desk, sent, chat.id, None)
    desk.add(
        OutboxMessage(
            conversation_id=chat.id,
            author=Author.OFFICER,
            payload={"text": "", "media": [answered.model_dump(mode="json")]},
            created_at=desk.now,
            next_try_at=desk.now,
        )
    )
    assert [await status_of(browser, one) for one in (sent, answered)] == [404, 404]
    with desk.database.write() as session:
        row = session.get_one(Conversation, chat.id)
        handoff.request(session, row, reason="asked", now=desk.now)
    assert [await status_of(browser, one) for one in (sent, answered)] == [200, 200]
    desk.change(role=OfficerRole.LEADER)
    assert [await status_of(browser, one) for one in (sent, answered)] == [404, 404]


async def test_a_chat_shows_of_the_citizens_cases_those_in_sight(
    desk: Desk, browser: Browser
) -> None:
    desk.change(agency_code="so-xay-dung")
    chat = desk.chat()
    desk.ticket(OWN, chat=chat)
    desk.ticket(OTHER, chat=chat, agency_code="so-nnmt")
    with desk.database.write() as session:
        row = session.get_one(Conversation, chat.id)
        handoff.request(session, row, reason="asked", now=desk.now)
    html = await browser.open(f"/staff/chats/{chat.id}")
    assert OWN in html
    assert OTHER not in html


async def test_a_case_is_not_given_to_an_officer_whose_business_it_is_not(
    desk: Desk, browser: Browser, two_agencies: tuple[Ticket, Ticket]
) -> None:
    own = two_agencies[0]
    desk.change(role=OfficerRole.LEAD)
    outsider = desk.officer("hung", "Lê Văn Hùng", agency_code="so-nnmt")
    leader = desk.officer("chu.tich", "Võ Thị Sáu", role=OfficerRole.LEADER)
    for officer in (outsider, leader):
        await browser.open(f"/staff/tickets/{OWN}")
        response = await browser.send(f"/staff/tickets/{OWN}/assign", {"officer": str(officer.id)})
        assert response.status == 400
        assert "Bạn chưa chọn cán bộ để giao." in browser.html
    assert desk.kept(own, own.id).officer_id is None


async def test_an_address_that_leads_nowhere_says_so_in_the_language_of_the_desk(
    browser: Browser,
) -> None:
    for path in ("/staff/khong-co", "/staff/media/aa/x.jpg", "/staff/tickets/khong-phai-ma"):
        async with browser.client.get(path) as response:
            assert response.status == 404, path
            assert "Không có trang này" in await response.text()
