"""Candidates for ticket codes: `PA-` and 5 to 9 letters or digits, as people type them.

Only the shape is known here. Whether the check character is right, and whether such a ticket
exists, is known where tickets are.
"""

from __future__ import annotations

import re

from nlu.entities.folded import Folded
from nlu.understanding import Entity

KIND = "ticket_code"
ISSUED_SIZE = 6

# A code in one piece, or pieces joined with hyphens: PA-7K3M9Q, pa7k3m9q, PA-7K3-M9Q.
_WHOLE = re.compile(
    r"(?<![a-z0-9])(ma)?pa(?P<gap>[ .:#-]{0,3})(?P<code>[a-z0-9-]{5,11})(?![a-z0-9])"
)
# A code in pieces with spaces or dots: pa 7k3 m9q, PA 7 K 3 M 9 Q.
_PIECES = re.compile(
    r"(?<![a-z0-9])(ma)?pa[ .:#-]{0,3}(?P<code>[a-z0-9]{1,5}(?:[ .-][a-z0-9]{1,5}){1,5})"
)
# "kp3 den": the third quarter (khu phố), and a word.
_NUMBERED = re.compile(r"(?:ap|to|kp|so|lo|km|ql|tl|dt|hl)\d+")
_NAMED_CODE = re.compile(r"(?:\bma|\bma so|\bcode|\bso)(?: la)?[ :]*$")
_LOOKED_BACK = 16


def find(folded: Folded) -> list[Entity]:
    """All candidates; `value` is `PA-XXXXXX` in capitals."""
    found: list[Entity] = []
    text = folded.text
    for match in _WHOLE.finditer(text):
        raw = match["code"].strip("-")
        end = match.start("code") + len(match["code"].rstrip("-"))
        code = raw.replace("-", "")
        if not 5 <= len(code) <= 9 or folded.has_marks(_start(match), end):
            continue
        if code.isalpha() and not _letters_are_a_code(text, match, code):
            continue
        if code.isdigit() and len(code) > 7 and not match["gap"]:
            continue
        found.append(folded.entity(KIND, f"PA-{code.upper()}", _start(match), end))
    taken = [(entity.start, entity.end) for entity in found]
    for match in _PIECES.finditer(text):
        size = _size_of_pieces(match["code"], named=_is_named(text, match))
        if size is None:
            continue
        stop = match.start("code") + size
        if stop < len(text) and text[stop].isalnum():
            continue
        if folded.has_marks(_start(match), stop):
            continue
        entity = folded.entity(
            KIND,
            "PA-" + re.sub(r"[ .-]", "", match["code"][:size]).upper(),
            _start(match),
            stop,
        )
        if all(entity.end <= a or b <= entity.start for a, b in taken):
            found.append(entity)
    return sorted(found, key=lambda entity: entity.start)


def _start(match: re.Match[str]) -> int:
    """Where `pa` stands, without a "mã" written against it."""
    return match.end(1) if match[1] else match.start()


def _is_named(text: str, match: re.Match[str]) -> bool:
    """Whether "mã" stands before or against the code."""
    start = match.start()
    return bool(match[1] or _NAMED_CODE.search(text, max(0, start - _LOOKED_BACK), start))


def _letters_are_a_code(text: str, match: re.Match[str], code: str) -> bool:
    """A code without a digit is told from a word ("PA duong") by its hyphen, or by "mã" before.

    After a loose hyphen or a colon it must also lack the letters that hardly a word of six does
    without, and that no issued code has.
    """
    if len(code) != ISSUED_SIZE:
        return False
    if match["gap"] == "-" or _is_named(text, match):
        return True
    return ("-" in match["gap"] or ":" in match["gap"]) and not re.search("[iou]", code)


def _size_of_pieces(pieces: str, *, named: bool) -> int | None:
    """How much of the pieces makes a code of the issued size, if they look like a code at all.

    `named` says that "mã" stands before them.
    """
    code = ""
    found: list[str] = []
    for piece in re.finditer(r"[a-z0-9]+", pieces):
        found.append(piece.group())
        code += piece.group()
        if len(code) >= ISSUED_SIZE:
            break
    else:
        return None
    if len(code) != ISSUED_SIZE or not any(letter.isdigit() for letter in code):
        return None
    words = [part for part in found if part.isalpha() and len(part) > 1]
    if words and (len({len(part) for part in found}) > 1 or any(map(_NUMBERED.fullmatch, found))):
        return None
    # Issued codes have none of these letters, and many a word of three has one.
    if re.search("[iou]", "".join(words)) and not named:
        return None
    return piece.end()
