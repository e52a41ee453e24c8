"""Files for spreadsheets: what Excel and others read of them, and what they must not calculate."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from bot.clock import LOCAL_ZONE
from bot.staff_pages.sheets import CSV, EXCEL, Value, harmless, write

ROWS: list[list[Value]] = [
    ["Mã", "Nội dung", "Số", "Lúc"],
    ["PA-AAAAA1", 'Ổ gà, "to"\nhai dòng', 3, datetime(2026, 11, 2, 1, 0, tzinfo=UTC)],
    ["=1+1", None, None, None],
]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+84", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1", " =cmd|' /C calc'!A0", "＝1+1", "＠x"],
)
def test_what_a_spreadsheet_would_calculate_is_a_text(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ổ gà", "số 5-7", "a=b", "0912 345 678"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


def test_signs_that_no_cell_can_hold_fall_away_and_long_texts_are_cut() -> None:
    assert harmless("a\x00b\x0bc") == "abc"
    assert len(harmless("x" * 40_000)) == 32_000


def test_a_csv_begins_with_the_mark_by_which_excel_knows_utf_8() -> None:
    file = BytesIO()
    write(CSV, file, ROWS)
    assert file.getvalue().startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(StringIO(file.getvalue().decode("utf-8-sig"), newline="")))
    assert read == [
        ["Mã", "Nội dung", "Số", "Lúc"],
        ["PA-AAAAA1", 'Ổ gà, "to"\nhai dòng', "3", "08:00 02/11/2026"],
        ["'=1+1", "", "", ""],
    ]


def test_an_excel_file_holds_texts_numbers_and_local_times() -> None:
    file = BytesIO()
    write(EXCEL, file, ROWS)
    sheet = load_workbook(BytesIO(file.getvalue())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    here = datetime(2026, 11, 2, 8, 0, tzinfo=LOCAL_ZONE).replace(tzinfo=None)
    assert rows[1] == ("PA-AAAAA1", 'Ổ gà, "to"\nhai dòng', 3, here)
    assert sheet["A3"].value == "'=1+1"
    assert sheet["A3"].data_type == "s"
