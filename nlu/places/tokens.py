"""Text cut into words that remember where they stood and how they were typed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from nlu.letters import place_tone, strip_diacritics
from nlu.places.words import BREAKS

# Marks that follow their letter (text in decomposed form) belong to the word.
_WORD = re.compile("[^\\W_](?:[^\\W_]|[\u0300-\u036f])*")
# The south says hỏi and ngã alike and mixes them in writing.
_HOOK, _TILDE = "\u0309", "\u0303"
# A text is taken as written with marks when at least this share of its words carries one.
_MARKED_SHARE = 0.25


@dataclass(frozen=True)
class Word:
    """One word: `plain` has no marks, `sound` has them with hỏi and ngã as one."""

    start: int
    end: int
    plain: str
    sound: str
    marked: bool
    capital: bool
    upper: bool


@dataclass(frozen=True)
class Text:
    """The words of a text. `marked` says that the writer uses marks in general."""

    original: str
    words: tuple[Word, ...]
    marked: bool

    def gap(self, left: int, right: int) -> str:
        """What stands between two words (by index)."""
        return self.original[self.words[left].end : self.words[right].start]

    def breaks_between(self, left: int, right: int) -> bool:
        """Whether a sentence ends between two neighbouring words."""
        gap = self.gap(left, right)
        if not gap or gap == " ":
            return False
        if "." in gap and len(self.words[left].plain) > 3 and gap.strip() == ".":
            return True
        return not BREAKS.isdisjoint(gap) or ".." in gap


def sound_of(word: str) -> str:
    """A lower-case word with its tone where today's rule has it, ngã written as hỏi."""
    placed = place_tone(word)
    if placed.isascii():
        return placed
    parts = unicodedata.normalize("NFD", placed).replace(_TILDE, _HOOK)
    return unicodedata.normalize("NFC", parts)


@lru_cache(maxsize=16384)
def _forms(raw: str) -> tuple[str, str, bool, bool, bool]:
    composed = unicodedata.normalize("NFC", raw)
    lower = composed.lower()
    plain = strip_diacritics(lower)
    capital = composed[0].isupper()
    return plain, sound_of(lower), plain != lower, capital, composed.isupper() and len(raw) > 1


def read_words(text: str) -> Text:
    """Cut a text into words; offsets count in the text as given."""
    words = tuple(
        Word(match.start(), match.end(), *_forms(match.group())) for match in _WORD.finditer(text)
    )
    marked = sum(word.marked for word in words)
    return Text(text, words, marked >= max(2, _MARKED_SHARE * len(words)))
