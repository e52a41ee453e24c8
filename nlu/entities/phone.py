"""Vietnamese phone numbers: `0` and nine digits (mobile), `02` and nine (fixed lines)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.folded import Folded
from nlu.understanding import Entity

KIND = "phone"

# A digit, or a letter beside a digit that looks like one.
_DIGIT = r"(?:\d|(?:(?<=\d)[oil]|[oil](?=\d))(?![^\W\d_]))"
_SEPARATOR = r"[ .()-]{0,3}"
_CANDIDATE = re.compile(
    rf"(?<![\w.-])(?:sdt|dt|tel|zalo|so)?(?P<number>\(?\+?{_DIGIT}(?:{_SEPARATOR}{_DIGIT}){{8,12}})(?!\d)"
)
_GAP = re.compile(r"[ .()-]+(?=\w)")
_LOOK_ALIKES = str.maketrans("oil", "011")
_NUMBER = re.compile(r"(?:\+?84|0)(0?)(?P<rest>[35789]\d{8}|2\d{9}|2\d{8})")


def find(folded: Folded) -> list[Entity]:
    """All phone numbers; `value` is `0xxxxxxxxx`."""
    found: list[Entity] = []
    for match in _CANDIDATE.finditer(folded.text):
        start = match.start("number")
        for raw in _without_numbers_behind(match["number"]):
            digits = re.sub(r"[^\w]", "", raw)
            real = sum(letter.isdigit() for letter in digits)
            value = normalize_phone(digits) if real >= len(digits) - 2 else None
            if value and not folded.has_marks(start, start + len(raw)):
                found.append(folded.entity(KIND, value, start, start + len(raw)))
                break
    return found


def _without_numbers_behind(raw: str) -> Iterator[str]:
    """What was matched, then without its last number, as in `0912345678 - 2 lần`, and so on."""
    yield raw
    for gap in reversed(list(_GAP.finditer(raw))):
        yield raw[: gap.start()]


def normalize_phone(text: str) -> str | None:
    """`+84 912 345 678`, `84912345678` and `0912.345.678` give `0912345678`; others None."""
    digits = re.sub(r"\D", "", text.translate(_LOOK_ALIKES))
    number = _NUMBER.fullmatch(digits)
    return f"0{number['rest']}" if number else None
