"""The clocks of a ticket: they pause, they end, and no touch sets them back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from actions import clocks, escalation
from actions.cases import CITIZEN, Given, by_officer
from store.cases import DeadlineKind
from store.staff import OfficerRole
from store.tickets import Ticket
from tests.case_room import GOOD_ANSWER, HERE, LOCAL, CaseRoom, case_room


@pytest.fixture
def room(database_url: str) -> Iterator[CaseRoom]:
    with case_room(database_url) as room:
        yield room


def due(room: CaseRoom, ticket: Ticket) -> dict[str, datetime]:
    return {row.kind: row.due_at for row in clocks.of_ticket(room.session, ticket)}


def test_a_new_ticket_has_three_clocks(room: CaseRoom) -> None:
    ticket = room.ticket()  # telecom: accepted in 1 day, answered in 2, resolved in 7
    assert due(room, ticket) == {
        DeadlineKind.ACCEPT: datetime(2026, 11, 3, 17, 0, tzinfo=HERE),
        DeadlineKind.ANSWER: datetime(2026, 11, 4, 17, 0, tzinfo=HERE),
        DeadlineKind.RESOLVE: datetime(2026, 11, 11, 17, 0, tzinfo=HERE),
    }
    assert ticket.deadline_at == due(room, ticket)[DeadlineKind.RESOLVE]


def test_no_touch_sets_a_clock_back(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), by_officer(room.officer())
    promised = due(room, ticket)
    for name in ("accept", "start"):
        room.later(hours=5)
        room.move(ticket, name, officer)
    room.move(ticket, "release", officer, Given(text="bận việc khác"))
    other = room.ticket()
    room.move(ticket, "merge", officer, Given(target=other))
    room.later(days=1)
    room.move(ticket, "unmerge", officer)
    assert due(room, ticket) == promised


def test_waiting_for_the_citizen_costs_staff_no_time(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), by_officer(room.officer())
    room.move(ticket, "start", officer)
    room.later(hours=2)  # Monday, 10:00
    room.move(ticket, "ask", officer, Given(text="Ở khóm mấy?"))
    resolve = room.deadline(ticket, DeadlineKind.RESOLVE)
    assert resolve.next_warning_at is None
    room.later(days=2)  # Wednesday, 10:00: two days of the office
    room.move(ticket, "answered", CITIZEN, Given(text="khóm 3"))
    assert due(room, ticket)[DeadlineKind.RESOLVE] == datetime(2026, 11, 13, 17, 0, tzinfo=HERE)
    assert ticket.deadline_at == datetime(2026, 11, 13, 17, 0, tzinfo=HERE)
    assert ticket.paused_at is None
    assert room.deadline(ticket, DeadlineKind.RESOLVE).next_warning_at is not None


def test_what_was_late_before_the_pause_stays_late(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), by_officer(room.officer())
    room.move(ticket, "start", officer)
    promised = ticket.deadline_at
    room.later(days=30)
    room.move(ticket, "ask", officer, Given(text="Ở khóm mấy?"))
    room.later(days=2)
    room.move(ticket, "answered", CITIZEN, Given(text="khóm 3"))
    assert ticket.deadline_at == promised


def test_a_step_that_is_done_is_met_once(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), by_officer(room.officer())
    room.later(hours=1)
    accepted = room.now
    room.move(ticket, "accept", officer)
    room.later(hours=1)
    room.move(ticket, "start", officer)
    assert room.deadline(ticket, DeadlineKind.ACCEPT).met_at == accepted
    room.move(ticket, "resolve", officer, Given(text=GOOD_ANSWER))
    rows = clocks.of_ticket(room.session, ticket)
    assert [row.met_at for row in rows] == [accepted, room.now, room.now]
    assert [row.next_warning_at for row in rows] == [None, None, None]


def warned(room: CaseRoom, ticket: Ticket) -> list[tuple[str, int, str]]:
    if ticket.code not in escalation.waiting(room.session, room.now):
        return []
    found = escalation.warn(room.session, ticket, local=LOCAL, now=room.now)
    return [(warning.kind, warning.percent, warning.level) for warning in found]


def test_an_officer_hears_at_half_and_at_four_fifths_and_then_it_goes_up(room: CaseRoom) -> None:
    ticket = room.ticket("other", "urgent")  # day and night: resolved in 4 hours
    officer = room.officer()
    lead = room.officer(OfficerRole.LEAD)
    room.officer(OfficerRole.DUTY)
    room.officer(OfficerRole.LEADER)
    room.move(ticket, "start", by_officer(officer))
    by_officer(lead)
    room.session.flush()
    clocks.meet(room.session, ticket, [DeadlineKind.ANSWER], local=room.local, now=room.now)
    heard = []
    for _ in range(48):
        room.later(minutes=15)
        heard += [(room.now, *warning) for warning in warned(room, ticket)]
    began = ticket.created_at
    assert [(at - began, kind, percent, level) for at, kind, percent, level in heard] == [
        (timedelta(hours=2), "resolve", 50, "officer"),
        (timedelta(hours=3, minutes=15), "resolve", 80, "officer"),
        (timedelta(hours=4), "resolve", 100, "lead"),
        (timedelta(hours=6), "resolve", 150, "duty"),
        (timedelta(hours=8), "resolve", 200, "leader"),
    ]
    assert [e.kind for e in room.history(ticket)][1:] == ["warn"] * 2 + ["escalate"] * 3


def test_what_nobody_has_goes_up_as_well(room: CaseRoom) -> None:
    ticket = room.ticket("other", "urgent")  # to be accepted in 15 minutes
    room.officer(OfficerRole.DUTY)
    room.later(minutes=15)
    assert ("accept", 100, "duty") in warned(room, ticket)  # there is no lead
    assert ticket.escalation == 2


def test_it_goes_to_the_last_level_when_nobody_is_at_work(room: CaseRoom) -> None:
    ticket = room.ticket("other", "urgent")
    room.officer(OfficerRole.DUTY, away_until=room.now + timedelta(days=9))
    room.later(minutes=15)
    assert ("accept", 100, "leader") in warned(room, ticket)


def test_a_warning_is_given_once_and_a_long_sleep_gives_only_the_last(room: CaseRoom) -> None:
    ticket = room.ticket()
    room.officer()
    room.later(days=60)
    first = warned(room, ticket)
    assert [(kind, percent) for kind, percent, _ in first] == [
        ("accept", 200),
        ("answer", 200),
        ("resolve", 200),
    ]
    assert warned(room, ticket) == []


def test_nothing_is_warned_of_while_the_citizen_is_asked(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), by_officer(room.officer())
    room.move(ticket, "start", officer)
    room.move(ticket, "ask", officer, Given(text="Ở khóm mấy?"))
    room.later(days=60)
    assert escalation.waiting(room.session, room.now) == []
