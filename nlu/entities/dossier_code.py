"""Dossier codes of the national one-stop system, in any spelling.

Two forms: `000.00.12.H62-201105-0004` and `H17.00-230501-0012`. People type spaces for dots, drop
separators, write small letters, and take `O` for `0` or `l` for `1`. The letters and digits that
are there are laid out anew in every way the shape allows; the way that agrees best with the
separators typed and with a possible date (yymmdd) wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.folded import Folded
from nlu.understanding import Entity

KIND = "dossier_code"
SHAPE = re.compile(r"(?:\d{3}\.\d{2}\.\d{2}\.)?[HG]\d{2}(?:\.\d{1,3}){0,3}-\d{6}-\d{4,6}")

_LOOK_ALIKES = str.maketrans("oqdilj|sbz", "0001111582")
_DIGIT = r"[\doqil|sbz]"
# A run of digits and letters that look like digits. At least one is a real digit, unless the run
# hangs on the letter or on a separator without a space ("gll", "25-IO"), or is one of the likeliest
# letters alone: a pair between two numbers ("88 Ol 240706"), four after a loose hyphen.
_BLOCK = (
    rf"(?:(?=[oqil|sbz]{{0,5}}\d){_DIGIT}+|(?<=[hg.,:/-]){_DIGIT}{{1,6}}(?![^\W\d_])"
    r"|(?<=\w )[oil]{2}(?=[ .,:/-]{1,3}[oil]{0,5}\d)|(?<=- )[oil]{4}(?![^\W\d_]))"
)
_GAP = r"[ .,:/-]{1,3}"
_CANDIDATE = re.compile(
    rf"(?:(?<![\w.])|(?<=ma)|(?<=hs)|(?<=so))"
    rf"(?P<national>{_DIGIT}{{3}}(?:{_GAP})?{_DIGIT}{{2}}(?:{_GAP})?{_DIGIT}{{2}}(?:{_GAP})?)?"
    rf"(?P<letter>[hg])[ .-]?(?P<rest>{_BLOCK}(?:{_GAP}{_BLOCK}){{0,9}})"
)
_BLOCK_AND_GAP = re.compile(rf"({_BLOCK})((?:{_GAP})?)")
_MIN_DIGITS = 2 + 6 + 4


def find(folded: Folded) -> list[Entity]:
    """All dossier codes of the text; `value` is the code as the system writes it."""
    found: list[Entity] = []
    at = 0
    while match := _CANDIDATE.search(folded.text, at):
        at = match.start("letter") + 1
        read = _read_rest(folded.text, *match.span("rest"))
        if read is None:
            continue
        body, end = read
        national = _read_national(match["national"] or "")
        start = match.start() if national else match.start("letter")
        if folded.has_marks(start, end):
            continue
        value = f"{national}{match['letter'].upper()}{body}"
        found.append(folded.entity(KIND, value, start, end))
        at = end
    return found


def _read_national(text: str) -> str:
    """`000.00.12.` in any spelling, or nothing when the digits are not seven."""
    digits = re.sub(r"[^\w|]", "", text).translate(_LOOK_ALIKES)
    if len(digits) != 7 or not digits.isdigit():
        return ""
    return f"{digits[:3]}.{digits[3:5]}.{digits[5:]}."


def _read_rest(text: str, start: int, stop: int) -> tuple[str, int] | None:
    """What follows the letter as `62-201105-0004`, and where in the text that ends."""
    digits: list[str] = []
    gaps: dict[int, str] = {}  # number of digits before a gap: the gap
    ends: dict[int, int] = {}  # number of digits: where in the text they end
    at = start
    # On the whole text, for what stands before a block says whether it is one.
    while at < stop and (block := _BLOCK_AND_GAP.match(text, at)):
        at = block.end()
        digits.extend(block[1].translate(_LOOK_ALIKES))
        ends[len(digits)] = block.end(1)
        gaps[len(digits)] = block[2]
    best: tuple[float, str, int] | None = None
    for groups, tail in _layouts(len(digits), ends):
        body, score = _lay_out("".join(digits), gaps, groups, tail)
        end = ends[2 + sum(groups) + 6 + tail]
        if best is None or (score, -end) > (best[0], -best[2]):
            best = (score, body, end)
    if best is None or best[0] <= 0:
        return None
    return best[1], best[2]


def _layouts(size: int, ends: dict[int, int]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Ways to divide the digits: lengths of the groups, length of the tail; ends at a block."""
    if size < _MIN_DIGITS:
        return
    choices: list[tuple[int, ...]] = [()]
    choices += [(a,) for a in (1, 2, 3)]
    choices += [(a, b) for a in (1, 2, 3) for b in (1, 2, 3)]
    choices += [(a, b, c) for a in (1, 2, 3) for b in (1, 2, 3) for c in (1, 2, 3)]
    for groups in choices:
        for tail in (4, 5, 6):
            if 2 + sum(groups) + 6 + tail in ends:
                yield groups, tail


def _lay_out(
    digits: str, gaps: dict[int, str], groups: tuple[int, ...], tail: int
) -> tuple[str, float]:
    """The code in this layout and how well the layout explains what was typed."""
    cuts: list[int] = [2]
    for size in groups:
        cuts.append(cuts[-1] + size)
    date_at = cuts[-1]
    tail_at = date_at + 6
    end = tail_at + tail
    score = 0.0
    for position in range(1, end):
        gap = gaps.get(position, "")
        wanted = position in cuts or position == tail_at
        if gap and not wanted:
            score -= 6  # a separator inside a number
        elif wanted and not gap:
            score -= 1  # a separator left out
        elif gap:
            hyphen_wanted = position in (date_at, tail_at)
            score += 2.5 if ("-" in gap) == hyphen_wanted else 1.5
    score -= 0.6 * len(groups) + 0.4 * sum(abs(size - 2) for size in groups) + 0.5 * (tail - 4)
    month, day = int(digits[date_at + 2 : date_at + 4]), int(digits[date_at + 4 : tail_at])
    if 1 <= month <= 12 and 1 <= day <= 31:
        score += 4
    elif digits[date_at:tail_at] != "000000":
        score -= 2
    parts = [digits[a:b] for a, b in zip([0, *cuts[:-1]], cuts, strict=True)]
    body = f"{'.'.join(parts)}-{digits[date_at:tail_at]}-{digits[tail_at:end]}"
    return body, score
