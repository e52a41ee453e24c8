"""Turns normalised text into hashed word and character n-grams, with and without diacritics.

Every feature is a 64-bit number, computed with numpy for all positions at once: no strings are
kept, neither in memory nor on disk. With this many bits two features never share a number in
practice. The text with its diacritics and the text without are two views; a message typed without
diacritics has only the second, and so looks to the model like the stripped copy of a training
example.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from nlu.letters import strip_diacritics

Hashes = npt.NDArray[np.uint64]

_WORD = re.compile(r"\w+|[^\w\s]", re.UNICODE)
_DIGIT = re.compile(r"\d")
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)

WORD_SIZES = (1, 2)
LETTER_SIZES = (3, 4)

# The lowest bit of a feature says of which kind it is, so that each kind can be weighed by itself.
_KIND = np.uint64(1)


def _mix(values: Hashes) -> Hashes:
    """The finaliser of splitmix64: spreads near numbers far apart."""
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


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


def _view(text: str, salt: int) -> list[Hashes]:
    words = _WORD.findall(text)
    word_units = np.array([_word_hash(word) for word in words], dtype=np.uint64)
    letters = f" {' '.join(words)} "
    letter_units = np.frombuffer(letters.encode("utf-32-le", "replace"), dtype=np.uint32).astype(
        np.uint64
    )
    return [
        *(grams & ~_KIND for grams in _grams(word_units, WORD_SIZES, 2 * salt)),
        *(grams | _KIND for grams in _grams(letter_units, LETTER_SIZES, 2 * salt + 1)),
    ]


def are_letters(hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Which of the features are runs of letters; the others are runs of words."""
    return (hashes & _KIND).astype(bool)


def features(normalized: str, marks: tuple[str, ...] = ()) -> Hashes:
    """The distinct features of a text, sorted.

    `marks` are facts about the message that are features too, such as "has:dossier_code".
    Digits count as `0`: what matters is that there is a number, and how long it is.
    """
    text = _DIGIT.sub("0", normalized)
    stripped = strip_diacritics(text)
    found = _view(stripped, 1)
    if text != stripped:
        found += _view(text, 2)
    found.append(np.array([_word_hash(mark) for mark in marks], dtype=np.uint64) & ~_KIND)
    return np.unique(np.concatenate(found))
