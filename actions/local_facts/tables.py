"""Rows of the province's tables, and how they are read from `data/local/<province>/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, NamedTuple

from actions.deadlines import Duration, DurationUnreadable
from actions.table_files import LocalTableInvalid, document, rows
from store.cases import DeadlineKind

ANY = "*"
"""In a table: whatever stands in this column fits."""

CLOCKS = ("office", "always")


@dataclass(frozen=True)
class CommuneFact:
    """A unit of today; `lat` and `lon` in degrees."""

    code: str
    name: str
    kind: str
    lat: float
    lon: float


@dataclass(frozen=True)
class AgencyFact:
    """An office that tickets go to; no phone unless somebody has checked it."""

    code: str
    name: str
    phone: str | None


@dataclass(frozen=True)
class Hotline:
    """A number to call. `words` are those of a message, without marks, that it is shown for."""

    number: str
    kind: str
    name: str
    when: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Procedure:
    """An administrative procedure; `time` and `fee` are None where the counter must be asked.

    `checked_on` is the day somebody read the law against it; None: nobody has yet.
    """

    id: str
    name: str
    also_called: tuple[str, ...]
    where: str
    bring: tuple[str, ...]
    time: str | None
    fee: str | None
    law: str
    checked_on: date | None


@dataclass(frozen=True)
class Guidance:
    """How to complain or to denounce; `checked_on` is None while nobody has read the law anew."""

    means: str
    where: tuple[str, ...]
    write: tuple[str, ...]
    protected: tuple[str, ...]
    days_to_complain: int | None
    days_to_decide: int
    days_to_decide_if_complex: int
    law: str
    checked_on: date | None


class DossierStateFact(NamedTuple):
    """A state of a dossier: its name, what it means, what happens next."""

    name: str
    means: str
    next: str


@dataclass(frozen=True)
class Rule:
    """A line of a table whose first line that fits holds; each of its columns may be any.

    `fits` compares what the line names; a table without a column `commune` fits every one.
    """

    category: str
    urgency: str
    commune: str
    row: Mapping[str, str]

    def fits(self, category: str, urgency: str, commune: str | None = None) -> bool:
        return (
            self.category in (category, ANY)
            and self.urgency in (urgency, ANY)
            and self.commune in (commune, ANY)
        )


@dataclass(frozen=True)
class DeadlineRule:
    """How long the steps of a ticket may take, and by which clock."""

    clock: str
    """`office` or `always`."""
    durations: Mapping[DeadlineKind, Duration]


def rules(path: Path, columns: Iterable[str]) -> list[Rule]:
    """The lines of a table whose first line that fits holds; the last must fit everything.

    Raises:
        LocalTableInvalid: it does not, so that something would go nowhere.
    """
    found = [
        Rule(row["category"], row["urgency"], row.get("commune", ANY), row)
        for row in rows(path, ("category", "urgency", *columns))
    ]
    last = found[-1] if found else None
    if last is None or (last.category, last.commune) != (ANY, ANY):
        raise LocalTableInvalid(f"{path}: nothing may be left over: end with a line that begins *")
    return found


def deadline_rules(path: Path) -> list[tuple[Rule, DeadlineRule]]:
    """deadlines.csv in its order.

    Raises:
        LocalTableInvalid: with the column and the value.
    """
    return [(rule, _deadline(path, rule)) for rule in rules(path, ("clock", *DeadlineKind))]


def _deadline(path: Path, rule: Rule) -> DeadlineRule:
    where = f"{path}: {rule.category},{rule.urgency}"
    clock = rule.row["clock"]
    if clock not in CLOCKS:
        raise LocalTableInvalid(f"{where}: clock {clock!r}: write one of {', '.join(CLOCKS)}")
    durations = {}
    for kind in DeadlineKind:
        try:
            durations[kind] = Duration.read(rule.row[kind])
        except DurationUnreadable as error:
            raise LocalTableInvalid(
                f"{where}: {kind} {str(error)!r}: write a number and m, h or d, such as 30m or 10d"
            ) from None
    return DeadlineRule(clock, durations)


def office_hours(path: Path) -> tuple[tuple[time, time], ...]:
    """working_hours.csv: when offices are open on a worked day, in order.

    Raises:
        LocalTableInvalid: a time cannot be read, or the hours are out of order.
    """
    spans = []
    for row in rows(path, ("opens", "closes")):
        try:
            spans.append((time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"])))
        except ValueError:
            raise LocalTableInvalid(
                f"{path}: {row['opens']!r} to {row['closes']!r}: write times such as 07:30"
            ) from None
    moments = [moment for span in spans for moment in span]
    if not moments or moments != sorted(set(moments)):
        raise LocalTableInvalid(f"{path}: the hours must follow one another: put them in order")
    return tuple(spans)


def communes(path: Path) -> dict[str, CommuneFact]:
    """communes.csv by code."""
    return {
        row["code"]: CommuneFact(
            row["code"], row["name"], row["kind"], float(row["lat"]), float(row["lon"])
        )
        for row in rows(path, ("name", "code", "kind", "lat", "lon"))
    }


def agencies(path: Path, units: Iterable[CommuneFact]) -> dict[str, AgencyFact]:
    """agencies.csv by code, with one office for each unit where a line is a template."""
    found: dict[str, AgencyFact] = {}
    for row in rows(path, ("code", "name", "level", "units", "phone")):
        phone = row["phone"] or None
        if row["level"] != "commune":
            found.setdefault(row["code"], AgencyFact(row["code"], row["name"], phone))
            continue
        wanted = {unit.strip() for unit in row["units"].split(";") if unit.strip()}
        for unit in units:
            if not wanted or unit.kind in wanted or unit.name in wanted:
                code = row["code"].format(commune=unit.code)
                found.setdefault(code, AgencyFact(code, row["name"].format(name=unit.name), phone))
    return found


def teams(path: Path) -> dict[str, str]:
    """teams.csv: the name of each team by its code."""
    return {row["code"]: row["name"] for row in rows(path, ("code", "name"))}


def hotlines(path: Path) -> tuple[Hotline, ...]:
    """hotlines.csv in its order."""
    return tuple(
        Hotline(
            row["number"],
            row["kind"],
            row["name"],
            row["when"],
            tuple(word for word in row["words"].split(";") if word),
        )
        for row in rows(path, ("number", "kind", "name", "when", "words"))
    )


def procedures(path: Path) -> tuple[Procedure, ...]:
    """procedures.yml in its order."""
    return tuple(
        Procedure(
            id=item["id"],
            name=item["name"],
            also_called=tuple(item["also_called"]),
            where=item["where"],
            bring=tuple(item["bring"]),
            time=item["time"],
            fee=item["fee"],
            law=item["source"]["law"],
            checked_on=item["source"]["checked_on"],
        )
        for item in document(path)["procedures"]
    )


def guidance(path: Path) -> dict[str, Guidance]:
    """legal_guidance.yml: `complaint` and `denunciation`."""
    loaded = document(path)
    complaint, denunciation = loaded["complaint"], loaded["denunciation"]
    decision, denounced = complaint["first_decision_within"], denunciation["decision_within"]
    return {
        "complaint": _guidance(
            complaint, complaint["within"]["days"], decision["days"], decision["complex"]
        ),
        "denunciation": _guidance(
            denunciation,
            None,
            denounced["days"],
            denounced["days"] + denounced["complex_adds"],
        ),
    }


def _guidance(
    item: Mapping[str, Any], to_complain: int | None, to_decide: int, if_complex: int
) -> Guidance:
    return Guidance(
        means=item["means"],
        where=tuple(item["where"]),
        write=tuple(item["write"]),
        protected=tuple(item.get("protected", ())),
        days_to_complain=to_complain,
        days_to_decide=to_decide,
        days_to_decide_if_complex=if_complex,
        law=", ".join(source["law"] for source in item["source"]),
        checked_on=item["checked_on"],
    )


def dossier_states(path: Path) -> dict[int, DossierStateFact]:
    """dossier_states.yml by number."""
    return {
        item["number"]: DossierStateFact(item["name"], item["means"], item["next"])
        for item in document(path)["states"]
    }


def category_labels(path: Path) -> dict[str, str]:
    """The categories of taxonomy.yml with the name that people read, in the order of menus."""
    return {item["name"]: item["vi"] for item in document(path)["categories"]}
