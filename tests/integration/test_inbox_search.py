"""What a search of the inbox finds, against looking at every case of the list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from actions import inbox, search
from actions.folding import folded
from actions.inbox import Order, Place, Row, View, Wanted
from store.engine import Database
from store.messages import Conversation
from store.migrate import migrate
from store.staff import Officer, OfficerRole
from store.tickets import Ticket, TicketState
from tests.integration.figures_room import EVERYBODYS, Cases, at

NOW = at(26, 7)
WORDS = ["đường", "đèn", "đến", "rác", "ổ", "gà"]
AGENCIES = ["so-xay-dung", "so-nnmt"]
SIZE = 3


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    migrate(made)
    with made.write() as session:
        for number, role in enumerate((OfficerRole.DUTY, OfficerRole.OFFICER), 1):
            session.add(
                Officer(
                    id=number,
                    username=f"o{number}",
                    name="O",
                    role=role,
                    agency_code=AGENCIES[0],
                    created_at=NOW,
                )
            )
    yield made
    made.dispose()


CASE = st.tuples(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    st.integers(0, 8),  # many at the very same moment
    st.sampled_from(AGENCIES),
    st.sampled_from(["traffic", "environment"]),
    st.booleans(),  # closed
    st.sampled_from([None, 2]),  # its officer
)


def make(session: Session, drawn: list[tuple[list[str], int, str, str, bool, int | None]]) -> None:
    for table in (Ticket, Conversation):
        session.execute(delete(table))
    cases = Cases(session, NOW)
    for words, hour, agency, category, closed, officer in drawn:
        ticket = cases.add(
            at(20, hour),
            text=" ".join(words),
            agency_code=agency,
            category=category,
            officer_id=officer,
            state=TicketState.CLOSED if closed else TicketState.NEW,
            closed_at=at(21) if closed else None,
            deadline_at=at(25) + timedelta(hours=hour),
        )
        ticket.search_text = search.text_of(ticket)
    session.flush()


def holds(ticket: Ticket, wanted: str) -> bool:
    """Word by word: all of them, the last from its second letter on perhaps only begun."""
    there, asked = folded(f"{ticket.code} {ticket.text}").split(), folded(wanted).split()
    *whole, last = asked
    begun = [word for word in there if word == last or (len(last) > 1 and word.startswith(last))]
    return all(word in there for word in whole) and bool(begun)


def all_pages(
    session: Session, wanted: Wanted, officer: Officer, now: datetime
) -> Iterator[list[Row]]:
    """Page after page, each of them found once more from the one behind it."""
    start: Place | None = None
    before: list[Row] = []
    while True:
        page = inbox.page(session, wanted, officer, now, start=start, size=SIZE)
        if page.earlier is not None and page.rows:
            back = inbox.page(session, wanted, officer, now, start=page.earlier, size=SIZE)
            assert back.rows == before
        yield page.rows
        if page.later is None:
            return
        start, before = page.later, page.rows


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    drawn=st.lists(CASE, max_size=25),
    searched=st.sampled_from(
        ["đường", "duong rac", "o ga", "đ", "de", "rac den duong", "duong duong", "khong", "PA 00"]
    ),
    view=st.sampled_from([View.OPEN, View.CLOSED, View.ALL, View.MINE]),
    order=st.sampled_from([None, *Order]),
    category=st.sampled_from(["", "traffic"]),
    number=st.sampled_from([1, 2]),
    limits=st.sampled_from([(1, 0, 1), (2, 6, 4), (6, 6, 2), (2, 100, 4), (2000, 20_000, 1000)]),
)
def test_a_search_finds_what_looking_at_every_case_finds(
    database: Database,
    drawn: list[tuple[list[str], int, str, str, bool, int | None]],
    searched: str,
    view: View,
    order: Order | None,
    category: str,
    number: int,
    limits: tuple[int, int, int],
) -> None:
    """Whichever way leads to it, page by page forwards and back."""
    wanted = Wanted(view=view, order=order, category=category)
    with pytest.MonkeyPatch.context() as patch, database.write() as session:
        for name, limit in zip(("AT_FIRST", "AT_MOST", "NAMED"), limits, strict=True):
            patch.setattr(f"actions.inbox.searching.{name}", limit)
        make(session, drawn)
        officer = session.get_one(Officer, number)
        whole = inbox.page(session, wanted, officer, NOW, size=EVERYBODYS)
        expected = [row.ticket.code for row in whole.rows if holds(row.ticket, searched)]
        wanted = Wanted(view=view, order=order, category=category, search=searched)
        pages = list(all_pages(session, wanted, officer, NOW))
        assert [row.ticket.code for rows in pages for row in rows] == expected
        _, total = inbox.page_and_total(session, wanted, officer, NOW)
        found = len(expected)
        assert total.number < found if total.more else total.number == found


@pytest.mark.parametrize("order", [Order.NEWEST, Order.DEADLINE])
def test_pages_within_one_moment_repeat_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch, order: Order
) -> None:
    """So many sent at once that the first look does not get beyond them."""
    for name, limit in (("AT_FIRST", 2), ("AT_MOST", 100)):
        monkeypatch.setattr(f"actions.inbox.searching.{name}", limit)
    wanted = Wanted(view=View.ALL, order=order, search="đường")
    with database.write() as session:
        make(session, [(["đường", "rác"], 4, AGENCIES[0], "traffic", False, None)] * 13)
        pages = list(all_pages(session, wanted, session.get_one(Officer, 1), NOW))
    found = [row.ticket.id for rows in pages for row in rows]
    assert len(found) == 13
    assert found == sorted(found, reverse=order is Order.NEWEST)
