"""Photos as the public gets them: small enough for a phone whose owner pays for every megabyte."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

from PIL import Image

MAX_SIDE = 1024
"""Pixels of the longer side."""

JPEG_QUALITY = 75

KEPT = 64
"""Photos in memory; each has about a hundred kilobytes."""


@lru_cache(maxsize=KEPT)
def smaller(path: Path) -> bytes:
    """A photo of the media folder, scaled down; what its name stands for never changes."""
    with Image.open(path, formats=("JPEG",)) as image:
        image.thumbnail((MAX_SIDE, MAX_SIDE))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=JPEG_QUALITY, exif=b"")
    return out.getvalue()
