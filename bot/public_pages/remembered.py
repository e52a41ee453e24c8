"""What costs much to count and may be a minute old."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.channels.web.limits import Seconds

T = TypeVar("T")

KEPT_SECONDS = 60.0


class Remembered(Generic[T]):
    """Values by key, each made anew once it is too old; whoever comes meanwhile waits for it.

    There must be few keys: none is ever dropped.
    """

    def __init__(self, seconds: Seconds) -> None:
        self._seconds = seconds
        self._kept: dict[str, tuple[float, T]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def value(self, key: str, make: Callable[[], Awaitable[T]]) -> T:
        """The value of a key, not older than KEPT_SECONDS."""
        async with self._one_at_a_time:
            kept = self._kept.get(key)
            if kept is None or self._seconds() - kept[0] > KEPT_SECONDS:
                kept = self._kept[key] = self._seconds(), await make()
            return kept[1]
