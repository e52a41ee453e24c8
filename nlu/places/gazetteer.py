"""Names of places and what each may mean, read from the tables of a province."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

FILE_NAME = "places.json"
FORMAT = 1
# The province of every name that lies outside: "Bình Thạnh, Sài Gòn" is none of ours.
ELSEWHERE = "elsewhere"


class Level(IntEnum):
    """How wide a place is, the narrowest first."""

    LANDMARK = 0
    OLD_UNIT = 1
    COMMUNE = 2
    DISTRICT = 3
    PROVINCE = 4


@dataclass(frozen=True)
class Commune:
    name: str
    code: str
    lat: float
    lon: float


@dataclass(frozen=True, eq=False)
class Reading:
    """One meaning of a name; two are the same only if they are one object.

    `communes` are indexes into today's communes, the likeliest first. A district has all that hold
    a part of it, today's province has all, a canal or a long street has none. `districts` and
    `provinces` are the old ones that it lies in. `point` is latitude and longitude.
    """

    level: Level
    name: str
    kind: str
    communes: tuple[int, ...]
    districts: frozenset[str]
    provinces: frozenset[str]
    point: tuple[float, float] | None = None
    # A street is known in a town, not everywhere: "đường Trần Phú" alone has no commune.
    street: bool = False


@dataclass(frozen=True)
class Entry:
    """A written form of a name.

    `use` says what it needs beside it to count as a place: `alone`, `cue`, `marks`, `exact`,
    `type`, `group` or `upper`. The README of a province's tables explains them.
    """

    sounds: tuple[str, ...]
    reading: int
    use: str


class Node:
    """A word of a name: the names that end here and the words that may follow."""

    __slots__ = ("entries", "next")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.next: dict[str, Node] = {}


@dataclass
class Gazetteer:
    communes: list[Commune] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    # The keys of `entries` word by word, so that all names at a place are found in one walk.
    tree: Node = field(default_factory=Node)

    def grow_tree(self) -> None:
        self.tree = Node()
        for key, found in self.entries.items():
            node = self.tree
            for word in key.split(" "):
                node = node.next.setdefault(word, Node())
            node.entries = found

    def save(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        content = {
            "format": FORMAT,
            "communes": [[c.name, c.code, c.lat, c.lon] for c in self.communes],
            "readings": [
                [
                    int(r.level),
                    r.name,
                    r.kind,
                    list(r.communes),
                    sorted(r.districts),
                    sorted(r.provinces),
                    list(r.point) if r.point else None,
                    r.street,
                ]
                for r in self.readings
            ],
            "entries": {
                key: [[" ".join(e.sounds), e.reading, e.use] for e in found]
                for key, found in self.entries.items()
            },
        }
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        (directory / FILE_NAME).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> Gazetteer:
        content = json.loads((directory / FILE_NAME).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise PlacesFileTooOld(f"{FILE_NAME} has format {content['format']}, not {FORMAT}")
        gazetteer = cls(
            communes=[Commune(*row) for row in content["communes"]],
            readings=[
                Reading(
                    Level(level),
                    name,
                    kind,
                    tuple(communes),
                    frozenset(districts),
                    frozenset(provinces),
                    (point[0], point[1]) if point else None,
                    street,
                )
                for level, name, kind, communes, districts, provinces, point, street in content[
                    "readings"
                ]
            ],
            entries={
                key: [
                    Entry(tuple(sounds.split(" ")), reading, use) for sounds, reading, use in rows
                ]
                for key, rows in content["entries"].items()
            },
        )
        gazetteer.grow_tree()
        return gazetteer


class PlacesFileTooOld(ValueError):
    """The saved names were written by another version; training writes them anew."""
