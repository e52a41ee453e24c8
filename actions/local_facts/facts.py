"""All facts of one province, loaded once at start and changed by nobody."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.deadlines import WorkingCalendar
from actions.local_facts import tables
from actions.local_facts.tables import (
    AgencyFact,
    CommuneFact,
    DossierStateFact,
    Guidance,
    Hotline,
    LocalTableInvalid,
    Procedure,
    Rule,
)
from store.local import Agency, Commune

NEAREST_WITHIN_KM = 25.0
"""Farther than this from every known point, a place lies outside the province."""

EMERGENCY_KINDS = ("fire", "police", "ambulance")
"""Shown when the words do not tell whom to call."""

MOST_NUMBERS = 3
"""Numbers in an emergency answer: more cannot be taken in."""

EARTH_RADIUS_KM = 6371.0


@dataclass(frozen=True)
class LocalFacts:
    """What is true in this province, from `data/local/<province>/` and the tables beside it."""

    communes: Mapping[str, CommuneFact]
    agencies: Mapping[str, AgencyFact]
    hotlines: tuple[Hotline, ...]
    procedures: tuple[Procedure, ...]
    category_labels: Mapping[str, str]
    calendar: WorkingCalendar
    _guidance: Mapping[str, Guidance]
    _routing: tuple[Rule, ...]
    _deadlines: tuple[Rule, ...]
    _states: Mapping[int, DossierStateFact]
    _points: tuple[tuple[float, float, str], ...]

    @classmethod
    def load(cls, folder: Path) -> LocalFacts:
        """Read a province's folder; what all provinces share stands two folders above.

        Raises:
            LocalTableInvalid: a file is missing or wrong.
        """
        shared = folder.parent.parent
        communes = tables.communes(folder / "communes.csv")
        facts = cls(
            communes=communes,
            agencies=tables.agencies(folder / "agencies.csv", communes.values()),
            hotlines=tables.hotlines(folder / "hotlines.csv"),
            procedures=tables.procedures(folder / "procedures.yml"),
            category_labels=tables.category_labels(shared / "taxonomy.yml"),
            calendar=_calendar(folder / "holidays_override.csv"),
            _guidance=tables.guidance(folder / "legal_guidance.yml"),
            _routing=tuple(
                tables.rules(folder / "routing.csv", ("agency", "agency_without_commune"))
            ),
            _deadlines=tuple(tables.rules(folder / "deadlines.csv", ("amount", "unit"))),
            _states=tables.dossier_states(shared / "dossier_states.yml"),
            _points=_points(folder / "old_units.csv", communes),
        )
        for rule in facts._routing:
            for unit in (None, *communes):
                facts._agency(rule, unit, folder / "routing.csv")
        return facts

    def route(self, category: str, urgency: str, commune_code: str | None) -> AgencyFact:
        """Who must act on a matter: the first line of routing.csv that fits.

        Raises:
            LocalTableInvalid: no line fits.
        """
        unit = commune_code if commune_code in self.communes else None
        return self._agency(_first(self._routing, category, urgency), unit)

    def _agency(self, rule: Rule, unit: str | None, source: Path | None = None) -> AgencyFact:
        code = rule.row["agency_without_commune" if unit is None else "agency"]
        code = code.format(commune=unit)
        try:
            return self.agencies[code]
        except KeyError:
            raise LocalTableInvalid(
                f"{source or 'routing.csv'}: {rule.category} names the agency {code!r}, "
                "which agencies.csv does not have: add it there"
            ) from None

    def deadline(self, category: str, urgency: str, now: datetime) -> datetime:
        """By when a matter that comes in now must be resolved: the first line that fits.

        Raises:
            LocalTableInvalid: no line fits.
        """
        rule = _first(self._deadlines, category, urgency)
        amount = int(rule.row["amount"])
        if rule.row["unit"] == "hours":
            return now + timedelta(hours=amount)
        return self.calendar.after_working_days(now, amount)

    def commune(self, code: str) -> CommuneFact | None:
        """The unit with this five-digit code."""
        return self.communes.get(code)

    def nearest_commune(self, latitude: float, longitude: float) -> CommuneFact | None:
        """The unit of the nearest known point; None when the place lies outside the province."""
        distance, code = min(
            (_kilometres(latitude, longitude, lat, lon), code) for lat, lon, code in self._points
        )
        return self.communes[code] if distance <= NEAREST_WITHIN_KM else None

    def category_label(self, name: str) -> str:
        """The name of a category that people read."""
        return self.category_labels[name]

    def dossier_state(self, number: int) -> DossierStateFact:
        """Name, meaning and next step of a dossier's state, 1 to 10."""
        return self._states[number]

    def guidance(self, kind: str) -> Guidance:
        """How to make a `complaint` or a `denunciation`."""
        return self._guidance[kind]

    def emergency_hotlines(self, folded: str) -> list[Hotline]:
        """Whom to call for what a message tells, at most three numbers.

        Args:
            folded: the message in lower case without marks.
        """
        padded = f" {' '.join(re.findall(r'[a-z0-9]+', folded))} "
        fitting = [h for h in self.hotlines if any(f" {word} " in padded for word in h.words)]
        if [h.kind for h in fitting] == ["child"]:
            # Advice for children alone brings nobody to the place.
            fitting = [h for h in self.hotlines if h.kind == "police"] + fitting
        if not fitting:
            fitting = [h for h in self.hotlines if h.kind in EMERGENCY_KINDS]
        return fitting[:MOST_NUMBERS]

    def find_procedure(self, text: str) -> Procedure | None:
        """The procedure that a question names, by the longest of its names that occurs in it."""
        padded = f" {_folded(text)} "
        best: tuple[int, Procedure] | None = None
        for procedure in self.procedures:
            for name in (procedure.name, *procedure.also_called):
                folded = _folded(name)
                if f" {folded} " in padded and (best is None or len(folded) > best[0]):
                    best = len(folded), procedure
        return best[1] if best else None


def load_local_facts(session: Session, facts: LocalFacts) -> None:
    """Put communes and agencies into the database, where other rows are shown beside them.

    What a table no longer has stays in the database: old tickets still name it.
    """
    known_communes = {row.code: row for row in session.scalars(select(Commune))}
    for commune in facts.communes.values():
        row = known_communes.get(commune.code)
        if row is None or (row.name, row.latitude, row.longitude) != (
            commune.name,
            commune.lat,
            commune.lon,
        ):
            session.merge(
                Commune(
                    code=commune.code,
                    name=commune.name,
                    latitude=commune.lat,
                    longitude=commune.lon,
                )
            )
    known_agencies = {row.code: row for row in session.scalars(select(Agency))}
    for agency in facts.agencies.values():
        known = known_agencies.get(agency.code)
        if known is None or (known.name, known.phone) != (agency.name, agency.phone):
            session.merge(Agency(code=agency.code, name=agency.name, phone=agency.phone))


def _first(rules: tuple[Rule, ...], category: str, urgency: str) -> Rule:
    for rule in rules:
        if rule.fits(category, urgency):
            return rule
    raise LocalTableInvalid(
        f"no line fits category {category!r} with urgency {urgency!r}: add one with *"
    )


def _calendar(path: Path) -> WorkingCalendar:
    return WorkingCalendar(
        {
            date.fromisoformat(row["date"]): row["worked"] == "yes"
            for row in tables.rows(path, ("date", "worked"))
        }
    )


def _points(
    path: Path, communes: Mapping[str, CommuneFact]
) -> tuple[tuple[float, float, str], ...]:
    """Known points of units: their own middle, and those of old units that lie in one of today."""
    by_name = {commune.name: commune.code for commune in communes.values()}
    points = [(commune.lat, commune.lon, commune.code) for commune in communes.values()]
    for row in tables.rows(path, ("level", "communes", "lat", "lon")):
        code = by_name.get(row["communes"])
        if code is not None and row["lat"] and row["lon"]:
            points.append((float(row["lat"]), float(row["lon"]), code))
    return tuple(points)


def _kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The distance between two near points, degrees in, on a flat map true to this latitude."""
    east = math.radians(other_lon - lon) * math.cos(math.radians(lat))
    north = math.radians(other_lat - lat)
    return EARTH_RADIUS_KM * math.hypot(east, north)


def _folded(text: str) -> str:
    """Lower case, no marks, words with one space between."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"[\u0300-\u036f]", "", plain)))
