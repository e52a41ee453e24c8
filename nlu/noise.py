"""Spoils a text the way hasty hands do, so that training sees slips before people make them.

Nothing here is left to chance: the text itself says which slips are made, so every training sees
the same ones.
"""

from __future__ import annotations

from hashlib import blake2b

from nlu.letters import strip_diacritics

# The share, in per cent, of words that are spoilt, and of texts that lose their diacritics.
WORDS_SPOILT = 15
TEXTS_STRIPPED = 50

_NEIGHBOURS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "g": "fh", "h": "gj", "i": "uo",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et",
    "s": "ad", "t": "ry", "u": "yi", "v": "cb", "x": "zc", "y": "tu",
}  # fmt: skip
# Sounds that the south writes for one another, at the start or the end of a word.
_SOUNDS = (
    ("tr", "ch"), ("ch", "tr"), ("s", "x"), ("x", "s"), ("gi", "d"), ("d", "gi"), ("v", "d"),
    ("ng", "n"), ("n", "ng"), ("t", "c"), ("c", "t"), ("qu", "w"),
)  # fmt: skip


class _Dice:
    """Throws that follow from a seed alone."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode("utf-8", "replace")
        self._thrown = 0

    def below(self, limit: int) -> int:
        self._thrown += 1
        digest = blake2b(self._seed, digest_size=8, salt=self._thrown.to_bytes(8, "big"))
        return int.from_bytes(digest.digest(), "big") % limit


def spoil(text: str, copy: int = 0) -> str:
    """The text with slips of the hand in some words; every `copy` has slips of its own."""
    dice = _Dice(f"{copy} {text}")
    words = [
        _spoil_word(word, dice) if word.isalpha() and dice.below(100) < WORDS_SPOILT else word
        for word in text.split(" ")
    ]
    spoilt = " ".join(words)
    return strip_diacritics(spoilt) if dice.below(100) < TEXTS_STRIPPED else spoilt


def _spoil_word(word: str, dice: _Dice) -> str:
    if len(word) < 2:
        return word
    kind = dice.below(100)
    at = dice.below(len(word))
    if kind < 30:  # a letter left out
        return word[:at] + word[at + 1 :]
    if kind < 50:  # two letters swapped
        at = min(at, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind < 65:  # the key beside
        letter = strip_diacritics(word[at])
        near = _NEIGHBOURS.get(letter, letter)
        return word[:at] + near[dice.below(len(near))] + word[at + 1 :]
    if kind < 85:  # written as it sounds
        heard, written = _SOUNDS[dice.below(len(_SOUNDS))]
        if word.startswith(heard):
            return written + word[len(heard) :]
        if word.endswith(heard):
            return word[: -len(heard)] + written
    return strip_diacritics(word)
