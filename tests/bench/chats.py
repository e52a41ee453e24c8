"""The chats that are measured: the same words to our server and to the stock Rasa bot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

SCRIPT = (
    "chào ad",
    "mặt đường trước chợ Rạch Sỏi, phường Rạch Giá có ổ gà to, xe té hoài",
    "1",
    "cho hỏi hồ sơ 000.07.01.H01-261026-0002 tới đâu rồi",
    "đăng ký khai sinh cần giấy tờ gì vậy",
    "cam on nhiu nha",
)
"""One round of a chat: a greeting, a report and its confirmation, a dossier, a question, thanks."""

Say = Callable[[int, str, int], Awaitable[None]]
"""Says a text in a chat, as the chat's n-th message, and returns once it is answered."""


@dataclass
class Timings:
    """Milliseconds of every turn, and the seconds that all of them took side by side."""

    turns: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def figures(self) -> dict[str, float]:
        return {
            "turns": len(self.turns),
            "turns_per_second": round(len(self.turns) / self.seconds, 1),
            "p50_ms": round(percentile(self.turns, 0.50), 1),
            "p99_ms": round(percentile(self.turns, 0.99), 1),
        }


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


async def measure(say: Say, *, chats: int, rounds: int, first_chat: int) -> Timings:
    """Hold so many chats at once, each through the script so many times."""
    timings = Timings()

    async def one(chat: int) -> None:
        number = 0
        for _ in range(rounds):
            for text in SCRIPT:
                number += 1
                began = time.perf_counter()
                await say(chat, text, number)
                timings.turns.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(one(first_chat + n) for n in range(chats)))
    timings.seconds = time.perf_counter() - began
    return timings
