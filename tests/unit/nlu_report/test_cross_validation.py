"""Folds keep examples that are alike together and spread labels."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.settings import ROOT
from nlu.training_data import Example, read_examples
from scripts.nlu_report import rasa_test
from scripts.nlu_report.cross_validation import cross_validate, folds_of, groups_of_alike
from scripts.nlu_report.sets import read_taxonomy

TAXONOMY = read_taxonomy(ROOT / "data" / "taxonomy.yml")


def test_texts_that_share_most_of_their_letters_are_one_group() -> None:
    one, other, third, short, empty = groups_of_alike(
        [
            "đèn đường đầu hẻm tắt cả tuần nay",
            "đèn đường đầu hẻm tắt cả tháng nay",
            "rác chất đống trước cổng trường",
            "rác",
            "",
        ]
    )
    assert one == other
    assert len({one, third, short, empty}) == 4


def test_groups_stay_whole_and_labels_are_spread() -> None:
    labels = ["a"] * 9 + ["b"] * 6 + ["a"] * 3
    groups = [*range(9), *range(9, 15), 20, 20, 20]
    folds = folds_of(labels, groups, folds=3)
    assert len({folds[15], folds[16], folds[17]}) == 1
    assert Counter(folds) == {0: 6, 1: 6, 2: 6}
    assert Counter(fold for fold, label in zip(folds, labels, strict=True) if label == "b") == {
        0: 2, 1: 2, 2: 2
    }  # fmt: skip


def test_every_example_is_held_out_once(tmp_path: Path) -> None:
    small = ROOT / "tests" / "unit" / "nlu" / "small_nlu.yml"
    examples: list[Example] = read_examples(small)
    names = ["VietnameseNormalizer", "CodeExtractor", "ConceptFinder", "ActSegmenter"]
    names += ["IntentClassifier", "CategoryClassifier", "UrgencyClassifier", "Conclusion"]
    lines = "".join(f"  - name: nlu.rasa_components.{name}\n" for name in names)
    (tmp_path / "config.yml").write_text(f"pipeline:\n{lines}", encoding="utf-8")
    figures, answers = cross_validate(tmp_path, examples, TAXONOMY, folds=2)
    assert {a.message.id for a in answers} == {f"example-{n}" for n in range(len(examples))}
    assert figures["examples"] == len(examples)
    for way in ("typed", "stripped", "noise"):
        of_way = figures[way]
        assert isinstance(of_way, dict)
        assert of_way["messages"] == len(examples)


def test_what_rasa_writes_is_brought_to_our_figures() -> None:
    report = {
        "report": {"recall": 0.5, "support": 30},
        "praise": {"recall": 0.8, "support": 10},
        "thank": {"recall": 1.0, "support": 10},
        "accuracy": 0.66,
        "macro avg": {"f1-score": 0.7, "support": 50},
        "weighted avg": {"f1-score": 0.65, "support": 50},
    }
    assert rasa_test.parsed(report, ("report", "praise", "ask_info")) == {
        "examples": 50,
        "intent": 0.66,
        "intent_f1_weighted": 0.65,
        "intent_f1_macro": 0.7,
        "request_intent": 0.575,
    }


def test_without_rasa_nothing_is_measured(tmp_path: Path) -> None:
    assert rasa_test.cross_validate(tmp_path, tmp_path, ()) is None


def test_a_failure_of_rasa_is_told(tmp_path: Path) -> None:
    program = tmp_path / rasa_test.PROGRAM
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho no such config\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(rasa_test.RasaTestFailed, match="no such config"):
        rasa_test.cross_validate(tmp_path, tmp_path, ())
