"""Deadlines count the days that are worked here, and no others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from actions.deadlines import WorkingCalendar

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
PLAIN = WorkingCalendar()


def closing(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 17, 0, tzinfo=HERE)


def test_a_weekend_does_not_count() -> None:
    friday = datetime(2026, 11, 6, 9, 0, tzinfo=HERE)
    assert PLAIN.after_working_days(friday, 1) == closing(2026, 11, 9)


def test_the_day_is_that_of_vietnam_and_not_of_utc() -> None:
    early_tuesday_here = datetime(2026, 11, 9, 20, 0, tzinfo=UTC)
    assert PLAIN.after_working_days(early_tuesday_here, 1) == closing(2026, 11, 11)


def test_reunification_and_labour_day_do_not_count() -> None:
    wednesday = datetime(2026, 4, 29, 9, 0, tzinfo=HERE)
    assert PLAIN.after_working_days(wednesday, 1) == closing(2026, 5, 4)


def test_lunar_new_year_does_not_count() -> None:
    before = datetime(2026, 2, 13, 9, 0, tzinfo=HERE)
    assert PLAIN.after_working_days(before, 1).date() > date(2026, 2, 20)


def test_a_swapped_day_counts_as_it_was_swapped() -> None:
    swapped = WorkingCalendar({date(2026, 11, 7): True, date(2026, 11, 9): False})
    friday = datetime(2026, 11, 6, 9, 0, tzinfo=HERE)
    assert swapped.after_working_days(friday, 2) == closing(2026, 11, 10)


@given(
    st.datetimes(
        datetime.fromisoformat("2025-01-01"),
        datetime.fromisoformat("2027-12-31"),
        timezones=st.just(HERE),
    ),
    st.integers(1, 15),
)
def test_exactly_so_many_worked_days_lie_between(start: datetime, days: int) -> None:
    end = PLAIN.after_working_days(start, days)
    length = (end.date() - start.date()).days
    span = [start.date() + timedelta(days=n) for n in range(1, length + 1)]
    assert sum(PLAIN.is_worked(day) for day in span) == days
    assert PLAIN.is_worked(end.date())
