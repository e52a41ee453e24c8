"""All facts of one province, its files with the desk's edits: one value that nobody changes.

Whoever needs newer ones loads new ones: see `bot/live_services.py`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import canned
from actions.canned import CannedReply
from actions.deadlines import AlwaysClock, Clock, WorkingCalendar
from actions.folding import folded
from actions.local_facts import notices, tables
from actions.local_facts.notices import NoticeFact
from actions.local_facts.tables import (
    AgencyFact,
    CommuneFact,
    DeadlineRule,
    DossierStateFact,
    Guidance,
    Hotline,
    Names,
    Procedure,
    Rule,
)
from actions.moves import Moves
from actions.table_files import Edits, LocalTable, edited, rows
from store.local import Agency, Commune

NEAREST_WITHIN_KM = 25.0
"""Farther than this from every known point, a place lies outside the province."""

EMERGENCY_KINDS = ("fire", "police", "ambulance")
"""Shown when the words do not tell whom to call."""

MOST_NUMBERS = 3
"""Numbers in an emergency answer: more cannot be taken in."""

EARTH_RADIUS_KM = 6371.0

_ROUTING_COLUMNS = ("commune", "agency", "agency_without_commune", "team")


_MAY_NEED = " co can "


@dataclass(frozen=True)
class LocalFacts:
    """What is true in this province, from `data/local/<province>/` and the tables beside it."""

    communes: Mapping[str, CommuneFact]
    agencies: Mapping[str, AgencyFact]
    hotlines: tuple[Hotline, ...]
    procedures: tuple[Procedure, ...]
    category_labels: Mapping[str, str]
    urgencies: tuple[str, ...]
    calendar: WorkingCalendar
    moves: Moves
    teams: Mapping[str, str]
    """The name of each team by its code."""
    notices: tuple[NoticeFact, ...]
    canned: tuple[CannedReply, ...]
    """Answers that officers may begin with."""
    _guidance: Mapping[str, Guidance]
    _routing: tuple[Rule, ...]
    _deadlines: tuple[tuple[Rule, DeadlineRule], ...]
    _states: Mapping[int, DossierStateFact]
    _points: tuple[tuple[float, float, str], ...]

    @classmethod
    def load(cls, folder: Path, edits: Edits | None = None) -> LocalFacts:
        """Read a province's folder; what all provinces share stands two folders above.

        Args:
            edits: what the desk has changed in its tables.

        Raises:
            LocalTableInvalid: a file or an edit is missing or wrong.
        """
        shared = folder.parent.parent
        communes = tables.communes(folder / "communes.csv")
        moves = Moves.load(shared / "ticket_moves.yml")
        labels = tables.category_labels(shared / "taxonomy.yml")
        urgencies = tables.urgencies(shared / "taxonomy.yml")
        names = Names(labels, urgencies, communes)

        def table(file: str) -> LocalTable:
            return edited(folder / file, edits or {})

        facts = cls(
            communes=communes,
            agencies=tables.agencies(table("agencies.csv"), communes.values()),
            hotlines=tables.hotlines(folder / "hotlines.csv"),
            procedures=tables.procedures(folder / "procedures.yml"),
            category_labels=labels,
            urgencies=urgencies,
            calendar=WorkingCalendar(
                tables.swapped_days(table("holidays_override.csv")),
                tables.office_hours(table("working_hours.csv")),
            ),
            moves=moves,
            teams=tables.teams(table("teams.csv")),
            notices=notices.load(folder / "notices.yml"),
            canned=canned.load(table("canned_replies.yml"), categories=labels, moves=moves.moves),
            _guidance=tables.guidance(folder / "legal_guidance.yml"),
            _routing=tuple(tables.rules(table("routing.csv"), _ROUTING_COLUMNS, names)),
            _deadlines=tuple(tables.deadline_rules(table("deadlines.csv"), names)),
            _states=tables.dossier_states(shared / "dossier_states.yml"),
            _points=_points(folder / "old_units.csv", communes),
        )
        facts._check_routing(table("routing.csv"))
        return facts

    def _check_routing(self, table: LocalTable) -> None:
        for rule in self._routing:
            for unit in (None, *self.communes):
                column, code = _agency_of(rule, unit)
                if code not in self.agencies:
                    mend = f"agencies.csv has no {code!r}: add it there"
                    names = ("agencies", code)
                    raise table.wrong(rule.row, column, "unknown", mend, names=names)
            team = rule.row["team"]
            if team not in self.teams:
                mend = f"teams.csv has no {team!r}: add it there"
                raise table.wrong(rule.row, "team", "unknown", mend, names=("teams", team))

    def route(
        self, category: str, urgency: str, commune_code: str | None
    ) -> tuple[AgencyFact, str]:
        """Who must act on a matter, agency and team: the first line of routing.csv that fits."""
        unit = commune_code if commune_code in self.communes else None
        rule = next(rule for rule in self._routing if rule.fits(category, urgency, unit))
        _, code = _agency_of(rule, unit)
        return self.agencies[code], rule.row["team"]

    def deadlines(self, category: str, urgency: str) -> DeadlineRule:
        """How long a matter may take: the first line of deadlines.csv that fits."""
        return next(deadline for rule, deadline in self._deadlines if rule.fits(category, urgency))

    def clock(self, name: str) -> Clock:
        """What counts deadlines: the office's hours, or every hour."""
        return self.calendar if name == "office" else AlwaysClock()

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

    def procedure(self, id: str) -> Procedure | None:
        return next((one for one in self.procedures if one.id == id), None)

    def find_procedure(self, text: str) -> Procedure | None:
        """The procedure that a question names; names of more parts go first, then longer ones.

        What is asked about stands before what it may need: "làm hộ chiếu có cần khai sinh".
        """
        words = folded(text)
        head = words.partition(_MAY_NEED)[0]
        return self._named(head) or self._named(words)

    def _named(self, words: str) -> Procedure | None:
        padded = f" {words} "
        best: tuple[tuple[int, int], Procedure] | None = None
        for procedure in self.procedures:
            for name in (procedure.name, *procedure.also_called):
                parts = _parts(name)
                weight = len(parts), sum(map(len, parts))
                if (best is None or weight > best[0]) and _stand_in_order(parts, padded):
                    best = weight, procedure
        return best[1] if best else None


@lru_cache(maxsize=4096)
def _parts(name: str) -> tuple[str, ...]:
    """The parts of a procedure's name as they are compared; of names only, never of messages."""
    return tuple(folded(part) for part in name.split(tables.GAP))


def _stand_in_order(parts: tuple[str, ...], padded: str) -> bool:
    """Whether the parts follow each other with no more than `GAP_WORDS` words between."""
    first, *rest = parts
    if f" {first} " not in padded:
        return False
    if not rest:
        return True
    between = rf"(?: [a-z0-9]+){{0,{tables.GAP_WORDS}}} "
    return re.search(f" {between.join(parts)} ", padded) is not None


def load_local_facts(session: Session, facts: LocalFacts) -> None:
    """Put communes and agencies into the database, where other rows are shown beside them.

    What a table no longer has stays in the database: old tickets still name it.
    """
    communes = {row.code: row for row in session.scalars(select(Commune))}
    for commune in facts.communes.values():
        row = _row_for(session, communes, commune.code, Commune)
        row.name, row.latitude, row.longitude = commune.name, commune.lat, commune.lon
    agencies = {row.code: row for row in session.scalars(select(Agency))}
    for agency in facts.agencies.values():
        known = _row_for(session, agencies, agency.code, Agency)
        known.name, known.phone = agency.name, agency.phone


_Named = TypeVar("_Named", Agency, Commune)


def _row_for(
    session: Session, known: Mapping[str, _Named], code: str, kind: type[_Named]
) -> _Named:
    row = known.get(code)
    if row is None:
        row = kind(code=code)
        session.add(row)
    return row


def _agency_of(rule: Rule, unit: str | None) -> tuple[str, str]:
    """The column in which a line names the agency for a unit, and the agency's code."""
    column = "agency_without_commune" if unit is None else "agency"
    return column, rule.row[column].replace("{commune}", unit or "{commune}")


def _points(
    path: Path, communes: Mapping[str, CommuneFact]
) -> tuple[tuple[float, float, str], ...]:
    """Known points of units: their own middle, and those of old units that lie in one of today."""
    by_name = {commune.name: commune.code for commune in communes.values()}
    points = [(commune.lat, commune.lon, commune.code) for commune in communes.values()]
    for row in rows(LocalTable(path), ("level", "communes", "lat", "lon")):
        code = by_name.get(row["communes"])
        if code is not None and row["lat"] and row["lon"]:
            points.append((float(row["lat"]), float(row["lon"]), code))
    return tuple(points)


def _kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """The distance between two near points, degrees in, on a flat map true to this latitude."""
    east = math.radians(other_lon - lon) * math.cos(math.radians(lat))
    north = math.radians(other_lat - lat)
    return EARTH_RADIUS_KM * math.hypot(east, north)
