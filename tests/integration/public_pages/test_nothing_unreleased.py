"""Whatever a case holds: no public page says a word of it that was not released."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import count

from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions import cases, following
from actions.cases import CITIZEN, by_officer
from store.messages import Conversation
from store.staff import Officer
from store.tickets import Attachment, Ticket, TicketState
from tests.integration.public_pages.conftest import RACH_GIA, Town

SECRETS = st.text("abcdefghijkmnpqrstuvwxyz", min_size=12, max_size=12)
"""Words that no page of ours has by itself."""

PLACES = 9
"""Where words of a case stand that only staff may read."""

SERIAL = count(1)
"""Sets the secrets of one run apart from those of the runs before."""


@dataclass
class Secret:
    """One case full of secrets, and what was released of it."""

    hidden: list[str]
    released: str
    release: bool
    withdrawn: bool
    state: TicketState


@st.composite
def secret_cases(draw: st.DrawFn) -> Secret:
    words = draw(st.lists(SECRETS, min_size=PLACES + 1, max_size=PLACES + 1, unique=True))
    released, *hidden = (f"{word}{next(SERIAL)}x" for word in words)
    return Secret(
        hidden=hidden,
        released=released,
        release=draw(st.booleans()),
        withdrawn=draw(st.booleans()),
        state=draw(st.sampled_from(TicketState)),
    )


def made(town: Town, secret: Secret) -> Ticket:
    """The case, with a secret in every place that words can stand in."""
    text, place, answer, name, phone, reason, note, said, look = secret.hidden
    ticket = town.case(
        state=secret.state,
        text=f"{text} 0912345678",
        place_text=place,
        answer=answer,
        contact_name=name,
        contact_phone=phone[:20],
        rating=1,
        rating_reason=reason,
        urgency_words=[said],
        commune_code=RACH_GIA,
        latitude=10.987654,
        longitude=105.123987,
        resolved_at=town.desk.now,
    )
    with town.desk.database.write() as session:
        row = session.get_one(Ticket, ticket.id)
        chat = session.get_one(Conversation, row.conversation_id)
        now, officer = town.desk.now, session.get_one(Officer, town.lead.id)
        row.officer_id = officer.id
        for kind, by in (("note", by_officer(officer)), ("add", CITIZEN), ("resolve", CITIZEN)):
            cases.record(session, row, kind, by=by, now=now, detail={"text": note, "said": said})
        follower = Conversation(channel="web", chat_id=look, state={"said": look}, created_at=now)
        session.add(follower)
        session.flush()
        following.follow(session, row, follower, now=now)
        for purpose in ("report", "added", "after", "note"):
            session.add(
                Attachment(
                    conversation_id=chat.id, ticket_id=row.id, kind="photo", mime="image/jpeg",
                    size=1, path=f"ab/{look}-{purpose}.jpg", purpose=purpose, created_at=now,
                )
            )  # fmt: skip
    if secret.release:
        town.release(ticket, secret.released)
        if secret.withdrawn:
            town.withdraw(ticket)
    return ticket


async def pages(town: Town, ticket: Ticket, files: list[str]) -> str:
    """All that a stranger who knows the code can get to see."""
    seen = []
    async with TestClient(TestServer(town.desk.app())) as client:
        for path in (f"/phan-anh/{ticket.code}", "/phan-anh", "/thong-bao"):
            async with client.get(path) as answer:
                assert answer.status == 200
                seen += [await answer.text(), str(answer.headers)]
        for number in files:
            async with client.get(f"/phan-anh/{ticket.code}/anh/{number}") as answer:
                assert answer.status == 404
    return "".join(seen)


@given(secret_cases())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_page_holds_what_was_not_released(town: Town, secret: Secret) -> None:
    ticket = made(town, secret)
    with town.desk.database.read() as session:
        files = [str(one.id) for one in session.get_one(Ticket, ticket.id).attachments]
    seen = asyncio.run(pages(town, ticket, files))
    assert [word for word in secret.hidden if word in seen] == []
    assert "0912345678" not in seen
    assert town.lead.name not in seen
    assert "10.987654" not in seen
    public = secret.release and not secret.withdrawn and secret.state != TicketState.WITHDRAWN
    assert (secret.released in seen) == public
