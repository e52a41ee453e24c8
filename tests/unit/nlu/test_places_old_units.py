"""Every unit that existed until June 2025 leads to the commune that took it in."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from nlu.letters import strip_diacritics
from nlu.places import PlaceResolver

TABLES = Path(__file__).parents[3] / "data" / "local" / "an_giang"
RESOLVER = PlaceResolver.from_tables(TABLES)


def read(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


OLD = read("old_units.csv")
UNITS = [row for row in OLD if row["level"] == "commune"]
DISTRICTS = {(r["province"], r["name"]): r for r in OLD if r["level"] == "district"}
DISTRICT_NAMES = Counter(row["name"] for row in DISTRICTS.values())
NAMES_IN_DISTRICT = Counter((r["province"], r["district"], r["short_name"]) for r in UNITS)


def district_of(unit: dict[str, str]) -> tuple[str, str]:
    """Full and short name; with the province where two districts are called alike."""
    row = DISTRICTS[unit["province"], unit["district"]]
    if DISTRICT_NAMES[row["name"]] == 1:
        return row["name"], row["short_name"]
    short_province = unit["province"].removeprefix("Tỉnh ")
    return f"{row['name']}, {unit['province']}", f"{row['short_name']} {short_province}"


ABBREVIATED = {"Xã": "x.", "Phường": "p.", "Thị trấn": "tt"}


def phrases(unit: dict[str, str]) -> list[str]:
    full_district, short_district = district_of(unit)
    name = unit["short_name"]
    said = [
        f"{unit['name']}, {full_district}",
        f"{ABBREVIATED[unit['kind']]} {name} {short_district}",
        f"nhà tôi ở {unit['name']}, {short_district} bị ngập",
    ]
    if NAMES_IN_DISTRICT[unit["province"], unit["district"], name] == 1:
        said.append(f"đường hư ở {name} {short_district} hoài")
    return said


def as_typed(phrase: str) -> list[str]:
    return [phrase, phrase.lower(), phrase.upper(), strip_diacritics(phrase).lower()]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit["code"])
def test_an_old_unit_with_its_district_is_found_however_it_is_typed(unit: dict[str, str]) -> None:
    for phrase in phrases(unit):
        for text in as_typed(phrase):
            found = [match.commune for match in RESOLVER.find(text)]
            assert found == [unit["communes"].split(";")[0]], text


@pytest.mark.parametrize("commune", read("communes.csv"), ids=lambda commune: commune["code"])
def test_a_unit_of_today_is_found_by_its_official_name(commune: dict[str, str]) -> None:
    for text in (commune["name"], commune["name"].lower(), f"{commune['name']}, tỉnh An Giang"):
        (match,) = RESOLVER.find(text)
        assert (match.commune, match.code) == (commune["name"], commune["code"])


@pytest.mark.parametrize("landmark", read("landmarks.csv"), ids=lambda row: row["name"])
def test_a_landmark_with_its_town_has_its_commune(landmark: dict[str, str]) -> None:
    if not landmark["commune"]:
        text = landmark["name"]
    else:
        town = DISTRICTS[landmark["province"], landmark["district"]]["short_name"]
        text = f"ở {landmark['name']}, {town}"
    found = [match.commune for match in RESOLVER.find(text)]
    assert found == [landmark["commune"] or None]
