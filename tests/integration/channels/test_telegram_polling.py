"""Updates that the server fetches itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count

import pytest
from telegram import Bot

from bot.channels.telegram.polling import FIRST_WAIT, LONGEST_WAIT, Poller, RawUpdate
from bot.channels.telegram.request import AiohttpRequest
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_updates import TelegramPerson
from tests.integration.channels.conftest import Inbox, MakeTelegram, always

MakePoller = Callable[..., Poller]


class Kept:
    """Stands in for the inbox of raw updates."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.failures = 0

    async def take(self, updates: Sequence[RawUpdate]) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        self.ids += [update["update_id"] for update in updates]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def make_poller(telegram: FakeTelegram, kept: Kept) -> AsyncIterator[MakePoller]:
    requests = AiohttpRequest(), AiohttpRequest()
    bot = Bot(TOKEN, f"{telegram.url}/bot", request=requests[0], get_updates_request=requests[1])
    for request in requests:
        await request.initialize()

    def make(hold: Callable[[str], Awaitable[bool]] = always) -> Poller:
        return Poller(bot, requests[1], take=kept.take, hold=hold, poll_seconds=0)

    yield make
    for request in requests:
        await request.shutdown()


async def test_updates_are_fetched_once_each_and_confirmed(
    telegram: FakeTelegram, make_poller: MakePoller, kept: Kept
) -> None:
    lan, poller = TelegramPerson(5), make_poller()
    telegram.push(lan.says("một"), lan.says("hai"))
    await poller.step()
    telegram.push(lan.says("ba"))
    await poller.step()
    assert kept.ids == [1, 2, 3]
    assert [update["update_id"] for update in telegram.pending] == [3]


async def test_what_could_not_be_kept_is_fetched_again(
    telegram: FakeTelegram, make_poller: MakePoller, kept: Kept
) -> None:
    poller = make_poller()
    telegram.push(TelegramPerson(5).says("mất điện"))
    kept.failures = 2
    assert await poller.step() == FIRST_WAIT
    assert await poller.step() == 2 * FIRST_WAIT
    assert await poller.step() == 0
    assert kept.ids == [1]


async def test_a_poller_that_dies_before_its_commit_leaves_the_update_with_telegram(
    telegram: FakeTelegram, make_poller: MakePoller, kept: Kept
) -> None:
    telegram.push(TelegramPerson(5).says("mất nước"))
    kept.failures = 1
    await make_poller().step()
    await make_poller().step()
    assert kept.ids == [1]


async def test_ids_that_restart_lower_after_an_idle_week_are_seen(
    telegram: FakeTelegram, make_poller: MakePoller, kept: Kept
) -> None:
    poller = make_poller()
    telegram.push(TelegramPerson(5, count(9_000)).says("tuần trước"))
    await poller.step()
    await poller.step()
    assert telegram.pending == []
    telegram.push(TelegramPerson(5, count(70)).says("tuần này"))
    await poller.step()
    assert kept.ids == [9_000, 70]


async def test_a_webhook_that_is_still_set_is_taken_away_first(
    telegram: FakeTelegram, make_poller: MakePoller, kept: Kept
) -> None:
    telegram.webhook = {"url": "https://old.example/webhooks/telegram"}
    telegram.pending.append(TelegramPerson(5).says("x"))
    await make_poller().step()
    assert telegram.webhook == {}
    assert kept.ids == [1]


async def test_only_the_process_that_holds_the_lease_polls(
    telegram: FakeTelegram, make_poller: MakePoller, kept: Kept
) -> None:
    async def never(_name: str) -> bool:
        return False

    telegram.push(TelegramPerson(5).says("x"))
    pause = await make_poller(never).step()
    assert pause > 0
    assert telegram.calls == {}
    assert kept.ids == []


@pytest.mark.parametrize(
    ("status", "description", "parameters", "least"),
    [
        (502, "Bad Gateway", {}, FIRST_WAIT),
        (409, "Conflict: terminated by other getUpdates request", {}, FIRST_WAIT),
        (429, "Too Many Requests: retry after 45", {"retry_after": 45}, 45),
        (401, "Unauthorized", {}, FIRST_WAIT),
    ],
)
async def test_after_a_refusal_it_waits_and_goes_on(
    telegram: FakeTelegram,
    make_poller: MakePoller,
    kept: Kept,
    status: int,
    description: str,
    parameters: dict[str, int],
    least: float,
) -> None:
    poller = make_poller()
    telegram.push(TelegramPerson(5).says("x"))
    telegram.fail("getUpdates", status, description, parameters=parameters)
    assert await poller.step() == least
    assert await poller.step() == 0
    assert kept.ids == [1]


async def test_waits_grow_to_a_bound_while_telegram_is_out_of_reach(
    telegram: FakeTelegram, make_poller: MakePoller
) -> None:
    poller = make_poller()
    telegram.fail("getUpdates", 0, times=9)
    telegram.push(TelegramPerson(5).says("x"))
    waits = [await poller.step() for _ in range(9)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


async def test_one_update_that_cannot_be_read_does_not_hold_up_the_rest(
    make_telegram: MakeTelegram, telegram: FakeTelegram, inbox: Inbox
) -> None:
    lan = TelegramPerson(5, count(2))
    telegram.push({"update_id": 1, "message": {"message_id": 3}}, lan.says("tiếp theo"))
    channel = make_telegram(telegram_mode="polling")
    async with asynccontextmanager(channel.running)(inbox.accept):
        await inbox.filled.wait()
    assert [event.text for event in inbox.events] == ["tiếp theo"]


async def test_a_server_starts_and_stops_while_telegram_is_out_of_reach(
    make_telegram: MakeTelegram, inbox: Inbox
) -> None:
    nobody = "http://127.0.0.1:9"
    for mode in ("polling", "webhook"):
        channel = make_telegram(
            telegram_mode=mode, telegram_api_url=nobody, public_url="https://caunoi.example"
        )
        async with asynccontextmanager(channel.running)(inbox.accept):
            await asyncio.sleep(0)
    assert inbox.events == []
