"""How far a mention of a place reaches: the street, the market, the number that belong to it."""

from __future__ import annotations

from nlu.places.nearby import is_place_noun, place_noun_before
from nlu.places.tokens import Text
from nlu.places.words import (
    BETWEEN,
    CONNECTORS,
    FIRST_WORDS_OF_NOUNS,
    FORMER_WORDS,
    NOUNS_NEEDING_MARKS,
    PLACE_NOUNS,
)

_LONGEST_NOUN = 4
# Words between a noun and the unit: "kinh 13 xã ...", "đường hành lang ven biển khúc qua ...".
_FARTHEST_NOUN = 7
_FREE_WORDS = 1
# A mention is not widened by more words than this in all.
_WIDEST = 8
_HOUSE_WORDS = frozenset({"so", "sn"})
_LAST_NUMBER = 4
# What stands before them is what happened, not where.
_STOPS = frozenset({"o", "tai"})
# "nắp cống trước chợ", "đèn đường khu phố 2": the lid and the lamp are what is broken, not where.
_THINGS = frozenset({("nap", "cong"), ("den", "duong")})
_NOT_PART_OF_PLACE = frozenset({"hanh chinh cong", "tram y te"})


def widen_left(text: Text, opening: int, floor: int) -> int:
    """The word where the mention begins, not before `floor`."""
    begin = opening
    while True:
        wider = _next_noun(text, begin, floor)
        if wider == begin or opening - wider > _WIDEST:
            return _with_house_number(text, begin, floor)
        begin = wider


def _next_noun(text: Text, begin: int, floor: int) -> int:
    """The nearest place noun before `begin` that still belongs to it, or `begin`."""
    free = _FREE_WORDS
    commas = 1
    for end in range(begin, max(floor, begin - _FARTHEST_NOUN), -1):
        first, noun = place_noun_before(text, end)
        if noun and first >= floor and _belongs(text, noun, end, begin):
            before = text.words[first - 1].plain if first > floor else ""
            return begin if (before, noun) in _THINGS else first
        # Word end-1 stands between the noun (if there is one) and the mention.
        index = end - 1
        if index < floor or text.breaks_between(index, index + 1):
            return begin
        gap = text.gap(index, index + 1)
        if "," in gap:
            commas -= 1
            if commas < 0 or not _looks_named(text, index):
                return begin
        if text.words[index].plain in _STOPS:
            return begin
        if _looks_named(text, index) or text.words[index].plain in BETWEEN:
            continue
        if text.words[index].plain in CONNECTORS:
            continue
        free -= 1
        if free < 0 or text.marked:
            return begin
    return begin


def _belongs(text: Text, noun: str, end: int, begin: int) -> bool:
    """Whether a noun that ends at `end` opens the mention at `begin`."""
    if noun in _NOT_PART_OF_PLACE or "," in text.gap(end - 1, end):
        return False
    # Without marks "hon tuan nay" is no island: such a noun must stand right before the name.
    return text.marked or noun not in NOUNS_NEEDING_MARKS or end == begin


def _looks_named(text: Text, index: int) -> bool:
    """A number, a single letter or a capitalised word inside a text of small letters."""
    word = text.words[index]
    if any(letter.isdigit() for letter in word.plain):
        return True
    return word.capital and not text.original.isupper() and index > 0


def _with_house_number(text: Text, begin: int, floor: int) -> int:
    for first in range(begin - 1, max(floor, begin - _LAST_NUMBER) - 1, -1):
        word = text.words[first]
        if text.breaks_between(first, first + 1):
            return begin
        if word.plain in _HOUSE_WORDS and first + 1 < begin:
            return first
        if not any(letter.isdigit() for letter in word.plain):
            return begin
    return begin


def widen_right(text: Text, end: int, ceiling: int) -> int:
    """The word after the last of the mention: takes in "cũ" and "nối dài"."""
    words = text.words
    if end < ceiling and not text.gap(end - 1, end).strip():
        raw = text.original[words[end].start : words[end].end].lower()
        if raw == FORMER_WORDS[0] or (raw == FORMER_WORDS[1] and not text.marked):
            return end + 1
        if end + 1 < ceiling and (words[end].plain, words[end + 1].plain) == ("noi", "dai"):
            return end + 2
    return end


def named_sites(text: Text, taken: set[int]) -> list[tuple[int, int]]:
    """Places known only by their noun and a capitalised name: `đường Nguyễn Xí`, `chợ Cây Me`.

    Word ranges, none of them over a word in `taken`. Nothing is found in a text without capitals.
    """
    words = text.words
    sites: list[tuple[int, int]] = []
    if text.original.isupper() or not text.marked:
        return sites
    index = 0
    while index < len(words):
        if words[index].plain not in FIRST_WORDS_OF_NOUNS:
            index += 1
            continue
        for length in range(_LONGEST_NOUN, 0, -1):
            end = index + length
            if end >= len(words):
                continue
            key = " ".join(word.plain for word in words[index:end])
            if key in PLACE_NOUNS and is_place_noun(text, index, end, key):
                last = _name_end(text, end)
                if last - end >= 2 and taken.isdisjoint(range(index, last)):
                    sites.append((index, last))
                    index = last - 1
                break
        index += 1
    return sites


def _name_end(text: Text, start: int) -> int:
    end = start
    while end < len(text.words) and end - start < _LAST_NUMBER and text.words[end].capital:
        if text.gap(end - 1, end).strip():
            break
        end += 1
    return end
