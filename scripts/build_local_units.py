"""Writes `communes.csv` and `old_units.csv` of one province from the package vietnamadminunits.

Run it again when the package follows a new change of units:

    .venv/bin/python scripts/build_local_units.py --province "Tỉnh An Giang"

The package is needed here and in the tests only, never by the running application.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

COMMUNE_COLUMNS = ("name", "code", "kind", "short_name", "province", "lat", "lon")
OLD_UNIT_COLUMNS = (
    "level",
    "province",
    "district",
    "name",
    "kind",
    "short_name",
    "code",
    "communes",
    "lat",
    "lon",
)
KM_PER_DEGREE = 111.2
# The package's points of old units come from a geocoder. One that lies further from today's commune
# than this many times the commune's width belongs to another place of the same name.
FARTHEST = 1.5
# Islands lie far from the middle of their special zone, so the rule above does not fit them.
ISLAND_AREA_KM2 = 30.0
# The geocoder put the island commune of Tiên Hải on the mainland.
WRONG_POINTS = frozenset({"30781"})


@dataclass(frozen=True)
class Commune:
    """A unit of today, with what the package knows of its place and size."""

    key: str
    name: str
    code: str
    kind: str
    short_name: str
    province: str
    lat: float
    lon: float
    area_km2: float


def read_communes(database: sqlite3.Connection, province: str) -> list[Commune]:
    rows = database.execute(
        "SELECT wardKey, ward, wardCode, wardType, wardShort, province, wardLat, wardLon,"
        " wardAreaKm2 FROM admin_units WHERE province = ? ORDER BY wardCode",
        (province,),
    )
    return [Commune(*row) for row in rows]


def read_successors(
    converter: Mapping[str, Mapping[str, Mapping[str, list[object]]]], province_key: str
) -> dict[str, list[str]]:
    """Key of an old unit -> keys of today's communes, the one that took most of it first."""
    successors: dict[str, list[str]] = {}
    for commune_key, old_keys in converter["DICT_PROVINCE_WARD_NO_DIVIDED"][province_key].items():
        for old_key in old_keys:
            successors[str(old_key)] = [commune_key]
    for old_key, parts in converter["DICT_PROVINCE_WARD_DIVIDED"].get(province_key, {}).items():
        ordered = sorted(parts, key=_is_smaller_part)
        successors[old_key] = [_new_key(part) for part in ordered]
    return successors


def _is_smaller_part(part: object) -> bool:
    return isinstance(part, dict) and not part["isDefaultNewWard"]


def _new_key(part: object) -> str:
    if not isinstance(part, dict):
        raise TypeError(f"unexpected entry in the converter's data: {part!r}")
    return str(part["newWardKey"])


def is_plausible(lat: float, lon: float, communes: Iterable[Commune]) -> bool:
    """Whether a point may lie in one of these communes, judged by distance and size."""
    for commune in communes:
        north = (lat - commune.lat) * KM_PER_DEGREE
        east = (lon - commune.lon) * KM_PER_DEGREE * math.cos(math.radians(lat))
        if commune.area_km2 < ISLAND_AREA_KM2:
            return True
        if math.hypot(north, east) <= FARTHEST * math.sqrt(commune.area_km2):
            return True
    return False


def read_old_units(
    database: sqlite3.Connection,
    old_provinces: Iterable[str],
    communes: Mapping[str, Commune],
    successors: Mapping[str, list[str]],
) -> list[dict[str, object]]:
    """Wards, communes and towns as they were until 30 June 2025, with their successors."""
    units: list[dict[str, object]] = []
    for province_key in old_provinces:
        rows = database.execute(
            "SELECT province, district, ward, wardType, wardShort, wardCode, wardLat, wardLon,"
            " districtKey, wardKey FROM admin_units_legacy"
            " WHERE provinceKey = ? ORDER BY districtCode, wardCode",
            (province_key,),
        )
        for province, district, ward, kind, short, code, lat, lon, d_key, w_key in rows:
            today = [communes[key] for key in successors[f"{province_key}_{d_key}_{w_key}"]]
            placed = code not in WRONG_POINTS and is_plausible(lat, lon, today)
            units.append(
                {
                    "level": "commune",
                    "province": province,
                    "district": district,
                    "name": ward.replace("Thị Trấn", "Thị trấn"),
                    "kind": kind.capitalize(),
                    # The package writes "Vĩnh Thuận (Thị trấn)" where a commune has the same name.
                    "short_name": short.partition(" (")[0],
                    "code": code,
                    "communes": ";".join(commune.name for commune in today),
                    "lat": lat if placed else "",
                    "lon": lon if placed else "",
                }
            )
    return units


def read_old_districts(
    database: sqlite3.Connection,
    old_provinces: Iterable[str],
    units: Iterable[Mapping[str, object]],
) -> list[dict[str, object]]:
    """Districts, each with all communes of today that hold a part of it."""
    # A dict keeps the order and drops what is there already.
    held: dict[tuple[object, object], dict[str, None]] = {}
    for unit in units:
        names = held.setdefault((unit["province"], unit["district"]), {})
        names.update(dict.fromkeys(str(unit["communes"]).split(";")))
    districts: list[dict[str, object]] = []
    for province_key in old_provinces:
        rows = database.execute(
            "SELECT DISTINCT province, district, districtType, districtShort, districtCode,"
            " districtLat, districtLon FROM admin_units_legacy"
            " WHERE provinceKey = ? ORDER BY districtCode",
            (province_key,),
        )
        for province, district, kind, short, code, lat, lon in rows:
            districts.append(
                {
                    "level": "district",
                    "province": province,
                    "district": district,
                    "name": district,
                    "kind": kind.capitalize(),
                    "short_name": short,
                    "code": code,
                    "communes": ";".join(held[province, district]),
                    "lat": lat,
                    "lon": lon,
                }
            )
    return districts


def write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--province", default="Tỉnh An Giang", help="as the package spells it")
    parser.add_argument("--out", type=Path, default=Path("data/local/an_giang"))
    arguments = parser.parse_args()

    package_data = files("vietnamadminunits") / "data"
    converter = json.loads((package_data / "converter_2025.json").read_text(encoding="utf-8"))
    database = sqlite3.connect(str(package_data / "dataset.db"))
    (province_key,) = database.execute(
        "SELECT DISTINCT provinceKey FROM admin_units WHERE province = ?", (arguments.province,)
    ).fetchone()

    communes = read_communes(database, arguments.province)
    old_provinces = converter["DICT_PROVINCE"][province_key]
    units = read_old_units(
        database,
        old_provinces,
        {commune.key: commune for commune in communes},
        read_successors(converter, province_key),
    )
    old_units = read_old_districts(database, old_provinces, units) + units
    database.close()
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_csv(
        arguments.out / "communes.csv",
        COMMUNE_COLUMNS,
        [{column: getattr(commune, column) for column in COMMUNE_COLUMNS} for commune in communes],
    )
    write_csv(arguments.out / "old_units.csv", OLD_UNIT_COLUMNS, old_units)
    print(f"{len(communes)} communes, {len(old_units)} old units in {arguments.out}")


if __name__ == "__main__":
    main()
