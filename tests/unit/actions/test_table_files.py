"""The files of local facts with the desk's edits over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions import canned
from actions.local_facts import LocalTableInvalid, tables
from actions.table_files import WHOLE, LocalTable, Row, records, rows

ROUTING = """category,urgency,commune,team
traffic,urgent,*,night
traffic,*,*,day
*,*,*,desk
"""


def table(tmp_path: Path, name: str, text: str, **edits: Row | None) -> LocalTable:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return LocalTable(path, edits)


def teams(found: LocalTable) -> list[str]:
    return [row["team"] for row in rows(found, ("category", "urgency", "commune", "team"))]


def test_a_file_without_edits_is_as_it_is(tmp_path: Path) -> None:
    assert teams(table(tmp_path, "routing.csv", ROUTING)) == ["night", "day", "desk"]


def test_an_edited_row_keeps_its_place_and_a_removed_one_is_gone(tmp_path: Path) -> None:
    edits: dict[str, Row | None] = {"traffic,*,*": {"team": "new"}, "traffic,urgent,*": None}
    found = table(tmp_path, "routing.csv", ROUTING, **edits)
    assert teams(found) == ["new", "desk"]
    [edited, _] = rows(found, ("category", "urgency", "commune", "team"))
    assert edited == {"category": "traffic", "urgency": "*", "commune": "*", "team": "new"}


def test_new_rows_stand_first_and_among_them_those_that_name_the_most(tmp_path: Path) -> None:
    edits = {
        "*,urgent,*": {"team": "one name"},
        "traffic,high,30760": {"team": "three names"},
        "traffic,*,30760": {"team": "two names"},
    }
    found = teams(table(tmp_path, "routing.csv", ROUTING, **edits))
    assert found == ["three names", "two names", "one name", "night", "day", "desk"]


def test_what_a_row_says_of_its_own_key_does_not_count(tmp_path: Path) -> None:
    edits = {"land,*,*": {"category": "traffic", "team": "x"}}
    found = table(tmp_path, "routing.csv", ROUTING, **edits)
    first = rows(found, ("category", "urgency", "commune", "team"))[0]
    assert (first["category"], first["urgency"]) == ("land", "*")


def test_a_table_is_edited_as_a_whole(tmp_path: Path) -> None:
    hours = "opens,closes\n07:00,11:00\n"
    edit = {"rows": [{"opens": "08:00", "closes": "12:00"}]}
    found = table(tmp_path, "working_hours.csv", hours, **{WHOLE: edit})
    assert rows(found, ("opens", "closes")) == [{"opens": "08:00", "closes": "12:00"}]
    assert rows(LocalTable(found.path, {WHOLE: None}), ("opens",))[0]["opens"] == "07:00"


def test_a_row_of_a_list_is_edited_by_its_name(tmp_path: Path) -> None:
    replies = "replies:\n- {name: a, title: A, for: ['*'], moves: [reply], text: Xin chào}\n"
    edit = {"title": "B", "for": ["*"], "moves": ["reply"], "text": "Chào bạn"}
    found = table(tmp_path, "canned_replies.yml", replies, a=edit)
    assert [item["title"] for item in records(found, "replies")] == ["B"]
    [reply] = canned.load(found, categories=[], moves=[])
    assert (reply.name, reply.text) == ("a", "Chào bạn")


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("date,worked,why,source\n2026-02-30,no,,\n", "date", "unreadable"),
        ("date,worked,why,source\n2026-02-03,maybe,,\n", "worked", "unknown"),
        (f"date,worked,why,source\n2026-02-03,no,{'x' * 301},\n", "why", "too_long"),
    ],
)
def test_a_bad_row_of_a_file_is_named_with_file_row_column_and_mend(
    tmp_path: Path, text: str, column: str, problem: str
) -> None:
    found = table(tmp_path, "holidays_override.csv", text)
    with pytest.raises(LocalTableInvalid) as caught:
        tables.swapped_days(found)
    assert (caught.value.column, caught.value.problem) == (column, problem)
    assert caught.value.at[0] == "holidays_override"
    assert str(found.path) in str(caught.value)


def test_a_file_without_a_column_is_named(tmp_path: Path) -> None:
    found = table(tmp_path, "teams.csv", "code\nabc\n")
    with pytest.raises(LocalTableInvalid, match="'name' is missing"):
        tables.teams(found)


def test_what_no_line_fits_is_named(tmp_path: Path) -> None:
    known = tables.Names({"traffic", "land"}, ("urgent", "normal"), {"30760"})
    text = "category,urgency,commune,team\ntraffic,*,*,day\nland,urgent,*,day\n"
    with pytest.raises(LocalTableInvalid, match="no line fits land,normal"):
        tables.rules(table(tmp_path, "routing.csv", text), ("commune", "team"), known)
