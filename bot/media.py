"""The media folder: photos and videos without the place and device that their files tell of.

Documents are kept as they are.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import tempfile
from pathlib import Path

from PIL import Image, ImageOps

from bot import documents
from bot.messages import MediaKind, StoredMedia

MAX_SIDE = 2560
"""Pixels of the longer side that are kept: enough to read a number plate, small enough to send."""

MAX_PIXELS = 60_000_000
"""A picture of more is refused before it is unpacked: it would fill the memory."""

JPEG_QUALITY = 88

SMALL_SIDE = 480
"""Pixels of the longer side of a small copy: a list of pictures on a phone, in good sharpness."""

PICTURES = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
"""What cameras and messengers make. Pillow reads many more, some by starting other programs."""

TYPES = {"jpg": "image/jpeg", "mp4": "video/mp4", **documents.TYPES}
"""The media types of what is kept, by the ends of its names."""

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_TELLTALES = frozenset({b"udta", b"meta", b"uuid"})
"""Boxes of an MP4 or MOV file that hold place, device and software; nothing needed to play."""

DEEPEST_BOX = 10
"""Levels of boxes in boxes; `moov` to `stbl` and what lies in it are six."""


class NotAPicture(ValueError):
    """The bytes are no picture, video or document of a kind that is taken."""


class MediaStore:
    """Files named by the SHA-256 of what they hold, so that adding one twice changes nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, kind: MediaKind, data: bytes, name: str = "") -> StoredMedia:
        """Clean a file and keep it.

        Photos (JPEG, PNG, WebP, GIF, AVIF) are turned upright, scaled down
        and written anew as JPEG, which leaves every kind of metadata behind. Videos keep their
        bytes except that the boxes holding metadata are blanked, documents all of them.

        Args:
            name: what the sender calls a document.

        Raises:
            NotAPicture: the bytes are none of them, or too large to unpack.
        """
        if kind == "photo":
            data, suffix = clean_photo(data), "jpg"
        elif kind == "video":
            data, suffix = clean_video(data), "mp4"
        else:
            suffix = documents.suffix_of(data) or ""
            if not suffix:
                raise NotAPicture("not a document that is taken")
        kept = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
        path = self.folder / kept[:2] / kept
        if not path.exists():
            _write_whole(path, data)
        return StoredMedia(
            kind=kind,
            path=f"{kept[:2]}/{kept}",
            mime=TYPES[suffix],
            size=len(data),
            look=look_of(data) if kind == "photo" else None,
            name=documents.shown_name(name, suffix) if kind == "file" else "",
        )

    def discard(self, stored_path: str) -> None:
        """Remove a kept file; nothing happens when it is gone already."""
        (self.folder / stored_path).unlink(missing_ok=True)

    def path(self, stored_path: str) -> Path:
        """Where a kept file is.

        Raises:
            FileNotFoundError: there is none, or the path leads out of the folder.
        """
        path = (self.folder / stored_path).resolve()
        if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            raise FileNotFoundError(stored_path)
        return path


def _write_whole(path: Path, data: bytes) -> None:
    """Write so that a crash leaves either nothing or the whole file under its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)


def clean_photo(data: bytes) -> bytes:
    """The picture alone, upright, as JPEG."""
    try:
        with Image.open(io.BytesIO(data), formats=PICTURES) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NotAPicture("too many pixels")
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((MAX_SIDE, MAX_SIDE))
            plain = Image.new("RGB", upright.size, "white")
            plain.paste(
                upright, mask=upright.getchannel("A") if "A" in upright.getbands() else None
            )
    except NotAPicture:
        raise
    except Exception as error:
        # Pillow's readers fail on broken files in whatever way their code happens to.
        raise NotAPicture(type(error).__name__) from None
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def small_copy(photo: Path) -> bytes:
    """A kept photo made small, as JPEG; made anew each time, so that nothing is left of it."""
    with Image.open(photo, formats=("JPEG",)) as image:
        image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))  # unpacks no more than is needed
        image.thumbnail((SMALL_SIDE, SMALL_SIDE))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def look_of(photo: bytes) -> int:
    """What a photo looks like, in 64 bits: whether it gets lighter from each point to the next.

    Photos of one thing differ in few of them, however they are scaled or packed (a difference
    hash: N. Krawetz, "Kind of like that", 2013). As a signed number, which databases can store.
    """
    with Image.open(io.BytesIO(photo)) as image:
        points = image.convert("L").resize((9, 8), Image.Resampling.LANCZOS).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (points[at] < points[at + 1])
    return bits - 2**64 if bits >= 2**63 else bits


def clean_video(data: bytes) -> bytes:
    """The video with its metadata boxes blanked in place, so that no offset in it moves.

    Source: ISO/IEC 14496-12, boxes of 4 bytes size, 4 bytes type; `free` is skipped by players.
    """
    if data[4:8] != b"ftyp":
        raise NotAPicture("not an MP4 or MOV file")
    out = bytearray(data)
    _blank(out, 0, len(out), DEEPEST_BOX)
    return bytes(out)


def _blank(out: bytearray, start: int, end: int, levels: int) -> None:
    if not levels:
        raise NotAPicture("boxes nested too deep")
    while start + 8 <= end:
        size, box = struct.unpack_from(">I4s", out, start)
        header = 8
        if size == 1 and start + 16 <= end:
            size, header = struct.unpack_from(">Q", out, start + 8)[0], 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            return
        if box in _TELLTALES:
            out[start + 4 : start + 8] = b"free"
            out[start + header : start + size] = bytes(size - header)
        elif box in _CONTAINERS:
            _blank(out, start + header, start + size, levels - 1)
        start += size
