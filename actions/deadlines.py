"""Deadlines: how long something may take, and the clocks that count it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

import holidays

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

SATURDAY = 5

SPANS = ((time(7, 0), time(11, 0)), (time(13, 0), time(17, 0)))
"""Office hours where no table says otherwise."""

LONGEST_PAUSE_DAYS = 3660
"""No time is counted over more days: nothing here is meant to last ten years."""


class DurationUnreadable(ValueError):
    """A duration is a number and m (minutes), h (hours) or d (days): 30m, 4h, 10d."""


@dataclass(frozen=True)
class Duration:
    """So many minutes, hours or days of a clock."""

    amount: int
    unit: str

    @classmethod
    def read(cls, words: str) -> Duration:
        """Read "30m", "4h" or "10d".

        Raises:
            DurationUnreadable: it is none of these.
        """
        found = re.fullmatch(r"([1-9]\d{0,3})([mhd])", words)
        if found is None:
            raise DurationUnreadable(words)
        return cls(int(found[1]), found[2])

    @property
    def seconds(self) -> int:
        """Of minutes and hours; days are no fixed number of office seconds."""
        return self.amount * {"m": 60, "h": 3600, "d": 86400}[self.unit]


class Clock(Protocol):
    """What counts the time of a deadline."""

    def due(self, start: datetime, duration: Duration) -> datetime:
        """When a duration that begins now is over."""

    def add(self, start: datetime, seconds: int) -> datetime:
        """The first moment at which so many seconds have been counted; not before `start`."""

    def between(self, start: datetime, end: datetime) -> int:
        """Whole seconds counted from one moment to a later one; 0 when it is not later."""


class AlwaysClock:
    """Counts day and night: for what cannot wait."""

    def due(self, start: datetime, duration: Duration) -> datetime:
        return self.add(start, duration.seconds)

    def add(self, start: datetime, seconds: int) -> datetime:
        return start + timedelta(seconds=seconds)

    def between(self, start: datetime, end: datetime) -> int:
        return max(0, int((end - start).total_seconds()))


@lru_cache(maxsize=8)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("VN", years=year))


@lru_cache(maxsize=1000)
def _hours(
    day: date, spans: tuple[tuple[time, time], ...]
) -> tuple[tuple[datetime, datetime], ...]:
    """When an office with these hours opens and closes on a day."""
    return tuple(
        (
            datetime.combine(day, opens, LOCAL_ZONE).astimezone(UTC),
            datetime.combine(day, closes, LOCAL_ZONE).astimezone(UTC),
        )
        for opens, closes in spans
    )


@dataclass(frozen=True)
class WorkingCalendar:
    """The clock of an office: weekends, public holidays and evenings do not count.

    `swapped` overrides single days: True for a Saturday worked instead, False for the day off that
    it was worked for. `spans` are the hours of a worked day, in order.
    """

    swapped: Mapping[date, bool] = field(default_factory=dict)
    spans: tuple[tuple[time, time], ...] = SPANS

    def is_worked(self, day: date) -> bool:
        if day in self.swapped:
            return self.swapped[day]
        return day.weekday() < SATURDAY and day not in _public_holidays(day.year)

    def due(self, start: datetime, duration: Duration) -> datetime:
        if duration.unit == "d":
            return self.after_working_days(start, duration.amount)
        return self.add(start, duration.seconds)

    def after_working_days(self, start: datetime, days: int) -> datetime:
        """Closing time of the `days`-th working day after the day of `start`.

        Args:
            start: any timezone-aware moment; its day in Vietnam does not count.
            days: at least 1.
        """
        day = start.astimezone(LOCAL_ZONE).date()
        left = days
        while left > 0:
            day += timedelta(days=1)
            left -= self.is_worked(day)
        return datetime.combine(day, self.spans[-1][1], LOCAL_ZONE).astimezone(UTC)

    def worked_days(self, start: datetime, end: datetime) -> int:
        """The worked days after the day of `start` up to that of `end`: what `due` counts in days.

        0 when both fall on one day, or when `end` is not later.
        """
        first, last = (moment.astimezone(LOCAL_ZONE).date() for moment in (start, end))
        later = (first + timedelta(days=number + 1) for number in range((last - first).days))
        return sum(self.is_worked(day) for day in later)

    def add(self, start: datetime, seconds: int) -> datetime:
        left = float(seconds)
        if left <= 0:
            return start
        for opens, closes in self._open_from(start):
            length = (closes - opens).total_seconds()
            if left <= length:
                return opens + timedelta(seconds=left)
            left -= length
        raise OverflowError(f"{seconds} s of office hours after {start:%Y-%m-%d} are too far away")

    def between(self, start: datetime, end: datetime) -> int:
        total = 0.0
        for opens, closes in self._open_from(start):
            if opens >= end:
                break
            total += (min(closes, end) - opens).total_seconds()
        return int(total)

    def _open_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The hours in which the office is open from `start` on, the first perhaps in part."""
        day = start.astimezone(LOCAL_ZONE).date()
        for _ in range(LONGEST_PAUSE_DAYS):
            if self.is_worked(day):
                for opens, closes in _hours(day, self.spans):
                    if closes > start:
                        yield max(opens, start), closes
            day += timedelta(days=1)
