"""Danger told in words that the model missed: a table (safety.yml) raises the message."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml

from bot.dialogue.heard import Heard
from nlu.letters import place_tone, strip_diacritics
from nlu.normalizer import Normalizer

Danger = Literal["emergency", "high"]

FARTHEST = 8
"""Words between which the groups of one rule must stand."""

ONLY_ASKS_OR_PRAISES = frozenset(
    {
        "ask_procedure", "check_dossier", "follow_dossier", "praise", "privacy_request",
        "complaint", "withdraw_ticket", "rate", "thank", "goodbye",
    }
)  # fmt: skip
"""What the model is sure of and the table does not overrule."""

_TABLE = Path(__file__).with_name("safety.yml")
_SENTENCE_END = re.compile(r"[.!?;\n]+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Word:
    """`plain` is without diacritics; `typed` has them, or not, as the person wrote."""

    plain: str
    typed: str

    @classmethod
    def read(cls, typed: str) -> Word:
        return cls(strip_diacritics(typed), place_tone(typed))


@dataclass(frozen=True)
class Phrase:
    """Neighbouring words; `exact` ones must be typed with their diacritics."""

    words: tuple[Word, ...]
    exact: bool

    def stands_at(self, place: int, words: Sequence[Word]) -> bool:
        here = words[place : place + len(self.words)]
        return len(here) == len(self.words) and all(map(self._fits, self.words, here))

    def _fits(self, wanted: Word, word: Word) -> bool:
        if word.typed == wanted.typed:
            return True
        return not self.exact and word.typed == wanted.plain


Rule = tuple[tuple[Phrase, ...], ...]
"""Groups that must all be there; of a group any phrase."""


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[Rule, ...]]:
    loaded = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {name: tuple(_rule(line) for line in lines) for name, lines in loaded.items()}


def _rule(line: str) -> Rule:
    return tuple(
        tuple(_phrase(phrase.strip()) for phrase in group.split(",") if phrase.strip())
        for group in line.split(" + ")
    )


def _phrase(written: str) -> Phrase:
    words = unicodedata.normalize("NFC", written.removeprefix("=")).split()
    return Phrase(tuple(Word.read(word) for word in words), written.startswith("="))


@lru_cache(maxsize=1)
def _normalizer() -> Normalizer:
    return Normalizer()


def danger_in(text: str) -> Danger | None:
    """The danger that a text tells of by the table, or None."""
    found = {_danger(sentence) for sentence in _sentences(text)}
    if "emergency" in found:
        return "emergency"
    return "high" if "high" in found else None


class Sentence:
    """The words of a sentence, found again by their plain form."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self._at: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words):
            self._at[word.plain].append(place)

    def places(self, group: Sequence[Phrase]) -> list[int]:
        """Where a phrase of the group stands."""
        return [
            place
            for phrase in group
            for place in self._at.get(phrase.words[0].plain, ())
            if phrase.stands_at(place, self.words)
        ]

    def holds(self, rule: Rule) -> bool:
        first, *others = (self.places(group) for group in rule)
        return any(
            all(any(abs(other - place) <= FARTHEST for other in places) for places in others)
            for place in first
        )

    def any_holds(self, section: str) -> bool:
        return any(self.holds(rule) for rule in _table()[section])

    @property
    def is_near_miss(self) -> bool:
        """ "hôm qua", but not "từ hôm qua", which goes on."""
        places = (place for (group,) in _table()["unless"] for place in self.places(group))
        return any(place == 0 or self.words[place - 1].plain != "tu" for place in places)


def _sentences(text: str) -> Iterator[Sentence]:
    for written in _SENTENCE_END.split(_normalizer()(text).text.lower()):
        yield Sentence([Word.read(word) for word in _WORD.findall(written)])


def _danger(sentence: Sentence) -> Danger | None:
    if sentence.is_near_miss:
        return None
    if sentence.any_holds("emergency"):
        return "high" if sentence.any_holds("soon") else "emergency"
    return "high" if sentence.any_holds("high") else None


def despairs(text: str) -> bool:
    """Whether somebody speaks of ending the own life."""
    return any(sentence.any_holds("despair") for sentence in _sentences(text))


def says(text: str, phrases: Sequence[str]) -> bool:
    """Whether one of the phrases, written as in safety.yml, stands in a text."""
    group = [_phrase(phrase) for phrase in phrases]
    return any(sentence.places(group) for sentence in _sentences(text))


def raised(heard: Heard) -> Heard:
    """The message, as an emergency or as pressing when the table says so and the model did not."""
    if heard.is_emergency or (heard.sure and heard.intent in ONLY_ASKS_OR_PRAISES):
        return heard
    danger = danger_in(heard.text)
    if danger == "emergency":
        update = {"intent": "emergency", "sure": True, "urgency": "urgent"}
        return heard.model_copy(update=update)
    if danger == "high" and heard.urgency == "normal":
        return heard.model_copy(update={"urgency": "high"})
    return heard
