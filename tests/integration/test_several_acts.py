"""Messages with one act and with several, read by the newest model.

tests/data/acts.jsonl holds one message a line: its text and its acts, each with the place where it
begins. The parser's rules were tuned on the half "tune"; these tests look at the half "figure".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import newest_model
from nlu import archive
from nlu.conclusion import COURTESIES
from nlu.letters import strip_diacritics
from nlu.understanding import Understanding

MESSAGES = Path(__file__).parents[1] / "data" / "acts.jsonl"

Message = dict[str, Any]


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    lines = MESSAGES.read_text(encoding="utf-8").splitlines()
    return [message for message in map(json.loads, lines) if message["half"] == "figure"]


@pytest.fixture(scope="module")
def parse() -> Callable[[str], Understanding]:
    return archive.load(newest_model()).parse


def _works(message: Message, understood: Understanding) -> tuple[int, int]:
    """How many acts need work: by hand, and by the parser."""
    by_hand = sum(act["intent"] not in COURTESIES for act in message["acts"])
    return by_hand, sum(act.intent not in COURTESIES for act in understood.acts)


@pytest.mark.parametrize("typed", [str, strip_diacritics], ids=["typed", "plain"])
def test_acts_are_told_apart(
    messages: list[Message], parse: Callable[[str], Understanding], typed: Callable[[str], str]
) -> None:
    counts = [_works(message, parse(typed(message["text"]))) for message in messages]
    one = [found for wanted, found in counts if wanted == 1]
    several = [found for wanted, found in counts if wanted > 1]
    assert sum(found > 1 for found in one) <= len(one) * 0.05
    assert sum(found > 1 for found in several) >= len(several) * 0.5


def test_the_first_act_that_needs_work_leads(
    messages: list[Message], parse: Callable[[str], Understanding]
) -> None:
    right = 0
    for message in messages:
        working = [a["intent"] for a in message["acts"] if a["intent"] not in COURTESIES]
        lead = "emergency" if "emergency" in working else working[0]
        right += parse(message["text"]).intent.name == lead
    assert right >= len(messages) * 0.8
