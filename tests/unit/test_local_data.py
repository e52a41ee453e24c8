"""The tables of the province are complete, fit each other and agree with their sources."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections import Counter
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.build_local_units import main as build_local_units

DATA = Path(__file__).parents[2] / "data"
LOCAL = DATA / "local" / "an_giang"
DOSSIER_CODE = re.compile(r"(?:\d{3}\.\d{2}\.\d{2}\.)?[HG]\d{2}(?:\.\d{1,3}){0,3}-\d{6}-\d{4,6}")


def table(name: str, folder: Path = LOCAL) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def document(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


COMMUNES = table("communes.csv")
OLD_UNITS = table("old_units.csv")
TAXONOMY = document(DATA / "taxonomy.yml")
CATEGORIES = [entry["name"] for entry in TAXONOMY["categories"]]
URGENCIES = [entry["name"] for entry in TAXONOMY["urgencies"]]


def test_the_province_has_its_102_units_of_three_kinds() -> None:
    kinds = Counter(row["kind"] for row in COMMUNES)
    assert kinds == {"Xã": 85, "Phường": 14, "Đặc khu": 3}
    assert all(row["name"] == f"{row['kind']} {row['short_name']}" for row in COMMUNES)


def test_codes_have_five_digits_and_are_one_units_each() -> None:
    codes = [row["code"] for row in COMMUNES]
    assert all(re.fullmatch(r"\d{5}", code) for code in codes)
    assert len(set(codes)) == len(codes)


def test_every_point_lies_in_or_near_the_province() -> None:
    for row in COMMUNES + [row for row in OLD_UNITS if row["lat"]]:
        assert 9.2 < float(row["lat"]) < 11.0, row["name"]
        assert 103.4 < float(row["lon"]) < 105.6, row["name"]


def test_units_are_what_the_build_script_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["build_local_units", "--out", str(tmp_path)])
    build_local_units()
    for name in ("communes.csv", "old_units.csv"):
        assert table(name, tmp_path) == table(name)


def test_every_unit_of_the_package_is_there_old_and_new() -> None:
    database = sqlite3.connect(str(files("vietnamadminunits") / "data" / "dataset.db"))
    today = set(
        database.execute("SELECT ward, wardCode FROM admin_units WHERE province = 'Tỉnh An Giang'")
    )
    old = {
        code
        for (code,) in database.execute(
            "SELECT wardCode FROM admin_units_legacy"
            " WHERE province IN ('Tỉnh An Giang', 'Tỉnh Kiên Giang')"
        )
    }
    database.close()
    assert {(row["name"], row["code"]) for row in COMMUNES} == today
    assert {row["code"] for row in OLD_UNITS if row["level"] == "commune"} == old


def test_old_units_lead_to_units_of_today_and_each_of_today_has_an_old_one() -> None:
    today = {row["name"] for row in COMMUNES}
    heirs = {name for row in OLD_UNITS for name in row["communes"].split(";")}
    assert heirs == today


def test_aliases_stand_for_units_that_are_there() -> None:
    known = {(row["name"], row["province"]) for row in OLD_UNITS if row["level"] == "district"}
    known |= {(row["name"], row["district"]) for row in OLD_UNITS if row["level"] == "commune"}
    known |= {(province, "") for province in {row["province"] for row in OLD_UNITS}}
    for row in table("aliases.csv"):
        assert (row["means"], row["within"]) in known, row["alias"]
        assert row["use"] in {"alone", "group", "type", "upper"}, row["alias"]


def test_landmarks_lie_in_the_commune_that_took_in_their_old_unit() -> None:
    heirs = {
        (row["name"], row["district"], row["province"]): row["communes"].split(";")
        for row in OLD_UNITS
    }
    landmarks = table("landmarks.csv")
    assert len(landmarks) >= 300
    for row in landmarks:
        if row["old_unit"]:
            key = (row["old_unit"], row["district"], row["province"])
            assert row["commune"] in heirs[key], row["name"]
        elif row["commune"]:
            key = (row["district"], row["district"], row["province"])
            assert row["commune"] in heirs[key], row["name"]


def test_streets_lie_in_a_commune_of_their_town() -> None:
    heirs = {
        (row["name"], row["province"]): row["communes"].split(";")
        for row in OLD_UNITS
        if row["level"] == "district"
    }
    for row in table("streets.csv"):
        if row["commune"]:
            assert row["commune"] in heirs[row["district"], row["province"]], row["name"]


def test_ambiguous_names_say_what_they_need() -> None:
    for row in table("ambiguous_names.csv"):
        assert row["needs"] in {"cue", "marks", "exact", "type"}, row["name"]
        assert row["reason"], row["name"]


def first_fit(rows: list[dict[str, str]], category: str, urgency: str) -> dict[str, str]:
    return next(
        row
        for row in rows
        if row["category"] in (category, "*") and row["urgency"] in (urgency, "*")
    )


CASES = [(category, urgency) for category in CATEGORIES for urgency in URGENCIES]


@pytest.mark.parametrize(("category", "urgency"), CASES)
def test_every_category_has_an_office_with_and_without_a_commune(
    category: str, urgency: str
) -> None:
    agencies = table("agencies.csv")
    route = first_fit(table("routing.csv"), category, urgency)
    assert route["agency"] in {row["code"] for row in agencies}
    provincial = {row["code"] for row in agencies if row["level"] == "province"}
    assert route["agency_without_commune"] in provincial


@pytest.mark.parametrize(("category", "urgency"), CASES)
def test_every_category_has_its_times_in_order(category: str, urgency: str) -> None:
    deadline = first_fit(table("deadlines.csv"), category, urgency)
    assert deadline["clock"] in {"office", "always"}
    times = [length(deadline, step) for step in ("accept", "answer", "resolve")]
    assert times == sorted(times)


def length(deadline: dict[str, str], step: str) -> int:
    """Minutes, with a day of the office as eight hours."""
    day = 480 if deadline["clock"] == "office" else 1440
    return int(deadline[step][:-1]) * {"m": 1, "h": 60, "d": day}[deadline[step][-1]]


def test_the_more_urgent_is_due_earlier() -> None:
    for category in CATEGORIES:
        rows = [first_fit(table("deadlines.csv"), category, urgency) for urgency in URGENCIES]
        # An hour of the office is at least as long as any other.
        assert [length(row, "resolve") for row in rows] == sorted(
            length(row, "resolve") for row in rows
        ), category


def test_no_line_of_routing_or_deadlines_is_hidden_by_one_before_it() -> None:
    for name in ("routing.csv", "deadlines.csv"):
        rows = table(name)
        reached = {id(first_fit(rows, category, urgency)) for category, urgency in CASES}
        assert [row for row in rows if id(row) not in reached] == []


def is_one_of(commune: dict[str, str], units: list[str]) -> bool:
    return commune["kind"] in units or commune["name"] in units


def test_every_commune_has_each_office_of_its_level_once() -> None:
    templates = [row for row in table("agencies.csv") if row["level"] == "commune"]
    for commune in COMMUNES:
        for code in {row["code"] for row in templates}:
            fitting = [
                row
                for row in templates
                if row["code"] == code
                and (not row["units"] or is_one_of(commune, row["units"].split(";")))
            ]
            assert fitting, (code, commune["name"])
            assert "{commune}" in fitting[0]["code"]
            assert "{name}" in fitting[0]["name"]


def test_the_offices_of_wards_and_communes_have_their_legal_names() -> None:
    rows = [row for row in table("agencies.csv") if row["code"] == "kinh-te-{commune}"]
    names = [(row["name"], row["units"].split(";")) for row in rows]
    assert names == [
        ("Phòng Kinh tế, Hạ tầng và Đô thị {name}", ["Phường", "Đặc khu Phú Quốc"]),
        ("Phòng Kinh tế {name}", ["Xã", "Đặc khu"]),
    ]


def test_no_phone_number_of_an_office_is_invented() -> None:
    for row in table("agencies.csv"):
        assert row["phone"] == "" or re.fullmatch(r"0\d{9,10}|1\d{7,8}", row["phone"])


def test_every_danger_has_its_number() -> None:
    numbers = {row["kind"]: row["number"] for row in table("hotlines.csv")}
    assert numbers == {
        "fire": "114",
        "police": "113",
        "ambulance": "115",
        "rescue": "112",
        "child": "111",
        "public_service": "18001096",
    }
    assert all(row["when"] for row in table("hotlines.csv"))


def test_a_swapped_day_is_a_real_swap_and_has_its_source() -> None:
    for row in table("holidays_override.csv"):
        day = date.fromisoformat(row["date"])
        assert row["worked"] in {"yes", "no"}
        assert (day.weekday() >= 5) == (row["worked"] == "yes"), row["date"]
        assert row["source"], row["date"]


def test_procedures_say_where_and_what_to_bring_and_their_source() -> None:
    procedures = document(LOCAL / "procedures.yml")["procedures"]
    assert len(procedures) >= 15
    assert len({entry["id"] for entry in procedures}) == len(procedures)
    for entry in procedures:
        assert entry["name"], entry["id"]
        assert entry["where"], entry["id"]
        assert entry["bring"], entry["id"]
        assert {"time", "fee"} <= entry.keys(), entry["id"]
        assert entry["source"]["law"], entry["id"]
        assert isinstance(entry["source"]["checked_on"], date | None), entry["id"]


def test_complaints_and_denunciations_have_their_periods_and_source() -> None:
    guidance = document(LOCAL / "legal_guidance.yml")
    complaint = guidance["complaint"]
    assert complaint["first_decision_within"] == {"days": 30, "complex": 45}
    assert complaint["first_decision_within_in_remote_places"] == {"days": 45, "complex": 60}
    for kind in ("complaint", "denunciation"):
        assert guidance[kind]["where"]
        assert guidance[kind]["write"]
        assert all(source["law"] for source in guidance[kind]["source"])
        assert isinstance(guidance[kind]["checked_on"], date | None)


def test_the_taxonomy_names_each_thing_once() -> None:
    for part, count in (("intents", 27), ("categories", 20), ("urgencies", 3)):
        entries = TAXONOMY[part]
        assert len({entry["name"] for entry in entries}) == len(entries) == count
        assert all(entry["vi"] for entry in entries)


def test_the_ten_states_of_a_dossier_are_explained() -> None:
    states = document(DATA / "dossier_states.yml")["states"]
    assert [state["number"] for state in states] == list(range(1, 11))
    assert all(state["name"] and state["means"] and state["next"] for state in states)


def test_sample_dossiers_are_marked_and_show_every_state_and_both_forms_of_code() -> None:
    dossiers = table("dossiers.csv", DATA / "samples")
    assert {int(row["state"]) for row in dossiers} == set(range(1, 11))
    assert len({row["code"] for row in dossiers}) == len(dossiers)
    assert {row["code"][:3].isdigit() for row in dossiers} == {True, False}
    for row in dossiers:
        assert row["sample"] == "true"
        assert row["applicant"].startswith("Mẫu ")
        assert DOSSIER_CODE.fullmatch(row["code"]), row["code"]
        assert re.fullmatch(r"\d{4}|", row["phone_last4"])
        assert re.fullmatch(r"\d{4}", row["id_last4"])
        received = date.fromisoformat(row["received_on"])
        assert not row["due_on"] or date.fromisoformat(row["due_on"]) >= received
