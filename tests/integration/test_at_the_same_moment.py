"""Two people do something at the same moment: one is first, and the other is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError

from actions import cases, tickets
from bot.messages import Kind
from store.engine import Database
from store.messages import Conversation
from store.tickets import Ticket
from tests.integration.lock_queue import until_all_wait
from tests.integration.staff_group import LAN, MINH, StaffGroup

CITIZEN = "8800"


@pytest.fixture
def group(postgres_url: str) -> Iterator[StaffGroup]:
    """The group over PostgreSQL: SQLite has one writer at a time anyway."""
    database = Database(postgres_url)
    yield StaffGroup(database)
    database.dispose()


def together(group: StaffGroup, *deeds: Callable[[], object]) -> None:
    """Let everybody begin before anybody can go on: the citizen's chat is locked meanwhile."""
    with ThreadPoolExecutor(len(deeds)) as pool:
        with group.database.write() as session:
            chat = select(Conversation).where(Conversation.chat_id == CITIZEN)
            session.execute(chat.with_for_update())
            running = [pool.submit(deed) for deed in deeds]
            until_all_wait(group.database, len(deeds))
        for deed in running:
            deed.result(timeout=20)


def test_a_chat_is_taken_by_one_officer(group: StaffGroup) -> None:
    group.asks_for_a_person()
    talk = group.posts()[-1].payload("talk")
    together(group, lambda: group.presses(talk, by=LAN), lambda: group.presses(talk, by=MINH))
    (begun,) = group.handoffs()
    assert begun.officer_id is not None
    assert sum("Cán bộ đã vào" in said for said in group.texts(CITIZEN)) == 1
    assert sum("đang trò chuyện với người dân này" in said for said in group.texts()) == 1


def test_of_two_first_replies_one_reaches_the_citizen(group: StaffGroup) -> None:
    group.asks_for_a_person()
    request = group.posts()[-1]
    together(
        group,
        lambda: group.replies(request, "Lan nghe đây", by=LAN),
        lambda: group.replies(request, "Minh nghe đây", by=MINH),
    )
    assert len(group.said_by_officers()) == 1


def test_a_chat_that_is_given_back_at_this_moment_is_not_taken_as_well(group: StaffGroup) -> None:
    group.asks_for_a_person()
    request = group.posts()[-1]
    together(
        group,
        lambda: group.presses(request.payload("talk"), by=LAN),
        lambda: group.presses(request.payload("back"), by=MINH),
    )
    (begun,) = group.handoffs()
    assert begun.ended_at is not None
    assert group.mode(CITIZEN) == "bot"
    assert sum("Mình là trợ lý tự động" in said for said in group.texts(CITIZEN)) == 1


def test_both_sides_may_end_a_chat_and_it_ends_once(group: StaffGroup) -> None:
    group.asks_for_a_person()
    request = group.posts()[-1]
    group.presses(request.payload("talk"))
    together(
        group,
        lambda: group.presses(request.payload("back"), by=LAN),
        lambda: group.presses(request.payload("back"), by=LAN),
    )
    assert group.mode(CITIZEN) == "bot"
    assert sum("Mình là trợ lý tự động" in said for said in group.texts(CITIZEN)) == 1


def test_a_case_is_taken_by_one_officer(group: StaffGroup) -> None:
    code = group.ticket()
    together(
        group,
        lambda: group.presses(f"s:start:{code}", by=LAN),
        lambda: group.presses(f"s:start:{code}", by=MINH),
    )
    state, officer, history = group.read_ticket(code)
    assert (state, history) == ("in_progress", ["create", "start"])
    assert officer in ("lan", "minh")
    assert sum("chưa làm được việc" in said or "đã nhận rồi" in said for said in group.texts()) == 1


def test_a_case_is_locked_after_its_citizens_chat(group: StaffGroup) -> None:
    """In this order everywhere, so that nobody waits for each other for ever."""
    code = group.ticket()
    together(
        group,
        lambda: group.presses(f"s:start:{code}", by=LAN),
        lambda: group.citizen(Kind.PRESS, payload=f"t:withdraw:{code}"),
        lambda: group.work(lambda work: cases.locked(work.session, code)),
    )
    assert group.read_ticket(code)[0] in ("in_progress", "withdrawn")


@pytest.mark.parametrize(
    ("held", "other", "is_locked"), [(Ticket, Conversation, True), (Conversation, Ticket, False)]
)
def test_whoever_waits_for_a_case_has_its_chat_and_never_the_other_way_round(
    group: StaffGroup,
    held: type[Ticket | Conversation],
    other: type[Ticket | Conversation],
    is_locked: bool,
) -> None:
    """One statement locks both: it must do so in the order in which it names them."""
    code = group.ticket()
    row = {
        Ticket: select(Ticket).where(Ticket.code == code),
        Conversation: select(Conversation).where(Conversation.chat_id == CITIZEN),
    }
    with ThreadPoolExecutor(1) as pool:
        with group.database.write() as session:
            session.execute(row[held].with_for_update(key_share=True))
            waiting = pool.submit(group.work, lambda work: cases.locked(work.session, code))
            until_all_wait(group.database, 1)
            assert _is_locked(group.database, row[other]) is is_locked
        waiting.result(timeout=20)


def test_what_changed_while_a_case_was_waited_for_is_seen(group: StaffGroup) -> None:
    code = group.ticket()
    with ThreadPoolExecutor(1) as pool:
        with group.database.write() as session:
            ticket = cases.locked(session, code)
            waiting = pool.submit(_as_it_is, group.database, code)
            until_all_wait(group.database, 1)
            ticket.escalation, ticket.conversation.state = 3, {"said": "meanwhile"}
        assert waiting.result(timeout=20) == (3, {"said": "meanwhile"})


def _is_locked(database: Database, row: Select[Any]) -> bool:
    with database.read() as session:
        try:
            session.execute(row.with_for_update(key_share=True, nowait=True))
        except OperationalError:
            return True
        return False


def _as_it_is(database: Database, code: str) -> tuple[int, dict[str, Any]]:
    """A case and its chat, which this transaction has read before it locks them."""
    with database.write() as session:
        before = tickets.find_by_code(session, code)
        assert before.conversation.state != {"said": "meanwhile"}
        ticket = cases.locked(session, code)
        return ticket.escalation, ticket.conversation.state
