"""When citizens hear of what became of their tickets: once, together, and not at night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from actions import news
from actions.cases import Given, by_officer
from store.messages import Conversation
from store.tickets import Ticket, TicketEvent
from tests.case_room import HERE, CaseRoom, case_room


@pytest.fixture
def room(database_url: str) -> Iterator[CaseRoom]:
    with case_room(database_url) as room:
        yield room


def at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=HERE)


@pytest.mark.parametrize(
    ("now", "alone", "expected"),
    [
        (at(9), True, at(9)),
        (at(9), False, at(9, 2)),
        (at(20, 59), True, at(20, 59)),
        (at(20, 59), False, at(7, day=3)),
        (at(21), True, at(7, day=3)),
        (at(23, 30), False, at(7, day=3)),
        (at(3, day=3), True, at(7, day=3)),
        (at(7, day=3), True, at(7, day=3)),
    ],
)
def test_what_can_wait_waits_for_the_morning(
    room: CaseRoom, now: datetime, alone: bool, expected: datetime
) -> None:
    ticket = room.ticket()
    assert news.due(room.citizen(), ticket, alone=alone, now=now) == expected


def test_what_is_urgent_is_told_at_night(room: CaseRoom) -> None:
    ticket = room.ticket("other", "urgent")
    assert news.due(room.citizen(), ticket, alone=True, now=at(23)) == at(23)


@pytest.mark.parametrize(("silent_for", "told_at"), [(9, at(23)), (11, at(7, day=3))])
def test_whoever_has_just_written_is_awake(
    room: CaseRoom, silent_for: int, told_at: datetime
) -> None:
    chat = room.citizen()
    chat.last_incoming_at = at(23) - timedelta(minutes=silent_for)
    assert news.due(chat, room.ticket(), alone=True, now=at(23)) == told_at


def put(
    room: CaseRoom, chat: Conversation, ticket: Ticket, event: TicketEvent, due_at: datetime
) -> bool:
    message = {"text": f"{event.kind} {ticket.code}"}
    return news.put(room.session, chat, ticket, event, message, due_at=due_at, now=room.now)


def test_nobody_is_told_twice_of_one_event(room: CaseRoom) -> None:
    ticket, chat = room.ticket(), room.citizen()
    event = room.move(ticket, "start", by_officer(room.officer())).event
    assert put(room, chat, ticket, event, room.now)
    assert not put(room, chat, ticket, event, room.now)
    assert list(news.waiting(room.session, room.now)) == [chat.id]
    assert len(news.take(room.session, chat, now=room.now)) == 1
    assert list(news.take(room.session, chat, now=room.now)) == []
    assert not put(room, chat, ticket, event, room.now)
    assert list(news.waiting(room.session, room.now)) == []


def test_an_answer_takes_older_news_of_its_ticket_along_and_leaves_others(room: CaseRoom) -> None:
    officer, chat = by_officer(room.officer()), room.citizen()
    ticket, other = room.ticket(), room.ticket()
    started = room.move(ticket, "start", officer).event
    elsewhere = room.move(other, "start", officer).event
    asked = room.move(ticket, "release", officer, Given(text="bận")).event
    put(room, chat, ticket, started, room.now + timedelta(minutes=2))
    put(room, chat, other, elsewhere, room.now + timedelta(minutes=2))
    put(room, chat, ticket, asked, room.now)
    told = news.take(room.session, chat, now=room.now)
    assert [item.event_id for item in told] == [started.id, asked.id]
    room.later(minutes=2)
    assert [i.event_id for i in news.take(room.session, chat, now=room.now)] == [elsewhere.id]
