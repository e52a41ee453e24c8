"""Two people do something at the same moment: one is first, and the other is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from actions import cases
from bot.messages import Kind
from store.engine import Database
from store.messages import Conversation
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
