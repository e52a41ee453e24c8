"""The chats that are measured: the same words to our server and to the stock Rasa bot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.case_room import LOCAL

MATTERS = (
    "đường trước chợ có ổ gà to, xe té hoài",
    "rác đổ đầy bờ kênh hôi quá, không ai dọn",
    "đèn đường hư tối thui cả tuần nay",
    "quán karaoke hát ồn tới khuya không ngủ được",
    "chó thả rông rượt người đi đường",
    "cống nghẹt nước ngập đường hoài",
)
LINES = 6
"""Lines of a round."""


def script(number: int) -> tuple[str, ...]:
    """One round of a chat: greeting, report and its confirmation, dossier, question, thanks.

    Each round is somebody else's and reports another matter or commune: who reports the same as a
    neighbour is asked about it first, and that would be a longer conversation.
    """
    communes = list(LOCAL.communes.values())
    commune = communes[number // len(MATTERS) % len(communes)]
    return (
        "chào ad",
        f"{MATTERS[number % len(MATTERS)]}, ở {commune.name}",
        "1",
        "cho hỏi hồ sơ 000.07.01.H01-261026-0002 tới đâu rồi",
        "đăng ký khai sinh cần giấy tờ gì vậy",
        "cam on nhiu nha",
    )


Say = Callable[[int, str, int], Awaitable[None]]
"""Says a text in a chat, as the chat's n-th message from 1, and returns once it is answered."""


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


async def measure(say: Say, *, chats: int, rounds: int, first_round: int) -> Timings:
    """Hold so many chats at once, each for so many rounds; every round is a chat of its own."""
    timings = Timings()
    numbers = iter(range(first_round, first_round + chats * rounds))

    async def one() -> None:
        for _ in range(rounds):
            chat = next(numbers)
            for number, text in enumerate(script(chat), 1):
                began = time.perf_counter()
                await say(chat, text, number)
                timings.turns.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(chats)))
    timings.seconds = time.perf_counter() - began
    return timings
