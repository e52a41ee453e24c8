"""What a candidate's answers are worth, and the table."""

from __future__ import annotations

from pathlib import Path

from nlu.training_data import Example
from scripts.compare_models.candidates import Machine, syllables
from scripts.compare_models.figures import Figures, Message, accuracy, asked, table

MESSAGES: list[Message] = [
    ["đèn hư", "report", "power_lighting"],
    ["rác đầy", "report", "environment"],
    ["chào", "greet", None],
    ["ok", "affirm", None],
]


def test_intents_and_categories_are_counted_each_by_themselves() -> None:
    answers = [("report", "power_lighting"), ("greet", "traffic"), ("greet", None), ("deny", None)]
    assert accuracy(MESSAGES, answers) == {"intent": 50.0, "category": 50.0}


def test_who_never_names_a_category_is_not_measured_by_it() -> None:
    answers = [("report", None), ("report", None), ("greet", None), ("affirm", None)]
    assert accuracy(MESSAGES, answers) == {"intent": 100.0, "category": None}


def test_a_candidate_that_learns_and_is_loaded_again_answers_what_it_learnt(tmp_path: Path) -> None:
    messages: list[Message] = [*MESSAGES, ["ngập quá", "report", "drainage"]]
    machine = Machine(syllables)
    machine.train([Example(str(t), str(i), c) for t, i, c in messages], tmp_path)
    figures = asked(machine, {"learnt": messages}, tmp_path)
    assert figures["learnt typed"]["intent"] == 100.0
    assert figures["learnt stripped"] == {"intent": 100.0, "category": 100.0}
    assert figures["disk_mb"] >= 0
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]


def test_the_table_has_a_row_for_each_candidate() -> None:
    def figures(category: float | None) -> Figures:
        return {
            "asked typed": {"intent": 90.0, "category": category},
            "asked stripped": {"intent": 80.5, "category": category},
            "p50_ms": 0.5,
            "p99_ms": 2,
            "memory_mb": 30,
            "disk_mb": 17.4,
            "train_processor_seconds": 12,
        }

    lines = table({"ours": figures(70.0), "rasa-lr": figures(None)}, ["asked"]).splitlines()
    assert lines[2] == (
        "| ours | 90.0 / 80.5 | 70.0 / 70.0 | 0.5 ms | 2 ms | 30 MB | 17.4 MB | 12 s |"
    )
    assert lines[3].startswith("| rasa-lr | 90.0 / 80.5 | – | 0.5 ms |")
    assert all(line.count("|") == lines[0].count("|") for line in lines)
