"""How well reports of one thing are found, on made-up ones (tests/data/duplicate_reports.yml)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from actions import duplicates, likeness
from actions.tickets import TicketDraft
from store.tickets import Ticket
from tests.case_room import LOCAL, CaseRoom, case_room

FILE = Path(__file__).parents[2] / "data" / "duplicate_reports.yml"
MARKET = (9.99098, 105.1)
ODD, EVEN = 0, 1
"""Things by their number: the odd ones (the first, the third …) chose the scoring."""


@dataclass(frozen=True)
class Measured:
    """Of all pairs of reports that were compared: how many were rightly and wrongly shown."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)


def draft_of(thing: dict[str, Any], report: dict[str, Any], commune: str) -> TicketDraft:
    latitude = longitude = None
    if "north" in report:
        degree = likeness.METRES_OF_A_DEGREE
        latitude = MARKET[0] + report["north"] / degree
        longitude = MARKET[1] + report["east"] / degree / math.cos(math.radians(MARKET[0]))
    return TicketDraft(
        "report",
        thing["category"],
        "normal",
        report["text"],
        place_text=report["place"],
        commune_code=commune,
        latitude=latitude,
        longitude=longitude,
    )


def measure(room: CaseRoom, half: int) -> tuple[Measured, list[str]]:
    """What is shown for each report of one half, beside all the others; and what went wrong."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    made: list[tuple[int, TicketDraft, Ticket]] = []
    for number, thing in enumerate(document["things"]):
        for report in thing["reports"]:
            draft = draft_of(thing, report, document["commune"])
            fields = ("text", "place_text", "commune_code", "latitude", "longitude")
            values = {name: getattr(draft, name) for name in fields}
            made.append((number, draft, room.ticket(draft.category, **values)))
    thing_of = {ticket.id: number for number, _, ticket in made}
    right = wrong = missed = 0
    faults = []
    for number, draft, own in made:
        if number % 2 != half:
            continue
        found = duplicates.likely(room.session, draft, local=LOCAL, now=room.now, limit=100)
        shown = {one.ticket.id: one.ticket.text for one in found if one.ticket.id != own.id}
        same = {n for n, thing in thing_of.items() if thing == number and n != own.id}
        right += len(same & shown.keys())
        wrong += len(shown.keys() - same)
        missed += len(same - shown.keys())
        texts = {t.id: t.text for t in room.session.scalars(select(Ticket))}
        faults += [f"wrong: {draft.text} | {shown[n]}" for n in shown.keys() - same]
        faults += [f"missed: {draft.text} | {texts[n]}" for n in same - shown.keys()]
    return Measured(right, wrong, missed), faults


def test_most_of_what_is_shown_is_the_same_thing_and_most_of_the_same_is_shown(
    sqlite_url: str,
) -> None:
    with case_room(sqlite_url) as room:
        found, faults = measure(room, EVEN)
    assert found.precision >= 0.9, faults
    assert found.recall >= 0.9, faults
