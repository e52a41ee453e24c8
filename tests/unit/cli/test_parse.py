from __future__ import annotations

import io
import json
from typing import Any

import pytest

from bot.cli.parse import run_parse
from nlu.conclusion import nothing_understood
from nlu.understanding import Understanding


class EchoReader:
    """Understands nothing, and gives the text back."""

    description = "echo"
    closed = False

    async def understand(self, text: str) -> Understanding:
        return nothing_understood(text)

    async def ready(self) -> bool:
        return True

    async def close(self) -> None:
        self.closed = True


async def parse(*lines: str) -> list[dict[str, Any]]:
    reader, out = EchoReader(), io.StringIO()
    await run_parse(reader, [f"{line}\n" for line in lines], out)
    assert reader.closed
    return [json.loads(line) for line in out.getvalue().splitlines()]


async def test_each_line_is_answered_in_order() -> None:
    answers = await parse('{"id": 7, "text": "đường hư"}', '{"id": "b", "text": ""}')
    assert [(answer["id"], answer["text"]) for answer in answers] == [(7, "đường hư"), ("b", "")]
    assert set(answers[0]) == {
        "id", "text", "intent", "sure", "category", "category_top3", "urgency", "acts", "entities",
        "urgency_words",
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "oops",
        "",
        "[]",
        '{"id": 1}',
        '{"text": "x"}',
        '{"id": 1, "text": 5}',
        '{"id": 1,',
        "[" * 9999,
    ],
)
async def test_a_malformed_line_is_told_and_the_rest_goes_on(line: str) -> None:
    answers = await parse('{"id": 1, "text": "a"}', line, '{"id": 3, "text": "c"}')
    assert answers[1]["line"] == 2
    assert answers[1]["error"]
    assert answers[2]["id"] == 3


async def test_an_answer_takes_one_line_whatever_the_text_holds() -> None:
    text = "a\u2028b\u0085c\nd"
    out = io.StringIO()
    await run_parse(EchoReader(), [json.dumps({"id": 1, "text": text})], out)
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue())["text"] == text


async def test_half_a_surrogate_pair_comes_back_as_it_was() -> None:
    out = io.StringIO()
    await run_parse(EchoReader(), [r'{"id": "\ud83d", "text": "a\ud800b"}'], out)
    assert out.getvalue().encode("utf-8")
    answer = json.loads(out.getvalue())
    assert (answer["id"], answer["text"]) == ("\ud83d", "a\ud800b")
