from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.cli.findings import Finding, Level
from bot.cli.reachability import host_of, outside_systems
from bot.settings import Settings

TOKEN = "12345:very-secret"
ServerMaker = Callable[[web.Application], Awaitable[TestServer]]


def settings(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


async def findings(of: Settings, zalo_access_token: str | None = None) -> dict[str, Finding]:
    return {finding.key: finding async for finding in outside_systems(of, zalo_access_token)}


def answering(path: str, body: object, status: int = 200) -> web.Application:
    async def handle(_request: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_get(path, handle)
    return app


@pytest.fixture
async def telegram_url(aiohttp_server: ServerMaker) -> str:
    """A Bot API server that knows one token and one group."""

    async def get_me(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "result": {"username": "caunoi_bot"}})

    async def get_chat(request: web.Request) -> web.Response:
        known = request.query["chat_id"] == "-1001"
        return web.json_response({"ok": known}, status=200 if known else 400)

    app = web.Application()
    app.router.add_get(f"/bot{TOKEN}/getMe", get_me)
    app.router.add_get(f"/bot{TOKEN}/getChat", get_chat)
    return str((await aiohttp_server(app)).make_url("/"))


async def test_what_is_not_configured_is_off_and_no_problem() -> None:
    found = await findings(settings())
    assert {finding.level for finding in found.values()} == {Level.OFF}


async def test_a_telegram_bot_with_its_group_is_good(telegram_url: str) -> None:
    found = await findings(
        settings(telegram_token=TOKEN, telegram_api_url=telegram_url, telegram_staff_chat_id=-1001)
    )
    assert found["telegram_ok"].facts == {"username": "caunoi_bot"}
    assert "telegram_staff_ok" in found


async def test_a_group_that_the_bot_is_not_in_is_a_problem(telegram_url: str) -> None:
    found = await findings(
        settings(telegram_token=TOKEN, telegram_api_url=telegram_url, telegram_staff_chat_id=-5)
    )
    assert found["telegram_staff_unknown"].level is Level.PROBLEM


async def test_a_wrong_telegram_token_is_a_problem(telegram_url: str) -> None:
    found = await findings(settings(telegram_token="1:wrong", telegram_api_url=telegram_url))
    assert found["telegram_token_refused"].level is Level.PROBLEM


async def test_a_server_that_is_not_there_is_named_without_the_token(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    found = await findings(settings(telegram_token=TOKEN, telegram_api_url=url))
    facts = found["telegram_unreachable"].facts
    assert facts["host"] == f"127.0.0.1:{unused_tcp_port}"
    assert TOKEN not in str(facts)


def zalo(url: object) -> Settings:
    return settings(
        zalo_oa_app_id="1",
        zalo_oa_app_secret=SecretStr("a"),
        zalo_oa_secret_key=SecretStr("b"),
        zalo_oa_refresh_token=SecretStr("c"),
        zalo_openapi_url=str(url),
    )


@pytest.mark.parametrize(
    ("body", "token", "key"),
    [
        ({"error": 0, "data": {}}, "stored", "zalo_oa_ok"),
        ({"error": -216, "message": "Access token is invalid"}, "stored", "zalo_oa_token_refused"),
        ({"error": -32}, "stored", "zalo_oa_answers"),
        ({"error": -216}, None, "zalo_oa_answers"),
    ],
)
async def test_zalo_is_asked_with_the_stored_token_only(
    aiohttp_server: ServerMaker, body: object, token: str | None, key: str
) -> None:
    server = await aiohttp_server(answering("/v2.0/oa/getoa", body))
    assert key in await findings(zalo(server.make_url("/")), token)


async def test_zalo_that_is_out_of_order_is_a_problem(aiohttp_server: ServerMaker) -> None:
    server = await aiohttp_server(answering("/v2.0/oa/getoa", {}, status=502))
    found = await findings(zalo(server.make_url("/")), "stored")
    assert found["zalo_oa_unreachable"].facts["error"] == "HTTP 502"


async def test_zalo_that_cannot_be_reached_is_a_problem(unused_tcp_port: int) -> None:
    found = await findings(zalo(f"http://127.0.0.1:{unused_tcp_port}"))
    assert found["zalo_oa_unreachable"].level is Level.PROBLEM


async def test_a_rasa_server_that_answers_is_good(aiohttp_server: ServerMaker) -> None:
    server = await aiohttp_server(answering("/status", {"num_active_training_jobs": 0}))
    assert "nlu_ok" in await findings(settings(nlu_url=str(server.make_url("/"))))


async def test_a_server_that_is_no_rasa_is_a_problem(aiohttp_server: ServerMaker) -> None:
    server = await aiohttp_server(answering("/other", {}))
    found = await findings(settings(nlu_url=str(server.make_url("/"))))
    assert found["nlu_unreachable"].facts["error"] == "HTTP 404"


async def test_a_rasa_server_that_is_not_there_is_a_problem(unused_tcp_port: int) -> None:
    found = await findings(settings(nlu_url=f"http://127.0.0.1:{unused_tcp_port}"))
    assert found["nlu_unreachable"].level is Level.PROBLEM


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (200, "dossier_api_ok"),
        (404, "dossier_api_ok"),
        (401, "dossier_api_refused"),
        (503, "dossier_api_failing"),
        (400, "dossier_api_failing"),
    ],
)
async def test_the_one_stop_system_is_asked_for_a_code_that_belongs_to_nobody(
    aiohttp_server: ServerMaker, status: int, key: str
) -> None:
    app = answering("/hoso/000.00.00.H00-000000-0000", {}, status)
    server = await aiohttp_server(app)
    url = f"{server.make_url('/hoso/')}{{code}}"
    assert key in await findings(settings(dossier_api_url=url, dossier_api_key="k"))


async def test_a_field_mapping_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    found = await findings(
        settings(
            dossier_api_url="http://127.0.0.1:9/{code}", dossier_api_fields=tmp_path / "no.yml"
        )
    )
    assert found["dossier_api_fields_invalid"].level is Level.PROBLEM


async def test_a_one_stop_address_without_a_place_for_the_code_is_a_problem() -> None:
    found = await findings(settings(dossier_api_url="http://127.0.0.1:9/hoso"))
    assert "dossier_api_without_code" in found


async def test_a_one_stop_system_that_is_not_there_is_a_problem(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/{{code}}"
    assert "dossier_api_unreachable" in await findings(settings(dossier_api_url=url))


def test_an_address_is_shown_without_its_password_and_query() -> None:
    assert host_of("https://user:pass@one-stop.example:8443/x?key=abc") == "one-stop.example:8443"
