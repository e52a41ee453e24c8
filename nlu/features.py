"""Turns a text into hashed runs of words and letters, pairs of words, and concepts.

Every feature is a 64-bit number, computed with numpy for all positions at once: no strings are
kept, neither in memory nor on disk. With this many bits two features never share a number in
practice. All is read without diacritics, so that a message typed without them loses little; runs
of words as typed come on top and weigh less.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from nlu.concepts import Concepts
from nlu.letters import strip_diacritics

Hashes = npt.NDArray[np.uint64]

_WORD = re.compile(r"\w+|[^\w\s]", re.UNICODE)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
# Made once: this runs for every part of every message, and making a numpy number takes time.
_SHIFT_1, _SHIFT_2, _SHIFT_3 = np.uint64(30), np.uint64(27), np.uint64(31)

WORD_SIZES = (1, 2)
LETTER_SIZES = (4,)
# Pairs are words that stand so far apart: what lies between them may be anything.
PAIR_GAPS = (2, 3)

# The three lowest bits of a feature say of which kind it is, so that each can be weighed by itself.
WORDS, LETTERS, CONCEPTS, TYPED, PAIRS = range(5)
_KIND = np.uint64(7)


def _mix(values: Hashes) -> Hashes:
    """The finaliser of splitmix64: spreads near numbers far apart."""
    values = (values ^ (values >> _SHIFT_1)) * _MIX_1
    values = (values ^ (values >> _SHIFT_2)) * _MIX_2
    return values ^ (values >> _SHIFT_3)


@lru_cache(maxsize=32768)
def _word_hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "replace"), digest_size=8).digest(), "big")


def _grams(units: Hashes, sizes: tuple[int, ...], salt: int) -> list[Hashes]:
    """Hashes of all runs of each size."""
    out: list[Hashes] = []
    run = np.full(len(units) + 1, salt, dtype=np.uint64)
    for size in range(1, max(sizes) + 1):
        count = len(units) - size + 1
        if count <= 0:
            break
        run = _mix(run[:count] * _STEP + units[size - 1 : size - 1 + count])
        if size in sizes:
            out.append(run + np.uint64(size))
    return out


def _pairs(units: Hashes, gap: int) -> Hashes:
    """Hashes of the words that stand `gap` apart, the same ones for every gap."""
    return _mix(units[:-gap] * _STEP + _mix(units[gap:]))


def _of_kind(kind: int, hashes: Hashes) -> Hashes:
    return (hashes & ~_KIND) | np.uint64(kind)


def kinds(hashes: Hashes) -> npt.NDArray[np.intp]:
    """Of which kind each feature is: WORDS, LETTERS, CONCEPTS, TYPED or PAIRS."""
    return (hashes & _KIND).astype(np.intp)


def _units(words: Sequence[str]) -> Hashes:
    return np.array([_word_hash(word) for word in words], dtype=np.uint64)


def words_of(text: str) -> list[str]:
    """The words and signs that the features are made of."""
    return _WORD.findall(text)


def runs(words: Sequence[str]) -> list[Hashes]:
    """Runs of words, then of letters with a space around every word, by size, then pairs of words
    by how far apart they stand; each in order."""
    units = _units(words)
    letters = f" {' '.join(words)} ".encode("utf-32-le", "replace")
    letter_units = np.frombuffer(letters, dtype=np.uint32).astype(np.uint64)
    return [
        *(_of_kind(WORDS, grams) for grams in _grams(units, WORD_SIZES, WORDS)),
        *(_of_kind(LETTERS, grams) for grams in _grams(letter_units, LETTER_SIZES, LETTERS)),
        *(_of_kind(PAIRS, _pairs(units, gap)) for gap in PAIR_GAPS if gap < len(units)),
    ]


def features(text: str, concepts: Concepts | None = None) -> Hashes:
    """The distinct features of a text in lower case, sorted."""
    plain = strip_diacritics(text)
    words = words_of(plain)
    found = runs(words)
    if concepts is not None:
        found.append(_of_kind(CONCEPTS, _units(concepts.named(words))))
    if text != plain:
        typed = _units(words_of(text))
        found += [_of_kind(TYPED, grams) for grams in _grams(typed, WORD_SIZES, TYPED)]
    hashes = np.sort(np.concatenate(found))
    return hashes[np.concatenate([[True], hashes[1:] != hashes[:-1]])] if len(hashes) else hashes
