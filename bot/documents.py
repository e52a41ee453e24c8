"""Documents that citizens and officers send each other, known by what is in them.

Their bytes are kept as they are. Those that carry programs (macros) are not taken.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile

TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""What is taken, by the ends of their names, and their media types."""

LONGEST_NAME = 80

LONGEST_LIST = 1024 * 1024
"""Bytes of a package's list of parts; a document's takes some kilobytes."""

_PDF = b"%PDF-"
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What files begin with: PDF; the packages of Office since 2007; the files of Office before."""

_END_OF_PACKAGE = b"PK\x05\x06"
_END_OF_BIG_ONE = b"PK\x06\x07"
"""What the length of the list stands in; the second belongs to packages of over 4 GB."""

_MAIN_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
_STREAMS = {"WordDocument": "doc", "Workbook": "xls", "Book": "xls"}
_MACROS = "vbaProject.bin", "_VBA_PROJECT"


def may_be_one(head: bytes) -> bool:
    """Whether a file that begins so may be a document."""
    return head.startswith((_PDF, _ZIP, _OLE))


def suffix_of(data: bytes) -> str | None:
    """The key in `TYPES` of a document; None of anything else."""
    if data.startswith(_PDF):
        return "pdf"
    if data.startswith(_ZIP):
        return _package(data)
    if data.startswith(_OLE):
        return _old_office(data)
    return None


def _package(data: bytes) -> str | None:
    """By the list of its parts, if it is no longer than an honest one; nothing is unpacked."""
    end = data.rfind(_END_OF_PACKAGE)
    listed = int.from_bytes(data[end + 12 : end + 16], "little")
    if end < 0 or listed > LONGEST_LIST or data[max(0, end - 20) : end].startswith(_END_OF_BIG_ONE):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if any(part.endswith(_MACROS[0]) for part in parts):
        return None
    return next((suffix for part, suffix in _MAIN_PARTS.items() if part in parts), None)


def _old_office(data: bytes) -> str | None:
    """By the names of its streams, which stand in its directory in UTF-16."""
    if _MACROS[1].encode("utf-16-le") in data:
        return None
    found = (s for name, s in _STREAMS.items() if f"{name}\0".encode("utf-16-le") in data)
    return next(found, None)


def shown_name(name: str, suffix: str) -> str:
    """What a sender calls a file, made safe to show and to save under; empty for no name."""
    plain = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", plain)
    stem = re.sub(r"[^\w .,()+-]", "_", stem).strip(" .")[:LONGEST_NAME]
    return f"{stem}.{suffix}" if stem else ""
