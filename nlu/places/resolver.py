"""Place words of a chat message -> today's commune."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from nlu.places.candidates import (
    Candidate,
    find_candidates,
    is_elsewhere,
)
from nlu.places.gazetteer import Gazetteer, Level, Reading
from nlu.places.nearby import is_after_preposition
from nlu.places.reading import NOTHING_READ, Meaning, extend, rivals
from nlu.places.spans import named_sites, widen_left, widen_right
from nlu.places.tables import read_gazetteer
from nlu.places.tokens import Text, read_words
from nlu.places.words import CONNECTORS, PLACE_NOUNS, UNIT_WORDS

# Words that may stand between two names of one address: "ql91 khúc chợ Bình Mỹ".
_WIDEST_GAP = 3
# An address has a street, a hamlet, a commune, a district, a province, and one said twice.
_MOST_NAMES = 6
_JOINING = CONNECTORS | UNIT_WORDS.keys() | {noun for noun in PLACE_NOUNS if " " not in noun}
_EARTH_RADIUS_M = 6_371_000.0

# How sure the commune is; measured shares of right answers stand in the tests' evaluation.
_SURE = 0.95
_WITHOUT_KIND = 0.05
_WITHOUT_MARKS = 0.05
_SAME_NAME_ELSEWHERE = 0.2
_DIVIDED = 0.25
_NO_COMMUNE = 0.5
_UNKNOWN_NAME = 0.3


@dataclass(frozen=True)
class PlaceMatch:
    """A place in a text: `text[start:end]` is what was typed, `value` the names written out.

    `commune` is the official name of today's unit and `code` its five-digit statistical code;
    both are None when the words fit several communes. `confidence` (0 to 1) is about the commune,
    or about there being a place when there is none. `lat` and `lon` are the middle of the
    narrowest unit known, or None.
    """

    start: int
    end: int
    value: str
    commune: str | None
    code: str | None
    confidence: float
    lat: float | None
    lon: float | None


class PlaceResolver:
    """Finds places in messages and the commune nearest to a point."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._points = [
            (*reading.point, reading.communes[0])
            for reading in gazetteer.readings
            if reading.point and reading.level in (Level.OLD_UNIT, Level.COMMUNE)
        ]

    @classmethod
    def from_tables(cls, directory: Path) -> PlaceResolver:
        """Read the tables of a province (`data/local/<province>/`)."""
        return cls(read_gazetteer(directory))

    def save(self, directory: Path) -> None:
        self._gazetteer.save(directory)

    @classmethod
    def load(cls, directory: Path) -> PlaceResolver:
        return cls(Gazetteer.load(directory))

    def find(self, text: str) -> list[PlaceMatch]:
        """All places named in the text, from left to right, none overlapping another."""
        words = read_words(text)
        mentions = [m for m in _read_mentions(words, find_candidates(words, self._gazetteer)) if m]
        taken: set[int] = set()
        matches: list[PlaceMatch] = []
        floor = 0
        for position, mention in enumerate(mentions):
            following = mentions[position + 1].opening if position + 1 < len(mentions) else None
            ceiling = len(words.words) if following is None else following
            begin = widen_left(words, mention.opening, floor)
            end = widen_right(words, mention.end, ceiling)
            taken.update(range(begin, end))
            floor = end
            matches.append(self._match(words, mention, begin, end))
        for begin, end in named_sites(words, taken):
            matches.append(_unknown(words, begin, end))
        return sorted(matches, key=lambda match: match.start)

    def nearest(self, lat: float, lon: float) -> tuple[str, str, float]:
        """Commune, its code and the metres to its nearest known point.

        The points are the middles of today's communes and of the old units in them, so the
        distance is no distance to a border. Far-off points are answered too: judge the metres.
        """
        metres, index = min(
            (_metres(lat, lon, point_lat, point_lon), commune)
            for point_lat, point_lon, commune in self._points
        )
        commune = self._gazetteer.communes[index]
        return commune.name, commune.code, metres

    def _match(self, words: Text, mention: _Mention, begin: int, end: int) -> PlaceMatch:
        start_offset, end_offset = words.words[begin].start, words.words[end - 1].end
        meaning = mention.meaning
        index = (
            None
            if mention.undecided or "noi dai" in _plain(words, begin, end)
            else (meaning.commune())
        )
        typed = words.original[start_offset : words.words[mention.candidates[0].opening].start]
        value = _written_out(words, typed, mention)
        narrowest = meaning.narrowest()
        point = narrowest.point if narrowest else None
        if index is None:
            lat, lon = point if point and not mention.undecided else (None, None)
            return PlaceMatch(start_offset, end_offset, value, None, None, _NO_COMMUNE, lat, lon)
        commune = self._gazetteer.communes[index]
        lat, lon = point if point else (commune.lat, commune.lon)
        confidence = _confidence(mention, narrowest)
        return PlaceMatch(
            start_offset, end_offset, value, commune.name, commune.code, confidence, lat, lon
        )


@dataclass(frozen=True)
class _Mention:
    candidates: tuple[Candidate, ...]
    meaning: Meaning
    undecided: bool

    @property
    def opening(self) -> int:
        return self.candidates[0].opening

    @property
    def end(self) -> int:
        return self.candidates[-1].end


def _read_mentions(text: Text, candidates: list[Candidate]) -> list[_Mention]:
    """Names that belong to one address, read together."""
    mentions: list[_Mention] = []
    group: list[Candidate] = []
    meanings = NOTHING_READ
    for candidate in candidates:
        if is_elsewhere(candidate):
            if group and _joins(text, group[-1], candidate) and _is_only_units(meanings[0]):
                group = []
            _close(text, group, meanings, mentions)
            group, meanings = [], NOTHING_READ
            continue
        joins = 0 < len(group) < _MOST_NAMES and _joins(text, group[-1], candidate)
        joined = extend(meanings, candidate) if joins else []
        if joined:
            group.append(candidate)
            meanings = joined
            continue
        if candidate.dependent:
            continue
        _close(text, group, meanings, mentions)
        group = [candidate]
        meanings = extend(NOTHING_READ, candidate)
    _close(text, group, meanings, mentions)
    return mentions


def _is_only_units(meaning: Meaning) -> bool:
    """Whether a group names communes alone, so that a province behind it decides where they lie."""
    return all(
        reading is None or reading.level in (Level.OLD_UNIT, Level.COMMUNE)
        for reading in meaning.readings
    )


def _joins(text: Text, left: Candidate, right: Candidate) -> bool:
    between = range(left.end, right.opening)
    if len(between) > _WIDEST_GAP:
        return False
    if any(text.breaks_between(i - 1, i) for i in range(left.end, right.opening + 1)):
        return False
    return all(text.words[i].plain in _JOINING for i in between)


def _close(
    text: Text, group: list[Candidate], meanings: list[Meaning], mentions: list[_Mention]
) -> None:
    """Keep a group as a mention when enough speaks for it."""
    if not group or not meanings:
        return
    meaning = meanings[0]
    named = [reading for reading in meaning.readings if reading is not None]
    agreeing = len(named) > 1
    if not agreeing and not any(candidate.strong for candidate in group):
        return
    only_province = all(reading.level is Level.PROVINCE for reading in named) and named
    if only_province and len(group) == 1:
        # "tỉnh An Giang" by itself is the authority, not a place to go to.
        words = text.words[group[0].start : group[0].end]
        said = is_after_preposition(text, group[0].start) or all(word.upper for word in words)
        if group[0].kind or not said:
            return
    mentions.append(_Mention(tuple(group), meaning, rivals(meanings)))


def _plain(words: Text, begin: int, end: int) -> str:
    return " ".join(word.plain for word in words.words[begin:end])


def _written_out(words: Text, typed: str, mention: _Mention) -> str:
    """The mention with official names: `p vĩnh lạc rg` gives `Phường Vĩnh Lạc, Thành phố …`."""
    parts: list[str] = []
    for candidate, reading in zip(mention.candidates, mention.meaning.readings, strict=True):
        if reading is None or mention.undecided:
            opening = words.words[candidate.opening].start
            parts.append(words.original[opening : words.words[candidate.end - 1].end])
        elif reading.name not in parts:
            parts.append(reading.name)
    return " ".join(f"{typed}{', '.join(parts)}".split())


def _confidence(mention: _Mention, narrowest: Reading | None) -> float:
    confidence = _SURE
    if not any(candidate.kind for candidate in mention.candidates):
        confidence -= _WITHOUT_KIND
    if not all(candidate.complete for candidate in mention.candidates):
        confidence -= _WITHOUT_MARKS
    if narrowest is not None and len(narrowest.communes) > 1:
        confidence -= _DIVIDED
    if len(mention.candidates) == 1 and _is_shared(mention.candidates[0]):
        confidence -= _SAME_NAME_ELSEWHERE
    return round(confidence, 2)


def _is_shared(candidate: Candidate) -> bool:
    """Whether the name alone is that of several communes."""
    communes = {
        reading.communes[0]
        for reading in candidate.readings
        if reading.communes and reading.level in (Level.OLD_UNIT, Level.COMMUNE)
    }
    return len(communes) > 1


def _unknown(words: Text, begin: int, end: int) -> PlaceMatch:
    start_offset, end_offset = words.words[begin].start, words.words[end - 1].end
    value = " ".join(words.original[start_offset:end_offset].split())
    return PlaceMatch(start_offset, end_offset, value, None, None, _UNKNOWN_NAME, None, None)


def _metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    north = math.radians(other_lat - lat)
    east = math.radians(other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return _EARTH_RADIUS_M * math.hypot(north, east)
