"""The clock everything reads, so that tests can set it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def utc_now() -> datetime:
    return datetime.now(UTC)


def shown(moment: datetime) -> str:
    """A moment as people here read it, e.g. `17:00 05/12/2026`."""
    return moment.astimezone(LOCAL_ZONE).strftime("%H:%M %d/%m/%Y")


def midnight(moment: datetime) -> datetime:
    """The beginning of the day here that a moment falls in."""
    return moment.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
