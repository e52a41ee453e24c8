"""Rows of the province's tables, and how they are read from `data/local/<province>/`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from actions.deadlines import Duration, DurationUnreadable
from actions.table_files import ANY, LocalTable, LocalTableInvalid, document, rows
from store.cases import DeadlineKind

CLOCKS = ("office", "always")

ORDINARY = "normal"
"""The urgency of what is not urgent; taxonomy.yml names the others."""

LONGEST_CODE = 40
LONGEST_AGENCY = 200
LONGEST_TEAM = 100
"""Characters; the database has no room for more."""

LONGEST_REMARK = 300
"""Characters of a reason or a source, which only people read."""

_CODE = re.compile(rf"[a-z0-9](?:[a-z0-9-]{{0,{LONGEST_CODE - 1}}})")
_PHONE = re.compile(r"\+?[0-9][0-9 .()-]{1,18}")


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


GAP = "…"
"""Stands in a procedure's name for up to `GAP_WORDS` words between."""

GAP_WORDS = 3


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


@dataclass(frozen=True)
class Names:
    """What lines of the tables may name, besides any."""

    categories: Collection[str]
    urgencies: Collection[str]
    communes: Collection[str]


def rules(table: LocalTable, columns: Iterable[str], known: Names) -> list[Rule]:
    """The lines of a table whose first line that fits holds.

    Raises:
        LocalTableInvalid: a line names what is not known, or there is something that none fits.
    """
    found = [
        Rule(row["category"], row["urgency"], row.get("commune", ANY), row)
        for row in rows(table, ("category", "urgency", *columns))
    ]
    for rule in found:
        _must_be_one_of(table, rule.row, "category", rule.category, known.categories)
        _must_be_one_of(table, rule.row, "urgency", rule.urgency, known.urgencies)
        _must_be_one_of(table, rule.row, "commune", rule.commune, known.communes)
        _must_be_short(table, rule.row, "why")
    for category, urgency in product(known.categories, known.urgencies):
        if not any(rule.fits(category, urgency) for rule in found):
            raise LocalTableInvalid(
                f"{table.path}: nothing may be left over, but no line fits {category},{urgency}: "
                "end with a line that begins *",
                at=(table.name, ""),
                column="category",
                problem="left_over",
            )
    return found


def _must_be_one_of(
    table: LocalTable, row: Mapping[str, str], column: str, value: str, known: Collection[str]
) -> None:
    if value != ANY and value not in known:
        some = ", ".join(sorted(known)[:30])
        raise table.wrong(row, column, "unknown", f"write {ANY} or one of {some}")


def deadline_rules(table: LocalTable, known: Names) -> list[tuple[Rule, DeadlineRule]]:
    """deadlines.csv in its order.

    Raises:
        LocalTableInvalid: with the column and the value.
    """
    found = rules(table, ("clock", *DeadlineKind), known)
    return [(rule, _deadline(table, rule)) for rule in found]


def _deadline(table: LocalTable, rule: Rule) -> DeadlineRule:
    clock = rule.row["clock"]
    if clock not in CLOCKS:
        raise table.wrong(rule.row, "clock", "unknown", f"write one of {', '.join(CLOCKS)}")
    durations = {}
    for kind in DeadlineKind:
        try:
            durations[kind] = Duration.read(rule.row[kind])
        except DurationUnreadable:
            raise table.wrong(
                rule.row,
                kind.value,
                "unreadable",
                "write a number and m, h or d, such as 30m or 10d",
            ) from None
    return DeadlineRule(clock, durations)


def office_hours(table: LocalTable) -> tuple[tuple[time, time], ...]:
    """working_hours.csv: when offices are open on a worked day, in order.

    Raises:
        LocalTableInvalid: a time cannot be read, or the hours are out of order.
    """
    spans = []
    for row in rows(table, ("opens", "closes")):
        try:
            spans.append((time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"])))
        except ValueError:
            mend = f"to {row['closes']!r}: write times such as 07:30"
            raise table.wrong(row, "opens", "unreadable", mend) from None
    moments = [moment for span in spans for moment in span]
    if not moments or moments != sorted(set(moments)):
        raise LocalTableInvalid(
            f"{table.path}: the hours must follow one another: put them in order",
            at=(table.name, ""),
            column="opens",
            problem="out_of_order",
        )
    return tuple(spans)


def swapped_days(table: LocalTable) -> dict[date, bool]:
    """holidays_override.csv: whether a day is worked, unlike the calendar.

    Raises:
        LocalTableInvalid: a day cannot be read, or it is neither worked nor free.
    """
    found = {}
    for row in rows(table, ("date", "worked", "why", "source")):
        try:
            day = date.fromisoformat(row["date"])
        except ValueError:
            mend = "write a day such as 2026-01-31"
            raise table.wrong(row, "date", "unreadable", mend) from None
        if row["worked"] not in ("yes", "no"):
            raise table.wrong(row, "worked", "unknown", "write yes or no")
        _must_be_short(table, row, "why")
        _must_be_short(table, row, "source")
        found[day] = row["worked"] == "yes"
    return found


def communes(path: Path) -> dict[str, CommuneFact]:
    """communes.csv by code."""
    return {
        row["code"]: CommuneFact(
            row["code"], row["name"], row["kind"], float(row["lat"]), float(row["lon"])
        )
        for row in rows(LocalTable(path), ("name", "code", "kind", "lat", "lon"))
    }


def agencies(table: LocalTable, units: Iterable[CommuneFact]) -> dict[str, AgencyFact]:
    """agencies.csv by code, with one office for each unit where a line is a template.

    Raises:
        LocalTableInvalid: a name is missing or too long, or a phone number is none.
    """
    found: dict[str, AgencyFact] = {}
    for row in rows(table, ("code", "name", "level", "units", "phone")):
        phone = row["phone"] or None
        _must_have_words(table, row, "name", LONGEST_AGENCY)
        if phone is not None and not _PHONE.fullmatch(phone):
            mend = "write digits, at most 20 signs, or nothing"
            raise table.wrong(row, "phone", "unreadable", mend)
        if row["level"] != "commune":
            found.setdefault(row["code"], AgencyFact(row["code"], row["name"], phone))
            continue
        wanted = {unit.strip() for unit in row["units"].split(";") if unit.strip()}
        for unit in units:
            if not wanted or unit.kind in wanted or unit.name in wanted:
                code = row["code"].format(commune=unit.code)
                found.setdefault(code, AgencyFact(code, row["name"].format(name=unit.name), phone))
    return found


def teams(table: LocalTable) -> dict[str, str]:
    """teams.csv: the name of each team by its code.

    Raises:
        LocalTableInvalid: a code or a name cannot be used.
    """
    found = {}
    for row in rows(table, ("code", "name")):
        if not _CODE.fullmatch(row["code"]):
            mend = f"write at most {LONGEST_CODE} of a-z, 0-9 and -"
            raise table.wrong(row, "code", "unreadable", mend)
        _must_have_words(table, row, "name", LONGEST_TEAM)
        found[row["code"]] = row["name"]
    return found


def _must_have_words(table: LocalTable, row: Mapping[str, str], column: str, longest: int) -> None:
    if not row[column]:
        raise table.wrong(row, column, "missing", "write something")
    if len(row[column]) > longest:
        raise table.wrong(row, column, "too_long", f"write at most {longest} characters")


def _must_be_short(table: LocalTable, row: Mapping[str, str], column: str) -> None:
    if len(row.get(column, "")) > LONGEST_REMARK:
        raise table.wrong(row, column, "too_long", f"write at most {LONGEST_REMARK} characters")


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
        for row in rows(LocalTable(path), ("number", "kind", "name", "when", "words"))
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


def urgencies(path: Path) -> tuple[str, ...]:
    """The urgencies of taxonomy.yml, and the ordinary one."""
    return (*(item["name"] for item in document(path)["urgencies"]), ORDINARY)
