"""Tables as files for a spreadsheet programme: CSV and Excel, without a cell that does anything."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import IO, Any

from bot.clock import LOCAL_ZONE, shown

Value = str | int | float | datetime | None

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Spreadsheet programmes take what begins so for a formula, some after letters are narrowed."""

_NOT_IN_XML = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]")
"""Signs that no file of Excel can hold."""

LONGEST_CELL = 32_000
"""Characters; Excel takes 32,767."""

CSV, EXCEL = "csv", "xlsx"

TYPES = {
    CSV: "text/csv; charset=utf-8",
    EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The media type of each kind of file."""


def harmless(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet would calculate it; cut to a cell."""
    kept = _NOT_IN_XML.sub("", text)[:LONGEST_CELL]
    return f"'{kept}" if kept.lstrip(" ").startswith(_BEGINS_A_FORMULA) else kept


def write(kind: str, file: IO[bytes], rows: Iterable[Sequence[Value]]) -> None:
    """Write rows, the first of them the heads of the columns, row after row.

    Args:
        kind: `CSV` (UTF-8 with a byte order mark, by which Excel knows it) or `EXCEL`.
    """
    if kind == CSV:
        _write_csv(file, rows)
    else:
        _write_excel(file, rows)


def _write_csv(file: IO[bytes], rows: Iterable[Sequence[Value]]) -> None:
    file.write(codecs.BOM_UTF8)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_as_text(value) for value in row])
    text.detach()


def _as_text(value: Value) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return shown(value)
    return harmless(value) if isinstance(value, str) else value


def _write_excel(file: IO[bytes], rows: Iterable[Sequence[Value]]) -> None:
    from openpyxl import Workbook  # 4 MB that are for these files alone

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([_as_cell(value) for value in row])
    book.save(file)


def _as_cell(value: Value) -> Any:
    if isinstance(value, datetime):  # Excel knows no time zones
        return value.astimezone(LOCAL_ZONE).replace(tzinfo=None)
    return harmless(value) if isinstance(value, str) else value
