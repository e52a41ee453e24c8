"""Deadlines count the days that are worked here, and no others."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.deadlines import AlwaysClock, Duration, DurationUnreadable, WorkingCalendar

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
    assert PLAIN.after_working_days(before, 1).astimezone(HERE).date() > date(2026, 2, 20)


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
    end = PLAIN.after_working_days(start, days).astimezone(HERE)
    length = (end.date() - start.date()).days
    span = [start.date() + timedelta(days=n) for n in range(1, length + 1)]
    assert sum(PLAIN.is_worked(day) for day in span) == days
    assert PLAIN.is_worked(end.date())


def is_open(moment: datetime) -> bool:
    """Whether the office is open in this minute: the table, read aloud."""
    here = moment.astimezone(HERE)
    in_hours = time(7) <= here.time() < time(11) or time(13) <= here.time() < time(17)
    return in_hours and PLAIN.is_worked(here.date())


def slowly_between(start: datetime, end: datetime) -> int:
    """Office seconds, one minute at a time."""
    minutes, moment = 0, start
    while moment < end:
        minutes += is_open(moment)
        moment += timedelta(minutes=1)
    return minutes * 60


def slowly_added(start: datetime, minutes: int) -> datetime:
    moment = start
    while minutes:
        minutes -= is_open(moment)
        moment += timedelta(minutes=1)
    return moment


# Around the long holidays of Tết, of 30 April and of 2 September, and between them.
MINUTES = st.builds(
    lambda day, minute: datetime(2026, 1, 20, tzinfo=HERE) + timedelta(days=day, minutes=minute),
    st.integers(0, 320),
    st.integers(0, 1439),
)


@settings(max_examples=60)
@given(MINUTES, st.integers(0, 15 * 24 * 60))
def test_office_time_between_two_moments_is_what_counting_minutes_gives(
    start: datetime, minutes: int
) -> None:
    end = start + timedelta(minutes=minutes)
    assert PLAIN.between(start, end) == slowly_between(start, end)


@settings(max_examples=60)
@given(MINUTES, st.integers(0, 4800))
def test_adding_office_time_ends_where_counting_minutes_ends(start: datetime, minutes: int) -> None:
    assert PLAIN.add(start, minutes * 60) == slowly_added(start, minutes)


@given(MINUTES, st.integers(0, 300_000))
def test_what_was_added_lies_between(start: datetime, seconds: int) -> None:
    assert PLAIN.between(start, PLAIN.add(start, seconds)) == seconds


def test_nothing_lies_between_a_moment_and_an_earlier_one() -> None:
    now = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    for clock in (PLAIN, AlwaysClock()):
        assert clock.between(now, now - timedelta(days=3)) == 0


def test_night_counts_for_what_cannot_wait() -> None:
    night = datetime(2026, 11, 7, 22, 0, tzinfo=HERE)
    assert AlwaysClock().due(night, Duration.read("4h")) == night + timedelta(hours=4)
    assert PLAIN.due(night, Duration.read("4h")) == datetime(2026, 11, 9, 11, 0, tzinfo=HERE)
    assert PLAIN.due(night, Duration.read("2d")) == closing(2026, 11, 10)


@pytest.mark.parametrize("words", ["", "4", "h", "0h", "-1h", "4 h", "1.5h", "4w", "99999m"])
def test_what_is_no_duration_is_refused(words: str) -> None:
    with pytest.raises(DurationUnreadable):
        Duration.read(words)
