"""Makes pictures small enough for Zalo."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from bot.channels.base import Undeliverable

IMAGE_LIMIT = 1_000_000
"""Bytes. Zalo's upload takes 1 MB, JPEG or PNG (developers.zalo.me, upload/image)."""

UPLOADED_AS = {"JPEG": "image/jpeg", "PNG": "image/png"}

STEPS = ((2048, 85), (1600, 80), (1280, 75), (1024, 70), (800, 60), (480, 50))
"""Tried in turn: longest side in pixels, JPEG quality."""


def fit(content: bytes) -> tuple[bytes, str]:
    """The picture as Zalo takes it, and its MIME type.

    Raises:
        Undeliverable: it is no picture.
    """
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.format in UPLOADED_AS and len(content) <= IMAGE_LIMIT:
                return content, UPLOADED_AS[image.format]
            return _shrunk(image.convert("RGB")), "image/jpeg"
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError):
        raise Undeliverable("picture_unreadable") from None


def _shrunk(image: Image.Image) -> bytes:
    for side, quality in STEPS:
        smaller = image.copy()
        smaller.thumbnail((side, side))
        file = io.BytesIO()
        smaller.save(file, "JPEG", quality=quality)
        if file.tell() <= IMAGE_LIMIT:
            return file.getvalue()
    raise Undeliverable("picture_too_big")
