"""Which meanings of neighbouring names fit together, and which commune of today follows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nlu.places.candidates import Candidate
from nlu.places.gazetteer import Level, Reading
from nlu.places.words import COMMUNE_KINDS, DISTRICT_KINDS, OFFICE_NOUNS, ROAD_NOUNS

# Weights of the evidence; only their order and their sums against each other matter.
KIND_FITS = 2.0
KIND_DIFFERS = -0.5  # people still say "xã" of what has become a ward
LEVEL_DIFFERS = -3.0
LIES_WITHIN = 2.0
# Who names the district gives an address of before July 2025: "Thạnh Đông, huyện Tân Hiệp" is the
# old commune and not today's of that name.
OLD_ADDRESS = 1.0
SAME_PLACE = 0.5
CONTRADICTS = -5.0
# A bare name that is a district's and a commune's is the district: people mean the wider place.
BARE_DISTRICT = 0.7
# An office or a market stands in one commune, also when it is called by the district's name.
SITE_OF_COMMUNE = 1.5
STREET_OF_ANY_TOWN = SITE_OF_COMMUNE + 0.3
OF_TODAY = 0.6
OF_TODAY_WITHOUT_MARKS = 0.2
NOT_SAID_TO_BE_STREET = -1.0
# Two communes closer than this are one guess as good as the other.
TIE = 0.25
# Meanings kept while reading a group; more never changed an answer on the tables.
BEAM = 8

_MARKETS = frozenset({"cho", "nha long", "ben xe"})


@dataclass(frozen=True)
class Meaning:
    """One meaning for each name of a group, with the weight of what speaks for it."""

    readings: tuple[Reading | None, ...]
    score: float

    def commune(self) -> int | None:
        narrowest = self.narrowest()
        if narrowest is None or not narrowest.communes or narrowest.level is Level.PROVINCE:
            return None
        if narrowest.level is Level.DISTRICT:
            return narrowest.communes[0] if len(narrowest.communes) == 1 else None
        return narrowest.communes[0]

    def narrowest(self) -> Reading | None:
        """The reading that says most; a canal or a long street says less than any unit."""
        known = [r for r in self.readings if r and (r.communes or r.level is Level.PROVINCE)]
        return min(known, key=_narrowness, default=None)


def _narrowness(reading: Reading) -> tuple[int, int]:
    # A street may leave its ward, so a ward that is named beside it says more.
    if reading.street:
        return (Level.COMMUNE, 1)
    return (reading.level, 0)


def meanings_of(candidate: Candidate) -> list[tuple[Reading | None, float]]:
    """The readings of one name with what its own words say for each."""
    if not candidate.readings:
        return [(None, 0.0)]
    weighted: list[tuple[Reading | None, float]] = []
    for reading in candidate.readings:
        weighted.append((reading, _own_weight(candidate, reading)))
    return weighted


def _own_weight(candidate: Candidate, reading: Reading) -> float:
    weight = 0.0
    kind = candidate.kind
    if reading.level is Level.COMMUNE:
        certain = candidate.complete or _have_one_name(candidate)
        weight += OF_TODAY if certain else OF_TODAY_WITHOUT_MARKS
    if kind == "":
        if reading.level is Level.DISTRICT:
            weight += BARE_DISTRICT
        elif reading.level is Level.COMMUNE and candidate.noun in OFFICE_NOUNS:
            weight += SITE_OF_COMMUNE
        elif reading.kind == "Thị trấn" and candidate.noun in _MARKETS:
            weight += SITE_OF_COMMUNE
        elif reading.street and candidate.noun not in ROAD_NOUNS and not candidate.numbered:
            weight += NOT_SAID_TO_BE_STREET
        elif reading.street and not reading.districts:
            # A street name that many towns have: without its town it tells nothing.
            weight += STREET_OF_ANY_TOWN
        elif reading.street and candidate.noun in ROAD_NOUNS:
            weight += SITE_OF_COMMUNE
        return weight
    if kind == reading.kind:
        return weight + KIND_FITS
    if kind in COMMUNE_KINDS:
        if reading.level in (Level.OLD_UNIT, Level.COMMUNE):
            return weight + KIND_DIFFERS
        return weight + LEVEL_DIFFERS
    if kind in DISTRICT_KINDS:
        # The island district was a town for a while; "huyện" and "thành phố" are both said.
        return weight + (SAME_PLACE if reading.level is Level.DISTRICT else LEVEL_DIFFERS)
    return weight + LEVEL_DIFFERS


def _have_one_name(candidate: Candidate) -> bool:
    """Whether all units meant are spelled alike ("tan thanh" is Tân Thành and Tân Thạnh)."""
    names = {
        reading.name.removeprefix(f"{reading.kind} ")
        for reading in candidate.readings
        if reading.level in (Level.OLD_UNIT, Level.COMMUNE)
    }
    return len(names) == 1


@lru_cache(maxsize=8192)
def fit(one: Reading, other: Reading) -> float:
    """How two readings in one address agree; negative when they cannot both be meant."""
    narrow, wide = sorted((one, other), key=lambda reading: reading.level)
    if wide.level is Level.PROVINCE:
        if narrow.level is Level.PROVINCE:
            return SAME_PLACE
        if not narrow.provinces or narrow.provinces & wide.provinces:
            return LIES_WITHIN / 2
        # Today's province holds every unit, also those that it took in from its neighbour.
        return 0.0 if wide.communes else CONTRADICTS
    if wide.level is Level.DISTRICT:
        if narrow.level is Level.DISTRICT:
            return SAME_PLACE if narrow.districts == wide.districts else CONTRADICTS
        if not narrow.districts:
            return 0.0
        if not narrow.districts & wide.districts:
            return CONTRADICTS
        return LIES_WITHIN + (OLD_ADDRESS if narrow.level is Level.OLD_UNIT else 0.0)
    if not narrow.communes or not wide.communes:
        if narrow.districts and wide.districts and not narrow.districts & wide.districts:
            return CONTRADICTS
        return 0.0
    if set(narrow.communes) & set(wide.communes):
        if narrow.level is wide.level and narrow.name != wide.name:
            return CONTRADICTS if narrow.level is Level.OLD_UNIT else 0.0
        return LIES_WITHIN if narrow.level is not wide.level else SAME_PLACE
    return CONTRADICTS


def extend(meanings: list[Meaning], candidate: Candidate) -> list[Meaning]:
    """The meanings with one more name, the best first; empty when the name does not fit."""
    extended: list[Meaning] = []
    weighted = meanings_of(candidate)
    for meaning in meanings:
        for reading, weight in weighted:
            agreement = 0.0 if reading is None else _agreement(meaning, reading)
            if agreement is not None:
                score = meaning.score + weight + agreement
                extended.append(Meaning((*meaning.readings, reading), score))
    extended.sort(key=lambda meaning: -meaning.score)
    return extended[:BEAM]


def _agreement(meaning: Meaning, reading: Reading) -> float | None:
    """How a reading fits those of a meaning together; None when it contradicts one of them."""
    total = 0.0
    for known in meaning.readings:
        if known is not None:
            value = fit(known, reading)
            if value < 0:
                return None
            total += value
    return total


NOTHING_READ = [Meaning((), 0.0)]


def rivals(meanings: list[Meaning]) -> bool:
    """Whether another commune is as likely as that of the best meaning."""
    best = meanings[0]
    commune = best.commune()
    return any(
        best.score - other.score < TIE and other.commune() not in (commune, None)
        for other in meanings[1:]
    )
