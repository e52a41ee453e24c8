"""The generated codes are the same every time, and are read."""

from __future__ import annotations

import re

import pytest

from nlu.entities.dossier_code import SHAPE
from scripts.nlu_report.codes import Case, Generated, generated_sets

SETS = generated_sets(size=300, seed=1)
VALUES = {
    "dossier code": SHAPE,
    "ticket code": re.compile(r"PA-[0-9A-Y]{6}"),
    "phone": re.compile(r"0\d{9,10}"),
    "date": re.compile(r"\d\d/\d\d(?:/20\d\d)?"),
    "time of day": re.compile(r"[012]\d:[0-5]\d"),
}


def test_the_same_seed_gives_the_same_sets() -> None:
    assert generated_sets(size=20, seed=1) == generated_sets(size=20, seed=1)
    assert generated_sets(size=20, seed=1) != generated_sets(size=20, seed=2)


def test_the_report_has_at_least_500_of_each() -> None:
    assert {g.name: len(g.cases) >= 500 for g in generated_sets()} == dict.fromkeys(VALUES, True)


@pytest.mark.parametrize("generated", SETS, ids=lambda generated: generated.name)
def test_a_case_holds_what_was_typed_and_a_value_of_its_shape(generated: Generated) -> None:
    for case in generated.cases:
        assert case.text.count(case.typed) >= 1
        assert VALUES[generated.name].fullmatch(case.value)
    assert len({case.typed for case in generated.cases}) > 150


@pytest.mark.parametrize("generated", SETS, ids=lambda generated: generated.name)
def test_99_of_100_are_read_rightly(generated: Generated) -> None:
    assert len(generated.wrong()) <= len(generated.cases) / 100


def test_a_wrong_reading_is_listed_with_its_input() -> None:
    case = Case("gọi 0912345678", "0912345678", "0987654321")
    assert Generated("phone", "phone", (case,)).wrong() == [
        {
            "text": "gọi 0912345678",
            "meant": "0987654321",
            "read": [["phone", "0912345678", "0912345678"]],
        }
    ]
