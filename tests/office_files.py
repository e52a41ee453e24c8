"""Documents for tests: as small as they can be, and of the right kind inside."""

from __future__ import annotations

import io
import zipfile

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def package(*parts: str) -> bytes:
    """An Office file of today, with these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for part in ("[Content_Types].xml", *parts):
            made.writestr(part, "<x/>")
    return file.getvalue()


def old_office(*streams: str) -> bytes:
    """An Office file of before 2007, with these streams in its directory."""
    names = b"".join(f"{name}\0".encode("utf-16-le").ljust(64, b"\0") for name in streams)
    return _OLE + bytes(504) + names


DOCX = package("word/document.xml")
XLSX = package("xl/workbook.xml")
DOC = old_office("Root Entry", "WordDocument")
XLS = old_office("Root Entry", "Workbook")
