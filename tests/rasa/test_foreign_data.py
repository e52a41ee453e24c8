"""The pipeline trains on other people's data: plain intents, annotated entities, rare classes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent, load_agent
from rasa.model_training import train_nlu

ROOT = Path(__file__).resolve().parents[2]

DATA = """\
version: "3.1"
nlu:
- intent: flight
  examples: |
    - cho tôi xem các chuyến bay từ [boston](city) đến [denver](city:den)
    - tôi muốn bay đến [dallas]{"entity": "city", "role": "to"}
    - chuyến bay nào sớm nhất buổi sáng
    - có chuyến bay thẳng nào không
- intent: airfare
  examples: |
    - giá vé một chiều là bao nhiêu
    - vé khứ hồi rẻ nhất bao nhiêu tiền
    - giá vé hạng nhất
- intent: flight#airfare
  examples: |
    - chuyến bay và giá vé
- synonym: denver
  examples: |
    - den
"""


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Agent:
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "nlu.yml").write_text(DATA, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("RASA_CACHE_DIRECTORY", str(folder / "cache"))
        model = train_nlu("config.yml", str(folder / "nlu.yml"), str(folder / "models"))
    return asyncio.run(load_agent(model_path=model))


def parse(agent: Agent, text: str) -> dict[str, Any]:
    parsed: dict[str, Any] = asyncio.run(agent.parse_message(text))
    return parsed


def test_intents_without_categories_are_told_apart(agent: Agent) -> None:
    parsed = parse(agent, "chuyến bay thẳng sớm nhất từ boston")
    assert parsed["intent"]["name"] == "flight"
    assert parse(agent, "vé một chiều giá bao nhiêu")["intent"]["name"] == "airfare"


def test_what_the_data_lacks_is_plain(agent: Agent) -> None:
    parsed = parse(agent, "chào bạn, chuyến bay thẳng sớm nhất, với lại giá vé bao nhiêu")
    assert parsed.get("category") is None
    assert parsed["category_top3"] == []
    assert parsed["urgency"] == {"name": "normal", "confidence": 1.0}
    assert len(parsed["acts"]) == 1


def test_the_words_of_the_tokenizer_are_shown_with_offsets(agent: Agent) -> None:
    text = "chuyến bay thẳng"
    words = [text[start:end] for start, end in parse(agent, text)["text_tokens"]]
    assert " ".join(words) == text
