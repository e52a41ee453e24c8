"""The fixed test sets in data/test, and the labels they may use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STYLES = frozenset({"accented", "southern", "stripped", "teencode"})
FIELDS = (
    "id", "text", "style", "intent", "category", "alt_intent", "alt_category", "also", "urgency",
    "place", "commune",
)  # fmt: skip
MAY_BE_NULL = frozenset(
    {"category", "alt_intent", "alt_category", "also", "place", "commune"}
)  # fmt: skip


class SetUnusable(ValueError):
    """A line of a test set is not what this report can measure with."""


@dataclass(frozen=True)
class Taxonomy:
    """The names that labels may have; `requests` are the intents that a citizen comes for."""

    intents: tuple[str, ...]
    requests: frozenset[str]
    with_category: frozenset[str]
    categories: tuple[str, ...]
    urgencies: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """One message of a test set with what it should be understood to say.

    `alt_intent` and `alt_category` are second labels that are not wrong. `also` is the intent of a
    second act. `commune` is the full name of today's unit.
    """

    id: str
    text: str
    style: str
    intent: str
    category: str | None
    alt_intent: str | None
    alt_category: str | None
    also: str | None
    urgency: str
    place: str | None
    commune: str | None


def read_taxonomy(path: Path) -> Taxonomy:
    import yaml

    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    intents = content["intents"]
    return Taxonomy(
        tuple(item["name"] for item in intents),
        frozenset(item["name"] for item in intents if item["group"] == "request"),
        frozenset(item["name"] for item in intents if item["category"]),
        tuple(item["name"] for item in content["categories"]),
        tuple(item["name"] for item in content["urgencies"]),
    )


def read_test_sets(folder: Path, taxonomy: Taxonomy) -> dict[str, list[Message]]:
    """Every `*.jsonl` of the folder by its name, in order of name.

    Raises:
        SetUnusable: there is no file, or a line is not a message with known labels.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise SetUnusable(f"{folder} holds no test set (*.jsonl)")
    lines_of: dict[str, str] = {}
    return {file.stem: list(_messages(file, taxonomy, lines_of)) for file in files}


def _messages(file: Path, taxonomy: Taxonomy, lines_of: dict[str, str]) -> Iterator[Message]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{file.name}, line {number}"
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except ValueError as error:
            raise SetUnusable(f"{where}: not JSON: {error}") from error
        fault = _fault(given, taxonomy)
        if fault:
            raise SetUnusable(f"{where}: {fault}")
        if given["id"] in lines_of:
            raise SetUnusable(f"{where}: the id {given['id']} is that of {lines_of[given['id']]}")
        lines_of[given["id"]] = where
        also = given["also"]
        yield Message(**{**given, "also": also["intent"] if also else None})


def _fault(given: Any, taxonomy: Taxonomy) -> str | None:
    """What is wrong with a line, in words."""
    if not isinstance(given, dict):
        return "not an object"
    if set(given) != set(FIELDS):
        lacking, unknown = set(FIELDS) - set(given), set(given) - set(FIELDS)
        return f"fields lacking: {sorted(lacking)}, unknown: {sorted(unknown)}"
    for name in FIELDS:
        value = given[name]
        if value is None and name in MAY_BE_NULL:
            continue
        if name != "also" and not (isinstance(value, str) and value.strip()):
            return f"{name} must be text, not {value!r}"
    also = given["also"]
    if also is not None and not (isinstance(also, dict) and set(also) == {"intent", "category"}):
        return f"also must have an intent and a category, not {also!r}"
    return _unknown_label(given, taxonomy) or _misplaced_category(given, taxonomy)


def _unknown_label(given: Mapping[str, Any], taxonomy: Taxonomy) -> str | None:
    also = given["also"] or {}
    labels = (
        ("style", given["style"], STYLES),
        ("intent", given["intent"], taxonomy.intents),
        ("alt_intent", given["alt_intent"], taxonomy.intents),
        ("the intent of also", also.get("intent"), taxonomy.intents),
        ("category", given["category"], taxonomy.categories),
        ("alt_category", given["alt_category"], taxonomy.categories),
        ("the category of also", also.get("category"), taxonomy.categories),
        ("urgency", given["urgency"], taxonomy.urgencies),
    )
    for name, label, known in labels:
        if label is not None and label not in known:
            return f"{name} is {label!r}, which nothing is called"
    return None


def _misplaced_category(given: Mapping[str, Any], taxonomy: Taxonomy) -> str | None:
    if (given["category"] is not None) == (given["intent"] in taxonomy.with_category):
        return None
    has = "has no category" if given["category"] is None else "has a category"
    return f"{has}, which does not fit the intent {given['intent']}"
