"""The rotating tokens: never used twice, never lost once they are stored."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.channels.base import TryLater
from bot.channels.zalo_oa.api import ZaloOauth
from bot.channels.zalo_oa.tokens import (
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    RENEWING,
    RENEWING_LASTS,
    Grant,
    TokenKeeper,
)
from store.engine import Database
from store.messages import ChannelSecret
from store.migrate import migrate
from tests.fakes.zalo import APP_SECRET, FIRST_REFRESH_TOKEN, FakeZalo
from tests.fakes.zalo_events import APP_ID

BEGINNING = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = BEGINNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    migrate(database)
    yield database
    database.dispose()


@pytest.fixture
async def oauth(zalo: FakeZalo) -> AsyncIterator[ZaloOauth]:
    async with aiohttp.ClientSession() as session:
        yield ZaloOauth(lambda: session, zalo.url, app_id=APP_ID, app_secret=APP_SECRET)


MakeKeeper = Callable[..., TokenKeeper]


@pytest.fixture
def make_keeper(database: Database, oauth: ZaloOauth, clock: Clock) -> MakeKeeper:
    """Keepers as different processes have them: they share the database and nothing else."""

    async def tick(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def make(
        seed: str = FIRST_REFRESH_TOKEN,
        refresh: Callable[[str], Awaitable[Grant]] = oauth.refresh,
        sleep: Callable[[float], Awaitable[None]] = tick,
    ) -> TokenKeeper:
        return TokenKeeper(database, seed, refresh=refresh, now=clock, sleep=sleep)

    return make


def stored(database: Database, name: str) -> str | None:
    with database.read() as session:
        row = session.get(ChannelSecret, name)
        return row.value if row is not None else None


async def test_the_first_token_comes_from_the_setting_and_its_successor_is_stored(
    make_keeper: MakeKeeper, database: Database, zalo: FakeZalo
) -> None:
    assert await make_keeper().token() == "access-1"
    assert stored(database, ACCESS_TOKEN) == "access-1"
    assert stored(database, REFRESH_TOKEN) == zalo.refresh_token == "refresh-1"


async def test_a_token_is_used_until_its_last_hour_and_then_renewed(
    make_keeper: MakeKeeper, clock: Clock
) -> None:
    keeper = make_keeper()
    assert await keeper.token() == "access-1"
    clock.now += timedelta(hours=23)
    assert await keeper.token() == "access-1"
    clock.now += timedelta(hours=1, minutes=30)
    assert await keeper.token() == "access-2"


async def test_after_a_restart_the_stored_tokens_go_on(
    make_keeper: MakeKeeper, clock: Clock, zalo: FakeZalo
) -> None:
    await make_keeper().token()
    assert await make_keeper().token() == "access-1"
    clock.now += timedelta(days=2)
    assert await make_keeper().token() == "access-2"
    assert zalo.calls["oauth"] == 2


async def test_a_crash_after_the_refresh_and_before_its_use_loses_nothing(
    make_keeper: MakeKeeper, zalo: FakeZalo
) -> None:
    crashed = make_keeper()
    using = asyncio.create_task(crashed.token())
    await zalo_was_asked(zalo)
    using.cancel()
    await crashed.settled()
    assert await make_keeper().token() == "access-1"
    assert zalo.calls["oauth"] == 1


async def zalo_was_asked(zalo: FakeZalo) -> None:
    async with asyncio.timeout(10):
        await zalo.until(lambda: zalo.calls["oauth"] > 0)


async def test_many_senders_at_once_use_the_refresh_token_once(
    make_keeper: MakeKeeper, zalo: FakeZalo
) -> None:
    keepers = [make_keeper(sleep=asyncio.sleep) for _ in range(3)]
    tokens = await asyncio.gather(*(keeper.token() for keeper in keepers for _ in range(5)))
    assert set(tokens) == {"access-1"}
    assert zalo.calls["oauth"] == 1


async def test_a_refused_token_is_renewed_once_for_all_who_were_refused(
    make_keeper: MakeKeeper, zalo: FakeZalo
) -> None:
    one, other = make_keeper(), make_keeper()
    refused = await one.token()
    assert await other.token() == refused
    assert await one.token(refused=refused) == "access-2"
    assert await other.token(refused=refused) == "access-2"
    assert zalo.calls["oauth"] == 2


async def test_a_process_that_died_while_renewing_is_waited_for_no_longer_than_a_minute(
    make_keeper: MakeKeeper, database: Database, clock: Clock
) -> None:
    with database.write() as session:
        session.add(
            ChannelSecret(
                name=RENEWING, value="", expires_at=BEGINNING + RENEWING_LASTS, updated_at=BEGINNING
            )
        )
    keeper = make_keeper()
    with pytest.raises(TryLater, match="token_renewed_elsewhere"):
        await keeper.token()
    clock.now = BEGINNING + RENEWING_LASTS
    assert await keeper.token() == "access-1"


async def test_a_dead_refresh_token_is_mended_by_a_new_setting(
    make_keeper: MakeKeeper, clock: Clock, zalo: FakeZalo, caplog: pytest.LogCaptureFixture
) -> None:
    await make_keeper().token()
    zalo.refresh_token = "made-anew-in-the-console"
    clock.now += timedelta(days=2)
    with pytest.raises(TryLater, match="refresh_token_dead"):
        await make_keeper().token()
    assert "ZALO_OA_REFRESH_TOKEN" in caplog.text
    assert await make_keeper(seed="made-anew-in-the-console").token() == "access-3"


async def test_when_zalo_is_out_of_reach_nothing_is_lost(
    make_keeper: MakeKeeper, database: Database
) -> None:
    async def unreachable(_refresh_token: str) -> Grant:
        raise TryLater("oauth_out_of_reach")

    with pytest.raises(TryLater, match="oauth_out_of_reach"):
        await make_keeper(refresh=unreachable).token()
    assert stored(database, ACCESS_TOKEN) is None
    assert await make_keeper().token() == "access-1"


async def test_a_wrong_app_secret_is_no_dead_token(zalo: FakeZalo) -> None:
    async with aiohttp.ClientSession() as session:
        oauth = ZaloOauth(lambda: session, zalo.url, app_id=APP_ID, app_secret="wrong")
        with pytest.raises(TryLater, match="oauth_-14004"):
            await oauth.refresh(FIRST_REFRESH_TOKEN)
    assert zalo.refresh_token == FIRST_REFRESH_TOKEN
