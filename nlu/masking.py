"""Hides what says nothing of the matter: which street, which number, which code.

A stretch of the normalised text that an entity covers becomes one letter that no keyboard types,
so that a house number or the name of a commune can neither speak for an intent nor be learnt by
heart. The kind of a place stays: "cầu ⟨place⟩" is still a bridge.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable

from nlu.letters import strip_diacritics
from nlu.normalizer import NormalizedText
from nlu.places.words import PLACE_NOUNS
from nlu.understanding import Entity

# From Unicode's private use area: one "word" and one "letter" to the features.
MASKS = {
    "place": "\ue000",
    "dossier_code": "\ue002",
    "ticket_code": "\ue003",
    "phone": "\ue004",
    "time": "\ue005",
}
NUMBER = "\ue001"

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LONGEST_NOUN = 3


def mask(text: NormalizedText, entities: Iterable[Entity], start: int, end: int) -> str:
    """`text.text[start:end]` with its entities and numbers hidden."""
    pieces: list[str] = []
    at = start
    for entity in sorted(entities, key=lambda entity: entity.start):
        letter = MASKS.get(entity.entity)
        first = max(at, bisect_left(text.starts, entity.start))
        last = min(end, bisect_left(text.starts, entity.end))
        if letter is None or first >= last:
            continue
        kept = _noun(text.text[first:last], entity.value) if entity.entity == "place" else ""
        pieces += (text.text[at:first], f" {kept} {letter} ")
        at = last
    pieces.append(text.text[at:end])
    return _NUMBER.sub(f" {NUMBER} ", "".join(pieces))


def _noun(place: str, value: str) -> str:
    """The words that say what kind of place it is, if the mention begins with them.

    "Rạch" is no stream in "Rạch Giá": its `value` begins with "Phường".
    """
    words = place.split()
    named = strip_diacritics(value).lower()
    for size in range(min(_LONGEST_NOUN, len(words) - 1), 0, -1):
        noun = strip_diacritics(" ".join(words[:size]))
        if noun in PLACE_NOUNS and named.startswith(noun):
            return " ".join(words[:size])
    return ""
