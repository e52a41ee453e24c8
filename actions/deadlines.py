"""Deadlines in the working days of this country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

CLOSING_TIME = time(17, 0)
"""When offices close: a deadline of N working days ends then on the N-th."""

SATURDAY = 5


@lru_cache(maxsize=8)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("VN", years=year))


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked: weekends and public holidays are not.

    `swapped` overrides single days: True for a Saturday worked instead, False for the day off that
    it was worked for.
    """

    swapped: Mapping[date, bool] = field(default_factory=dict)

    def is_worked(self, day: date) -> bool:
        if day in self.swapped:
            return self.swapped[day]
        return day.weekday() < SATURDAY and day not in _public_holidays(day.year)

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
        return datetime.combine(day, CLOSING_TIME, LOCAL_ZONE)
