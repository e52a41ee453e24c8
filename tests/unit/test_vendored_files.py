"""Libraries of others lie here as their packages have them, each with version and licence."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from bot.settings import ROOT
from bot.static_files import StaticFiles

FOLDERS = (ROOT / "bot" / "static" / "vendor", ROOT / "tests" / "vendor")

LINE = re.compile(
    r"\| `(?P<file>[^`]+)` \| \S+ \| [\d.]+ \| [\w.-]+ \| `(?P<sha256>[0-9a-f]{64})` \|"
)


def listed(folder: Path) -> dict[str, str]:
    """What the README says: sha256 by file."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    return {found["file"]: found["sha256"] for found in LINE.finditer(text)}


@pytest.mark.parametrize("folder", FOLDERS, ids=["served", "of tests"])
def test_every_file_is_listed_with_version_licence_and_its_very_bytes(folder: Path) -> None:
    there = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "README.md"
    }
    assert there
    assert there == listed(folder)


@pytest.mark.parametrize("folder", FOLDERS, ids=["served", "of tests"])
def test_every_library_comes_with_its_licence(folder: Path) -> None:
    libraries = [path for path in folder.iterdir() if path.is_dir()]
    assert libraries
    assert all(any(library.glob("LICENSE*")) for library in libraries)


@pytest.mark.parametrize(
    "name",
    [
        "vendor/htmx/htmx.min.js",
        "vendor/leaflet/leaflet.js",
        "vendor/leaflet/leaflet.css",
        "vendor/leaflet/images/marker-icon.png",
        "vendor/chart.js/chart.umd.min.js",
    ],
)
def test_templates_can_name_what_they_load(name: str) -> None:
    assert StaticFiles().url(name).startswith(f"/static/{name}?v=")
