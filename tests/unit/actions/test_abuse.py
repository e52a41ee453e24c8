"""Limits per person, and blocks that end, say why and can be lifted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from actions import abuse
from actions.cases import CITIZEN
from tests.case_room import CaseRoom, case_room


@pytest.fixture
def room(database_url: str) -> Iterator[CaseRoom]:
    with case_room(database_url) as room:
        yield room


def test_a_block_ends_by_itself(room: CaseRoom) -> None:
    chat, until = room.citizen(), room.now + timedelta(days=1)
    officer = room.officer()
    made = abuse.block(
        room.session, chat, reason="quấy rối", until=until, officer=officer, now=room.now
    )
    assert abuse.in_force(room.session, room.now) == {chat.id: made}
    assert abuse.in_force(room.session, until) == {}
    assert not abuse.lift(made, officer, now=until)


def test_a_block_can_be_lifted_and_stays_in_the_list(room: CaseRoom) -> None:
    chat, officer = room.citizen(), room.officer()
    made = abuse.block(
        room.session,
        chat,
        reason="quấy rối",
        until=room.now + timedelta(days=1),
        officer=officer,
        now=room.now,
    )
    room.later(hours=1)
    assert abuse.lift(made, officer, now=room.now)
    assert abuse.in_force(room.session, room.now) == {}
    (kept,) = abuse.blocks(room.session)
    assert (kept.block.reason, kept.officer, kept.lifted_by) == (
        "quấy rối",
        officer.name,
        officer.name,
    )
    assert not abuse.lift(made, officer, now=room.now)


@pytest.mark.parametrize(
    ("reason", "days", "wrong"),
    [(" ", 1, abuse.ReasonMissing), ("vì", 91, abuse.TooLong), ("vì", 0, abuse.TooLong)],
)
def test_a_block_says_why_and_ends(
    room: CaseRoom, reason: str, days: int, wrong: type[Exception]
) -> None:
    until = room.now + timedelta(days=days)
    with pytest.raises(wrong):
        abuse.block(room.session, room.citizen(), reason=reason, until=until, now=room.now)


def test_a_sixth_report_in_an_hour_is_too_many_but_danger_is_never_counted(room: CaseRoom) -> None:
    chat = room.citizen()
    for _ in range(abuse.TICKETS_AN_HOUR - 1):
        room.ticket(conversation_id=chat.id)
    for _ in range(3):
        room.ticket("other", "urgent", conversation_id=chat.id)
    assert not abuse.too_many_tickets(room.session, chat, room.now)
    room.ticket(conversation_id=chat.id)
    assert abuse.too_many_tickets(room.session, chat, room.now)
    assert not abuse.too_many_tickets(room.session, room.citizen(), room.now)
    assert not abuse.too_many_tickets(room.session, chat, room.now + timedelta(hours=1))


def test_reports_of_a_whole_day_are_counted_as_well(room: CaseRoom) -> None:
    chat = room.citizen()
    for _ in range(abuse.TICKETS_A_DAY - 1):
        room.ticket(conversation_id=chat.id)
    hours_later = room.now + timedelta(hours=2)
    assert not abuse.too_many_tickets(room.session, chat, hours_later)
    room.ticket(conversation_id=chat.id)
    assert abuse.too_many_tickets(room.session, chat, hours_later)
    assert not abuse.too_many_tickets(room.session, chat, room.now + timedelta(days=1))


def test_the_same_words_again_are_the_same_report(room: CaseRoom) -> None:
    chat = room.citizen()
    first = room.ticket(conversation_id=chat.id, text="Đèn đường hư, tối thui!")
    again = "den duong hu toi thui"
    assert abuse.sent_before(room.session, chat, again, room.now) is first
    assert abuse.sent_before(room.session, chat, "đèn đường hư", room.now) is None
    assert abuse.sent_before(room.session, room.citizen(), again, room.now) is None
    later = room.now + abuse.SAME_AGAIN_WITHIN
    assert abuse.sent_before(room.session, chat, again, later) is None
    room.move(first, "withdraw", CITIZEN)
    room.session.flush()
    assert abuse.sent_before(room.session, chat, again, room.now) is None
