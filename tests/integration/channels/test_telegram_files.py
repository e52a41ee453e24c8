"""Files that people sent over Telegram."""

from __future__ import annotations

import pytest

from bot.channels.base import MediaUnavailable
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.files import DOWNLOAD_LIMIT
from bot.messages import MediaRef
from tests.fakes.telegram import FakeTelegram
from tests.integration.channels.conftest import MakeTelegram

PHOTO = MediaRef(kind="photo", ref="street")


async def test_a_file_is_had_by_its_id(channel: TelegramChannel, telegram: FakeTelegram) -> None:
    telegram.files["street"] = b"jpeg"
    assert await channel.fetch(PHOTO, 1_000) == b"jpeg"


async def test_a_file_beyond_the_limit_is_not_had(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    telegram.files["street"] = b"x" * 1_001
    with pytest.raises(MediaUnavailable, match="file_too_big") as caught:
        await channel.fetch(PHOTO, 1_000)
    assert caught.value.again is False


async def test_a_file_whose_size_is_told_beforehand_is_not_asked_for(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    with pytest.raises(MediaUnavailable, match="file_too_big"):
        await channel.fetch(PHOTO.model_copy(update={"size": DOWNLOAD_LIMIT + 1}), 10**9)
    assert telegram.calls == {}


async def test_a_file_that_telegram_finds_too_big_or_does_not_know_is_not_asked_for_again(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    telegram.files["street"] = b"x" * (DOWNLOAD_LIMIT + 1)
    for ref, reason in ((PHOTO, "file_too_big"), (MediaRef(kind="photo", ref="?"), "file_")):
        with pytest.raises(MediaUnavailable, match=reason) as caught:
            await channel.fetch(ref, 10**9)
        assert caught.value.again is False


async def test_a_file_may_be_had_later_when_telegram_is_out_of_reach(
    channel: TelegramChannel, telegram: FakeTelegram
) -> None:
    telegram.fail("getFile", 502, "Bad Gateway")
    with pytest.raises(MediaUnavailable) as caught:
        await channel.fetch(PHOTO, 1_000)
    assert caught.value.again is True


async def test_nothing_is_had_before_the_channel_runs(make_telegram: MakeTelegram) -> None:
    with pytest.raises(MediaUnavailable) as caught:
        await make_telegram().fetch(PHOTO, 1_000)
    assert caught.value.again is True
