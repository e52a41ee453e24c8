"""The same message as other hands would type it: without diacritics, in a hurry, by old rules.

What is done follows from the text alone, so that every report measures the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from functools import cache
from random import Random

from nlu.letters import TONES, place_tone, strip_diacritics
from nlu.noise import TEXTS_STRIPPED, WORDS_SPOILT, spoil
from nlu.normalizer import read_table

# The share, in per cent, of the words with a short form that are shortened, and of the texts whose
# tones stand where the other rule of spelling has them.
SHORTENED = 50
TONES_MOVED = 50
# A copy of its own: training sees copy 0 of its examples.
COPY = 7
RATES = (
    f"{SHORTENED} % of the words that have a short form are shortened, {TONES_MOVED} % of the"
    f" texts have the tones of oa, oe and uy on the other vowel, {WORDS_SPOILT} % of the words get"
    f" a slip of the hand, and {TEXTS_STRIPPED} % of the texts then lose their diacritics"
)

_LONGEST = 4
_EDGES = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)
# An open rhyme whose tone two rules put differently: "hòa" and "hoà". In "quý" the u is no vowel.
_OPEN_RHYME = re.compile(r"(?<![qQ])(?P<first>[^\W\d_])(?P<second>[^\W\d_])(?!\w)")
_RHYMES = frozenset({"oa", "oe", "uy"})


@cache
def short_forms() -> dict[str, tuple[str, ...]]:
    """The table of short forms backwards: what stands for a word or a few words."""
    forms: defaultdict[str, list[str]] = defaultdict(list)
    for form, standard in read_table().items():
        forms[standard].append(form)
    return {standard: tuple(sorted(short)) for standard, short in forms.items()}


def shorten_words(text: str, percent: int = SHORTENED) -> str:
    """The text with some of its words in their short form; the longest that matches goes first."""
    random = Random(f"short {text}")
    words = text.split(" ")
    out: list[str] = []
    at = 0
    while at < len(words):
        size, short = _short(words, at, random)
        if short is not None and random.randrange(100) < percent:
            out.append(short)
        else:
            size = 1
            out.append(words[at])
        at += size
    return " ".join(out)


def _short(words: list[str], at: int, random: Random) -> tuple[int, str | None]:
    """How many words from here have a short form, and one of their forms."""
    for size in range(min(_LONGEST, len(words) - at), 0, -1):
        match = _EDGES.match(" ".join(words[at : at + size]))
        if match is None:
            continue
        before, word, after = match.groups()
        standard = unicodedata.normalize("NFC", word).lower()
        forms = short_forms().get(" ".join(map(place_tone, standard.split(" "))))
        if forms:
            return size, f"{before}{random.choice(forms)}{after}"
    return 1, None


def move_tones(text: str) -> str:
    """The text with the tones of oa, oe and uy on the other vowel: "hòa" as "hoà", and back."""
    return _OPEN_RHYME.sub(_moved, unicodedata.normalize("NFC", text))


def _moved(match: re.Match[str]) -> str:
    first, second = (_split(match[name]) for name in ("first", "second"))
    if (first[0] + second[0]).lower() not in _RHYMES or bool(first[1]) == bool(second[1]):
        return match.group()
    return unicodedata.normalize("NFC", f"{first[0]}{second[1]}{second[0]}{first[1]}")


def _split(letter: str) -> tuple[str, str]:
    """A letter without its tone, and the tone."""
    marks = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in marks if mark in TONES)
    bare = "".join(mark for mark in marks if mark not in TONES)
    return unicodedata.normalize("NFC", bare), tone


def noisy(text: str) -> str:
    """The text after everything that `RATES` tells."""
    moved = Random(f"tones {text}").randrange(100) < TONES_MOVED
    return spoil(shorten_words(move_tones(text) if moved else text), COPY)


# How a message is typed, by the name that the report uses.
TYPED = {
    "typed": lambda text: text,
    "stripped": strip_diacritics,
    "noise": noisy,
}
