"""The staff group itself: who counts in it, where it moves, what it is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from actions import cases, staff, tickets
from bot.desk import notices
from bot.messages import GroupContext, Kind, Outgoing
from bot.turn import UnitOfWork
from bot.waiting import lock
from store.engine import Database
from store.messages import Author, Conversation, OutboxMessage
from tests.integration.staff_group import GROUP, LAN, MINH, PHOTO, STRANGER, StaffGroup

CITIZEN = "8800"


def test_strangers_in_the_group_do_nothing_and_are_not_answered(group: StaffGroup) -> None:
    code = group.ticket()
    before = len(group.posts())
    card = group.posts()[0]
    group.presses(card.payload("start"), on=card.id, by=STRANGER)
    group.presses(card.payload("resolve"), on=card.id, by=STRANGER)
    group.replies(card, "tôi trả lời nè", by=STRANGER, media=(PHOTO,))
    assert group.read_ticket(code) == ("new", None, ["create"])
    assert len(group.posts()) == before
    assert group.posts(CITIZEN) == []


def test_an_officer_who_has_left_does_nothing(group: StaffGroup) -> None:
    code = group.ticket()
    with group.database.write() as session:
        lan = staff.find(session, "lan")
        assert lan is not None
        lan.active = False
    group.presses(f"s:start:{code}")
    group.replies(group.posts()[0], "còn tôi đây")
    assert group.read_ticket(code)[0] == "new"
    assert group.posts(CITIZEN) == []


def test_officers_may_talk_among_themselves(group: StaffGroup) -> None:
    group.ticket()
    before = len(group.posts())
    talk = GroupContext(sender_id=LAN, message_id="5", reply_to="4", reply_to_text=None)
    group.deliver("telegram", str(GROUP), Kind.TEXT, text="PA-7K3M2C gần nhà anh", group=talk)
    group.deliver("telegram", str(GROUP), Kind.TEXT, text="ok", group=GroupContext(sender_id=MINH))
    assert len(group.posts()) == before


def test_a_group_that_became_a_supergroup_is_followed(group: StaffGroup) -> None:
    old_code = group.ticket()
    old_card = group.posts()[0]
    group.becomes_supergroup(-1_009_000)
    new_code = group.ticket()
    assert new_code in group.texts()[-1]
    assert all(new_code not in text for text in group.texts(GROUP))
    group.replies(old_card, "Mai vá.")
    assert "Mai vá." in group.said_by_officers()[0]
    assert group.read_ticket(old_code)[0] == "in_progress"


def test_without_a_group_nothing_is_posted_and_nothing_fails(database_url: str) -> None:
    database = Database(database_url)
    group = StaffGroup(database, configured=None)
    group.ticket()
    group.asks_for_a_person()
    assert group.posts(GROUP) == []
    assert "Mình đã chuyển cuộc trò chuyện cho cán bộ" in group.texts(CITIZEN)[-1]
    database.dispose()


def test_the_group_hears_when_words_of_an_officer_did_not_arrive(group: StaffGroup) -> None:
    code = group.ticket()
    group.replies(group.posts()[0], "Mai vá.")
    with group.database.write() as session:
        row = session.get_one(OutboxMessage, group.posts(CITIZEN)[-1].row.id)
        row.status, row.error = "failed", "forbidden"
        touched = notices.report_undelivered(
            session, row, services=group.services, clock=lambda: group.now
        )
    assert len(touched) == 1
    assert code in group.texts()[-1]
    assert "đã chặn" in group.texts()[-1]


def test_the_group_hears_nothing_of_what_the_bot_could_not_deliver(group: StaffGroup) -> None:
    group.citizen(text="xin chào", intent="greet")
    with group.database.write() as session:
        row = session.get_one(OutboxMessage, group.posts(CITIZEN)[-1].row.id)
        row.error = "forbidden"
        services = group.services
        assert (
            notices.report_undelivered(session, row, services=services, clock=lambda: group.now)
            == set()
        )
    assert group.posts() == []


def test_presses_on_what_does_not_exist_are_answered_or_ignored(group: StaffGroup) -> None:
    group.presses("s:start:PA-000000")
    assert "Không tìm thấy phản ánh này" in group.texts()[-1]
    said = len(group.posts())
    for payload in ("d:menu:report", "s:talk:abc", ""):
        group.presses(payload)
    assert len(group.posts()) == said


def test_the_group_and_a_citizen_post_in_each_others_chats_at_the_same_time(
    postgres_url: str,
) -> None:
    """Two turns side by side, as two workers take them: neither waits for the other."""
    database = Database(postgres_url)
    group = StaffGroup(database)
    group.ticket()
    with database.write() as officers, database.write() as citizens:
        for session in (officers, citizens):
            session.execute(text("SET LOCAL lock_timeout = '3s'"))
        chats = {chat.role: chat.id for chat in officers.scalars(select(Conversation))}
        assert lock(officers, chats["staff"]) is not None
        assert lock(citizens, chats["citizen"]) is not None
        for session, role in ((officers, "citizen"), (citizens, "staff")):
            UnitOfWork(group.services, session, group.now).post(
                session.get_one(Conversation, chats[role]),
                Outgoing(text="cùng lúc"),
                author=Author.SYSTEM,
            )
            session.flush()
    assert "cùng lúc" in group.texts()[-1]
    assert "cùng lúc" in group.texts(CITIZEN)[-1]
    database.dispose()


def test_an_officer_waits_for_what_the_citizen_is_doing(postgres_url: str) -> None:
    """A ticket that is being withdrawn cannot be taken at the same moment."""
    database = Database(postgres_url)
    group = StaffGroup(database)
    code = group.ticket()
    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            ticket = tickets.find_by_code(session, code)
            assert lock(session, ticket.conversation_id) is not None
            cases.move(
                session,
                ticket,
                "withdraw",
                by=cases.CITIZEN,
                local=group.services.local,
                now=group.now,
            )
            press = pool.submit(group.presses, f"s:start:{code}")
            with pytest.raises(TimeoutError):
                press.result(timeout=0.5)
        press.result(timeout=10)
    assert group.read_ticket(code) == ("withdrawn", None, ["create", "withdraw"])
    database.dispose()


def test_the_group_hears_of_privacy_requests_and_of_events_that_failed(group: StaffGroup) -> None:
    group.citizen(Kind.ERASE)
    assert "xóa dữ liệu" in group.texts()[-1]
    group.work(lambda work: notices.announce_dead_letter(work, 17))
    assert "số 17" in group.texts()[-1]
