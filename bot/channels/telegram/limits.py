"""Keeps sending within Telegram's limits, citizens first.

Telegram's figures (core.telegram.org/bots/faq, "My bot is hitting limits"; also
`telegram.constants.FloodLimit`): about 30 messages a second over all chats, one a second in one
private chat with short bursts allowed, 20 a minute in one group.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic

from telegram.constants import FloodLimit

PRIVATE_BURST = 3
"""Messages that may follow each other at once in a private chat: the parts of one answer."""

PRIVATE_INTERVAL = 1.0 / FloodLimit.MESSAGES_PER_SECOND_PER_CHAT

GROUP_MESSAGES = int(FloodLimit.MESSAGES_PER_MINUTE_PER_GROUP)
GROUP_WINDOW = 61.0
"""A minute, and a second for what the network may squeeze together."""

OVERALL_WINDOW = 1.05
"""A second, and a little for what the network may squeeze together."""

REMEMBERED_CHATS = 10_000
"""Idle chats are forgotten when more than these are known."""

Sleep = Callable[[float], Awaitable[None]]


NOTICEABLE = 0.05
"""Seconds of waiting from which on the world may have changed."""


class SendLimiter:
    """Tells a message when it may go.

    Every chat waits for its own turn first and only then for one of the slots that all chats
    share, so a group that has used up its minute holds up nobody else. Of those that wait for a
    slot, private chats go before groups.

    Args:
        per_second: messages per second over all chats; 0 switches every limit off (a private Bot
            API server, a measurement).
        clock: seconds that only ever grow.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        per_second: int,
        *,
        clock: Callable[[], float] = monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._per_second = per_second
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] = deque(maxlen=max(per_second, 1))
        self._private: dict[str, float] = {}
        self._groups: dict[str, deque[float]] = {}
        self._citizens: deque[asyncio.Future[None]] = deque()
        self._staff: deque[asyncio.Future[None]] = deque()
        self._pump: asyncio.Task[None] | None = None

    async def wait(self, chat_id: str, *, is_group: bool) -> bool:
        """Return when one message may be sent to this chat; counts it as sent.

        Returns whether there was anything to wait for.
        """
        if not self._per_second:
            return False
        now = self._clock()
        at = self._group_turn(chat_id, now) if is_group else self._private_turn(chat_id, now)
        if at > now:
            await self._sleep(at - now)
        await self._slot(self._staff if is_group else self._citizens)
        return self._clock() - now > NOTICEABLE

    def _private_turn(self, chat_id: str, now: float) -> float:
        """When this chat may have its next message: one a second after a burst."""
        if len(self._private) > REMEMBERED_CHATS:
            self._private = {chat: free for chat, free in self._private.items() if free > now}
        # `free` is when the chat would be quite rested; each message moves it on by an interval.
        free = max(self._private.get(chat_id, now), now)
        self._private[chat_id] = free + PRIVATE_INTERVAL
        return free - (PRIVATE_BURST - 1) * PRIVATE_INTERVAL

    def _group_turn(self, chat_id: str, now: float) -> float:
        turns = self._groups.setdefault(chat_id, deque(maxlen=GROUP_MESSAGES))
        at = max(now, turns[0] + GROUP_WINDOW) if len(turns) == GROUP_MESSAGES else now
        turns.append(at)
        return at

    async def _slot(self, queue: deque[asyncio.Future[None]]) -> None:
        """Wait for one of the slots that all chats share."""
        waiter = asyncio.get_running_loop().create_future()
        queue.append(waiter)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._hand_out())
        await waiter

    async def _hand_out(self) -> None:
        while self._citizens or self._staff:
            now = self._clock()
            if len(self._sent) == self._per_second and self._sent[0] + OVERALL_WINDOW > now:
                await self._sleep(self._sent[0] + OVERALL_WINDOW - now)
                continue
            waiter = (self._citizens or self._staff).popleft()
            if not waiter.cancelled():
                self._sent.append(now)
                waiter.set_result(None)
