"""Moves of a ticket: by the table, by whom it allows, with what they need, all in the history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from actions import cases
from actions.cases import CITIZEN, SYSTEM, Given, by_officer
from store.cases import DeadlineKind
from store.staff import OfficerRole
from store.tickets import TicketState
from tests.case_room import GOOD_ANSWER, LOCAL, CaseRoom, case_room


@pytest.fixture
def room(database_url: str) -> Iterator[CaseRoom]:
    with case_room(database_url) as room:
        yield room


def test_a_ticket_goes_from_report_to_closed_and_every_step_is_kept(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), room.officer()
    by = by_officer(officer)
    room.move(ticket, "accept", by)
    room.move(ticket, "start", by)
    assert ticket.officer_id == officer.id
    room.move(ticket, "ask", by, Given(text="Trạm nào vậy bạn?"))
    room.move(ticket, "answered", CITIZEN, Given(text="trạm đầu xóm"))
    room.move(ticket, "resolve", by, Given(text=GOOD_ANSWER))
    room.move(ticket, "confirm", CITIZEN)
    assert ticket.state == TicketState.CLOSED
    assert ticket.answer == GOOD_ANSWER
    steps = [(e.kind, e.from_state, e.to_state, e.actor) for e in room.history(ticket)]
    assert steps == [
        ("accept", "new", "accepted", "officer"),
        ("start", "accepted", "in_progress", "officer"),
        ("ask", "in_progress", "waiting", "officer"),
        ("answered", "waiting", "in_progress", "citizen"),
        ("resolve", "in_progress", "resolved", "officer"),
        ("confirm", "resolved", "closed", "citizen"),
    ]


def test_a_move_that_the_table_does_not_have_from_here_is_refused(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), room.officer()
    with pytest.raises(cases.MoveNotAllowed) as refused:
        room.move(ticket, "confirm", CITIZEN)
    assert refused.value.state == TicketState.NEW
    room.move(ticket, "withdraw", CITIZEN)
    with pytest.raises(cases.MoveNotAllowed):
        room.move(ticket, "resolve", by_officer(officer), Given(text=GOOD_ANSWER))
    assert [event.kind for event in room.history(ticket)] == ["withdraw"]


@pytest.mark.parametrize("role", [OfficerRole.OFFICER, OfficerRole.LEADER])
def test_assigning_is_for_those_who_lead(room: CaseRoom, role: OfficerRole) -> None:
    ticket, officer, other = room.ticket(), room.officer(role), room.officer()
    with pytest.raises(cases.MoveForbidden):
        room.move(ticket, "assign", by_officer(officer), Given(officer=other))


def test_a_leader_reads_and_moves_nothing(room: CaseRoom) -> None:
    ticket, leader = room.ticket(), by_officer(room.officer(OfficerRole.LEADER))
    assert cases.allowed(ticket, leader, LOCAL) == []
    assert not cases.may_act(ticket, leader)
    with pytest.raises(cases.MoveForbidden):
        room.move(ticket, "start", leader)


def test_a_citizen_cannot_close_and_an_officer_cannot_confirm(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), room.officer()
    with pytest.raises(cases.MoveForbidden):
        room.move(ticket, "resolve", CITIZEN, Given(text=GOOD_ANSWER))
    room.move(ticket, "resolve", by_officer(officer), Given(text=GOOD_ANSWER))
    for by in (by_officer(officer), SYSTEM):
        with pytest.raises(cases.MoveForbidden):
            room.move(ticket, "confirm", by)


def test_the_tickets_of_another_agency_are_not_ones_own_business(room: CaseRoom) -> None:
    ticket = room.ticket()
    stranger = by_officer(room.officer(agency_code="so-y-te"))
    assert cases.allowed(ticket, stranger, LOCAL) == []
    with pytest.raises(cases.MoveForbidden):
        room.move(ticket, "start", stranger)
    duty = by_officer(room.officer(OfficerRole.DUTY, agency_code="so-y-te"))
    room.move(ticket, "start", duty)
    assert ticket.state == TicketState.IN_PROGRESS


def test_what_a_colleague_has_is_not_taken_but_a_lead_may(room: CaseRoom) -> None:
    ticket, one, two = room.ticket(), room.officer(), room.officer()
    lead = room.officer(OfficerRole.LEAD)
    room.move(ticket, "assign", by_officer(lead), Given(officer=one))
    with pytest.raises(cases.TicketTaken) as refused:
        room.move(ticket, "start", by_officer(two))
    assert refused.value.officer is one
    room.move(ticket, "start", by_officer(lead))
    assert ticket.officer_id == lead.id


def test_nobody_is_given_work_on_leave_or_after_leaving(room: CaseRoom) -> None:
    ticket, lead = room.ticket(), by_officer(room.officer(OfficerRole.LEAD))
    away = room.officer(away_until=room.now + timedelta(days=3))
    gone = room.officer(active=False)
    for nobody in (away, gone):
        with pytest.raises(cases.OfficerAway):
            room.move(ticket, "assign", lead, Given(officer=nobody))
    room.later(days=3)
    room.move(ticket, "assign", lead, Given(officer=away))
    assert ticket.officer_id == away.id


@pytest.mark.parametrize(
    ("name", "given", "missing"),
    [
        ("resolve", Given(), cases.AnswerMissing),
        ("resolve", Given(text="  \n"), cases.AnswerMissing),
        ("resolve", Given(text="Đã xử lý."), cases.AnswerSaysNothing),
        (
            "resolve",
            Given(
                text="Kính gửi bạn, phản ánh đã tiếp nhận, đã xử lý xong theo quy định. Cảm ơn bạn"
            ),
            cases.AnswerSaysNothing,
        ),
        ("reject", Given(), cases.ReasonMissing),
        ("transfer", Given(text="không thuộc thẩm quyền"), cases.AgencyMissing),
        (
            "transfer",
            Given(text="nhầm", agency=LOCAL.agencies["so-khoa-hoc-cong-nghe"]),
            cases.AgencyMissing,
        ),
        ("transfer", Given(agency=LOCAL.agencies["so-y-te"]), cases.ReasonMissing),
        ("merge", Given(), cases.TargetUnfit),
    ],
)
def test_what_a_move_needs_must_be_there(
    room: CaseRoom, name: str, given: Given, missing: type[Exception]
) -> None:
    ticket, officer = room.ticket(), room.officer()
    with pytest.raises(missing):
        room.move(ticket, name, by_officer(officer), given)
    assert ticket.state == TicketState.NEW
    assert room.history(ticket) == []


def test_what_somebody_goes_out_for_is_closed_with_a_photo_of_afterwards(room: CaseRoom) -> None:
    ticket, officer = room.ticket(category="traffic"), by_officer(room.officer())
    with pytest.raises(cases.PhotoMissing):
        room.move(ticket, "resolve", officer, Given(text=GOOD_ANSWER))
    room.move(ticket, "resolve", officer, Given(text=GOOD_ANSWER, photos=1))
    assert ticket.state == TicketState.RESOLVED


def test_a_ticket_is_not_merged_into_itself_or_into_a_closed_one(room: CaseRoom) -> None:
    ticket, other, officer = room.ticket(), room.ticket(), by_officer(room.officer())
    with pytest.raises(cases.TargetUnfit):
        room.move(ticket, "merge", officer, Given(target=ticket))
    room.move(ticket, "merge", officer, Given(target=other))
    assert (ticket.merged_into_id, ticket.state) == (other.id, TicketState.MERGED)
    room.move(ticket, "unmerge", officer)
    assert (ticket.merged_into_id, ticket.state) == (None, TicketState.ACCEPTED)
    room.move(other, "withdraw", CITIZEN)
    with pytest.raises(cases.TargetUnfit):
        room.move(ticket, "merge", officer, Given(target=other))


def test_a_transfer_gives_the_ticket_to_the_other_agency_and_no_more_time(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), room.officer()
    due = ticket.deadline_at
    room.move(ticket, "start", by_officer(officer))
    room.later(days=2)
    agency = LOCAL.agencies["so-y-te"]
    room.move(ticket, "transfer", by_officer(officer), Given(text="về sức khỏe", agency=agency))
    assert (ticket.agency_code, ticket.agency_name) == (agency.code, agency.name)
    assert ticket.officer_id is None
    assert ticket.deadline_at == due
    detail = room.history(ticket)[-1].detail
    assert detail["from_agency"] == "so-khoa-hoc-cong-nghe"


def test_not_done_opens_it_again_and_keeps_what_was_promised_before(room: CaseRoom) -> None:
    ticket, officer = room.ticket(), by_officer(room.officer())
    room.move(ticket, "resolve", officer, Given(text=GOOD_ANSWER))
    first = room.deadline(ticket, DeadlineKind.RESOLVE).met_at
    room.later(days=1)
    room.move(ticket, "dispute", CITIZEN, Given(text="vẫn yếu"))
    assert (ticket.state, ticket.reopened, ticket.officer_id) == (TicketState.REOPENED, 1, None)
    assert room.deadline(ticket, DeadlineKind.RESOLVE).met_at is None
    kept = room.history(ticket)[-1].detail["deadlines"]["resolve"]["met_at"]
    assert first is not None
    assert kept == first.isoformat()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ticket_event SET kind = 'confirm'",
        "UPDATE ticket_event SET officer_id = NULL",
        "UPDATE ticket_event SET actor = 'system'",
        "UPDATE ticket_event SET at = '2020-01-01'",
        "UPDATE ticket_event SET to_state = 'closed'",
        "UPDATE ticket_event SET from_state = NULL",
        "UPDATE ticket_event SET ticket_id = ticket_id + 1",
        "UPDATE ticket_event SET id = id + 1000",
        "UPDATE ticket_event SET detail = '{}', kind = 'confirm'",
        'UPDATE ticket_event SET detail = \'{"text": "khác"}\'',
        "DELETE FROM ticket_event",
    ],
)
def test_history_cannot_be_rewritten(room: CaseRoom, statement: str) -> None:
    ticket = room.ticket()
    room.move(ticket, "start", by_officer(room.officer()))
    with pytest.raises(DBAPIError, match="history is only added to"), room.session.begin_nested():
        room.session.execute(text(statement))
    assert [event.kind for event in room.history(ticket)] == ["start"]


ANEW = """
    INSERT {how} INTO ticket_event (id, ticket_id, at, kind, actor, detail)
    SELECT id, ticket_id, at, 'confirm', 'citizen', detail FROM ticket_event WHERE true {then}
"""


def test_history_cannot_be_written_over_or_emptied_as_a_whole(room: CaseRoom) -> None:
    ticket = room.ticket()
    room.move(ticket, "start", by_officer(room.officer()))
    on_sqlite = room.session.get_bind().dialect.name == "sqlite"
    upsert = ANEW.format(how="", then="ON CONFLICT (id) DO UPDATE SET kind = 'confirm'")
    replace = ANEW.format(how="OR REPLACE", then="")
    for statement in (upsert, replace if on_sqlite else "TRUNCATE ticket_event CASCADE"):
        with pytest.raises(DBAPIError, match="history is only added"), room.session.begin_nested():
            room.session.execute(text(statement))
    room.session.expire_all()
    assert [event.kind for event in room.history(ticket)] == ["start"]


def test_what_a_citizen_wrote_can_be_emptied_when_it_is_erased(room: CaseRoom) -> None:
    ticket = room.ticket()
    room.move(ticket, "start", by_officer(room.officer()), Given(text="riêng tư"))
    room.session.execute(text("UPDATE ticket_event SET detail = '{}'"))
    room.session.expire_all()
    assert [event.detail for event in room.history(ticket)] == [{}]
