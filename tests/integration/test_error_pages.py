"""What is read where a request fails: kind words in every room, and never a trace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.app import BODY_LIMIT
from bot.staff_pages.site import Site
from store.engine import Database
from store.migrate import migrate
from tests.fakes.web_chat_server import WebChatServer, settings_for
from tests.integration.staff_desk import Desk

SECRET = "số điện thoại 0912345678"

Client = TestClient[web.Request, web.Application]


async def broken(_request: web.Request) -> web.Response:
    raise KeyError(SECRET)


async def takes_a_body(request: web.Request) -> web.Response:
    await request.read()
    return web.Response()


async def breaks_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"the beginning")
    raise KeyError(SECRET)


@pytest.fixture
def desk(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    database = Database(migrated_sqlite_url)
    migrate(database)
    yield Desk(database, tmp_path)
    database.dispose()


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[Client]:
    """The desk and the public pages, with some routes that fail."""
    app = desk.app()
    for path in ("/phan-anh-hong", "/staff-hong", "/chat/hong", "/webhooks/hong"):
        app.router.add_get(path, broken)
        app.router.add_post(path, takes_a_body)
    app.router.add_get("/do-dang", breaks_off)
    async with TestClient(TestServer(app)) as client:
        yield client


async def test_a_page_that_fails_says_so_in_words_and_shows_no_trace(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async with client.get("/phan-anh-hong") as answer:
        html = await answer.text()
    assert (answer.status, answer.content_type) == (500, "text/html")
    assert "Có trục trặc, bạn thử lại sau nhé" in html
    assert "không phải do bạn" in html
    assert "Về trang trò chuyện" in html
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "KeyError" not in html
    assert SECRET not in html
    assert "KeyError at test_error_pages.py" in caplog.text
    assert SECRET not in caplog.text


async def test_a_page_of_the_desk_that_fails_leads_back_to_the_desk(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_site: Site, _read: object) -> None:
        raise KeyError(SECRET)

    monkeypatch.setattr(Site, "look", fails)
    async with client.get("/staff/chats") as answer:
        html = await answer.text()
    assert answer.status == 500
    assert "Về danh sách phản ánh" in html
    assert SECRET not in html


@pytest.mark.parametrize("path", ["/chat/hong", "/webhooks/hong"])
async def test_scripts_and_messengers_read_json(client: Client, path: str) -> None:
    async with client.get(path) as answer:
        assert answer.status == 500
        told = await answer.json()
    assert told["status"] == 500
    assert told["message"].startswith("Lỗi này ở phía máy chủ")
    async with client.get(path, headers={"Accept": "text/html,*/*"}) as answer:
        assert answer.content_type == "text/html"


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/khong-co", 404, "Không có trang này"),
        ("POST", "/thong-bao", 405, "Không làm được việc này ở đây"),
        ("POST", "/staff/khong-co", 405, "Không làm được việc này ở đây"),
        ("PUT", "/staff/chats", 405, "Không làm được việc này ở đây"),
    ],
)
async def test_what_the_framework_refuses_is_refused_in_words(
    client: Client, method: str, path: str, status: int, words: str
) -> None:
    async with client.request(method, path) as answer:
        html = await answer.text()
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert words in html
    assert ("Allow" in answer.headers) == (status == 405)


async def test_what_is_too_large_is_refused_in_words(client: Client) -> None:
    async with client.post("/phan-anh-hong", data=b"x" * (BODY_LIMIT + 1)) as answer:
        assert answer.status == 413
        assert "nặng quá 20 MB" in await answer.text()
    async with client.post("/chat/hong", data=b"x" * (BODY_LIMIT + 1)) as answer:
        assert "nặng quá 20 MB" in (await answer.json())["message"]


async def test_an_answer_that_has_begun_is_broken_off(client: Client) -> None:
    async with client.get("/do-dang") as answer:
        assert answer.status == 200
        assert SECRET.encode() not in await answer.content.read(1000)


async def test_the_chat_page_answers_in_the_same_words(tmp_path: Path) -> None:
    chat = WebChatServer(settings_for(tmp_path))
    async with chat.running() as server, TestClient(server) as client:
        async with client.get("/khong-co") as answer:
            assert "Không có trang này" in await answer.text()
        async with client.get("/chat/uploads/abc") as answer:
            assert answer.status == 403
            assert (await answer.json())["status"] == 403
        async with client.get("/static/khong-co.js") as answer:
            assert (await answer.json())["status"] == 404
