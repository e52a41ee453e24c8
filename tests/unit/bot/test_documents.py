"""Documents are known by what is in them, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents import TYPES, may_be_one, shown_name, suffix_of
from bot.media import MediaStore, NotAPicture
from tests.office_files import DOC, DOCX, PDF, XLS, XLSX, old_office, package


@pytest.mark.parametrize(
    ("data", "suffix"),
    [(PDF, "pdf"), (DOCX, "docx"), (XLSX, "xlsx"), (DOC, "doc"), (XLS, "xls")],
)
def test_a_document_is_kept_as_it_is(tmp_path: Path, data: bytes, suffix: str) -> None:
    assert may_be_one(data[:12])
    store = MediaStore(tmp_path)
    kept = store.add("file", data, "Đơn xin.exe")
    assert (kept.kind, kept.suffix, kept.mime) == ("file", suffix, TYPES[suffix])
    assert kept.name == f"Đơn xin.{suffix}"
    assert (kept.size, kept.look) == (len(data), None)
    assert store.path(kept.path).read_bytes() == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"MZ" + bytes(100),
        b"<html><script>alert(1)</script>",
        b"PK\x03\x04" + bytes(100),
        package("readme.txt"),
        package("word/document.xml", "word/vbaProject.bin"),
        package("xl/workbook.xml", "xl/vbaProject.bin"),
        package("word/document.xml", *(f"word/{number}" for number in range(20_000))),
        DOCX[: DOCX.rfind(b"PK\x05\x06")]
        + b"PK\x06\x07"
        + bytes(16)
        + DOCX[DOCX.rfind(b"PK\x05\x06") :],
        old_office("Root Entry", "WordDocument", "_VBA_PROJECT"),
        old_office("Root Entry", "__properties_version1.0"),
    ],
)
def test_anything_else_and_what_carries_programs_is_refused(tmp_path: Path, data: bytes) -> None:
    assert suffix_of(data) is None
    with pytest.raises(NotAPicture):
        MediaStore(tmp_path).add("file", data)
    assert list(tmp_path.iterdir()) == []


@given(st.binary(max_size=300), st.sampled_from([PDF, DOCX, DOC]))
def test_no_bytes_do_harm(tail: bytes, head: bytes) -> None:
    assert suffix_of(head[:30] + tail) in {None, *TYPES}


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Đơn đề nghị.pdf", "Đơn đề nghị.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\lan\\don.docx", "don.pdf"),
        ('a"b<c>\r\nSet-Cookie: x.pdf', "a_b_c___Set-Cookie_ x.pdf"),
        ("", ""),
        (".pdf", ""),
        ("x" * 200, "x" * 80 + ".pdf"),
    ],
)
def test_the_name_is_made_safe_and_ends_as_the_content_does(given_name: str, shown: str) -> None:
    assert shown_name(given_name, "pdf") == shown
