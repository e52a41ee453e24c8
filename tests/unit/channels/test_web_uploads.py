"""Uploads of the web chat: bound to their chat, cleaned, and cleared away."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.base import MediaUnavailable
from bot.channels.web.uploads import KEPT_FOR, Uploads, kind_of

NAME = "ab" * 32 + ".jpg"
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def opened(folder: Path) -> Uploads:
    uploads = Uploads(folder)
    uploads.open()
    return uploads


def kept(uploads: Uploads, folder: Path, content: bytes = b"picture") -> str:
    """Lay a file down as an upload would, and give its ref in the chat "a"."""
    path = folder / NAME[:2] / NAME
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return uploads.ref("a", NAME).ref


def test_a_ref_is_worth_nothing_in_another_chat(tmp_path: Path) -> None:
    uploads = opened(tmp_path)
    ref = kept(uploads, tmp_path)
    assert uploads.of_chat("a", ref) is not None
    assert uploads.of_chat("b", ref) is None


@pytest.mark.parametrize("ref", ["", NAME, f"{NAME}~{'0' * 32}", "../../etc/passwd~" + "0" * 32])
def test_a_ref_that_was_made_up_is_nobodys(tmp_path: Path, ref: str) -> None:
    assert opened(tmp_path).of_chat("a", ref) is None


def test_refs_outlive_a_restart(tmp_path: Path) -> None:
    ref = kept(opened(tmp_path), tmp_path)
    assert opened(tmp_path).of_chat("a", ref) is not None


def test_the_signing_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    opened(tmp_path)
    assert (tmp_path / "signing.key").stat().st_mode & 0o077 == 0


def test_a_file_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    uploads = opened(tmp_path)
    ref = kept(uploads, tmp_path)
    assert uploads.read(ref, 7) == b"picture"
    with pytest.raises(MediaUnavailable, match="file_too_big"):
        uploads.read(ref, 6)


def test_a_file_that_was_discarded_cannot_be_had_and_never_will_be(tmp_path: Path) -> None:
    uploads = opened(tmp_path)
    ref = kept(uploads, tmp_path)
    uploads.discard(ref)
    uploads.discard(ref)
    with pytest.raises(MediaUnavailable) as caught:
        uploads.read(ref, 100)
    assert caught.value.again is False


def test_old_uploads_are_cleared_and_young_ones_and_the_key_stay(tmp_path: Path) -> None:
    uploads = opened(tmp_path)
    ref = kept(uploads, tmp_path)
    written = (NOW - KEPT_FOR).timestamp()
    os.utime(uploads.path(ref), (written, written))
    uploads.clear(NOW)
    assert uploads.read(ref, 100)
    uploads.clear(NOW + timedelta(seconds=1))
    with pytest.raises(MediaUnavailable):
        uploads.read(ref, 100)
    assert uploads.of_chat("a", ref) is not None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", "photo"),
        (b"\x00\x00\x00\x18ftypmp42", "video"),
        (b"\x00\x00\x00\x14ftypqt  ", "video"),
        (b"\x00\x00\x00\x18ftypheic", "photo"),
        (b"\x00\x00\x00\x18ftypavif", "photo"),
        (b"GIF89a", "photo"),
    ],
)
def test_the_content_says_what_a_file_is(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind
