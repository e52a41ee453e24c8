from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from nlu import archive
from nlu.archive import ArchiveUnreadable, ForeignComponent


def _write(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def _metadata(*uses: str) -> bytes:
    nodes: dict[str, Any] = {}
    last = "__message__"
    for name in (*uses, "rasa.nlu.classifiers.regex_message_handler.RegexMessageHandler"):
        node = f"run_{name.rpartition('.')[2]}"
        nodes[node] = {"uses": name, "needs": {"messages": last}, "resource": None}
        last = node
    return json.dumps({"predict_schema": {"nodes": nodes}}).encode()


def test_a_component_of_rasa_is_refused_by_name(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "m.tar.gz",
        {"metadata.json": _metadata("rasa.nlu.classifiers.diet_classifier.DIETClassifier")},
    )
    with pytest.raises(ForeignComponent, match=r"DIETClassifier.*NLU_URL") as caught:
        archive.load(path)
    assert caught.value.component == "DIETClassifier"


def test_an_archive_without_the_normaliser_is_refused(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "m.tar.gz", {"metadata.json": _metadata("nlu.rasa_components.CodeExtractor")}
    )
    with pytest.raises(ArchiveUnreadable, match="VietnameseNormalizer"):
        archive.load(path)


def test_a_component_without_its_files_is_named(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "m.tar.gz",
        {"metadata.json": _metadata("nlu.rasa_components.VietnameseNormalizer")},
    )
    with pytest.raises(ArchiveUnreadable, match="VietnameseNormalizer is damaged"):
        archive.load(path)


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8b\x08\x00broken"])
def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.tar.gz"
    path.write_bytes(content)
    with pytest.raises(ArchiveUnreadable):
        archive.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnreadable):
        archive.load(tmp_path / "m.tar.gz")


@pytest.mark.parametrize("name", ["../outside.txt", "/outside.txt", "a/../../outside.txt"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = _write(tmp_path / "m.tar.gz", {"metadata.json": _metadata(), name: b"x"})
    with pytest.raises(ArchiveUnreadable, match="leads out"):
        archive.load(path)
    assert not (tmp_path / "outside.txt").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        link = tarfile.TarInfo("metadata.json")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc/hostname"
        tar.addfile(link)
    with pytest.raises(ArchiveUnreadable, match="no file"):
        archive.load(path)


def test_an_archive_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 10)
    path = _write(tmp_path / "m.tar.gz", {"big.npy": b"x" * 100})
    with pytest.raises(ArchiveUnreadable, match="more than 10 bytes"):
        archive.load(path)
