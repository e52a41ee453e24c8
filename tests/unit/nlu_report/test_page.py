"""The page says what was measured, also where something was not."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from bot.settings import ROOT
from scripts.nlu_report import page, pictures, scores, speed
from scripts.nlu_report.__main__ import of_test_sets, write
from scripts.nlu_report.machine import machine
from scripts.nlu_report.robustness import RATES, TYPED
from scripts.nlu_report.sets import read_taxonomy
from tests.unit.nlu_report.test_scores import MESSAGE, RIGHT

TAXONOMY = read_taxonomy(ROOT / "data" / "taxonomy.yml")


def report(**more: Any) -> dict[str, Any]:
    """A whole report of two messages."""
    wrong = replace(RIGHT, message=replace(MESSAGE, id="t-2", text="a | b\nc"), intent="thank")
    answers = [RIGHT, wrong]
    headline = scores.headline(answers, TAXONOMY) | scores.certainty(answers)
    return {
        "quick": False,
        "machine": machine(),
        "sizes": {"examples": 9, "examples_over_40_words": 1, "test_messages": {"small": 2}},
        "noise": RATES,
        "speed": {
            "model": "nlu-1.tar.gz",
            "archive_mb": 9.9,
            "load_seconds": 0.5,
            "memory_added_mb": 40.0,
            "parse": speed.by_length([("a" * 20, 1.0), ("b" * 20, 3.0), ("c" * 400, 9.0)]),
            "slowest": [{"ms": 3.0, "characters": 20, "text": "b" * 20}],
        },
        "training": {"seconds": 90.0, "processor_seconds": 80.0},
        "generated": [
            {
                "set": "phone",
                "size": 500,
                "accuracy": 0.998,
                "wrong": [{"text": "gọi 09", "meant": "0912345678", "read": [["time", "9", "9"]]}],
            }
        ],
        "test": of_test_sets({"small": dict.fromkeys(TYPED, answers)}, TAXONOMY),
        "cross_validation": {
            "examples": 9, "groups": 8, "largest_group": 2, "folds": 3,
            **dict.fromkeys(TYPED, headline), "emergencies": scores.emergencies(answers),
        },
        "rasa_test": None,
        "seconds": 12,
        **more,
    }  # fmt: skip


def test_the_page_tells_figures_and_wrong_readings() -> None:
    text = page.page(report())
    assert "| intent (2 messages) | 50.0 % (50.0 %) |" in text
    assert "| t-2 | a \\| b c | report | thank | 0.80 |" in text
    assert "| phone | gọi 09 | 0912345678 | time 9 |" in text
    assert "| 1 to 50 | 2 | 3.0 | 3.0 |" in text
    assert "| up to 300, all | 2 | 3.0 | 3.0 |" in text
    assert "`rasa test nlu` was not run" in text
    assert page.QUICK not in text


def test_every_row_of_a_table_has_as_many_cells() -> None:
    lines = page.page(report()).replace("\\|", "").splitlines()
    for before, line in pairwise(lines):
        if before.startswith("|") and line.startswith("|"):
            assert before.count("|") == line.count("|")


def test_the_page_tells_what_rasa_measured_and_that_it_was_quick() -> None:
    rasa = {
        "folds": 2, "seconds": 300, "examples": 9, "intent": 0.8, "request_intent": 0.7,
        "intent_f1_weighted": 0.79, "intent_f1_macro": 0.6,
    }  # fmt: skip
    text = page.page(report(rasa_test=rasa, quick=True))
    assert "intent 80.0 % of 9, of the nine 70.0 %" in text
    assert page.QUICK in text


def test_both_files_are_written_from_the_same_figures(tmp_path: Path) -> None:
    figures = report()
    write(tmp_path, figures)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == figures
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == page.page(figures)


def test_pictures_are_drawn_the_same_every_time(tmp_path: Path) -> None:
    bins = scores.reliability([0.1, 0.9], [False, True])
    for name in ("one", "two"):
        pictures.draw_confusion(tmp_path / f"{name}.png", [[2, 1], [0, 0]], ("a", "b"))
        pictures.draw_reliability(tmp_path / f"{name}-line.png", {"test sets": bins})
    for name in (".png", "-line.png"):
        one, two = ((tmp_path / f"{which}{name}").read_bytes() for which in ("one", "two"))
        assert one == two
        assert one.startswith(b"\x89PNG")
