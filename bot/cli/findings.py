"""What a check of the set-up finds, and how it is told to a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TextIO

import yaml

_WORDS = Path(__file__).with_name("doctor_words.yml")


class Level(Enum):
    """How a finding is marked on its line."""

    GOOD = "✓"
    OFF = "–"
    PROBLEM = "✗"


@dataclass(frozen=True)
class Finding:
    """One result. `key` names its sentences in doctor_words.yml, `facts` fill them in."""

    level: Level
    key: str
    facts: dict[str, str] = field(default_factory=dict)


def good(key: str, **facts: object) -> Finding:
    return Finding(Level.GOOD, key, {name: str(fact) for name, fact in facts.items()})


def off(key: str, **facts: object) -> Finding:
    return Finding(Level.OFF, key, {name: str(fact) for name, fact in facts.items()})


def problem(key: str, **facts: object) -> Finding:
    return Finding(Level.PROBLEM, key, {name: str(fact) for name, fact in facts.items()})


@cache
def words() -> dict[str, Any]:
    with _WORDS.open(encoding="utf-8") as file:
        table: dict[str, Any] = yaml.safe_load(file)
    return table


def tell(findings: Iterable[Finding], out: TextIO) -> int:
    """Write each finding as it comes, then the sum; returns how many problems there were."""
    problems = 0
    for finding in findings:
        sentences = words()[finding.key]
        print(f"{finding.level.value} {sentences['says'].format(**finding.facts)}", file=out)
        if finding.level is Level.PROBLEM:
            problems += 1
            print(f"    {words()['mend']}: {sentences['mend'].format(**finding.facts)}", file=out)
    closing = words()["to_mend"].format(count=problems) if problems else words()["all_good"]
    print(closing, file=out)
    return problems
