"""What a candidate answers and costs, and the table of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nlu.letters import strip_diacritics
from scripts.compare_models.candidates import Answer, Machine, Ours, Rasa
from scripts.nlu_report import markdown
from scripts.nlu_report.speed import percentile, resident_mb

# Times are of messages of at most so many characters.
ORDINARY = 300

# A message that is asked: its text, its intent, and its category if it has one.
Message = list["str | None"]
Figures = dict[str, Any]


def asked(chosen: Ours | Rasa | Machine, sets: dict[str, list[Message]], folder: Path) -> Figures:
    before = resident_mb()
    parse = chosen.load(folder)
    parse("đường ngập quá")
    figures: Figures = {
        "memory_mb": round(resident_mb() - before),
        "disk_mb": round(sum(f.stat().st_size for f in folder.glob("model.*")) / 1e6, 1),
    }
    times: list[float] = []
    for name, messages in sets.items():
        for way, typed in (("typed", str), ("stripped", strip_diacritics)):
            answers: list[Answer] = []
            for text, _, _ in messages:
                began = time.perf_counter()
                answers.append(parse(typed(str(text))))
                if len(str(text)) <= ORDINARY and way == "typed":
                    times.append((time.perf_counter() - began) * 1000)
            figures[f"{name} {way}"] = accuracy(messages, answers)
    return {**figures, "p50_ms": percentile(times, 0.5), "p99_ms": percentile(times, 0.99)}


def accuracy(messages: list[Message], answers: Sequence[Answer]) -> Figures:
    """Percents; no category is a wrong one, unless the candidate never gives any."""
    intents = [
        answer[0] == intent for (_, intent, _), answer in zip(messages, answers, strict=True)
    ]
    categories = [
        answer[1] == category
        for (_, _, category), answer in zip(messages, answers, strict=True)
        if category is not None
    ]
    knows = any(answer[1] is not None for answer in answers)
    return {
        "intent": round(100 * sum(intents) / len(intents), 1),
        "category": round(100 * sum(categories) / len(categories), 1) if knows else None,
    }


def table(found: dict[str, Figures], sets: Sequence[str]) -> str:
    """Accuracies are typed / without diacritics, in percent."""
    heads = [f"{name}: {what}" for name in sets for what in ("intent", "category")]
    heads += ["p50", "p99", "memory added", "on disk", "training, processor time"]
    rows: list[markdown.Row] = []
    for name, figures in found.items():
        cells = [name]
        for of_set in sets:
            typed, stripped = figures[f"{of_set} typed"], figures[f"{of_set} stripped"]
            for what in ("intent", "category"):
                known = typed[what] is not None
                cells.append(f"{typed[what]} / {stripped[what]}" if known else "–")
        cells += [
            f"{figures['p50_ms']} ms",
            f"{figures['p99_ms']} ms",
            f"{figures['memory_mb']} MB",
            f"{figures['disk_mb']} MB",
            f"{figures['train_processor_seconds']} s",
        ]
        rows.append(cells)
    return markdown.table(["candidate", *heads], rows)
