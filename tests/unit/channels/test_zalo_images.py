"""Pictures as Zalo takes them."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from bot.channels.base import Undeliverable
from bot.channels.zalo_oa.images import IMAGE_LIMIT, fit


def noise(width: int, height: int, form: str) -> bytes:
    """A picture that hardly compresses."""
    image = Image.frombytes("RGB", (width, height), random.Random(7).randbytes(width * height * 3))
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def test_a_small_picture_stays_as_it_is() -> None:
    content = noise(40, 30, "PNG")
    assert fit(content) == (content, "image/png")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_large_picture_becomes_a_jpeg_within_the_limit(form: str) -> None:
    content, mime = fit(noise(2400, 1300, form))
    assert mime == "image/jpeg"
    assert len(content) <= IMAGE_LIMIT
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "JPEG"
        assert image.width > image.height > 200


def test_a_form_that_zalo_does_not_take_is_changed() -> None:
    assert fit(noise(40, 30, "WEBP"))[1] == "image/jpeg"


def test_what_is_no_picture_is_undeliverable() -> None:
    with pytest.raises(Undeliverable, match="picture_unreadable"):
        fit(b"no picture at all")
