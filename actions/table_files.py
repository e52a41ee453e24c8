"""Reads the tables that people of the province can change: CSV and YAML, and the desk's edits."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ANY = "*"
"""In a table: whatever stands in this column fits."""

WHOLE = "all"
"""The key of an edit that stands for all rows of a table at once: `{"rows": […]}`."""

Row = dict[str, Any]
"""A row by its columns: texts, in a YAML file also lists of them."""

EditKey = tuple[str, str]
"""A table's name, as its file is called without ending, and the key of a row."""

Edits = Mapping[EditKey, Row | None]
"""What the desk has changed, the oldest first; None: the file's row does not hold."""

KEY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "teams": ("code",),
    "agencies": ("code",),
    "routing": ("category", "urgency", "commune"),
    "deadlines": ("category", "urgency"),
    "canned_replies": ("name",),
    "holidays_override": ("date",),
    "working_hours": (),
}
"""The tables that the desk can change, and what tells their rows apart; nothing: see WHOLE."""


class LocalTableInvalid(ValueError):
    """A table of local facts cannot be used; the text names the file, the field and the mend.

    Of one row, the rest says the same to a programme: `at` is the table and the row's key, `column`
    and `problem` (a word such as `unknown`) say what is wrong, `names` is another table's row that
    it names and that is not there.
    """

    def __init__(
        self,
        text: str,
        *,
        at: EditKey = ("", ""),
        column: str = "",
        problem: str = "",
        names: EditKey | None = None,
    ) -> None:
        super().__init__(text)
        self.at = at
        self.column = column
        self.problem = problem
        self.names = names


@dataclass(frozen=True)
class LocalTable:
    """A file of local facts, and what the desk has changed in it, by the rows' keys."""

    path: Path
    edits: Mapping[str, Row | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.stem

    def key(self, row: Mapping[str, Any]) -> str:
        """What a row is known by."""
        return ",".join(str(row.get(column, "")) for column in KEY_COLUMNS[self.name])

    def wrong(
        self,
        row: Mapping[str, Any],
        column: str,
        problem: str,
        mend: str,
        *,
        names: EditKey | None = None,
    ) -> LocalTableInvalid:
        """The error of one row."""
        key = self.key(row)
        where = ": ".join(part for part in (str(self.path), key) if part)
        value = row.get(column)
        return LocalTableInvalid(
            f"{where}: {column} {value!r}: {mend}",
            at=(self.name, key),
            column=column,
            problem=problem,
            names=names,
        )


def edited(path: Path, edits: Edits) -> LocalTable:
    """A file with those of the desk's edits that are of its table."""
    return LocalTable(path, {key: row for (name, key), row in edits.items() if name == path.stem})


def rows(table: LocalTable, columns: Iterable[str]) -> list[dict[str, str]]:
    """The lines of a CSV file, with the desk's edits.

    Raises:
        LocalTableInvalid: the file or one of the columns is missing.
    """
    wanted = tuple(columns)
    empty = dict.fromkeys(wanted, "")
    return _overlaid(
        table,
        _lines(table.path, wanted),
        lambda edit: empty | {column: str(value) for column, value in edit.items()},
    )


def records(table: LocalTable, name: str) -> list[Row]:
    """The list that a YAML file has under a name, with the desk's edits; see `document`.

    Raises:
        LocalTableInvalid: the file cannot be read.
    """
    return _overlaid(table, document(table.path).get(name) or [], lambda edit: edit)


def parsed_yaml(text: str) -> Any:
    """What a YAML text holds; by libyaml where PyYAML has it, ten times as fast as without.

    Raises:
        yaml.YAMLError: it is none.
    """
    if yaml.__with_libyaml__:
        return yaml.load(text, Loader=yaml.CSafeLoader)
    return yaml.safe_load(text)


_parsed_once = lru_cache(maxsize=32)(parsed_yaml)
"""By their text: all files are read anew for each change at the desk, and few have changed."""


def document(path: Path) -> dict[str, Any]:
    """A YAML file; nobody may change what is in it, for the next to ask is given the same.

    Raises:
        LocalTableInvalid: it cannot be read.
    """
    try:
        loaded = _parsed_once(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise LocalTableInvalid(f"{path}: cannot be read: {error}") from None
    if not isinstance(loaded, dict):
        raise LocalTableInvalid(f"{path}: must hold keys and values")
    return loaded


def _lines(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = sorted(set(columns) - set(reader.fieldnames or ()))
            if missing:
                raise LocalTableInvalid(f"{path}: column {missing[0]!r} is missing: add it")
            return [{k: (v or "").strip() for k, v in row.items() if k} for row in reader]
    except OSError as error:
        raise LocalTableInvalid(f"{path}: cannot be read ({error.strerror})") from None


def _overlaid(
    table: LocalTable, found: list[Row], as_row: Callable[[Row], Row]
) -> list[dict[str, Any]]:
    """The rows of a file with the edits of its table.

    An edited row keeps its place. Rows that the file does not have stand before all of the file's,
    and among themselves those that name the most come first, so that none hides a later one whole.
    """
    if not table.edits:
        return list(found)
    if WHOLE in table.edits:
        whole = table.edits[WHOLE]
        return found if whole is None else [as_row(row) for row in whole["rows"]]
    rest = dict(table.edits)
    kept = []
    for row in found:
        key = table.key(row)
        if key not in table.edits:
            kept.append(row)
        elif (edit := rest.pop(key, None)) is not None:
            kept.append(as_row(edit | _named(table, key)))
    added = sorted(rest, key=lambda key: (key.count(ANY), key))
    return [
        as_row(edit | _named(table, key)) for key in added if (edit := rest[key]) is not None
    ] + kept


def _named(table: LocalTable, key: str) -> Row:
    """The columns that an edit's key names: so what is wrong with its row is put down to it."""
    columns = KEY_COLUMNS[table.name]
    return dict(zip(columns, key.split(",", len(columns) - 1), strict=False))
