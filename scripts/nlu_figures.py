"""Prints what the newest model costs and how it did in cross-validation, as JSON.

Run it alone on the machine: `.venv/bin/python -m scripts.nlu_figures [MODEL]`
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def resident_mb() -> float:
    """Resident memory of this process; Linux tells it in pages of 4 KiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def parse_times(parse: Callable[[str], object], texts: list[str]) -> dict[str, float]:
    """Milliseconds per text."""
    times = []
    for text in texts:
        started = time.perf_counter()
        parse(text)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return {
        "p50_ms": round(times[len(times) // 2], 2),
        "p99_ms": round(times[int(len(times) * 0.99)], 2),
    }


def main() -> None:
    from nlu.training_data import read_examples

    given = [Path(argument) for argument in sys.argv[1:]]
    archives = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    model = (given or archives)[-1]
    texts = sorted({example.text for example in read_examples(ROOT / "data" / "nlu")})
    before = resident_mb()
    started = time.perf_counter()
    from nlu import archive
    from nlu.classifiers import CategoryClassifier, IntentClassifier

    pipeline = archive.load(model)
    load_seconds = time.perf_counter() - started
    pipeline.parse(texts[0])
    short = [text for text in texts if len(text) <= 300]
    longest = (" ".join(texts[:200]))[:4000]
    figures = {
        "model": model.name,
        "archive_mb": round(model.stat().st_size / 1e6, 2),
        "load_s": round(load_seconds, 2),
        "parse_up_to_300_characters": parse_times(pipeline.parse, short),
        "parse_4000_characters": parse_times(pipeline.parse, [longest] * 5),
        "memory_added_mb": round(resident_mb() - before, 1),
        "held_out": {
            type(step).__name__: step.held_out
            for step in pipeline.steps
            if isinstance(step, IntentClassifier | CategoryClassifier)
        },
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
