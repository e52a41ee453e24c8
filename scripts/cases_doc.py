"""Writes the tables of docs/cases.md that are kept elsewhere: `python -m scripts.cases_doc`.

States and moves come from data/ticket_moves.yml, deadlines from the province's deadlines.csv. A
test sees that the page says what the files say.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "cases.md"
MOVES = ROOT / "data" / "ticket_moves.yml"
DEADLINES = ROOT / "data" / "local" / "an_giang" / "deadlines.csv"

CLOCKS = {"runs": "run", "paused": "stand still", "stopped": "have ended"}
HOLDERS = {"by": "whoever moves", "given": "whoever is named", "kept": "as before", "nobody": "–"}


def states() -> str:
    """The states, as people read them, and what the clocks do in each."""
    rows = [
        (f"`{one['name']}`", one["vi"], "yes" if one["open"] else "no", CLOCKS[one["clock"]])
        for one in _document()["states"]
    ]
    return _table(("state", "as people read it", "staff must act", "clocks"), rows)


def moves() -> str:
    """The moves, in the order of their table."""
    rows = [
        (
            f"`{one['name']}`",
            one["vi"],
            _listed(one["from"]),
            f"`{one['to']}`",
            ", ".join(one["who"]),
            ", ".join(one.get("needs", ())) or "–",
            ", ".join(one.get("tells", ())) or "–",
            ", ".join(one.get("meets", ())) or "–",
            HOLDERS[one["holder"]],
        )
        for one in _document()["moves"]
    ]
    head = ("move", "as people read it", "from", "to", "who", "needs", "tells", "meets", "holder")
    return _table(head, rows)


def deadlines() -> str:
    """The province's deadlines; the first line that fits counts."""
    with DEADLINES.open(encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    return _table(head, rows)


BLOCKS: dict[str, Callable[[], str]] = {"states": states, "moves": moves, "deadlines": deadlines}


def written(page: str) -> str:
    """The page with its tables as the files have them now."""
    for name, block in BLOCKS.items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, after = page.partition(begin)[0], page.partition(end)[2]
        page = f"{before}{begin}\n{block()}\n{end}{after}"
    return page


def _document() -> Any:
    return yaml.safe_load(MOVES.read_text(encoding="utf-8"))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
