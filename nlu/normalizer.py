"""Brings chat Vietnamese to one spelling and remembers where every letter stood.

What classifiers read is the normalised text; what entities and acts point to is the original.
`NormalizedText.span` leads from the one to the other.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nlu.letters import INVISIBLE, LOOK_ALIKES, place_tone, shorten

TABLE = Path(__file__).parent / "tables" / "teencode.tsv"

# Second halves of a composed character that are not combining marks by class: Hangul jamo, and
# vowel signs of Indian scripts. With them a cluster composes as the whole text would.
_EXTENDERS = frozenset(
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e"
    "\u1b35\U000110ba\U00011127\U0001133e\U00011357\U000114b0\U000114ba\U000114bd\U000115af"
    "\U00011930"
)
_PIECE = re.compile(r"[^\W\d_]+|\d+|\s+|[^\w\s]|_", re.UNICODE)


@dataclass(frozen=True)
class NormalizedText:
    """`text[i]` came from `original[starts[i]:ends[i]]`."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets into the original of `text[start:end]`, which must not be empty."""
        return self.starts[start], self.ends[end - 1]


def _extends(letter: str) -> bool:
    return (
        unicodedata.combining(letter) != 0 or "\u1160" <= letter <= "\u11ff" or letter in _EXTENDERS
    )


def compose(text: str) -> tuple[list[str], list[int], list[int]]:
    """The NFC characters of the text, each with its start and end in the text."""
    if unicodedata.is_normalized("NFC", text):
        return list(text), list(range(len(text))), list(range(1, len(text) + 1))
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    i, size = 0, len(text)
    while i < size:
        j = i + 1
        while j < size and _extends(text[j]):
            j += 1
        for letter in unicodedata.normalize("NFC", text[i:j]):
            letters.append(letter)
            starts.append(i)
            ends.append(j)
        i = j
    return letters, starts, ends


@lru_cache(maxsize=8192)
def _plain(letter: str) -> str:
    """One character in lower case and in its everyday form: full-width `Ａ` gives `a`."""
    if INVISIBLE.match(letter):
        return ""
    letter = letter.translate(LOOK_ALIKES)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", letter).lower())


def read_table(path: Path = TABLE) -> dict[str, str]:
    """The table of short forms; every line that is not a comment is `form TAB standard`."""
    table: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            form, _, standard = line.partition("\t")
            table[place_tone(form.strip())] = place_tone(standard.strip())
    return table


class Normalizer:
    """Normalises by rules (letters, tones, elongation) and by a table of short forms."""

    def __init__(self, table: Mapping[str, str] | None = None) -> None:
        self.table = dict(read_table() if table is None else table)
        self._word = lru_cache(maxsize=16384)(self._normalize_word)

    def _normalize_word(self, word: str) -> str:
        word = place_tone(shorten(word))
        return self.table.get(word, word)

    def __call__(self, original: str) -> NormalizedText:
        letters, starts, ends = self._characters(original)
        joined = "".join(letters)
        out: list[str] = []
        out_starts: list[int] = []
        out_ends: list[int] = []
        for match in _PIECE.finditer(joined):
            a, b = match.span()
            piece = match.group()
            new = " " if piece.isspace() else self._word(piece) if piece.isalpha() else piece
            out.append(new)
            if len(new) == b - a:
                out_starts.extend(starts[a:b])
                out_ends.extend(ends[a:b])
            else:
                # A word that changed its length: its first letter starts where the word starts,
                # all others end where it ends.
                out_starts.extend([starts[a]] * len(new))
                out_ends.extend([ends[b - 1]] * len(new))
        return NormalizedText(original, "".join(out), tuple(out_starts), tuple(out_ends))

    @staticmethod
    def _characters(original: str) -> tuple[list[str], list[int], list[int]]:
        letters, starts, ends = compose(original)
        plain = [_plain(letter) for letter in letters]
        if all(len(letter) == 1 for letter in plain):
            return plain, starts, ends
        kept = [
            (letter, starts[i], ends[i]) for i, letters in enumerate(plain) for letter in letters
        ]
        return [k[0] for k in kept], [k[1] for k in kept], [k[2] for k in kept]

    def save(self, folder: Path) -> None:
        text = json.dumps(self.table, ensure_ascii=False, indent=0, sort_keys=True)
        (folder / "teencode.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Normalizer:
        return cls(json.loads((folder / "teencode.json").read_text(encoding="utf-8")))
