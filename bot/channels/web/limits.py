"""How much one chat and one address may send, as token buckets in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Seconds = Callable[[], float]
"""A clock that only goes forward, such as `time.monotonic`."""


@dataclass(frozen=True)
class Rate:
    """At most `burst` at once, and `per_second` over time."""

    burst: int
    per_second: float


MESSAGES_OF_CHAT = Rate(burst=30, per_second=1)
"""Nobody types faster; what was written offline arrives at once and fits the burst."""

MESSAGES_OF_ADDRESS = Rate(burst=400, per_second=40)
"""Generous: a mobile operator puts thousands of people behind one address."""

FRAMES_OF_CHAT = Rate(burst=120, per_second=10)
"""Every frame, pings and receipts included."""

UPLOADS_OF_CHAT = Rate(burst=12, per_second=0.2)
UPLOADS_OF_ADDRESS = Rate(burst=100, per_second=5)


class Limiter:
    """One bucket per key; a bucket starts full.

    Args:
        kept: buckets remembered before the full ones are dropped, for a full bucket says nothing.
    """

    def __init__(self, rate: Rate, seconds: Seconds, kept: int = 20_000) -> None:
        self._rate = rate
        self._kept = kept
        self._seconds = seconds
        self._buckets: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str) -> float:
        """Take one token: 0 when there was one, else the seconds until there is."""
        now = self._seconds()
        tokens = self._level(key, now)
        if tokens < 1:
            return (1 - tokens) / self._rate.per_second
        self._buckets[key] = (tokens - 1, now)
        if len(self._buckets) > self._kept:
            self._buckets = {
                k: bucket
                for k, bucket in self._buckets.items()
                if self._level(k, now) < self._rate.burst
            }
        return 0.0

    def give_back(self, key: str) -> None:
        """Put back a token that was taken for what turned out to be allowed."""
        now = self._seconds()
        self._buckets[key] = (min(self._rate.burst, self._level(key, now) + 1), now)

    def _level(self, key: str, now: float) -> float:
        tokens, at = self._buckets.get(key, (float(self._rate.burst), now))
        return min(self._rate.burst, tokens + (now - at) * self._rate.per_second)
