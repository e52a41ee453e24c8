"""The words of a text, and the tables of words, by which personal data are found."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from nlu.entities.folded import Folded
from nlu.letters import place_tone, strip_diacritics

_TABLES = Path(__file__).parent / "tables"
WORDS = _TABLES / "personal_words.tsv"
SURNAMES = _TABLES / "surnames.tsv"
PUBLIC_NAMES = _TABLES / "public_names.tsv"
SIGNS = _TABLES / "personal_signs.tsv"

Fit = Literal["loose", "strict", "exact"]
_FITS: dict[str, Fit] = {
    "stop": "strict",
    "place": "strict",
    "numbered": "strict",
    "honorific": "strict",
    "name": "strict",
    "called": "strict",
    "group": "strict",
    "honorific_marked": "exact",
    "marked_surname": "exact",
}
# A text of which fewer of the words have diacritics was typed without.
_MARKED_SHARE = 0.2

# A number of a house ("12/3a"), a word, or whatever else begins with a digit ("50m").
_TOKEN = re.compile(r"\d+[a-f]?(?:[/-]\d+[a-f]?)*(?!\w)|[^\W\d_]+|\d\w*")


@dataclass(frozen=True)
class Token:
    """One word or number at `text[start:end]` of the folded text.

    `typed` is in lower case with its diacritics, `plain` without. `capital` says that the writer
    began it with a capital letter in a text where that means something; `unmarked` that hardly a
    word of the text has diacritics.
    """

    start: int
    end: int
    typed: str
    plain: str
    capital: bool
    unmarked: bool

    @property
    def is_number(self) -> bool:
        return self.plain[0].isdigit()


class Words:
    """Phrases that fit words as typed, or typed without diacritics.

    `strict` ones fit without diacritics only where the whole text has none ("ba" is no "bà"),
    `exact` ones never.
    """

    def __init__(self, phrases: Iterable[str], fit: Fit = "loose") -> None:
        self._fit = fit
        self._from: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for phrase in phrases:
            words = tuple(place_tone(word) for word in phrase.split())
            self._from[strip_diacritics(words[0])].append(words)
        for found in self._from.values():
            found.sort(key=len, reverse=True)

    def size_at(self, tokens: Sequence[Token], place: int) -> int:
        """How many tokens the longest phrase takes that stands at this place; 0 for none."""
        if not 0 <= place < len(tokens):
            return 0
        for words in self._from.get(tokens[place].plain, ()):
            if place + len(words) <= len(tokens) and all(
                map(self._fits, words, tokens[place : place + len(words)])
            ):
                return len(words)
        return 0

    def _fits(self, word: str, token: Token) -> bool:
        if token.typed == word:
            return True
        if self._fit == "exact" or (self._fit == "strict" and not token.unmarked):
            return False
        return token.typed == strip_diacritics(word)


def _lines(path: Path) -> list[list[str]]:
    text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@lru_cache(maxsize=1)
def words() -> dict[str, Words]:
    """The table of words, by kind."""
    phrases: dict[str, list[str]] = defaultdict(list)
    for kind, listed in _lines(WORDS):
        phrases[kind] += [phrase.strip() for phrase in listed.split(",")]
    for name, *weak in _lines(SURNAMES):
        phrases["surname"].append(name)
        if weak != ["weak"]:
            phrases["marked_surname" if weak else "clear_surname"].append(name)
    for name, *place in _lines(PUBLIC_NAMES):
        phrases["public"].append(name)
        if not place:
            phrases["road"].append(name)
    phrases["group"] = ["tổ"]
    return {kind: Words(found, _FITS.get(kind, "loose")) for kind, found in phrases.items()}


@lru_cache(maxsize=1)
def signs() -> dict[str, str]:
    """What stands for each kind in a masked text."""
    return {kind: f"[{shown}]" for kind, shown in _lines(SIGNS)}


class WordSearch:
    """Looks through the words of one text, by the table's kinds."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._words = words()

    def _size(self, kind: str, place: int) -> int:
        """How many words the longest phrase of this kind takes at this place; 0 for none."""
        return self._words[kind].size_at(self._tokens, place)

    def _is(self, kind: str, place: int) -> bool:
        return self._size(kind, place) > 0


def tokens_of(folded: Folded) -> list[Token]:
    """The words of a text. Where most letters are capitals, none of them counts as one."""
    original = folded.original
    letters = [letter for letter in original if letter.isalpha()]
    shouted = sum(letter.isupper() for letter in letters) * 2 > len(letters)
    spelt = [(match, _typed(folded, match)) for match in _TOKEN.finditer(folded.text)]
    marked = sum(typed != match.group() for match, typed in spelt)
    unmarked = marked < _MARKED_SHARE * len(spelt)
    tokens = []
    for match, typed in spelt:
        start, end = match.span()
        capital = not shouted and original[folded.starts[start]].isupper()
        tokens.append(Token(start, end, typed, match.group(), capital, unmarked))
    return tokens


def _typed(folded: Folded, match: re.Match[str]) -> str:
    written = folded.original[folded.starts[match.start()] : folded.ends[match.end() - 1]]
    return place_tone(unicodedata.normalize("NFC", written).lower())
