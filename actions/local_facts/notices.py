"""notices.yml: notices and figures of the province, told while staff have published none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from actions.table_files import LocalTableInvalid, document

KINDS = ("notice", "figure")


@dataclass(frozen=True)
class NoticeFact:
    """A notice or a figure; `checked_on` is None while nobody has compared it with its source."""

    kind: str
    title: str
    text: str
    source: str
    checked_on: date | None


def load(path: Path) -> tuple[NoticeFact, ...]:
    """notices.yml in its order.

    Raises:
        LocalTableInvalid: the file cannot be read, or a line is of no known kind or lacks a field.
    """
    found = []
    for item in document(path).get("notices") or ():
        try:
            fact = NoticeFact(**item)
        except TypeError:
            raise LocalTableInvalid(
                f"{path}: {item!r}: write kind, title, text, source and checked_on"
            ) from None
        if fact.kind not in KINDS:
            raise LocalTableInvalid(f"{path}: kind {fact.kind!r}: write one of {', '.join(KINDS)}")
        found.append(fact)
    return tuple(found)
