"""Whose requests count as one person's, and what is remembered for a minute."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.public_pages.remembered import KEPT_SECONDS, Remembered
from bot.public_pages.site import counted_address


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("unix:", "unix:"),
    ],
)
def test_all_of_an_ipv6_network_counts_as_one(address: str, counted: str) -> None:
    transport = Mock()
    transport.get_extra_info.return_value = (address, 1)
    assert counted_address(make_mocked_request("GET", "/", transport=transport)) == counted


async def test_a_value_is_made_once_a_minute_however_many_ask() -> None:
    now, made = [0.0], []
    remembered = Remembered[int](lambda: now[0])

    async def make() -> int:
        await asyncio.sleep(0)
        made.append(1)
        return len(made)

    asked = await asyncio.gather(*(remembered.value("a", make) for _ in range(5)))
    assert asked == [1] * 5
    now[0] = KEPT_SECONDS + 1
    assert await remembered.value("a", make) == 2
    assert await remembered.value("b", make) == 3


async def test_what_could_not_be_made_is_made_again() -> None:
    remembered = Remembered[int](lambda: 0.0)

    async def fail() -> int:
        raise ConnectionError

    async def make() -> int:
        return 7

    with pytest.raises(ConnectionError):
        await remembered.value("a", fail)
    assert await remembered.value("a", make) == 7
