"""The time that figures are of, and the time before it that they are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from actions.deadlines import LOCAL_ZONE
from actions.happened import Span

_DAY = timedelta(days=1)

MOST_DAYS = 1100
"""Three years: over more, neither does anybody compare nor should the database count."""


class Preset(StrEnum):
    """Periods that are asked for by name."""

    TODAY = "today"
    SEVEN_DAYS = "7days"
    """Today and the six days before: never empty, as a Monday's week is."""
    WEEK = "week"
    MONTH = "month"


class PeriodInvalid(ValueError):
    """The last day is before the first, or they are more than MOST_DAYS apart."""


@dataclass(frozen=True)
class Period:
    """Days of this country, both included."""

    first: date
    last: date
    preset: Preset | None = None

    @classmethod
    def of(cls, preset: Preset, now: datetime) -> Period:
        """A period by its name, which ends with its last day and not now."""
        today = day_of(now)
        if preset is Preset.TODAY:
            return cls(today, today, preset)
        if preset is Preset.SEVEN_DAYS:
            return cls(today - 6 * _DAY, today, preset)
        if preset is Preset.WEEK:
            monday = today - today.weekday() * _DAY
            return cls(monday, monday + 6 * _DAY, preset)
        first = today.replace(day=1)
        return cls(first, _next_month(first) - _DAY, preset)

    @classmethod
    def between(cls, first: date, last: date) -> Period:
        """Any days.

        Raises:
            PeriodInvalid: they make no period.
        """
        if not timedelta(0) <= last - first < MOST_DAYS * _DAY:
            raise PeriodInvalid(f"{first}..{last}")
        return cls(first, last)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def span(self) -> Span:
        return Span.of_days(self.first, self.last)

    def before(self, now: datetime) -> Span:
        """What it is compared with: as many days directly before, or the month before a month.

        Of a period that is not over yet the same part: until the same time of the same day.
        """
        whole = self.span
        since = Span.of_days(self._first_before(), self._first_before()).since
        if now >= whole.until:
            return Span(since, whole.since)
        gone = max(now, whole.since).replace(second=0, microsecond=0) - whole.since
        return Span(since, min(since + gone, whole.since))

    def _first_before(self) -> date:
        if self.preset is Preset.MONTH:
            return (self.first - _DAY).replace(day=1)
        return self.first - self.days * _DAY


def day_of(moment: datetime) -> date:
    """The day here that a moment falls on."""
    return moment.astimezone(LOCAL_ZONE).date()


def _next_month(first: date) -> date:
    return (first + 31 * _DAY).replace(day=1)
