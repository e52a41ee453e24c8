"""How much two texts, places or photos are alike, from 0 to 1."""

from __future__ import annotations

import math

from actions.folding import folded

METRES_OF_A_DEGREE = 111_195.0

_LOOK = (1 << 64) - 1
ALIKE_BITS = 10
"""Photos of one thing differ in at most so many bits of their looks."""


def letters(text: str) -> frozenset[str]:
    """The runs of three letters of a text, diacritics left out."""
    plain = f" {folded(text)} "
    return frozenset(plain[n : n + 3] for n in range(len(plain) - 2))


def of_texts(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of runs that two texts have in common (Dice)."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0


def of_looks(one: int, other: int) -> bool:
    """Whether two photos look alike (see `bot.media.look_of`)."""
    return ((one ^ other) & _LOOK).bit_count() <= ALIKE_BITS


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The distance between two near points, degrees in, on a flat map true to this latitude."""
    east = (other_lon - lon) * math.cos(math.radians(lat))
    return METRES_OF_A_DEGREE * math.hypot(east, other_lat - lat)
