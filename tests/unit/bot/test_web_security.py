"""Who may ask, and what browsers are told."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, make_mocked_request

from bot.web_security import (
    add_security_headers,
    client_address,
    content_security_policy,
    origin_of,
    same_origin,
    socket_sources,
)


def asked(peer: str = "93.184.216.34", **headers: str) -> web.Request:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = make_mocked_request("GET", "/", headers={"Host": "chat.example", **names})
    return request.clone(remote=peer)


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://chat.example", True),
        ("https://chat.example", True),
        ("https://caunoi.example", True),
        ("http://caunoi.example", False),
        ("https://chat.example.evil.example", False),
        ("https://evil.example", False),
        ("null", False),
        ("", False),
        ("file://chat.example", False),
    ],
)
def test_only_pages_of_this_server_are_of_its_origin(origin: str, own: bool) -> None:
    assert same_origin(asked(Origin=origin), "https://caunoi.example/") is own


def test_a_request_without_origin_is_no_pages() -> None:
    assert not same_origin(asked(), "")


def test_a_proxy_next_door_is_believed_about_the_client() -> None:
    request = asked("127.0.0.1", X_Forwarded_For="6.6.6.6, 198.51.100.7")
    assert client_address(request) == "198.51.100.7"


def test_a_stranger_is_not_believed_about_itself() -> None:
    assert client_address(asked("93.184.216.34", X_Forwarded_For="10.0.0.1")) == "93.184.216.34"


def test_a_proxy_that_names_nonsense_counts_itself() -> None:
    assert client_address(asked("127.0.0.1", X_Forwarded_For="nobody")) == "127.0.0.1"


def test_a_host_that_is_no_host_does_not_get_into_the_policy() -> None:
    request = make_mocked_request("GET", "/", headers={"Host": "a; script-src *"})
    assert socket_sources(request) == ()


@pytest.mark.parametrize("path", ["/", "/missing", "/refused", "/streamed", "/broken"])
async def test_every_answer_carries_the_headers_whatever_it_is(path: str) -> None:
    async def fine(_request: web.Request) -> web.Response:
        return web.Response(text="fine")

    async def refused(_request: web.Request) -> web.Response:
        raise web.HTTPForbidden

    async def streamed(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"a file")
        return response

    async def broken(_request: web.Request) -> web.Response:
        raise KeyError

    app = web.Application()
    add_security_headers(app)
    app.router.add_get("/", fine)
    app.router.add_get("/refused", refused)
    app.router.add_get("/streamed", streamed)
    app.router.add_get("/broken", broken)
    async with TestClient(TestServer(app)) as client, client.get(path) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("", ""),
        ("https://tiles.example.vn/{z}/{x}/{y}.png", "https://tiles.example.vn"),
        ("https://{s}.tiles.example.vn/{z}/{x}/{y}.png?k=1", "https://*.tiles.example.vn"),
        ("http://127.0.0.1:8081/{z}/{x}/{y}.png", "http://127.0.0.1:8081"),
    ],
)
def test_an_address_is_named_by_its_origin(address: str, origin: str) -> None:
    assert origin_of(address) == origin


def test_pictures_come_from_here_and_from_what_is_named_only() -> None:
    assert "img-src 'self' blob: data:;" in content_security_policy(images=("",))
    policy = content_security_policy(images=("https://tiles.example.vn",))
    assert "img-src 'self' blob: data: https://tiles.example.vn;" in policy
