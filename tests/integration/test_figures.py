"""The leader's figures on real databases: by hand, and against the slow, obvious count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from actions.cases import CITIZEN, Given, by_officer
from actions.figures import kept, tally, view
from actions.figures.kept import Kept
from actions.figures.periods import Period, Preset
from actions.figures.shapes import Asked, Figure, Figures
from actions.happened import Span
from store.cases import DeadlineKind
from store.engine import Database
from store.figures import CaseTally, CaseTallyStale
from store.local import Agency, Commune
from store.messages import Conversation
from store.migrate import migrate
from store.staff import Handoff, Officer, OfficerRole
from store.tickets import Ticket
from tests.case_room import GOOD_ANSWER, case_room
from tests.integration.figures_room import Cases, at, cases_of, leader, slow_tally

NOW = at(26, 7)
"""A Thursday, seven in the morning."""

WEEK = Period.of(Preset.WEEK, NOW)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    migrate(made)
    yield made
    made.dispose()


def read(
    database: Database, asked: Asked, officer: Officer | None = None, now: datetime = NOW
) -> Figures:
    with database.read() as session:
        return view.read(session, asked, officer or leader(), now)


def fill(session: Session) -> None:
    """This week: five received, of these three answered, one of them late and one refused."""
    session.add(Commune(code="30760", name="Phường Rạch Giá", latitude=10.0, longitude=105.1))
    session.add(Agency(code="so-xay-dung", name="Sở Xây dựng"))
    cases = Cases(session, NOW)
    first = cases.add(at(23), answered=at(24, 10), answered_days=1)
    cases.first_answer(first, at(23, 10), 3600)
    cases.add(at(23), state="waiting", paused_at=at(24))
    cases.add(
        at(23, 8), answered=at(25), deadline_at=at(24), answered_days=2, category="environment"
    )
    refused = cases.add(
        at(24), state="rejected", closed_at=at(25, 16), answered_days=1, commune_code=None
    )
    cases.first_answer(refused, at(25, 16), 7 * 3600)
    cases.add(at(26, 1), agency_code="so-nnmt", agency_name="Sở Nông nghiệp", deadline_at=at(26, 6))
    # The week before, of which Monday to Thursday at seven are compared with.
    cases.add(at(16), answered=at(17), state="closed", closed_at=at(24, 9), rating=5)
    cases.add(at(17), answered=at(18), state="closed", closed_at=at(25, 9), rating=2)
    again = cases.add(at(18), answered=at(19, 6), state="closed", closed_at=at(26, 6))
    cases.reopened(again, at(20), at(23), at(24))
    cases.add(at(19, 8), state="withdrawn", closed_at=at(19, 9))  # after seven on Thursday


def test_the_figures_of_a_week_by_hand(database: Database) -> None:
    with database.write() as session:
        fill(session)
    figures = read(database, Asked(WEEK))
    assert (figures.received.now.value, figures.received.before.value) == (5, 3)
    assert (figures.on_time.now.value, figures.on_time.before.value) == (2, 3)
    assert (figures.late.now.value, figures.late.before.value) == (1, 0)
    assert (figures.reopened.now.value, figures.reopened.before.value) == (1, 0)
    assert (figures.open.value, figures.overdue.value, figures.waiting.value) == (2, 1, 1)
    assert (figures.rated.part.value, figures.rated.whole.value) == (2, 3)
    assert (figures.satisfied.part.value, figures.satisfied.whole.value) == (1, 2)
    assert figures.received.change == pytest.approx(2 / 3)
    assert figures.late.change is None  # from nothing
    assert [(one.line.key, one.median, one.slowest) for one in figures.slow] == [
        ("so-xay-dung", 1, 2)
    ]
    assert figures.slow[0].share_late == pytest.approx(1 / 3)
    assert [(line.name, line.received.value) for line in figures.communes] == [
        ("Phường Rạch Giá", 4),
        ("", 1),
    ]
    assert [(step.first.day, step.received.value, step.late.value) for step in figures.steps] == [
        (23, 3, 0),
        (24, 1, 0),
        (25, 0, 1),
        (26, 1, 0),
    ]
    # One hour and seven, in steps of ten minutes.
    assert figures.first_answers == 2
    assert figures.first_answer_hours == pytest.approx(1, abs=0.2)
    assert figures.first_answer_hours_most == pytest.approx(7, abs=0.2)


@pytest.mark.parametrize("preset", list(Preset))
@pytest.mark.parametrize("role", [OfficerRole.LEADER, OfficerRole.LEAD])
def test_every_figure_is_the_number_of_cases_behind_its_link(
    database: Database, preset: Preset, role: OfficerRole
) -> None:
    with database.write() as session:
        fill(session)
    officer = Officer(id=7, username="x", name="X", role=role, agency_code="so-xay-dung")
    asked = Asked(Period.of(preset, NOW))
    figures = read(database, asked, officer)
    with database.read() as session:
        for figure in figures_of(figures):
            shown = cases_of(session, figure.wanted, officer, NOW)
            assert figure.value == len(shown), figure.wanted


def figures_of(figures: object) -> Iterator[Figure]:
    """Every figure, wherever it is."""
    if isinstance(figures, Figure):
        yield figures
    elif isinstance(figures, tuple):
        for one in figures:
            yield from figures_of(one)
    elif hasattr(figures, "__dataclass_fields__"):
        for name in figures.__dataclass_fields__:
            yield from figures_of(getattr(figures, name))


def test_a_lead_counts_the_cases_of_the_own_agency_only(database: Database) -> None:
    with database.write() as session:
        fill(session)
    lead = Officer(id=7, username="x", name="X", role=OfficerRole.LEAD, agency_code="so-nnmt")
    figures = read(database, Asked(WEEK), lead)
    assert (figures.received.now.value, figures.received.before.value) == (1, 0)
    assert (figures.open.value, figures.overdue.value) == (1, 1)
    assert [one.line.key for one in figures.agencies] == ["so-nnmt"]
    assert figures.chats is None


def test_one_category_or_commune_is_counted_alone(database: Database) -> None:
    with database.write() as session:
        fill(session)
    assert read(database, Asked(WEEK, category="environment")).received.now.value == 1
    assert read(database, Asked(WEEK, commune="30760")).received.now.value == 4
    assert read(database, Asked(WEEK, commune="none")).received.now.value == 1


def test_chats_that_waited_for_a_person(database: Database) -> None:
    def asked(number: int, at_: datetime, minutes: int | None, reason: str = "asked") -> None:
        chat = Conversation(channel="web", chat_id=f"h{number}", state={}, created_at=NOW)
        session.add(chat)
        session.flush()
        taken = at_ + timedelta(minutes=minutes, seconds=20) if minutes is not None else None
        session.add(
            Handoff(
                conversation_id=chat.id,
                reason=reason,
                requested_at=at_,
                taken_at=taken,
                ended_at=taken,
            )
        )

    with database.write() as session:
        asked(1, at(23), 3)
        asked(2, at(24), 5, "not_understood")
        asked(3, at(25), 40)
        asked(4, at(26, 5), None)
        asked(5, at(24), 600, "zalo_console")  # nobody waited: an officer wrote first
        asked(6, at(16), 1)  # the week before
    chats = read(database, Asked(WEEK)).chats
    assert chats is not None
    assert (chats.asked, chats.taken, chats.not_understood) == (4, 3, 1)
    assert (chats.median_minutes, chats.most_minutes) == (5, 40)
    assert (chats.waiting, chats.waiting_minutes) == (1, 120)


def test_a_topic_grows_only_when_chance_does_not_explain_it(database: Database) -> None:
    with database.write() as session:
        cases = Cases(session, NOW)
        for day in range(19, 26):  # the last seven whole days
            cases.add(at(day), category="drainage")
            cases.add(at(day, 10), category="drainage")
        cases.add(at(5), category="drainage")
        cases.add(at(10), category="traffic")
        cases.add(at(20), category="traffic")
        cases.add(at(21), category="traffic")  # from one to two
        for number in range(6):  # six a week, always
            for week in range(5):
                cases.add(at(25, 8, number) - timedelta(weeks=week), category="animals")
        for number in range(20):  # today does not count
            cases.add(at(26, 1, number), category="telecom")
    topics = read(database, Asked(WEEK)).topics
    assert [(topic.category, topic.this_week.value, topic.before.value) for topic in topics] == [
        ("drainage", 14, 1)
    ]
    assert topics[0].mean_before == pytest.approx(0.25)


@dataclass(frozen=True)
class Made:
    """What is drawn of a case: hours of November, and how far it came."""

    received: int
    answered_after: int | None
    state: str
    late: bool
    rating: int | None
    category: str
    commune: str | None
    agency: str
    days: int | None


HOURS = 24 * 25
MADE = st.builds(
    Made,
    received=st.integers(0, HOURS),
    answered_after=st.none() | st.integers(0, 200),
    state=st.sampled_from(["resolved", "closed", "rejected"]),
    late=st.booleans(),
    rating=st.none() | st.integers(1, 5),
    category=st.sampled_from(["traffic", "environment", "animals"]),
    commune=st.sampled_from(["30760", "30337", None]),
    agency=st.sampled_from(["so-xay-dung", "so-nnmt"]),
    days=st.none() | st.integers(0, 9),
)


def make(cases: Cases, made: Made) -> None:
    received = at(1, 0) + timedelta(hours=made.received)
    values: dict[str, Any] = {
        "category": made.category,
        "commune_code": made.commune,
        "agency_code": made.agency,
    }
    if made.answered_after is None:
        cases.add(received, **values)
        return
    answered = received + timedelta(hours=made.answered_after)
    due = answered + timedelta(hours=-1 if made.late else 1)
    over = made.state in ("closed", "rejected")
    ticket = cases.add(
        received,
        answered=None if made.state == "rejected" else answered,
        **values,
        state=made.state,
        closed_at=answered if over else None,
        deadline_at=due,
        rating=made.rating,
        answered_days=made.days,
    )
    cases.first_answer(ticket, answered, made.answered_after * 450)


def empty(session: Session) -> None:
    for table in (Ticket, Conversation, CaseTally, CaseTallyStale):
        session.execute(delete(table))


def slow(database: Database, span: Span) -> dict[str, object]:
    with database.read() as session:
        tickets = session.scalars(select(Ticket)).all()
        return dict(slow_tally(tickets, span))


def quick(database: Database, span: Span) -> dict[str, object]:
    with database.read() as session:
        counts = Kept(session, NOW)
        counted = counts.count(span)
        assert counts.count_totals(span) == counted.totals
        return dict(counted.groups)


def keep_all(database: Database) -> None:
    while kept.forget_and_keep(database, NOW):
        pass


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    made=st.lists(MADE, max_size=30),
    more=st.lists(MADE, max_size=5),
    first=st.integers(1, 26),
    length=st.integers(0, 28),
    hour=st.integers(0, 23),
)
def test_every_count_is_that_of_looking_at_each_case(
    database: Database, made: list[Made], more: list[Made], first: int, length: int, hour: int
) -> None:
    """Before anything is kept, with everything kept, and when kept days have changed since."""
    since = at(first, hour)
    span = Span(since, since + timedelta(days=length, hours=hour))
    with database.write() as session:
        empty(session)
        cases = Cases(session, NOW)
        for one in made:
            make(cases, one)
    assert quick(database, span) == slow(database, span)
    keep_all(database)
    assert quick(database, span) == slow(database, span)
    with database.write() as session:
        change(session, more)
    assert quick(database, span) == slow(database, span)
    keep_all(database)
    assert quick(database, span) == slow(database, span)


def change(session: Session, more: list[Made]) -> None:
    """Some cases change in whatever a figure counts by, some are deleted."""
    tickets = list(session.scalars(select(Ticket).order_by(Ticket.id)))
    for number, (ticket, new) in enumerate(zip(tickets, more, strict=False)):
        if number % 5 == 4:
            session.delete(ticket)
            continue
        ticket.category, ticket.commune_code = new.category, new.commune
        ticket.agency_code, ticket.answered_days = new.agency, new.days
        ticket.state, ticket.rating = new.state, new.rating
        ticket.resolved_at = at(1, 0) + timedelta(hours=new.received + (new.answered_after or 0))
        ticket.closed_at = ticket.resolved_at + timedelta(hours=5) if new.late else None
        ticket.first_answer_at, ticket.first_answer_s = ticket.resolved_at, new.received * 60


def test_what_is_kept_is_used_and_thrown_away_when_its_day_changes(database: Database) -> None:
    with database.write() as session:
        fill(session)
    keep_all(database)
    with database.read() as session:
        lengths = session.scalars(select(CaseTally.length)).all()
        assert lengths.count("day") == 10  # from the first case, on the 16th, to yesterday
        assert lengths.count("week") == 1
        assert session.scalars(select(CaseTallyStale.id)).all() == []
    with database.write() as session:  # nobody but this test writes so: the count is really read
        row = session.get_one(CaseTally, ("day", date(2026, 11, 24)))
        row.totals = row.totals | {"received": 100}
        before = Span.of_days(date(2026, 11, 24), date(2026, 11, 24))
        assert Kept(session, NOW).count_totals(before)["received"] == 100
        ticket = session.scalars(select(Ticket).where(Ticket.created_at == at(24))).one()
        ticket.category = "animals"
    with database.read() as session:
        assert Kept(session, NOW).count_totals(before)["received"] == 1
        noted = session.scalars(select(CaseTallyStale.day).distinct()).all()
        assert sorted(noted) == [date(2026, 11, 24), date(2026, 11, 25)]  # sent, and answered


def test_very_many_notes_are_read_in_several_steps(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an import: no step is a long one, and figures are right all the time."""
    with database.write() as session:
        fill(session)
    monkeypatch.setattr("actions.figures.kept.NOTES_AT_ONCE", 4)
    with database.read() as session:
        noted = len(session.scalars(select(CaseTallyStale.id)).all())
    right, steps = slow(database, WEEK.span), 0
    while kept.forget_and_keep(database, NOW, limit=3):
        steps += 1
        assert quick(database, WEEK.span) == right
    assert steps >= noted // 4 + 10 // 3
    with database.read() as session:
        assert len(session.scalars(select(CaseTally.first)).all()) == 11


def test_a_move_that_no_figure_counts_by_throws_nothing_away(database: Database) -> None:
    with database.write() as session:
        fill(session)
    keep_all(database)
    with database.write() as session:
        ticket = session.scalars(select(Ticket).where(Ticket.state == "waiting")).one()
        ticket.state, ticket.paused_at, ticket.deadline_at = "in_progress", None, at(30)
    with database.read() as session:
        assert session.scalars(select(CaseTallyStale.day)).all() == []


def test_an_answer_notes_how_long_it_took(database_url: str) -> None:
    with case_room(database_url) as room:  # Monday, eight in the morning
        ticket, officer = room.ticket(), room.officer()
        room.later(hours=2)
        room.move(ticket, "ask", by_officer(officer), Given(text="Ở đoạn nào?"))
        answer = room.deadline(ticket, DeadlineKind.ANSWER)
        assert answer.met_at == room.now
        assert (ticket.first_answer_at, ticket.first_answer_s) == (room.now, 2 * 3600)
        room.later(days=1)  # the citizen thinks: the clock stands still
        room.move(ticket, "answered", CITIZEN)
        room.later(hours=3)
        room.move(ticket, "resolve", by_officer(officer), Given(text=GOOD_ANSWER, photos=1))
        room.session.flush()
        assert (ticket.answered_days, ticket.answered_at) == (1, room.now)
        room.move(ticket, "dispute", CITIZEN, Given(text="chưa xong"))
        room.session.flush()
        assert (ticket.answered_days, ticket.answered_at) == (None, None)
        assert (ticket.first_answer_at, ticket.first_answer_s) == (None, None)
        room.later(days=2)
        room.move(ticket, "reject", by_officer(officer), Given(text="Không thuộc thẩm quyền"))
        room.session.flush()
        assert (ticket.answered_days, ticket.answered_at) == (3, room.now)


def test_whole_months_are_added_up_and_kept(database: Database) -> None:
    with database.write() as session:
        cases = Cases(session, NOW)
        for day in range(70):
            cases.add(at(25) - timedelta(days=day), answered=at(26, 1))
    keep_all(database)
    span = Period.between(date(2026, 9, 1), date(2026, 11, 30)).span
    with database.read() as session:
        months = session.scalars(select(CaseTally.first).where(CaseTally.length == "month")).all()
        assert list(months) == [date(2026, 10, 1)]
        counted = Kept(session, NOW).count(span)
        assert counted.groups == tally.count(session, span).groups
        assert counted.totals["received"] == 70


def test_what_waits_for_the_citizen_is_not_overdue_while_its_clock_stands_still(
    database: Database,
) -> None:
    with database.write() as session:
        cases = Cases(session, NOW)
        cases.add(at(10), state="waiting", deadline_at=at(20), paused_at=at(19))
        cases.add(at(10), state="waiting", deadline_at=at(20), paused_at=at(21))  # late before
        cases.add(at(10), state="in_progress", deadline_at=at(20))
    figures = read(database, Asked(WEEK))
    assert (figures.open.value, figures.waiting.value, figures.overdue.value) == (3, 2, 2)
