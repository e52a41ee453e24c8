"""Channels of ours against fake messengers, and what they handed to the inbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.groups import OurGroups
from bot.channels.zalo_oa import ZaloOaChannel
from bot.messages import Incoming
from bot.responses import Responses
from bot.settings import Settings
from store.engine import Database
from store.migrate import migrate
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.zalo import APP_SECRET, FIRST_REFRESH_TOKEN, OA_SECRET, FakeZalo
from tests.fakes.zalo_events import APP_ID

STAFF = -4_001
SECRET = "a-secret_of-the-webhook"
NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)

RESPONSES = Responses(
    {
        "utter_button_share_location": [{"text": "Gửi vị trí"}],
        "utter_hint_share_location": [{"text": "Hoặc gửi vị trí bằng nút bên dưới."}],
        "utter_button_share_contact": [{"text": "Gửi số điện thoại"}],
        "utter_hint_share_contact": [{"text": "Hoặc gửi số bằng nút bên dưới."}],
        "utter_title_share_contact": [{"text": "Thông tin liên hệ"}],
    },
    "test",
)


class Inbox:
    """Stands in for the inbox: keeps events once, or fails when it is told to."""

    def __init__(self) -> None:
        self.events: list[Incoming] = []
        self.failures = 0
        self.filled = asyncio.Event()

    async def accept(self, events: list[Incoming]) -> list[bool]:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("the database is away")
        seen = {event.event_id for event in self.events}
        new = [event.event_id not in seen for event in events]
        self.events += [event for event, is_new in zip(events, new, strict=True) if is_new]
        self.filled.set()
        return new


async def always(_name: str) -> bool:
    return True


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


MakeTelegram = Callable[..., TelegramChannel]


@pytest.fixture
def make_telegram(telegram: FakeTelegram, tmp_path: Path) -> MakeTelegram:
    """Makes channels against the fake; settings of Telegram as arguments."""

    def make(
        staff: int | None = STAFF, *, expecting: bool = False, **settings: Any
    ) -> TelegramChannel:
        async def our_groups() -> OurGroups:
            return OurGroups(frozenset({staff} if staff is not None else ()), expecting)

        values: dict[str, Any] = {
            "telegram_token": TOKEN,
            "telegram_api_url": telegram.url,
            "telegram_mode": "webhook",
            "telegram_webhook_secret": SECRET,
            "data_dir": tmp_path,
            **settings,
        }
        return TelegramChannel(
            Settings(_env_file=None, **values),
            RESPONSES,
            hold=always,
            our_groups=our_groups,
            now=lambda: NOW,
        )

    return make


@pytest.fixture
async def channel(make_telegram: MakeTelegram, inbox: Inbox) -> AsyncIterator[TelegramChannel]:
    """A channel in webhook mode, up and running."""
    channel = make_telegram()
    async with asynccontextmanager(channel.running)(inbox.accept):
        yield channel


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZalo]:
    async with FakeZalo() as fake:
        yield fake


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """An empty database with today's schema."""
    database = Database(sqlite_url)
    migrate(database)
    yield database
    database.dispose()


MakeZalo = Callable[..., ZaloOaChannel]


@pytest.fixture
def make_zalo(zalo: FakeZalo, database: Database, tmp_path: Path) -> MakeZalo:
    """Makes channels against the fake; settings of Zalo as arguments."""

    async def no_time(_seconds: float) -> None:
        await asyncio.Event().wait()

    def make(**settings: Any) -> ZaloOaChannel:
        values: dict[str, Any] = {
            "zalo_oa_app_id": APP_ID,
            "zalo_oa_app_secret": APP_SECRET,
            "zalo_oa_secret_key": OA_SECRET,
            "zalo_oa_refresh_token": FIRST_REFRESH_TOKEN,
            "zalo_openapi_url": zalo.url,
            "zalo_oauth_url": zalo.url,
            "public_url": "https://caunoi.example",
            "data_dir": tmp_path,
            **settings,
        }
        return ZaloOaChannel(
            Settings(_env_file=None, **values), RESPONSES, database, now=lambda: NOW, sleep=no_time
        )

    return make


@pytest.fixture
async def zalo_channel(make_zalo: MakeZalo, inbox: Inbox) -> AsyncIterator[ZaloOaChannel]:
    """A channel, up and running."""
    channel = make_zalo()
    async with asynccontextmanager(channel.running)(inbox.accept):
        yield channel
