"""When messages may go, on a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from bot.channels.telegram.limits import GROUP_MESSAGES, SendLimiter


class Clock:
    """A clock whose sleepers wake in order as soon as everybody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, len(self._sleepers), waiter))
        await waiter

    async def run(self, *work: Coroutine[Any, Any, None]) -> None:
        """Do all the work, moving the clock on whenever nothing else can happen."""
        tasks = [asyncio.create_task(one) for one in work]
        while not all(task.done() for task in tasks):
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers:
                self._sleepers.sort(key=lambda sleeper: sleeper[:2])
                at, _, waiter = self._sleepers.pop(0)
                self.now = max(self.now, at)
                if not waiter.done():
                    waiter.set_result(None)


def sender(
    limiter: SendLimiter, clock: Clock, sent: list[tuple[str, float]]
) -> Callable[[str], Coroutine[Any, Any, None]]:
    async def send(chat_id: str) -> None:
        await limiter.wait(chat_id, is_group=chat_id.startswith("-"))
        sent.append((chat_id, clock.now))

    return send


def setup(per_second: int) -> tuple[Clock, list[tuple[str, float]], Any]:
    clock, sent = Clock(), list[tuple[str, float]]()
    limiter = SendLimiter(per_second, clock=clock, sleep=clock.sleep)
    return clock, sent, sender(limiter, clock, sent)


def most_within(times: list[float], window: float) -> int:
    return max(sum(1 for t in times if start <= t < start + window) for start in times)


async def test_no_second_sees_more_than_the_limit_over_all_chats() -> None:
    clock, sent, send = setup(30)
    await clock.run(*(send(str(chat)) for chat in range(100)))
    assert len(sent) == 100
    assert most_within([at for _, at in sent], 1.0) == 30
    assert clock.now < 4


async def test_a_private_chat_gets_a_short_burst_and_then_one_a_second() -> None:
    clock, sent, send = setup(30)
    await clock.run(*(send("5") for _ in range(6)))
    assert [at for _, at in sent] == [0, 0, 0, 1, 2, 3]


async def test_a_group_gets_twenty_a_minute() -> None:
    clock, sent, send = setup(30)
    await clock.run(*(send("-1") for _ in range(45)))
    assert most_within([at for _, at in sent], 60.0) == GROUP_MESSAGES == 20
    assert len(sent) == 45


async def test_a_group_that_waits_for_its_minute_holds_up_nobody() -> None:
    clock, sent, send = setup(30)
    await clock.run(*(send("-1") for _ in range(25)), *(send(str(chat)) for chat in range(20)))
    assert max(at for chat, at in sent if chat != "-1") < 2
    assert max(at for chat, at in sent if chat == "-1") > 60


async def test_citizens_go_before_the_staff_group() -> None:
    clock, sent, send = setup(5)
    groups = [send(f"-{number}") for number in range(1, 11)]
    citizens = [send(str(number)) for number in range(1, 11)]
    await clock.run(*groups, *citizens)
    assert all(not chat.startswith("-") for chat, _ in sent[:10])
    assert all(chat.startswith("-") for chat, _ in sent[10:])


async def test_a_sender_that_gave_up_waiting_takes_no_slot() -> None:
    clock, sent, send = setup(1)
    first, given_up = asyncio.create_task(send("1")), asyncio.create_task(send("2"))
    await first
    given_up.cancel()
    await clock.run(send("3"))
    assert [chat for chat, _ in sent] == ["1", "3"]
    assert clock.now < 2


async def test_zero_switches_every_limit_off() -> None:
    clock, sent, send = setup(0)
    await clock.run(*(send("-1") for _ in range(50)), *(send("5") for _ in range(50)))
    assert {at for _, at in sent} == {0.0}
