"""Periods, spans, percentiles, and the test that tells growth from chance."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from math import comb
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.deadlines import WorkingCalendar
from actions.figures import growth, kept
from actions.figures.growth import tail
from actions.figures.periods import Period, PeriodInvalid, Preset
from actions.figures.tally import percentile
from actions.happened import Span, SpanUnreadable

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 26, 7, 3, 20, tzinfo=HERE)
"""A Thursday, seven in the morning."""


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=HERE)


@pytest.mark.parametrize(
    ("preset", "first", "last", "before"),
    [
        (Preset.TODAY, (11, 26), (11, 26), (at(11, 25), at(11, 25, 7, 3))),
        (Preset.SEVEN_DAYS, (11, 20), (11, 26), (at(11, 13), at(11, 19, 7, 3))),
        (Preset.WEEK, (11, 23), (11, 29), (at(11, 16), at(11, 19, 7, 3))),
        (Preset.MONTH, (11, 1), (11, 30), (at(10, 1), at(10, 26, 7, 3))),
    ],
)
def test_a_period_that_runs_is_compared_with_the_same_part_of_the_one_before(
    preset: Preset,
    first: tuple[int, int],
    last: tuple[int, int],
    before: tuple[datetime, datetime],
) -> None:
    period = Period.of(preset, NOW)
    assert (period.first, period.last) == (date(2026, *first), date(2026, *last))
    assert period.before(NOW) == Span(*before)


def test_days_that_are_over_are_compared_with_as_many_days_before() -> None:
    period = Period.between(date(2026, 11, 1), date(2026, 11, 10))
    assert period.before(NOW) == Span(at(10, 22), at(11, 1))


def test_a_long_month_is_not_compared_beyond_the_short_one_before() -> None:
    end_of_march = datetime(2026, 3, 31, 12, tzinfo=HERE)
    before = Period.of(Preset.MONTH, end_of_march).before(end_of_march)
    assert before == Span(at(2, 1), at(3, 1))


def test_what_has_not_begun_is_compared_with_nothing() -> None:
    period = Period.between(date(2026, 12, 1), date(2026, 12, 2))
    before = period.before(NOW)
    assert before.since == before.until


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 11, 2), date(2026, 11, 1)), (date(2020, 1, 1), date(2026, 1, 1))],
)
def test_days_in_the_wrong_order_or_too_many_make_no_period(first: date, last: date) -> None:
    with pytest.raises(PeriodInvalid):
        Period.between(first, last)


MINUTES = st.integers(0, 60 * 24 * 3000).map(lambda n: at(1, 1) + timedelta(minutes=n))


@given(MINUTES, MINUTES)
def test_a_span_is_read_as_it_was_written(one: datetime, other: datetime) -> None:
    span = Span(min(one, other), max(one, other))
    assert Span.read(str(span)) == span


def test_a_span_of_days_holds_both() -> None:
    span = Span.read("2026-11-02..2026-11-08")
    assert span == Span(at(11, 2), at(11, 9))
    assert str(span) == "2026-11-02..2026-11-08"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "..",
        "2026-11-02",
        "2026-11-08..2026-11-02",
        "1999-01-01..2026-01-01",
        "2026-11-02..9999-12-31",
        "2026-11-02T25:00..2026-11-03",
        "a..b..c",
        "٢٠٢٦-11-02..2026-11-03",
    ],
)
def test_what_is_no_span_of_this_century_is_refused(words: str) -> None:
    with pytest.raises(SpanUnreadable):
        Span.read(words)


@given(st.lists(st.integers(0, 50), min_size=1), st.floats(0.01, 1))
def test_a_percentile_is_the_smallest_value_that_reaches_its_share(
    values: list[int], share: float
) -> None:
    found = percentile(Counter(values), share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile(Counter(), 0.5) is None


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_tail_is_that_of_the_binomial_distribution(new: int, old: int) -> None:
    total = new + old
    exact = sum(comb(total, k) * 4 ** (total - k) for k in range(new, total + 1)) / 5**total
    assert tail(new, total) == pytest.approx(exact)


def test_from_one_to_two_may_well_be_chance() -> None:
    assert tail(2, 3) > 0.1
    assert growth.FEWEST > 2


def test_seven_whole_days_are_compared_with_the_four_weeks_before() -> None:
    week, before = growth.weeks(NOW)
    assert week == Span(at(11, 19), at(11, 26))
    assert before == Span(at(10, 22), at(11, 19))


def test_worked_days_are_counted_as_deadlines_count_them() -> None:
    calendar = WorkingCalendar()
    monday = at(11, 2, 8)
    assert calendar.worked_days(monday, at(11, 2, 17)) == 0
    assert calendar.worked_days(monday, at(11, 3, 7)) == 1
    assert calendar.worked_days(at(11, 6, 16), at(11, 9, 8)) == 1  # Friday to Monday
    assert calendar.worked_days(at(11, 3), monday) == 0
    for days in range(1, 12):
        assert calendar.worked_days(monday, calendar.after_working_days(monday, days)) == days


def test_gaps_are_what_lies_between_kept_days() -> None:
    span = Span(at(11, 2, 9), at(11, 8, 7))
    covered = [date(2026, 11, day) for day in (3, 5, 6)]
    assert list(kept._gaps(span, covered)) == [
        Span(at(11, 2, 9), at(11, 3)),
        Span(at(11, 4), at(11, 5)),
        Span(at(11, 7), at(11, 8, 7)),
    ]
