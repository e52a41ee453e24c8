"""The client of a Rasa server, against a small server that answers as Rasa would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.readers import ESCAPE, RasaServerReader, ReaderUnavailable

Handler = Callable[[web.Request], Awaitable[web.Response]]

PARSE: dict[str, Any] = {
    "text": "đường hư",
    "intent": {"name": "report", "confidence": 0.9},
    "entities": [{"entity": "phone", "value": "0912345678", "start": 3, "end": 13}],
    "sure": True,
    "category": {"name": "traffic", "confidence": 0.8},
    "category_top3": [{"name": "traffic", "confidence": 0.8}],
    "urgency": {"name": "normal", "confidence": 0.7},
    "acts": [{"intent": "report", "category": "traffic", "start": 0, "end": 13}],
    "urgency_words": [{"text": "gọi", "start": 0, "end": 3}],
}


class FakeRasa:
    """Answers every parse with the same, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Any = PARSE
        self.status = 200

    async def parse(self, request: web.Request) -> web.Response:
        self.asked.append((await request.json())["text"])
        return web.json_response(self.answer, status=self.status)


async def _status(request: web.Request) -> web.Response:
    return web.json_response({"model_file": "m.tar.gz"})


@pytest.fixture
async def rasa() -> AsyncIterator[tuple[FakeRasa, RasaServerReader]]:
    fake = FakeRasa()
    app = web.Application()
    app.router.add_post("/model/parse", fake.parse)
    app.router.add_get("/status", _status)
    async with TestServer(app) as server:
        reader = RasaServerReader(str(server.make_url("/")))
        yield fake, reader
        await reader.close()


async def test_the_parse_becomes_an_understanding(rasa: tuple[FakeRasa, RasaServerReader]) -> None:
    _, reader = rasa
    understood = await reader.understand("gọi 0912345678")
    assert understood.to_dict() == {**PARSE, "text": "gọi 0912345678"}


async def test_spaces_that_rasa_strips_move_the_offsets_back(
    rasa: tuple[FakeRasa, RasaServerReader],
) -> None:
    fake, reader = rasa
    understood = await reader.understand("  gọi 0912345678")
    assert fake.asked == ["gọi 0912345678"]
    assert (understood.entities[0].start, understood.entities[0].end) == (5, 15)


async def test_a_slash_is_escaped_so_that_nobody_forges_an_intent(
    rasa: tuple[FakeRasa, RasaServerReader],
) -> None:
    fake, reader = rasa
    understood = await reader.understand("/restart 0912345678")
    assert fake.asked == [f"{ESCAPE}/restart 0912345678"]
    assert understood.entities[0].start == 2  # one less than the server, which saw the escape


@pytest.mark.parametrize("text", ["", "   ", "\n"])
async def test_a_blank_message_is_not_sent(
    rasa: tuple[FakeRasa, RasaServerReader], text: str
) -> None:
    fake, reader = rasa
    assert not (await reader.understand(text)).sure
    assert fake.asked == []


async def test_a_long_message_is_cut_before_it_is_sent(
    rasa: tuple[FakeRasa, RasaServerReader],
) -> None:
    fake, reader = rasa
    await reader.understand("a" * 9000)
    assert len(fake.asked[0]) == 4000


async def test_a_model_without_our_components_gives_what_it_has(
    rasa: tuple[FakeRasa, RasaServerReader],
) -> None:
    fake, reader = rasa
    fake.answer = {"intent": {"name": "flight", "confidence": 0.4}, "entities": []}
    understood = await reader.understand("bay")
    assert understood.intent.name == "flight"
    assert not understood.sure
    assert understood.category is None
    assert [act.intent for act in understood.acts] == ["flight"]


@pytest.mark.parametrize("answer", [[], {}, {"intent": None}, {"intent": {"name": "x"}}, "x"])
async def test_an_answer_that_is_no_parse_is_an_error(
    rasa: tuple[FakeRasa, RasaServerReader], answer: Any
) -> None:
    fake, reader = rasa
    fake.answer = answer
    with pytest.raises(ReaderUnavailable):
        await reader.understand("đường hư")


async def test_an_error_of_the_server_is_an_error(
    rasa: tuple[FakeRasa, RasaServerReader],
) -> None:
    fake, reader = rasa
    fake.status = 500
    with pytest.raises(ReaderUnavailable, match="500"):
        await reader.understand("đường hư")


async def test_a_server_that_answers_is_ready(rasa: tuple[FakeRasa, RasaServerReader]) -> None:
    _, reader = rasa
    assert await reader.ready()


async def test_a_server_that_is_not_there_is_an_error(unused_tcp_port: int) -> None:
    reader = RasaServerReader(f"http://127.0.0.1:{unused_tcp_port}", aiohttp.ClientTimeout(total=1))
    with pytest.raises(ReaderUnavailable):
        await reader.understand("đường hư")
    assert not await reader.ready()
    await reader.close()
