"""Which examples are learnt and which are asked, and in what form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

from nlu.letters import strip_diacritics
from nlu.training_data import Example
from scripts.nlu_report.cross_validation import groups_of_alike

SEED = "20261124"


def split(examples: Sequence[Example], learnt: int, held_out: int) -> tuple[list[int], list[int]]:
    """Which examples are learnt and which held out, each intent with its share of both."""
    members: dict[int, list[int]] = {}
    for number, group in enumerate(groups_of_alike([example.text for example in examples])):
        members.setdefault(group, []).append(number)
    # As good as drawn by lot, and the same whatever stands before an example in the data.
    alike = sorted(members.values(), key=lambda some: _lot(examples[some[0]].text))
    total = Counter(example.intent for example in examples)
    room = {
        intent: [round(held_out * n / len(examples)), round(learnt * n / len(examples))]
        for intent, n in total.items()
    }
    halves: tuple[list[int], list[int]] = ([], [])
    for group_members in alike:
        left = room[examples[group_members[0]].intent]
        half = 0 if len(group_members) <= left[0] else 1
        taken = group_members[: left[half]]
        left[half] -= len(taken)
        halves[half].extend(taken)
    return sorted(halves[1]), sorted(halves[0])


def twice(examples: Sequence[Example]) -> list[Example]:
    """Every example as typed and, where that differs, without diacritics."""
    out = list(examples)
    for example in examples:
        plain = strip_diacritics(example.text)
        if plain != example.text:
            out.append(Example(plain, example.intent, example.category, example.urgency))
    return out


def _lot(text: str) -> bytes:
    return blake2b(f"{SEED} {text}".encode()).digest()


def on_one_line(example: Example) -> Example:
    text = " ".join(example.text.split())
    return Example(text, example.intent, example.category, example.urgency)
