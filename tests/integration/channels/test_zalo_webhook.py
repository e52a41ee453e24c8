"""Events that Zalo hands over to the webhook."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.zalo_oa import ZaloOaChannel, ZaloOaOff
from bot.channels.zalo_oa.channel import PICTURE_PATH
from bot.messages import Kind
from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo_events import ZaloPerson, sign
from tests.integration.channels.conftest import Inbox, MakeZalo

PATH = "/webhooks/zalo-oa"

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def server(
    zalo_channel: ZaloOaChannel, zalo: FakeZalo, inbox: Inbox
) -> AsyncIterator[Client]:
    app = web.Application()
    app.router.add_routes(zalo_channel.routes(inbox.accept))
    async with TestClient(TestServer(app)) as client:
        zalo.webhook = str(client.make_url(PATH))
        yield client


@pytest.mark.usefixtures("server")
async def test_a_signed_event_is_kept(zalo: FakeZalo, inbox: Inbox) -> None:
    assert await zalo.deliver(ZaloPerson("880001").says("Mất nước ở Vĩnh Thanh")) == 200
    assert [event.text for event in inbox.events] == ["Mất nước ở Vĩnh Thanh"]


@pytest.mark.usefixtures("server")
async def test_an_event_signed_with_another_secret_is_refused(zalo: FakeZalo, inbox: Inbox) -> None:
    zalo.oa_secret = "the app secret instead"
    assert await zalo.deliver(ZaloPerson("880001").says("x")) == 403
    assert inbox.events == []


async def test_an_event_changed_on_its_way_is_refused(
    server: Client, zalo: FakeZalo, inbox: Inbox
) -> None:
    body, signature = sign(ZaloPerson("880001").says("chuyển 1"), zalo.oa_secret)
    headers = {"X-ZEvent-Signature": signature}
    changed = body.replace(b"1", b"2")
    async with server.post(PATH, data=changed, headers=headers) as response:
        assert response.status == 403
    async with server.post(PATH, data=body) as response:
        assert response.status == 403
    assert inbox.events == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
async def test_what_is_no_event_is_a_bad_request(server: Client, body: bytes) -> None:
    async with server.post(PATH, data=body) as response:
        assert response.status == 400


async def test_a_body_beyond_the_limit_is_refused(server: Client) -> None:
    async with server.post(PATH, data=b" " * 2_000_000) as response:
        assert response.status == 413


@pytest.mark.usefixtures("server")
async def test_an_event_that_cannot_be_kept_is_asked_for_again(
    zalo: FakeZalo, inbox: Inbox
) -> None:
    inbox.failures = 1
    zalo.push(ZaloPerson("880001").says("ngập"))
    await zalo.all_taken()
    assert [event.text for event in inbox.events] == ["ngập"]


@pytest.mark.usefixtures("server")
async def test_a_retry_of_an_event_that_was_kept_is_no_second_event(
    zalo: FakeZalo, inbox: Inbox
) -> None:
    event = ZaloPerson("880001").says("ngập")
    assert [await zalo.deliver(event, retry=number) for number in range(3)] == [200, 200, 200]
    assert len(inbox.events) == 1


@pytest.mark.usefixtures("server")
async def test_a_signed_event_of_an_unknown_form_is_not_asked_for_again(
    zalo: FakeZalo, inbox: Inbox
) -> None:
    event = ZaloPerson("880001").says("x")
    assert await zalo.deliver({**event, "sender": None}) == 200
    assert await zalo.deliver({**event, "event_name": "user_feedback"}) == 200
    assert inbox.events == []


@pytest.mark.usefixtures("server")
async def test_a_request_to_erase_gets_in(zalo: FakeZalo, inbox: Inbox) -> None:
    await zalo.deliver(ZaloPerson("880001").withdraws())
    assert [event.kind for event in inbox.events] == [Kind.ERASE]


@pytest.mark.usefixtures("server")
async def test_neither_words_nor_secrets_reach_the_log(
    zalo: FakeZalo, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    event = ZaloPerson("880001").says("tôi là Trần Bí Mật")
    await zalo.deliver(event)
    await zalo.deliver({**event, "sender": "Bí Mật"})
    assert "Bí Mật" not in caplog.text
    assert zalo.oa_secret not in caplog.text


async def test_the_picture_of_the_contact_card_can_be_fetched(server: Client) -> None:
    async with server.get(PICTURE_PATH) as response:
        assert response.status == 200
        assert response.content_type == "image/png"


def test_without_its_settings_the_channel_says_what_is_missing(make_zalo: MakeZalo) -> None:
    with pytest.raises(ZaloOaOff, match="ZALO_OA_REFRESH_TOKEN"):
        make_zalo(zalo_oa_refresh_token=None)
