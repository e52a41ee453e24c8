"""The tables of a province -> names and their meanings."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from nlu.places.gazetteer import ELSEWHERE, Commune, Entry, Gazetteer, Level, Reading
from nlu.places.tokens import read_words

# A name typed in one word ("rachgia") is known from this length on; no syllable is so long.
SHORTEST_GLUED = 6


def read_table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read_gazetteer(directory: Path) -> Gazetteer:
    """Read communes, old units, aliases, landmarks and streets of one province.

    `directory` holds `communes.csv`, `old_units.csv`, `aliases.csv`, `landmarks.csv`,
    `streets.csv` and `ambiguous_names.csv`; its README says what their columns mean.
    """
    return _Builder(directory).build()


class _Builder:
    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.gazetteer = Gazetteer()
        self.needs = {
            read_key(row["name"]): row["needs"] for row in self._rows("ambiguous_names.csv")
        }
        self.by_name: dict[str, int] = {}
        # (official name, district) of an old unit, or (official name, "") of a wider one.
        self.reading_of: dict[tuple[str, str], int] = {}

    def _rows(self, name: str) -> Iterator[dict[str, str]]:
        return read_table(self.directory / name)

    def build(self) -> Gazetteer:
        old_units = list(self._rows("old_units.csv"))
        communes = list(self._rows("communes.csv"))
        for index, row in enumerate(communes):
            self.by_name[row["name"]] = index
            self.gazetteer.communes.append(
                Commune(row["name"], row["code"], float(row["lat"]), float(row["lon"]))
            )
        self._add_communes(communes, old_units)
        self._add_old_units(old_units)
        self._add_provinces(communes, old_units)
        self._add_aliases()
        self._add_landmarks()
        self._add_streets()
        self._add_elsewhere()
        self.gazetteer.grow_tree()
        return self.gazetteer

    def _add(self, reading: Reading, name: str) -> int:
        self.gazetteer.readings.append(reading)
        index = len(self.gazetteer.readings) - 1
        self._add_form(name, index)
        return index

    def _add_form(self, written: str, reading: int, use: str = "") -> None:
        words = read_words(written).words
        key = " ".join(word.plain for word in words)
        use = use or self.needs.get(key, "alone")
        sounds = tuple(word.sound for word in words)
        self.gazetteer.entries.setdefault(key, []).append(Entry(sounds, reading, use))
        glued = key.replace(" ", "")
        if len(words) > 1 and len(glued) >= SHORTEST_GLUED and glued.isalpha():
            entry = Entry(("".join(sounds),), reading, "alone" if use == "cue" else use)
            self.gazetteer.entries.setdefault(glued, []).append(entry)

    def _add_communes(
        self, communes: list[dict[str, str]], old_units: list[dict[str, str]]
    ) -> None:
        districts: dict[str, set[str]] = {}
        provinces: dict[str, set[str]] = {}
        for unit in old_units:
            for name in unit["communes"].split(";"):
                provinces.setdefault(name, set()).add(unit["province"])
                if unit["level"] == "commune":
                    districts.setdefault(name, set()).add(district_key(unit))
        for index, row in enumerate(communes):
            reading = Reading(
                Level.COMMUNE,
                row["name"],
                row["kind"],
                (index,),
                frozenset(districts[row["name"]]),
                frozenset(provinces[row["name"]] | {row["province"]}),
                (float(row["lat"]), float(row["lon"])),
            )
            self._add(reading, row["short_name"])

    def _add_old_units(self, old_units: list[dict[str, str]]) -> None:
        for row in old_units:
            names = row["communes"].split(";")
            # Who says "Phú Quốc" means the island, not the far Thổ Châu that once belonged to it.
            zone = f"Đặc khu {row['short_name']}"
            if row["level"] == "district" and zone in names:
                names = [zone]
            communes = tuple(self.by_name[name] for name in names)
            level = Level.DISTRICT if row["level"] == "district" else Level.OLD_UNIT
            reading = Reading(
                level,
                row["name"],
                row["kind"],
                communes,
                frozenset({district_key(row)}),
                frozenset({row["province"]}),
                (float(row["lat"]), float(row["lon"])) if row["lat"] else None,
            )
            within = row["province"] if level is Level.DISTRICT else row["district"]
            self.reading_of[row["name"], within] = self._add(reading, row["short_name"])

    def _add_provinces(
        self, communes: list[dict[str, str]], old_units: list[dict[str, str]]
    ) -> None:
        of_today = {row["province"] for row in communes}
        everything = tuple(range(len(communes)))
        for province in dict.fromkeys(row["province"] for row in old_units):
            reading = Reading(
                Level.PROVINCE,
                province,
                "Tỉnh",
                everything if province in of_today else (),
                frozenset(),
                frozenset({province}),
            )
            self.reading_of[province, ""] = self._add(reading, province.removeprefix("Tỉnh "))

    def _add_aliases(self) -> None:
        for row in self._rows("aliases.csv"):
            needs = self.needs.get(read_key(row["alias"]), row["use"])
            self._add_form(row["alias"], self.reading_of[row["means"], row["within"]], needs)

    def _add_landmarks(self) -> None:
        for row in self._rows("landmarks.csv"):
            old_unit = self.reading_of.get((row["old_unit"], row["district"]))
            reading = Reading(
                Level.LANDMARK,
                row["name"],
                row["kind"],
                self._commune_of(row),
                *_town_of(row),
                self.gazetteer.readings[old_unit].point if old_unit is not None else None,
            )
            self._add(reading, row["name"])

    def _add_streets(self) -> None:
        for row in self._rows("streets.csv"):
            reading = Reading(
                Level.LANDMARK,
                row["name"],
                "đường",
                self._commune_of(row),
                *_town_of(row),
                street=True,
            )
            index = self._add(reading, row["name"])
            if row["name"].startswith("Nguyễn "):
                self._add_form("Ng " + row["name"].removeprefix("Nguyễn "), index)

    def _add_elsewhere(self) -> None:
        for row in self._rows("elsewhere.csv"):
            reading = Reading(
                Level.PROVINCE, row["name"], "Tỉnh", (), frozenset(), frozenset({ELSEWHERE})
            )
            self._add(reading, row["name"])

    def _commune_of(self, row: dict[str, str]) -> tuple[int, ...]:
        """A canal or a long street has no commune of its own."""
        return (self.by_name[row["commune"]],) if row["commune"] else ()


def _town_of(row: dict[str, str]) -> tuple[frozenset[str], frozenset[str]]:
    if not row["district"]:
        return frozenset(), frozenset()
    return frozenset({district_key(row)}), frozenset({row["province"]})


def district_key(row: dict[str, str]) -> str:
    """Two old districts have the same name in different provinces (Châu Thành)."""
    return f"{row['district']}, {row['province']}"


def read_key(written: str) -> str:
    """The form that names are looked up by: lower case, no marks, one space."""
    return " ".join(word.plain for word in read_words(written).words)
