"""Danger told in words that the model missed: a table (safety.yml) raises the message."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import yaml

from bot.dialogue.heard import Heard
from nlu.letters import place_tone, strip_diacritics
from nlu.normalizer import NormalizedText, Normalizer

Danger = Literal["emergency", "high"]

KNOWN_WORDS = 8192
"""Words whose forms are kept: more than people use, for every message is read word by word."""

FARTHEST = 8
"""Words between which the groups of one rule must stand."""

MOST_WORDS_SHOWN = 3
"""Stretches of a message that staff are shown as the signs of its urgency."""

ONLY_ASKS_OR_PRAISES = frozenset(
    {
        "ask_procedure", "ask_info", "ask_bot", "check_dossier", "follow_dossier", "petition",
        "praise", "privacy_request", "complaint", "withdraw_ticket", "rate", "thank", "goodbye",
    }
)  # fmt: skip
"""What the model is sure of and the table does not overrule."""

_TABLE = Path(__file__).with_name("safety.yml")
_SENTENCE_END = re.compile(r"[.!?;\n]+")
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=KNOWN_WORDS)
def _forms(typed: str) -> tuple[str, str]:
    return strip_diacritics(typed), place_tone(typed)


@dataclass(frozen=True)
class Word:
    """`plain` is without diacritics; `typed` has them, or not, as the person wrote.

    A word of a message stands at `start` to `end` of its normalised text.
    """

    plain: str
    typed: str
    start: int = 0
    end: int = 0

    @classmethod
    def read(cls, typed: str, start: int = 0, end: int = 0) -> Word:
        return cls(*_forms(typed), start, end)


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


@dataclass(frozen=True)
class Group:
    """Phrases of which any will do."""

    phrases: tuple[Phrase, ...]

    @cached_property
    def first_words(self) -> frozenset[str]:
        """Where none of them stands in a sentence the group is passed over; so most are."""
        return frozenset(phrase.words[0].plain for phrase in self.phrases)


Rule = tuple[Group, ...]
"""Groups that must all be there."""


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[Rule, ...]]:
    loaded = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return {name: tuple(_rule(line) for line in lines) for name, lines in loaded.items()}


def _rule(line: str) -> Rule:
    return tuple(
        Group(tuple(_phrase(phrase.strip()) for phrase in group.split(",") if phrase.strip()))
        for group in line.split(" + ")
    )


@lru_cache(maxsize=1024)
def _phrase(written: str) -> Phrase:
    words = unicodedata.normalize("NFC", written.removeprefix("=")).split()
    return Phrase(tuple(Word.read(word) for word in words), written.startswith("="))


@lru_cache(maxsize=64)
def _group(written: tuple[str, ...]) -> Group:
    return Group(tuple(map(_phrase, written)))


@lru_cache(maxsize=1)
def _normalizer() -> Normalizer:
    return Normalizer()


class Sentence:
    """The words of a sentence, found again by their plain form."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self._at: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(words):
            self._at[word.plain].append(place)

    def places(self, group: Group) -> list[int]:
        """Where a phrase of the group stands."""
        if group.first_words.isdisjoint(self._at):
            return []
        return [
            place
            for phrase in group.phrases
            for place in self._at.get(phrase.words[0].plain, ())
            if phrase.stands_at(place, self.words)
        ]

    def holds(self, rule: Rule) -> bool:
        first = self.places(rule[0])
        if not first:
            return False
        others = [self.places(group) for group in rule[1:]]
        return any(
            all(any(abs(other - place) <= FARTHEST for other in places) for places in others)
            for place in first
        )

    def telling(self, danger: Danger) -> list[tuple[int, int]]:
        """Where the words of the first rule that holds stand, those close together as one.

        What is only pressing may hold a rule of emergencies: its own rules are looked at first.
        """
        rules = _table()["emergency"]
        for rule in rules if danger == "emergency" else (*_table()["high"], *rules):
            places = self._together(rule)
            if places:
                runs = sorted(
                    (place, place + self._size(group, place))
                    for group, place in zip(rule, places, strict=True)
                )
                return [(self.words[a].start, self.words[b - 1].end) for a, b in _joined(runs)]
        return []

    def _together(self, rule: Rule) -> list[int]:
        """A place for each group of the rule, near enough to each other; none if it fails."""
        first, *others = (self.places(group) for group in rule)
        for place in first if all(others) else ():
            near = [min(places, key=lambda other: abs(other - place)) for places in others]
            if all(abs(other - place) <= FARTHEST for other in near):
                return [place, *near]
        return []

    def _size(self, group: Group, place: int) -> int:
        return max(len(p.words) for p in group.phrases if p.stands_at(place, self.words))

    def any_holds(self, section: str) -> bool:
        return any(self.holds(rule) for rule in _table()[section])

    @property
    def is_near_miss(self) -> bool:
        """ "hôm qua", but not "từ hôm qua", which goes on."""
        places = (place for (group,) in _table()["unless"] for place in self.places(group))
        return any(place == 0 or self.words[place - 1].plain != "tu" for place in places)


def _joined(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs of words with at most one word between them become one."""
    joined: list[tuple[int, int]] = []
    for start, end in runs:
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


class Told:
    """A message read once for all that is asked of the table in its turn.

    It is handed on and never kept: what a person wrote must not outlive its turn in memory.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._normalized = _normalizer()(text)
        self._sentences = tuple(_sentences_of(self._normalized))

    @property
    def danger(self) -> Danger | None:
        """The danger that the message tells of by the table, or None."""
        found = {_danger(sentence) for sentence in self._sentences}
        if "emergency" in found:
            return "emergency"
        return "high" if "high" in found else None

    @property
    def danger_words(self) -> list[str]:
        """The words by which the table sees danger, as the person wrote them."""
        danger = self.danger
        if danger is None:
            return []
        spans = (
            self._normalized.span(start, end)
            for sentence in self._sentences
            if _danger(sentence) == danger
            for start, end in sentence.telling(danger)
        )
        return [self._text[slice(*span)] for span in spans]

    @property
    def despairs(self) -> bool:
        """Whether somebody speaks of ending the own life."""
        return any(sentence.any_holds("despair") for sentence in self._sentences)

    def says(self, phrases: Sequence[str]) -> bool:
        """Whether one of the phrases, written as in safety.yml, stands in the message."""
        group = _group(tuple(phrases))
        return any(sentence.places(group) for sentence in self._sentences)


def _sentences_of(normalized: NormalizedText) -> Iterator[Sentence]:
    at = 0
    for written in _SENTENCE_END.split(normalized.text):
        at = normalized.text.index(written, at)
        yield Sentence(
            [
                Word.read(match.group(), at + match.start(), at + match.end())
                for match in _WORD.finditer(written)
            ]
        )
        at += len(written)


def _danger(sentence: Sentence) -> Danger | None:
    if sentence.is_near_miss:
        return None
    if sentence.any_holds("emergency"):
        return "high" if sentence.any_holds("soon") else "emergency"
    return "high" if sentence.any_holds("high") else None


def raised(heard: Heard, told: Told) -> Heard:
    """The message, as an emergency or as pressing when the table says so and the model did not."""
    if heard.is_emergency:
        return _with_words(heard, told)
    if heard.sure and heard.intent in ONLY_ASKS_OR_PRAISES:
        return heard
    danger = told.danger
    if danger == "emergency":
        update = {"intent": "emergency", "sure": True, "urgency": "urgent"}
        return _with_words(heard.model_copy(update=update), told)
    if danger == "high" and heard.urgency == "normal":
        return _with_words(heard.model_copy(update={"urgency": "high"}), told)
    return heard if danger is None else _with_words(heard, told)


def _with_words(heard: Heard, told: Told) -> Heard:
    """The message with the words of the table before those of the model."""
    words = told.danger_words
    words += [w for w in heard.urgency_words if not any(_overlap(w, known) for known in words)]
    return heard.model_copy(update={"urgency_words": words[:MOST_WORDS_SHOWN]})


def _overlap(first: str, second: str) -> bool:
    return not set(first.lower().split()).isdisjoint(second.lower().split())
