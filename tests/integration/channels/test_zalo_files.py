"""Files that people sent over Zalo, from addresses that an event names."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from bot.channels.base import MediaUnavailable
from bot.channels.zalo_oa import ZaloOaChannel
from bot.channels.zalo_oa.files import Downloads, PublicResolver, is_public, trusted_origin
from bot.messages import MediaRef
from tests.fakes.zalo import FakeZalo


@pytest.fixture
async def downloads() -> AsyncIterator[Downloads]:
    downloads = Downloads()
    await downloads.open()
    yield downloads
    await downloads.close()


async def test_a_file_is_had_from_its_address(zalo_channel: ZaloOaChannel, zalo: FakeZalo) -> None:
    zalo.files["f.jpg"] = b"jpeg"
    ref = MediaRef(kind="photo", ref=f"{zalo.url}/files/f.jpg")
    assert await zalo_channel.fetch(ref, 1_000) == b"jpeg"


async def test_a_file_beyond_the_limit_or_gone_is_not_had(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo
) -> None:
    zalo.files["f.jpg"] = b"x" * 1_001
    for name, reason in (("f.jpg", "file_too_big"), ("g.jpg", "http_404")):
        with pytest.raises(MediaUnavailable, match=reason) as caught:
            await zalo_channel.fetch(MediaRef(kind="photo", ref=f"{zalo.url}/files/{name}"), 1_000)
        assert caught.value.again is False


@pytest.mark.parametrize(
    "address",
    [
        "http://zalo.example/f.jpg",
        "file:///etc/passwd",
        "https://127.0.0.1/f.jpg",
        "https://10.0.0.8/f.jpg",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/f.jpg",
        "https://[::ffff:192.168.1.1]/f.jpg",
        "https:///f.jpg",
        "nowhere",
        "https://[broken/f.jpg",
    ],
)
async def test_addresses_that_lead_to_us_or_nowhere_are_not_gone_to(
    downloads: Downloads, address: str
) -> None:
    with pytest.raises(MediaUnavailable, match="address_") as caught:
        await downloads.fetch(address, 1_000)
    assert caught.value.again is False


async def test_a_name_that_resolves_to_our_own_network_is_not_gone_to(
    downloads: Downloads,
) -> None:
    with pytest.raises(MediaUnavailable):
        await downloads.fetch("https://localhost/f.jpg", 1_000)
    resolver = PublicResolver()
    with pytest.raises(OSError, match="no public address"):
        await resolver.resolve("localhost", 443)
    await resolver.close()


async def test_redirects_are_followed_only_to_addresses_that_may_be_gone_to() -> None:
    async def to_file(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/f.jpg")

    async def to_the_inside(_request: web.Request) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:9/secrets")

    async def around(_request: web.Request) -> web.Response:
        raise web.HTTPFound("/around")

    async def file(_request: web.Request) -> web.Response:
        return web.Response(body=b"jpeg")

    app = web.Application()
    for path, handler in (
        ("/moved", to_file),
        ("/inside", to_the_inside),
        ("/around", around),
        ("/f.jpg", file),
    ):
        app.router.add_get(path, handler)
    async with TestServer(app) as server:
        origin = str(server.make_url("/"))
        downloads = Downloads(URL(origin).origin())
        await downloads.open()
        assert await downloads.fetch(f"{origin}moved", 1_000) == b"jpeg"
        for path, reason in (("inside", "address_forbidden"), ("around", "too_many_redirects")):
            with pytest.raises(MediaUnavailable, match=reason):
                await downloads.fetch(f"{origin}{path}", 1_000)
        await downloads.close()


async def test_nothing_is_had_before_the_channel_runs() -> None:
    with pytest.raises(MediaUnavailable, match="not_open") as caught:
        await Downloads().fetch("https://zalo.example/f.jpg", 1_000)
    assert caught.value.again is True


def test_only_addresses_of_the_internet_are_public() -> None:
    assert is_public("8.8.8.8")
    for address in ("127.0.0.1", "10.1.1.1", "100.64.0.1", "224.0.0.1", "fe80::1%eth0"):
        assert not is_public(address)


def test_only_a_zalo_server_of_ones_own_is_trusted() -> None:
    assert trusted_origin("https://openapi.zalo.me") is None
    assert trusted_origin("http://127.0.0.1:8082/x") == URL("http://127.0.0.1:8082")
