"""How much two texts, places or photos are alike, from 0 to 1."""

from __future__ import annotations

import math
from itertools import pairwise

from actions.folding import folded

METRES_OF_A_DEGREE = 111_195.0

_ABOUT_PLACES = frozenset(
    "duong pho hem so nha phuong xa thanh khu ap khom truoc sau gan ngay o tai canh doan goc nga "
    "trong ngoai cuoi toi".split()
)
"""Words, folded, that say nothing of where; none that is a part of names as well (ngõ and Ngô)."""

_SMALL_WORDS = frozenset(
    "qua lam roi ma la co khong va bi minh em anh chi nha nhe hoai luon nay do cai ca mot may "
    "nhieu rat len xuong vao ra cung cu thi voi giup gium nho hom gio bua mai ai tui".split()
)
"""The same for what."""

ONE_WORD = 0.5
"""What one common word of a place is worth: many places have it."""

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


def place_words(place: str, commune: str = "") -> tuple[str, ...]:
    """The words of a place that tell it from others of its commune, folded, in their order."""
    return tuple(word for word in _outside(place, commune).split() if word not in _ABOUT_PLACES)


def matter(text: str, place: str, commune: str = "") -> frozenset[str]:
    """The runs of three letters of what a report is about, without where it is."""
    where = {*place_words(place, commune), *_ABOUT_PLACES, *_SMALL_WORDS}
    return letters(" ".join(word for word in _outside(text, commune).split() if word not in where))


def _outside(text: str, commune: str) -> str:
    """A text, folded, without the name of the commune, which all reports of it have."""
    plain = f" {folded(text)} "
    return plain.replace(f" {folded(commune)} ", " ") if commune else plain


def of_places(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """The share of the shorter place that stands in the other as well; 0 where one is not known.

    Of two words that follow one another, for streets share the names of families. Two numbers that
    differ are two houses or alleys of one street.
    """
    if not one or not other:
        return 0.0
    if min(len(one), len(other)) == 1:
        return ONE_WORD * bool({*one} & {*other})
    mine, others = _pairs(one), _pairs(other)
    share = len(mine & others) / min(len(mine), len(others))
    numbers, other_numbers = _numbers(one), _numbers(other)
    differ = bool(numbers and other_numbers) and not numbers & other_numbers
    return share / 2 if differ else share


def _pairs(words: tuple[str, ...]) -> set[str]:
    return {f"{one} {next_}" for one, next_ in pairwise(words)}


def _numbers(words: tuple[str, ...]) -> set[str]:
    return {word for word in words if word.isdecimal()}


def of_looks(one: int, other: int) -> bool:
    """Whether two photos look alike (see `bot.media.look_of`)."""
    return ((one ^ other) & _LOOK).bit_count() <= ALIKE_BITS


def metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The distance between two near points, degrees in, on a flat map true to this latitude."""
    east = (other_lon - lon) * math.cos(math.radians(lat))
    return METRES_OF_A_DEGREE * math.hypot(east, other_lat - lat)
