"""The loader of the test sets says what is wrong and where; the sets themselves are sound."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from bot.settings import ROOT
from scripts.nlu_report.sets import SetUnusable, read_taxonomy, read_test_sets

DATA = ROOT / "data"
TAXONOMY = read_taxonomy(DATA / "taxonomy.yml")
LINE: dict[str, Any] = {
    "id": "t-1",
    "text": "đèn đường tắt mấy bữa rồi",
    "style": "accented",
    "intent": "report",
    "category": "power_lighting",
    "alt_intent": None,
    "alt_category": None,
    "also": {"intent": "thank", "category": None},
    "urgency": "normal",
    "place": None,
    "commune": None,
}


def write(folder: Path, *lines: object) -> Path:
    text = "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
    (folder / "small.jsonl").write_text(text, encoding="utf-8")
    return folder


def test_a_test_set_is_read_by_its_name(tmp_path: Path) -> None:
    sets = read_test_sets(write(tmp_path, LINE, "\n", {**LINE, "id": "t-2"}), TAXONOMY)
    assert [message.id for message in sets["small"]] == ["t-1", "t-2"]
    assert sets["small"][0].also == "thank"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"intent": "reprot"}, "line 2: intent is 'reprot'"),
        ({"category": "lights"}, "category is 'lights'"),
        ({"alt_intent": "x"}, "alt_intent is 'x'"),
        ({"alt_category": "x"}, "alt_category is 'x'"),
        ({"also": {"intent": "x", "category": None}}, "the intent of also is 'x'"),
        ({"also": "thank"}, "also must have an intent and a category"),
        ({"urgency": "soon"}, "urgency is 'soon'"),
        ({"style": "formal"}, "style is 'formal'"),
        ({"text": " "}, "text must be text"),
        ({"urgency": None}, "urgency must be text"),
        ({"category": None}, "has no category, which does not fit the intent report"),
        ({"intent": "thank"}, "has a category, which does not fit the intent thank"),
        ({"more": 1}, "unknown: ['more']"),
        ({"id": "t-1"}, "the id t-1 is that of small.jsonl, line 1"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    write(tmp_path, LINE, {**LINE, "id": "t-2", **change})
    with pytest.raises(SetUnusable) as error:
        read_test_sets(tmp_path, TAXONOMY)
    assert "small.jsonl, line 2" in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(("line", "said"), [("{\n", "not JSON"), ("[]\n", "not an object")])
def test_what_is_no_message_is_refused(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(SetUnusable, match=said):
        read_test_sets(write(tmp_path, line), TAXONOMY)


def test_a_folder_without_test_sets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SetUnusable, match="holds no test set"):
        read_test_sets(tmp_path, TAXONOMY)


def test_citizens_come_for_nine_things() -> None:
    assert len(TAXONOMY.requests) == 9


def test_all_labels_of_the_test_sets_are_in_the_taxonomy_and_their_communes_exist() -> None:
    sets = read_test_sets(DATA / "test", TAXONOMY)
    with (DATA / "local" / "an_giang" / "communes.csv").open(encoding="utf-8") as file:
        communes = {row["name"] for row in csv.DictReader(file)}
    messages = [message for of_set in sets.values() for message in of_set]
    assert messages
    assert {message.commune for message in messages if message.commune} <= communes
    texts = [message.text for message in messages]
    assert len(set(texts)) == len(texts)
