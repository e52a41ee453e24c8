"""The clock everything reads, so that tests can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from actions.happened import Span

Clock = Callable[[], datetime]

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def utc_now() -> datetime:
    return datetime.now(UTC)


def shown(moment: datetime) -> str:
    """A moment as people here read it, e.g. `17:00 05/12/2026`."""
    return moment.astimezone(LOCAL_ZONE).strftime("%H:%M %d/%m/%Y")


def whole_days(span: Span) -> tuple[date, date] | None:
    """The first and the last day here of a span; None of one that is not made of whole days."""
    since, until = (moment.astimezone(LOCAL_ZONE) for moment in (span.since, span.until))
    if since != midnight(since) or until != midnight(until):
        return None
    return since.date(), (until - timedelta(days=1)).date()


def midnight(moment: datetime) -> datetime:
    """The beginning of the day here that a moment falls in."""
    return moment.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
