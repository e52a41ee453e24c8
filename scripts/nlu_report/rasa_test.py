"""Cross-validation by Rasa's own `rasa test nlu`, in .venv-rasa.

Rasa draws its folds at random within each intent and keeps nothing together, so its figure is the
kinder one. It knows intents only: categories and urgencies are ours.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from scripts.nlu_report.scores import Figures
from scripts.setup.rasa import QUIET

FOLDS = 2
PROGRAM = Path(".venv-rasa", "bin", "rasa")


class RasaTestFailed(RuntimeError):
    """`rasa test nlu` ended with an error."""


def cross_validate(root: Path, data: Path, requests: Iterable[str]) -> Figures | None:
    """What Rasa measured, or None where there is no Rasa."""
    if not (root / PROGRAM).exists():
        return None
    with tempfile.TemporaryDirectory(prefix="nlu-report-") as folder:
        out = Path(folder, "results")
        arguments: list[str | Path] = [
            root / PROGRAM, "test", "nlu", "--cross-validation", "--folds", str(FOLDS),
            "--config", "config.yml", "--domain", "domain.yml", "--nlu", data, "--out", out,
            "--no-plot", "--no-errors", "--no-warnings",
        ]  # fmt: skip
        environment = {
            **os.environ,
            **QUIET,
            "PYTHONPATH": ".",
            "PYTHONWARNINGS": "ignore",
            "RASA_CACHE_DIRECTORY": str(Path(folder, "cache")),
        }
        started = time.perf_counter()
        with Path(folder, "log").open("w+", encoding="utf-8") as log:
            done = subprocess.run(
                arguments, cwd=root, env=environment, stdout=log, stderr=log, check=False
            )
            report = out / "intent_report.json"
            if done.returncode != 0 or not report.exists():
                log.seek(0)
                raise RasaTestFailed(f"`rasa test nlu` failed:\n{log.read()[-2000:]}")
        seconds = round(time.perf_counter() - started)
        figures = parsed(json.loads(report.read_text(encoding="utf-8")), requests)
    return {"folds": FOLDS, "seconds": seconds, **figures}


def parsed(report: dict[str, Any], requests: Iterable[str]) -> Figures:
    """The figures of an `intent_report.json`; recall over the requests is weighed by number."""
    of_requests = [report[intent] for intent in requests if intent in report]
    number = sum(entry["support"] for entry in of_requests)
    seen = sum(entry["recall"] * entry["support"] for entry in of_requests)
    return {
        "examples": int(report["weighted avg"]["support"]),
        "intent": round(report["accuracy"], 4),
        "intent_f1_weighted": round(report["weighted avg"]["f1-score"], 4),
        "intent_f1_macro": round(report["macro avg"]["f1-score"], 4),
        "request_intent": round(seen / number, 4) if number else None,
    }
