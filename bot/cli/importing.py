"""`caunoi import`: dossiers from a CSV or XLSX file; good rows kept, wrong ones told by line."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
import yaml

from actions import dossiers
from actions.dossiers import DossierCodeUnreadable, DossierRecord
from bot.cli.opening import opened_database
from bot.clock import Clock, utc_now
from store.engine import Database

REQUIRED = ("code", "procedure", "agency", "applicant", "state", "received_on")
OPTIONAL = ("phone_last4", "id_last4", "due_on", "note", "sample")
LONGEST = {"procedure": 300, "agency": 200, "applicant": 100, "note": 2000}
"""Characters that the table's columns hold."""

ROWS_PER_TRANSACTION = 500
"""The server keeps answering while a long file is read in."""

_DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
_YES = frozenset({"true", "1", "yes", "x", "có", "co"})
_NO = frozenset({"", "false", "0", "no", "không", "khong"})


class ImportFileUnreadable(Exception):
    """The file as a whole cannot be read; the text says how to mend it."""


@dataclass(frozen=True)
class RowError:
    """A row that was left out: its line in the file, the column, and how to mend it."""

    line: int
    field: str
    mend: str

    def __str__(self) -> str:
        words: str = _words()["row"]
        return words.format(line=self.line, field=self.field, mend=self.mend)


@dataclass
class ImportReport:
    """What became of a file."""

    new: int = 0
    updated: int = 0
    errors: list[RowError] = field(default_factory=list)

    @property
    def saved(self) -> int:
        return self.new + self.updated

    def __str__(self) -> str:
        lines = {error.line for error in self.errors}
        summary = _words()["summary" if lines else "summary_clean"].format(
            saved=self.saved, new=self.new, updated=self.updated, wrong=len(lines)
        )
        return "\n".join([*(str(error) for error in self.errors), summary])


class _RowWrong(Exception):
    def __init__(self, column: str, mend: str, **values: object) -> None:
        super().__init__(column)
        self.column = column
        self.words = _words()["mends"][mend].format(**values)


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    path = Path(__file__).with_suffix(".yml")
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


@click.group()
def command() -> None:
    """Bring in data of the province."""


@command.command("dossiers")
@click.argument("file", type=click.Path(path_type=Path))
def import_dossiers(file: Path) -> None:
    """Read dossiers from FILE (.csv or .xlsx) into the local table.

    Columns: code, procedure, agency, applicant, state (1 to 10), received_on; optional: due_on,
    phone_last4, id_last4, note, sample. A code that is there already is updated. Ends with status 1
    when a row had to be left out.
    """
    try:
        with opened_database() as database:
            report = run_import_dossiers(database, file)
    except ImportFileUnreadable as error:
        raise click.ClickException(str(error)) from None
    click.echo(str(report))
    if report.errors:
        raise SystemExit(1)


def run_import_dossiers(database: Database, path: Path, *, clock: Clock = utc_now) -> ImportReport:
    """Read a file of dossiers into the local table; a code that is there already is updated.

    Raises:
        ImportFileUnreadable: the file cannot be read at all.
    """
    report = ImportReport()
    good: list[DossierRecord] = []
    seen: dict[str, int] = {}
    for line, row in _rows(path):
        try:
            record = _record(row)
            if record.code in seen:
                raise _RowWrong("code", "duplicate", value=record.code, first=seen[record.code])
        except _RowWrong as wrong:
            report.errors.append(RowError(line, wrong.column, wrong.words))
            continue
        seen[record.code] = line
        good.append(record)
    for start in range(0, len(good), ROWS_PER_TRANSACTION):
        with database.write() as session:
            for record in good[start : start + ROWS_PER_TRANSACTION]:
                if dossiers.save(session, record, now=clock()):
                    report.new += 1
                else:
                    report.updated += 1
    return report


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows with their line in the file; empty ones are passed over."""
    lines = _table(path)
    _, names = next(lines, (1, []))
    header = [str(name or "").strip().lower() for name in names]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise _unreadable("columns", path, columns=", ".join(missing))
    for number, values in lines:
        row = dict(zip(header, values, strict=False))
        if any(str(value or "").strip() for value in row.values()):
            yield number, row


def _table(path: Path) -> Iterator[tuple[int, list[Any]]]:
    if not path.is_file():
        raise _unreadable("missing", path)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return _csv_lines(path)
    if suffix == ".xlsx":
        return _xlsx_lines(path)
    raise _unreadable("unknown", path)


def _csv_lines(path: Path) -> Iterator[tuple[int, list[Any]]]:
    """Every row with the line of the file that it ends on."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable("encoding", path) from None
    first = text.partition("\n")[0]
    # Excel in Vietnamese separates by semicolons, for the comma is its decimal sign.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for values in reader:
        yield reader.line_num, list(values)


def _xlsx_lines(path: Path) -> Iterator[tuple[int, list[Any]]]:
    import openpyxl  # 4 MB that only such a file needs
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = [list(values) for values in sheet.iter_rows(values_only=True)]
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, OSError, ValueError):
        raise _unreadable("broken", path) from None
    book.close()
    yield from enumerate(lines, 1)


def _unreadable(reason: str, path: Path, **values: object) -> ImportFileUnreadable:
    return ImportFileUnreadable(_words()["files"][reason].format(name=path.name, **values))


def _record(row: Mapping[str, Any]) -> DossierRecord:
    received = _date(row, "received_on")
    if received is None:
        raise _RowWrong("received_on", "missing")
    due = _date(row, "due_on")
    if due is not None and due < received:
        raise _RowWrong("due_on", "order")
    return DossierRecord(
        code=_code(row),
        procedure=_required(row, "procedure"),
        agency=_required(row, "agency"),
        applicant=_required(row, "applicant"),
        state=_state(row),
        received_on=received,
        due_on=due,
        phone_last4=_last4(row, "phone_last4"),
        id_last4=_last4(row, "id_last4"),
        note=_text(row, "note") or None,
        sample=_flag(row, "sample"),
    )


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    text = "" if value is None else str(value).strip()
    if len(text) > LONGEST.get(column, 40):
        raise _RowWrong(column, "long", limit=LONGEST.get(column, 40))
    return text


def _required(row: Mapping[str, Any], column: str) -> str:
    text = _text(row, column)
    if not text:
        raise _RowWrong(column, "missing")
    return text


def _code(row: Mapping[str, Any]) -> str:
    text = _required(row, "code")
    try:
        return dossiers.read_code(text)
    except DossierCodeUnreadable:
        raise _RowWrong("code", "code", value=text) from None


def _state(row: Mapping[str, Any]) -> int:
    text = _required(row, "state")
    number = text.removesuffix(".0")
    if not number.isdecimal() or not 1 <= int(number) <= 10:
        raise _RowWrong("state", "state", value=text)
    return int(number)


def _date(row: Mapping[str, Any], column: str) -> date | None:
    value = row.get(column)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _text(row, column)
    if not text:
        return None
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise _RowWrong(column, "date", value=text)


def _last4(row: Mapping[str, Any], column: str) -> str | None:
    """Four digits; a sheet that took them for a number has lost the zeros in front."""
    value = row.get(column)
    text = _text(row, column)
    if not text:
        return None
    if isinstance(value, (int, float)):
        text = f"{int(value):04d}"
    if len(text) != 4 or not text.isdecimal():
        raise _RowWrong(column, "last4", value=text)
    return text


def _flag(row: Mapping[str, Any], column: str) -> bool:
    text = _text(row, column).lower()
    if text not in _YES | _NO:
        raise _RowWrong(column, "flag", value=text)
    return text in _YES
