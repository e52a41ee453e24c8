"""Dossiers from a file: good rows are kept, wrong ones are told by line, field and mend."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from actions import dossiers
from bot.cli.importing import ImportFileUnreadable, command, run_import_dossiers
from bot.settings import ROOT
from store.engine import Database
from store.migrate import migrate

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HEADER = "code,procedure,agency,applicant,phone_last4,id_last4,state,received_on,due_on,note,sample"
GOOD = "H01.07-260202-0001,Khai sinh,UBND xã,Trần A,0101,1001,4,2026-02-02,20/03/2026,,"


@pytest.fixture
def database(sqlite_url: str) -> Database:
    database = Database(sqlite_url)
    migrate(database)
    return database


def _file(tmp_path: Path, *lines: str, name: str = "hoso.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8-sig")
    return path


def _found(database: Database, code: str) -> dossiers.DossierRecord | None:
    with database.read() as session:
        return dossiers.find(session, code)


def test_a_second_import_updates_what_the_first_brought(database: Database, tmp_path: Path) -> None:
    first = run_import_dossiers(database, _file(tmp_path, GOOD))
    again = run_import_dossiers(database, _file(tmp_path, GOOD.replace(",4,", ",9,")))
    assert (first.new, first.updated, again.new, again.updated) == (1, 0, 0, 1)
    found = _found(database, "H01.07-260202-0001")
    assert found is not None
    assert (found.state, found.due_on, found.phone_last4) == (9, date(2026, 3, 20), "0101")


@pytest.mark.parametrize(
    ("row", "column", "mend"),
    [
        (GOOD.replace("H01.07-260202-0001", "ABC"), "code", "không phải mã hồ sơ"),
        (GOOD.replace("H01.07-260202-0001", ""), "code", "ô này trống"),
        (GOOD.replace("Trần A", ""), "applicant", "ô này trống"),
        (GOOD.replace(",4,", ",11,"), "state", "từ 1 đến 10"),
        (GOOD.replace("2026-02-02", "hôm qua"), "received_on", "không phải ngày"),
        (GOOD.replace("2026-02-02", ""), "received_on", "ô này trống"),
        (GOOD.replace("20/03/2026", "2026-01-01"), "due_on", "sớm hơn ngày nhận"),
        (GOOD.replace("0101", "101"), "phone_last4", "4 chữ số cuối"),
        (GOOD.replace("Khai sinh", "x" * 301), "procedure", "dài quá 300"),
        (GOOD + "chắc vậy", "sample", "không hợp lệ"),
    ],
)
def test_a_wrong_row_is_told_by_line_and_field_and_the_others_are_kept(
    database: Database, tmp_path: Path, row: str, column: str, mend: str
) -> None:
    other = GOOD.replace("0001,", "0002,", 1)
    report = run_import_dossiers(database, _file(tmp_path, other, row))
    assert report.saved == 1
    assert [(error.line, error.field) for error in report.errors] == [(3, column)]
    assert mend in str(report)
    assert _found(database, "H01.07-260202-0002") is not None


def test_the_same_code_twice_keeps_the_first_and_names_its_line(
    database: Database, tmp_path: Path
) -> None:
    report = run_import_dossiers(database, _file(tmp_path, GOOD, "", GOOD.replace(",4,", ",5,")))
    assert report.saved == 1
    assert "đã có ở dòng 2" in str(report)


def test_semicolons_of_a_vietnamese_excel_are_read(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "hoso.csv"
    path.write_text(f"{HEADER}\n{GOOD}".replace(",", ";"), encoding="utf-8")
    assert run_import_dossiers(database, path).saved == 1


def test_a_sheet_with_dates_and_numbers_is_read_and_zeros_come_back(
    database: Database, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    received = date(2026, 2, 2)
    sheet.append(["H01.07-260202-0001", "Khai sinh", "UBND", "A", 101, "1001", 4, received, None])
    path = tmp_path / "hoso.xlsx"
    book.save(path)
    report = run_import_dossiers(database, path)
    assert report.errors == []
    found = _found(database, "H01.07-260202-0001")
    assert found is not None
    assert (found.phone_last4, found.received_on) == ("0101", date(2026, 2, 2))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("hoso.doc", b"x", "chỉ nạp được"),
        ("hoso.xlsx", b"not a sheet", "tệp hỏng"),
        ("hoso.csv", "mã hồ sơ".encode("utf-16"), "CSV UTF-8"),
        ("hoso.csv", b"code,state\n", "thiếu cột procedure"),
    ],
)
def test_a_file_that_cannot_be_read_says_how_to_mend_it(
    database: Database, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImportFileUnreadable, match=says):
        run_import_dossiers(database, path)


def test_a_file_that_is_not_there_is_told(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ImportFileUnreadable, match="Không có tệp"):
        run_import_dossiers(database, tmp_path / "none.csv")


def test_the_samples_of_the_project_are_read_without_an_error(database: Database) -> None:
    report = run_import_dossiers(database, ROOT / "data" / "samples" / "dossiers.csv")
    assert report.errors == []
    assert report.new >= 10


def test_the_command_prints_the_report_and_ends_with_1_when_rows_were_left_out(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    good = CliRunner().invoke(command, ["dossiers", str(_file(tmp_path, GOOD))])
    assert good.exit_code == 0
    assert "Đã nạp 1 hồ sơ (1 mới" in good.output
    wrong = CliRunner().invoke(command, ["dossiers", str(_file(tmp_path, GOOD, "x,,,"))])
    assert wrong.exit_code == 1
    assert "Dòng 3" in wrong.output
    missing = CliRunner().invoke(command, ["dossiers", str(tmp_path / "none.csv")])
    assert missing.exit_code == 1
