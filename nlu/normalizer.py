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
from itertools import accumulate
from pathlib import Path

from nlu import syllables
from nlu.code_pages import (
    TELEX_GATE,
    VNI_KEYS_GATE,
    Characters,
    decode,
    from_telex,
    is_sure_telex,
    vni_keys,
)
from nlu.letters import INVISIBLE, LOOK_ALIKES, place_tone, shorten
from nlu.syllables import Splitter

TABLE = Path(__file__).parent / "tables" / "teencode.tsv"

# Second halves of a composed character that are not combining marks by class: Hangul jamo, and
# vowel signs of Indian scripts. With them a cluster composes as the whole text would.
_EXTENDERS = frozenset(
    "\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e"
    "\u1b35\U000110ba\U00011127\U0001133e\U00011357\U000114b0\U000114ba\U000114bd\U000115af"
    "\U00011930"
)
_PIECE = re.compile(r"[^\W\d_]+|\d+|\s+|[^\w\s]|_", re.UNICODE)
_WORD = re.compile(r"[^\W\d_]+")
_RUN = re.compile(rf"[^\W\d_]{{{min(Splitter.SHORTEST_MARKED, Splitter.SHORTEST_PLAIN)},}}")
_COUNTS = "syllables.json"


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
        cluster = unicodedata.normalize("NFC", text[i:j])
        # Marks that nothing composes with stand for themselves, as they do in composed text.
        alone = len(cluster) - 1 if len(cluster) <= j - i else 0
        letters += cluster
        starts += [i] * (len(cluster) - alone) + list(range(j - alone, j))
        ends += [j - alone] * (len(cluster) - alone) + list(range(j - alone + 1, j + 1))
        i = j
    return letters, starts, ends


@lru_cache(maxsize=8192)
def _plain(letter: str) -> str:
    """One character in lower case and in its everyday form: full-width `Ａ` gives `a`."""
    if INVISIBLE.match(letter):
        return ""
    letter = letter.translate(LOOK_ALIKES)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", letter).lower())


def _replace(characters: Characters, start: int, end: int, word: str) -> None:
    """Put a word where other letters stood: its letters all come from the whole of them."""
    letters, starts, ends = characters
    first, last = starts[start], ends[end - 1]
    letters[start:end] = word
    starts[start:end] = [first] * len(word)
    ends[start:end] = [last] * len(word)


def _space(characters: Characters, at: int) -> None:
    """Put a space between two letters; it comes from the one before it."""
    letters, starts, ends = characters
    letters.insert(at, " ")
    starts.insert(at, starts[at - 1])
    ends.insert(at, ends[at - 1])


def read_table(path: Path = TABLE) -> dict[str, str]:
    """The table of short forms; every line that is not a comment is `form TAB standard`."""
    table: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            form, _, standard = line.partition("\t")
            table[place_tone(form.strip())] = place_tone(standard.strip())
    return table


class Normalizer:
    """Normalises by rules (letters, tones, elongation) and by a table of short forms.

    `counts` says how often syllables are seen; without any, runs of them stay together.
    """

    def __init__(
        self, table: Mapping[str, str] | None = None, counts: Mapping[str, int] | None = None
    ) -> None:
        self.table = dict(read_table() if table is None else table)
        self.splitter = Splitter(syllables.read_table() if counts is None else counts)
        self._word = lru_cache(maxsize=16384)(self._normalize_word)
        self._lengths = lru_cache(maxsize=2048)(self._split)

    def _normalize_word(self, word: str, telex: bool) -> str:
        placed = place_tone(word)
        if placed in self.table:
            return self.table[placed]
        if telex and (read := from_telex(word)):
            return read
        word = place_tone(shorten(word))
        return self.table.get(word, word)

    def _split(self, run: str) -> tuple[int, ...]:
        return () if place_tone(run) in self.table else self.splitter.lengths(run)

    def __call__(self, original: str) -> NormalizedText:
        letters, starts, ends = self._apart(self._characters(original))
        joined = "".join(letters)
        telex = bool(TELEX_GATE.search(joined)) and any(map(is_sure_telex, _WORD.findall(joined)))
        out: list[str] = []
        out_starts: list[int] = []
        out_ends: list[int] = []
        for match in _PIECE.finditer(joined):
            a, b = match.span()
            piece = match.group()
            new = " " if piece.isspace() else self._word(piece, telex) if piece.isalpha() else piece
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

    def _apart(self, characters: Characters) -> Characters:
        """The same with words typed by VNI's keys read, and runs of syllables taken apart."""
        joined = "".join(characters[0])
        if VNI_KEYS_GATE.search(joined):
            for start, end, word in reversed(vni_keys(joined)):
                _replace(characters, start, end, word)
            joined = "".join(characters[0])
        runs = [
            (match.start(), lengths)
            for match in _RUN.finditer(joined)
            if (lengths := self._lengths(match.group()))
        ]
        for at, lengths in reversed(runs):
            for cut in reversed(list(accumulate(lengths))[:-1]):
                _space(characters, at + cut)
        return characters

    @staticmethod
    def _characters(original: str) -> Characters:
        """The letters in lower case and in their everyday form."""
        letters, starts, ends = decode(compose(original))
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
        text = json.dumps(self.splitter.counts, ensure_ascii=False, indent=0, sort_keys=True)
        (folder / _COUNTS).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Normalizer:
        table = json.loads((folder / "teencode.json").read_text(encoding="utf-8"))
        counts = folder / _COUNTS
        # A model of before syllables were counted takes no runs apart.
        return cls(table, json.loads(counts.read_text("utf-8")) if counts.exists() else {})
