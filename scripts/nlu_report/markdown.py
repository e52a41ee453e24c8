"""Tables and percents in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Row = Sequence[object]


def percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def table(head: Row, rows: Iterable[Row]) -> str:
    """A Markdown table; what would break its cells is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
