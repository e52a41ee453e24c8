"""The clocks of a ticket against the rules read aloud, minute by minute: holidays, swapped days,
pauses, warnings."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import holidays
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actions import clocks, correspondence, escalation
from actions.cases import CITIZEN, Given, by_officer
from actions.deadlines import Duration
from store.cases import DeadlineKind
from store.tickets import TicketState
from tests.case_room import HERE, LOCAL, CaseRoom, case_room

TABLES = Path(__file__).parents[3] / "data" / "local" / "an_giang"
SHARES = (50, 80, 100, 150, 200)
MINUTE = timedelta(minutes=1)

AROUND = [
    datetime(2026, 1, 1, tzinfo=HERE),  # Friday off, worked for on the Saturday of the next week
    datetime(2026, 2, 12, tzinfo=HERE),  # Tết
    datetime(2026, 4, 24, tzinfo=HERE),  # 30 April and 1 May
    datetime(2026, 8, 20, tzinfo=HERE),  # a Saturday worked for the Monday before 2 September
]


@cache
def swapped() -> dict[date, bool]:
    with (TABLES / "holidays_override.csv").open(encoding="utf-8") as file:
        return {
            date.fromisoformat(row["date"]): row["worked"] == "yes" for row in csv.DictReader(file)
        }


@cache
def is_worked(day: date) -> bool:
    """Monday to Friday but for holidays, unless the table of swapped days says otherwise."""
    if day in swapped():
        return swapped()[day]
    return day.weekday() < 5 and day not in holidays.country_holidays("VN", years=day.year)


def counts(minute: datetime, clock: str) -> bool:
    """Whether the minute that begins now is one of the clock's."""
    if clock == "always":
        return True
    here = minute.astimezone(HERE)
    open_now = time(7) <= here.time() < time(11) or time(13) <= here.time() < time(17)
    return open_now and is_worked(here.date())


def end_of(start: datetime, length: Duration, clock: str) -> datetime:
    """When a deadline is due: counted minutes, or the end of so many worked days after today."""
    moment = start
    if clock == "office" and length.unit == "d":
        left = length.amount
        while left:
            moment += timedelta(days=1)
            left -= is_worked(moment.astimezone(HERE).date())
        return moment.astimezone(HERE).replace(hour=17, minute=0, second=0, microsecond=0)
    left = length.seconds // 60
    while left:
        left -= counts(moment, clock)
        moment += MINUTE
    return moment


@dataclass
class SlowDeadline:
    """One deadline, counted minute by minute."""

    kind: str
    clock: str
    budget: int
    """Minutes."""
    gone: int = 0
    met: bool = False
    warned: int = 0
    due: datetime | None = None
    """The end of the minute that used its time up."""

    def passes(self, minute: datetime, *, paused: bool) -> None:
        """A pause stops what is not late yet; what is late stays late."""
        late = self.gone >= self.budget
        if self.met or (paused and not late) or not counts(minute, self.clock):
            return
        self.gone += 1
        if self.gone == self.budget:
            self.due = minute + MINUTE

    def warning(self) -> int | None:
        """The highest share that is gone and that nobody was warned of."""
        reached = [share for share in SHARES if self.gone * 100 >= share * self.budget]
        if self.met or not reached or reached[-1] <= self.warned:
            return None
        self.warned = reached[-1]
        return self.warned


@dataclass
class SlowTicket:
    """The three deadlines of a ticket and whether it waits for the citizen."""

    now: datetime
    deadlines: list[SlowDeadline] = field(default_factory=list)
    paused: bool = False

    def goes_on(self, minutes: int) -> None:
        for _ in range(minutes):
            for deadline in self.deadlines:
                deadline.passes(self.now, paused=self.paused)
            self.now += MINUTE

    def warnings(self) -> list[tuple[str, int]]:
        if self.paused:
            return []
        said = [(one.kind, one.warning()) for one in self.deadlines]
        return [(kind, share) for kind, share in said if share is not None]

    def meet(self, *kinds: str) -> None:
        for deadline in self.deadlines:
            deadline.met |= deadline.kind in kinds


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CaseRoom]:
    with case_room(f"sqlite:///{tmp_path_factory.mktemp('slowly') / 'caunoi.db'}") as room:
        yield room


STEPS = st.lists(
    st.tuples(st.integers(1, 1500), st.sampled_from(["start", "ask", "answered", "reply", "look"])),
    min_size=1,
    max_size=9,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    around=st.sampled_from(AROUND),
    minute=st.integers(0, 6 * 1440),
    kind=st.sampled_from(
        [
            ("telecom", "normal"),
            ("power_lighting", "normal"),
            ("other", "high"),
            ("other", "urgent"),
        ]
    ),
    steps=STEPS,
)
def test_due_times_and_warnings_are_what_counting_minutes_gives(
    room: CaseRoom,
    around: datetime,
    minute: int,
    kind: tuple[str, str],
    steps: list[tuple[int, str]],
) -> None:
    room.now = around + timedelta(minutes=minute)
    ticket, officer = room.ticket(*kind), room.officer()
    rule = LOCAL.deadlines(*kind)
    slow = SlowTicket(room.now)
    for name, length in rule.durations.items():
        due, minutes, moment = end_of(room.now, length, rule.clock), 0, room.now
        while moment < due:
            minutes += counts(moment, rule.clock)
            moment += MINUTE
        slow.deadlines.append(SlowDeadline(name, rule.clock, minutes))
    for minutes, step in steps:
        room.now += timedelta(minutes=minutes)
        slow.goes_on(minutes)
        warned = escalation.warn(room.session, ticket, local=LOCAL, now=room.now)
        assert [(one.kind, one.percent) for one in warned] == slow.warnings()
        if step == "ask" and ticket.state != TicketState.WAITING:
            room.move(ticket, "ask", by_officer(officer), Given(text="Ở khóm mấy?"))
            slow.meet(DeadlineKind.ACCEPT, DeadlineKind.ANSWER)
            slow.paused = True
        elif step == "answered" and ticket.state == TicketState.WAITING:
            room.move(ticket, "answered", CITIZEN, Given(text="khóm 3"))
            slow.paused = False
        elif step == "start" and ticket.state == TicketState.NEW:
            room.move(ticket, "start", by_officer(officer))
            slow.meet(DeadlineKind.ACCEPT)
        elif step == "reply":
            correspondence.reply(
                room.session, ticket, officer, "Đã nhận", local=LOCAL, now=room.now
            )
            slow.meet(DeadlineKind.ACCEPT, DeadlineKind.ANSWER)
    for row, expected in zip(clocks.of_ticket(room.session, ticket), slow.deadlines, strict=True):
        assert (row.kind, row.met_at is not None) == (expected.kind, expected.met)
        assert row.budget_s == expected.budget * 60
        if not expected.met and not slow.paused:
            went_on = SlowTicket(slow.now, [expected])
            while expected.due is None:
                went_on.goes_on(1)
            assert row.due_at == expected.due
