"""Reads Rasa NLU YAML as Rasa does, for training where Rasa itself is not to be had."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# `[Rạch Giá](city)`, `[Rạch Giá](city:rg)`, `[Rạch Giá]{"entity": "city"}`: the text stays.
_ANNOTATION = re.compile(r"\[(?P<text>[^\]]+?)\](?:\([^)]+?\)|\{[^}]+?\})")


class TrainingDataUnreadable(ValueError):
    """A file of training data is not Rasa NLU YAML."""


@dataclass(frozen=True)
class Example:
    """One sentence with its labels. No category and no urgency are told by None."""

    text: str
    intent: str
    category: str | None = None
    urgency: str | None = None


def labelled(text: str, intent: str, metadata: Mapping[str, Any] | None) -> Example:
    """An example from its text, its intent and the metadata of its block or line."""
    given = metadata or {}
    return Example(text, intent, given.get("category"), given.get("urgency"))


def read_examples(path: Path) -> list[Example]:
    """All examples of a file, or of every YAML file below a folder, in order of path."""
    import yaml

    files = [path] if path.is_file() else sorted([*path.rglob("*.yml"), *path.rglob("*.yaml")])
    examples: list[Example] = []
    for file in files:
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
        except yaml.YAMLError as error:
            raise TrainingDataUnreadable(f"{file}: {error}") from error
        if not isinstance(content, dict):
            continue
        for block in content.get("nlu") or []:
            if isinstance(block, dict) and block.get("intent"):
                examples.extend(_of_block(block))
    return examples


def _of_block(block: dict[str, Any]) -> list[Example]:
    metadata = block.get("metadata")
    shared: dict[str, Any] = metadata if isinstance(metadata, dict) else {}
    lines = block.get("examples") or ""
    pairs: list[tuple[str, dict[str, Any]]] = []
    if isinstance(lines, str):
        pairs = [(line[1:].strip(), {}) for line in lines.splitlines() if line.startswith("-")]
    elif isinstance(lines, list):
        pairs = [
            (str(item.get("text", "")).strip(), item.get("metadata") or {})
            for item in lines
            if isinstance(item, dict)
        ]
    return [
        labelled(_ANNOTATION.sub(r"\g<text>", text), str(block["intent"]), {**shared, **own})
        for text, own in pairs
        if text
    ]
