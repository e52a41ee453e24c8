"""Reads the tables that people of the province can change: CSV and YAML."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml


class LocalTableInvalid(ValueError):
    """A file of local facts cannot be used; the text names the file, the field and the mend."""


def rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """The lines of a CSV file.

    Raises:
        LocalTableInvalid: the file or one of the columns is missing.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = sorted(set(columns) - set(reader.fieldnames or ()))
            if missing:
                raise LocalTableInvalid(f"{path}: column {missing[0]!r} is missing: add it")
            return [{k: (v or "").strip() for k, v in row.items() if k} for row in reader]
    except OSError as error:
        raise LocalTableInvalid(f"{path}: cannot be read ({error.strerror})") from None


def document(path: Path) -> dict[str, Any]:
    """A YAML file.

    Raises:
        LocalTableInvalid: it cannot be read.
    """
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise LocalTableInvalid(f"{path}: cannot be read: {error}") from None
    if not isinstance(loaded, dict):
        raise LocalTableInvalid(f"{path}: must hold keys and values")
    return loaded
