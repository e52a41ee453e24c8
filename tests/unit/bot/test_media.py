"""Photos and videos lose what their files tell of place and device, and nothing else."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.media import MAX_SIDE, MediaStore, NotAPicture, clean_photo, clean_video

GPS, GPS_LATITUDE, ORIENTATION, MAKE = 0x8825, 2, 0x0112, 0x010F
TURNED_LEFT = 6


def photo(width: int = 80, height: int = 40, *, kind: str = "JPEG") -> bytes:
    """A picture whose file tells where and with what it was taken."""
    image = Image.new("RGB", (width, height), "red")
    exif = Image.Exif()
    exif[MAKE] = "HomeCam"
    exif[ORIENTATION] = TURNED_LEFT
    exif.get_ifd(GPS)[GPS_LATITUDE] = (10.0, 0.0, 30.0)
    out = io.BytesIO()
    image.save(out, kind, exif=exif)
    return out.getvalue()


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def video() -> bytes:
    place = box(b"\xa9xyz", b"+10.0123+105.0809/")
    moov = box(b"moov", box(b"mvhd", b"\x00" * 20) + box(b"udta", place))
    return box(b"ftyp", b"isom\x00\x00\x02\x00") + moov + box(b"mdat", b"frames" * 10)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_keeps_its_picture_and_loses_place_and_device(kind: str) -> None:
    before = photo(kind=kind)
    assert b"HomeCam" in before
    with Image.open(io.BytesIO(clean_photo(before))) as after:
        assert dict(after.getexif()) == {}
        assert after.size == (40, 80)  # upright, as the camera meant it
        assert after.format == "JPEG"


def test_a_large_photo_is_scaled_down() -> None:
    with Image.open(io.BytesIO(clean_photo(photo(5000, 1000)))) as after:
        assert max(after.size) == MAX_SIDE


def test_a_transparent_picture_gets_a_white_ground() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(clean_photo(out.getvalue()))) as after:
        assert after.getpixel((1, 1)) == (255, 255, 255)


@pytest.mark.parametrize("data", [b"", b"<html>", b"GIF89a", b"\xff\xd8\xff" + b"\0" * 50])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        clean_photo(data)


def test_a_video_keeps_its_length_and_frames_and_loses_its_place() -> None:
    before = video()
    after = clean_video(before)
    assert len(after) == len(before)
    assert b"+10.0123" in before
    assert b"+10.0123" not in after
    assert b"frames" * 10 in after


def test_what_is_no_video_is_refused() -> None:
    with pytest.raises(NotAPicture):
        clean_video(b"RIFF....AVI ")


@given(st.binary(max_size=200))
def test_a_broken_video_never_does_harm(tail: bytes) -> None:
    data = box(b"ftyp", b"isom") + tail
    assert len(clean_video(data)) == len(data)


def test_a_file_is_kept_once_under_the_name_of_its_content(tmp_path: Path) -> None:
    media = MediaStore(tmp_path)
    first, again = media.add("photo", photo()), media.add("photo", photo())
    assert first == again
    assert media.path(first.path).stat().st_size == first.size
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("path", ["../secret", "/etc/hostname", "aa/none.jpg", ""])
def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("x")
    with pytest.raises(FileNotFoundError):
        MediaStore(tmp_path / "media").path(path)


@pytest.mark.parametrize("kind", ["EPS", "TIFF", "BMP", "PPM"])
def test_kinds_of_pictures_that_no_messenger_sends_are_not_opened(kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, kind)
    with pytest.raises(NotAPicture):
        clean_photo(out.getvalue())


def test_a_video_of_boxes_without_end_is_refused() -> None:
    nested = b""
    for _ in range(2000):
        nested = box(b"moov", nested)
    with pytest.raises(NotAPicture):
        clean_video(box(b"ftyp", b"isom\x00\x00\x02\x00") + nested)
