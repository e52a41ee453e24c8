"""Where a text may name a place: names found in it, with the words that speak for them."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from nlu.places.gazetteer import ELSEWHERE, Entry, Gazetteer, Level, Reading
from nlu.places.nearby import (
    is_after_preposition,
    is_after_title,
    is_inside_noun,
    place_noun_before,
    unit_word_before,
)
from nlu.places.tokens import Text, Word
from nlu.places.words import DISTRICT_KINDS, HAMLET_WORDS, OWN_NAME_NOUNS, ROAD_NOUNS, UNIT_WORDS

_NUMBERED_ROAD = re.compile(r"(?:ql|tl|dt|hl|lo)?\d{1,3}[a-z]?")
_ROAD_WITH_NUMBER = re.compile(r"(?:ql|tl|dt|hl)\d{1,3}[a-z]?")
# How much a name explains grows faster than its words: "Vĩnh Hòa Hưng" before "Vĩnh Hòa".
_LONG_NAMES_FIRST = 1.5
_PER_NAME = 0.3
_WITH_KIND = 0.5
_WEAK = 0.8
# "số 12/3 Trần Phú", "hẻm 5 Trần Phú": the noun stands at most so many words before the street.
_HOUSE_NUMBER_WORDS = 4
_BEFORE_HOUSE_NUMBER = frozenset({"so", "sn", "nha", "hem", "kiet"})
_NEEDING_CUE = frozenset({"cue", "marks", "exact"})
_NEEDING_MARKS = frozenset({"marks", "exact"})
# What may follow the name in an answer that is nothing else: "long thạnh nha".
_PARTICLES = frozenset("nha nhe nghen nghe nhen a ah ad ak o do day roi em anh chi ban".split())
_JOINS_IN_NAME = frozenset({"", "-", ".", "/", "'", "’"})


@dataclass(frozen=True)
class Candidate:
    """A name at words `start` to `end` (exclusive); `opening` is where its unit word begins.

    `kind` is the kind of unit that was typed ("Xã") or empty. `noun` is the place noun right
    before it, without marks ("cho"). `strong` says that it may stand for a place by itself.
    `complete` says that no mark of the name was left out.
    """

    start: int
    end: int
    opening: int
    kind: str
    noun: str
    readings: tuple[Reading, ...]
    strong: bool
    complete: bool
    # A short form such as "cm" (Chợ Mới) counts only right after another name.
    dependent: bool = False
    # A house number stands before it, so it is a street.
    numbered: bool = False


def find_candidates(text: Text, gazetteer: Gazetteer) -> list[Candidate]:
    """All names in the text, from left to right, none overlapping another."""
    found: list[Candidate] = []
    words = text.words
    for start, word in enumerate(words):
        node = gazetteer.tree.next.get(word.plain)
        end = start + 1
        while node:
            if node.entries:
                candidate = _judge(text, gazetteer, start, end, node.entries)
                if candidate:
                    found.append(candidate)
            if end == len(words) or not _is_one_name(text, end):
                break
            node = node.next.get(words[end].plain)
            end += 1
        road = _numbered_road(text, start)
        if road:
            found.append(road)
    return _without_overlaps(found)


def _is_one_name(text: Text, end: int) -> bool:
    """Whether a name may go on over the gap before word `end`."""
    return text.gap(end - 1, end).strip(" \t\u00a0") in _JOINS_IN_NAME


def _judge(
    text: Text, gazetteer: Gazetteer, start: int, end: int, entries: list[Entry]
) -> Candidate | None:
    words = text.words[start:end]
    missing_of = [(_missing_marks(words, entry), entry) for entry in entries]
    possible = [(missing, entry) for missing, entry in missing_of if missing is not None]
    missing_marks = min((missing for missing, _ in possible), default=0)
    if text.marked:
        # Somebody who writes marks and writes "Vĩnh Thanh" does not mean "Vĩnh Thạnh".
        possible = [(missing, entry) for missing, entry in possible if missing == missing_marks]
    readings = tuple(dict.fromkeys(gazetteer.readings[entry.reading] for _, entry in possible))
    uses = {entry.use for _, entry in possible}
    if not readings or (uses == {"group"} and _is_unit_word_of_next(text, gazetteer, start, end)):
        return None

    opening, kind = unit_word_before(text, start)
    if kind and not _may_be(kind, readings):
        if opening < start - 1 or len(text.words[opening].plain) > 1:
            return None
        # "h" is short for "giờ" far more often than for "huyện".
        opening, kind = start, ""
    if missing_marks and text.marked and not kind and not _is_left_plain(words, uses):
        return None
    noun_start, noun = place_noun_before(text, opening)
    if kind == "" and is_inside_noun(text, start):
        return None
    landmark = any(reading.level is Level.LANDMARK for reading in readings)
    if kind == "" and (noun in HAMLET_WORDS or (noun in OWN_NAME_NOUNS and not landmark)):
        return Candidate(start, end, noun_start, "", noun, (), False, missing_marks == 0)
    if kind == "" and not uses & {"alone"} and is_after_title(text, start):
        return None
    numbered = _has_house_number(text, start)
    if all(reading.street for reading in readings):
        strong = noun in ROAD_NOUNS or numbered
    else:
        strong = _may_stand_alone(text, start, end, uses, kind, noun, missing_marks)
    return Candidate(
        start=start,
        end=end,
        opening=opening,
        kind=kind,
        noun=noun,
        readings=readings,
        strong=strong,
        complete=missing_marks == 0,
        dependent=uses == {"group"},
        numbered=numbered,
    )


def _may_be(kind: str, readings: tuple[Reading, ...]) -> bool:
    """Whether there is a unit of that level: no province of ours is called Phú Thọ."""
    if kind == "Tỉnh":
        return any(reading.level is Level.PROVINCE for reading in readings)
    if kind in DISTRICT_KINDS:
        return any(reading.level >= Level.DISTRICT for reading in readings)
    return True


def _missing_marks(words: tuple[Word, ...], entry: Entry) -> int | None:
    """How many words of the name were typed without their marks; None when another name was."""
    missing = 0
    for word, sound in zip(words, entry.sounds, strict=True):
        if word.sound != sound:
            if word.marked:
                return None
            missing += 1
    return missing


def _is_left_plain(words: tuple[Word, ...], uses: set[str]) -> bool:
    """Whether somebody who writes marks may have left them out in this one name."""
    if all(word.capital for word in words):
        return True
    return "alone" in uses and not any(word.marked for word in words)


def _is_unit_word_of_next(text: Text, gazetteer: Gazetteer, start: int, end: int) -> bool:
    """`tt` is short for Tri Tôn, but in "tt Kiên Lương" it says what Kiên Lương is."""
    if end >= len(text.words) or text.words[start].plain not in UNIT_WORDS:
        return False
    return text.words[end].plain in gazetteer.tree.next


def _may_stand_alone(
    text: Text, start: int, end: int, uses: set[str], kind: str, noun: str, missing_marks: int
) -> bool:
    words = text.words[start:end]
    if "alone" in uses or (kind and uses != {"group"}):
        return True
    if uses == {"upper"}:
        return all(word.upper for word in words) and not text.original.isupper()
    if uses.isdisjoint(_NEEDING_CUE):
        return False
    exact = missing_marks == 0 and text.marked
    if noun or (exact and not uses.isdisjoint(_NEEDING_MARKS)):
        return True
    if start == 0 and all(word.plain in _PARTICLES for word in text.words[end:]):
        return True
    if "exact" in uses:
        return start > 0 and text.words[start - 1].plain == "o"
    if is_after_preposition(text, start):
        return True
    name_like = all(word.capital for word in words) and not text.original.isupper()
    return name_like and (missing_marks == 0 or not text.marked)


def _has_house_number(text: Text, start: int) -> bool:
    if start < 2 or not text.words[start - 1].plain[0].isdigit():
        return False
    before = text.words[max(0, start - _HOUSE_NUMBER_WORDS) : start]
    return any(word.plain in _BEFORE_HOUSE_NUMBER for word in before)


def _numbered_road(text: Text, index: int) -> Candidate | None:
    """`ql80`, `QL 80`, `quốc lộ 91`, `lộ 943`: a road that crosses many communes."""
    word = text.words[index]
    if not word.plain[-1].isdigit() and not word.plain[:1].isdigit():
        if not (len(word.plain) > 2 and _ROAD_WITH_NUMBER.fullmatch(word.plain)):
            return None
    if _ROAD_WITH_NUMBER.fullmatch(word.plain):
        return Candidate(index, index + 1, index, "", "ql", (), True, True)
    if not _NUMBERED_ROAD.fullmatch(word.plain):
        return None
    first, noun = place_noun_before(text, index)
    if noun in ROAD_NOUNS and noun not in ("hem", "kiet", "duong", "pho", "tuyen", "dg"):
        return Candidate(index, index + 1, first, "", noun, (), True, True)
    return None


def _without_overlaps(found: list[Candidate]) -> list[Candidate]:
    """The names that explain the words best: many words, few names, with evidence of their own."""
    # best[i]: weight and names that explain the words before the i-th ending.
    by_end = sorted(found, key=lambda candidate: (candidate.end, candidate.start))
    ends = [candidate.end for candidate in by_end]
    best: list[tuple[float, tuple[Candidate, ...]]] = [(0.0, ())]
    for count, candidate in enumerate(by_end):
        before = best[bisect_right(ends, candidate.start, 0, count)]
        with_it = before[0] + _weight(candidate)
        best.append((with_it, (*before[1], candidate)) if with_it > best[-1][0] else best[-1])
    return list(best[-1][1])


def _weight(candidate: Candidate) -> float:
    weight: float = (candidate.end - candidate.start) ** _LONG_NAMES_FIRST - _PER_NAME
    if candidate.kind:
        weight += _WITH_KIND
    return weight if candidate.strong else weight * _WEAK


def is_elsewhere(candidate: Candidate) -> bool:
    """Whether the name is that of another province only."""
    return bool(candidate.readings) and all(
        ELSEWHERE in reading.provinces for reading in candidate.readings
    )
