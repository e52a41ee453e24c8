"""An attack is written into every field that people fill in, and every page is looked at.

A new page is looked at as soon as it stands in the table of routes; a new field takes a line here.
"""

from __future__ import annotations

from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from io import BytesIO

import pytest
from aiohttp import FormData
from PIL import Image

from actions import dossiers, handoff
from actions.dossiers import DossierRecord
from actions.local_facts import load_local_facts
from store.messages import Conversation, InboxEvent
from store.privacy import Consent
from store.staff import Officer, OfficerRole
from store.tickets import Ticket
from tests.case_room import LOCAL
from tests.integration.staff_desk import Browser, Desk
from tests.integration.staff_pages.security.route_table import TABLE
from tests.integration.staff_pages.security.world import OWN, World

BREAK_OUT = "\"'></script><u onclick=x>"
"""Ends an attribute in either kind of quotes, or a script, and begins a tag with a script on it."""

DOSSIER = "H01.07-261102-0001"


def attack(field: str) -> str:
    return field + BREAK_OUT


CITIZENS = (
    "report text",
    "place",
    "contact name",
    "urgency words",
    "rating reason",
    "chat message",
)
STAFFS = (
    "reply",
    "note",
    "answer",
    "canned title",
    "canned text",
    "officer name",
    "agency name",
    "team name",
    "holiday reason",
    "block reason",
    "release text",
    "release place",
    "release answer",
    "publication title",
    "publication text",
    "list name",
)
DOSSIERS = ("procedure", "dossier agency", "applicant", "dossier note")
PHONE = "9\"'><u>"
"""As long as a phone number may be."""

QUERIES = (
    "/staff?search={attack}&category={attack}&view={attack}&said={attack}",
    "/staff/pulse?search={attack}&version={attack}",
    "/staff/tickets/{ticket}?said={attack}&canned={attack}&for={attack}&answer={attack}",
    "/staff/chats?said={attack}",
    "/staff/chats/{chat}?said={attack}&canned={attack}",
    "/staff/blocks?chat={attack}&said={attack}",
    "/staff/figures?period={attack}&agency={attack}&from={attack}",
    "/staff/views?key={attack}&officer={attack}&first={attack}",
    "/staff/publications?said={attack}",
    "/staff/admin/people?search={attack}&view={attack}&said={attack}",
    "/staff/admin/agencies?search={attack}",
    "/staff/admin/tables/replies?search={attack}&said={attack}",
    "/staff/admin/changes?subject={attack}&key={attack}",
    "/staff/login?next=/staff/{attack}&said={attack}",
    "/phan-anh?search={attack}&category={attack}&commune={attack}&status={attack}",
    "/phan-anh/{attack}",
)


class Harm(HTMLParser):
    """Collects whatever on a page would run, or was opened by what somebody wrote."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = given.get("type") == "application/json"
        self._in_script = tag == "script" and not is_data
        if tag == "u" or (self._in_script and not given.get("src")) or "style" in given:
            self.found.append(self.get_starttag_text() or tag)
        for name, value in attrs:
            harmful = (value or "").strip().lower().startswith(("javascript:", "vbscript:"))
            if name.startswith("on") or harmful:
                self.found.append(self.get_starttag_text() or tag)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.found.append(data)


class AttackedWorld(World):
    """The things that the table's pages are about are those into which the attacks were written."""

    def address(self, template: str, *, fresh: bool = True) -> str:
        known = {} if "{photo}" in template else self.known
        for name, value in known.items():
            template = template.replace("{" + name + "}", str(value))
        return super().address(template, fresh=fresh)

    @property
    def known(self) -> dict[str, object]:
        with self.desk.database.read() as session:
            ticket = session.query(Ticket).filter_by(text=attack("report text")).one()
            person = session.query(Officer).filter_by(name=attack("officer name")).one()
        replies = self.desk.live.current.local.canned
        reply = next(one.name for one in replies if one.title == attack("canned title"))
        return {
            "ticket": ticket.code,
            "released": ticket.code,
            "chat": ticket.conversation_id,
            "person": person.id,
            "reply": reply,
        }


def picture() -> bytes:
    data = BytesIO()
    Image.new("RGB", (20, 10), "red").save(data, "PNG")
    return data.getvalue()


def citizens_write(desk: Desk, code: str) -> Ticket:
    chat = desk.chat(attack("chat id"))
    consent = Consent(
        conversation_id=chat.id, wording_version="1", channel="web", given_at=desk.now
    )
    ticket = desk.ticket(
        code,
        chat=chat,
        category="security",
        agency_code=OWN,
        text=attack("report text"),
        place_text=attack("place"),
        urgency="high",
        urgency_words=[attack("urgency words")],
        contact_name=attack("contact name"),
        contact_phone=PHONE,
        consent_id=desk.add(consent).id,
        rating=1,
        rating_reason=attack("rating reason"),
    )
    with desk.database.write() as session:
        row = session.get_one(Conversation, chat.id)
        handoff.request(session, row, reason="asked", now=desk.now)
    said = {"kind": "text", "text": attack("chat message"), "channel": "web", "event_id": "1"}
    said |= {"chat_id": chat.chat_id, "sent_at": desk.now.isoformat()}
    at = desk.now + timedelta(seconds=1)
    desk.add(
        InboxEvent(
            channel="web",
            event_id="1",
            conversation_id=chat.id,
            sort_key=0,
            payload=said,
            status="done",
            received_at=at,
            ready_at=at,
            done_at=at,
        )
    )
    return ticket


async def staff_write(desk: Desk, browser: Browser, ticket: Ticket) -> None:
    """Fill in each form of the desk; each must be taken."""

    async def fill(page: str, address: str = "", **form: str) -> None:
        await browser.open(page)
        response = await browser.send(address or page, form)
        assert response.status == 200, (address or page, response.status)

    case, admin = f"/staff/tickets/{ticket.code}", "/staff/admin"
    await fill(
        f"{admin}/tables/replies/row",
        title=attack("canned title"),
        text=attack("canned text"),
        moves="reply",
        **{"for": "*"},
    )
    await fill(f"{admin}/people/new", username="hung", name=attack("officer name"), role="officer")
    await fill(f"{admin}/agencies/{OWN}", name=attack("agency name"), phone="")
    await fill(f"{admin}/tables/teams/row", name=attack("team name"))
    holiday = {"date": "2026-11-07", "worked": "yes", "why": attack("holiday reason")}
    await fill(f"{admin}/tables/holidays/row", source=attack("holiday source"), **holiday)
    await fill(case, f"{case}/reply", text=attack("reply"))
    await fill(case, f"{case}/note", text=attack("note"))
    reason = attack("block reason")
    await fill("/staff/blocks", chat=str(ticket.conversation_id), days="7", reason=reason)
    await fill(
        f"/staff/releases/{ticket.code}",
        text=attack("release text"),
        place=attack("release place"),
        answer=attack("release answer"),
        meant="yes",
    )
    notice = {"title": attack("publication title"), "text": attack("publication text")}
    await fill("/staff/publications", kind="notice", do="publish", **notice)
    await fill("/staff", "/staff/lists", name=attack("list name"))
    await fill("/staff/second-factor", "/staff/second-factor/begin")
    await browser.open(case)
    form = FormData({"csrf": browser.csrf, "text": f"Đã làm xong hôm nay: {attack('answer')}"})
    form.add_field("files", picture(), filename=f"{attack('file')}.png", content_type="image/png")
    form.add_field("version", "999999999")
    async with browser.client.post(f"{case}/resolve", data=form) as response:
        assert response.status == 200


def harm_in(html: str) -> list[str]:
    parser = Harm()
    parser.feed(html)
    parser.close()
    return parser.found


async def test_what_people_write_is_shown_as_words_on_every_page(
    desk: Desk, browser: Browser
) -> None:
    desk.change(role=OfficerRole.ADMIN)
    with desk.database.write() as session:
        load_local_facts(session, LOCAL)
        officer = session.query(Officer).one()
        record = DossierRecord(
            code=DOSSIER,
            procedure=attack("procedure"),
            agency=attack("dossier agency"),
            applicant=attack("applicant"),
            state=4,
            received_on=date(2026, 11, 2),
            note=attack("dossier note"),
        )
        dossiers.save(session, record, now=desk.now)
    world = AttackedWorld(desk, officer)
    ticket = citizens_write(desk, "PA-4JVSR0")
    await staff_write(desk, browser, ticket)
    desk.now += timedelta(minutes=1)

    seen = {}
    for line in TABLE:
        if line.method == "GET" and line.status == 200:
            address = world.address(line.address)
            async with browser.client.get(address) as response:
                assert response.status == 200, address
                if response.content_type == "text/html":
                    seen[address] = await response.text()
    await browser.open(f"/staff/tickets/{ticket.code}")
    await browser.send(f"/staff/tickets/{ticket.code}/reporter")
    seen["reporter"] = browser.html
    await browser.open("/staff/dossiers")
    await browser.send("/staff/dossiers", {"code": DOSSIER})
    seen["dossier"] = browser.html

    for address, html in seen.items():
        assert harm_in(html) == [], address
    words = unescape("".join(seen.values()))
    fields = [attack(field) for field in (*CITIZENS, *STAFFS, *DOSSIERS)]
    hidden = [field for field in (*fields, PHONE) if field not in words]
    assert not hidden, f"no page shows these any more: {hidden}"


@pytest.mark.parametrize("address", QUERIES)
async def test_what_an_address_says_is_shown_as_words(
    desk: Desk, browser: Browser, address: str
) -> None:
    desk.change(role=OfficerRole.ADMIN)
    with desk.database.read() as session:
        officer = session.query(Officer).one()
    world = World(desk, officer)
    path, mark, query = address.partition("?")
    asked = dict(part.split("=", 1) for part in query.split("&")) if mark else {}
    params = {name: value.replace("{attack}", BREAK_OUT) for name, value in asked.items()}
    place = world.address(path.replace("{attack}", "%22%3E%3Cu%20onclick%3Dx%3E"))
    async with browser.client.get(place, params=params) as response:
        html = await response.text()
    assert response.status < 500
    assert harm_in(html) == []


def test_harm_is_found() -> None:
    for html in (
        f'<input value="{BREAK_OUT}">',
        f"<input value='{BREAK_OUT}'>",
        f"<p>{BREAK_OUT}</p>",
        "<script>alert(1)</script>",
        '<a href=" JavaScript:alert(1)">',
        '<img src="x" onerror="alert(1)">',
        '<p style="color: red">',
    ):
        assert harm_in(html), html
    assert not harm_in('<script src="/static/staff.js"></script><a href="/staff">Về</a>')
