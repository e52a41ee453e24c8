"""Words that mean the same kind of thing, by a table that people can edit.

`nlu/tables/concepts.tsv` says that "xà bần" and "bọc ni lông" are both waste. To the classifiers a
concept is one more feature, so a word that no example used still counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nlu.letters import strip_diacritics
from nlu.normalizer import Normalizer

if TYPE_CHECKING:
    from nlu.reading import Reading

TABLE = Path(__file__).parent / "tables" / "concepts.tsv"


class ConceptTableUnreadable(ValueError):
    """A line of the table is not a name, a tab, and phrases between commas."""


class Concepts:
    """Names of concepts and their phrases; as a step it lends itself to readings."""

    def __init__(self, table: Mapping[str, Iterable[str]]) -> None:
        self.table = {name: sorted(phrases) for name, phrases in sorted(table.items())}
        self._phrases: dict[tuple[str, ...], set[str]] = {}
        for name, phrases in self.table.items():
            for phrase in filter(None, phrases):
                words = tuple(strip_diacritics(phrase).split())
                self._phrases.setdefault(words, set()).add(name)
        # By the first word of a phrase, how many words it may have.
        self._longest: dict[str, int] = {}
        for first, *more in self._phrases:
            self._longest[first] = max(self._longest.get(first, 0), 1 + len(more))

    @classmethod
    def from_table(cls, path: Path = TABLE) -> Concepts:
        """Read the table; its phrases are normalised as messages are.

        Raises:
            ConceptTableUnreadable: a line has no tab.
        """
        normalize = Normalizer()
        table: dict[str, list[str]] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            name, tab, phrases = line.partition("\t")
            if not tab:
                raise ConceptTableUnreadable(f"{path}, line {number}: no tab after the name")
            kept = table.setdefault(name.strip(), [])
            kept.extend(normalize(phrase.strip()).text for phrase in phrases.split(","))
        return cls(table)

    def named(self, words: Sequence[str]) -> list[str]:
        """The concepts that words without diacritics name, in order of their names."""
        found: set[str] = set()
        for start, word in enumerate(words):
            longest = self._longest.get(word)
            if longest is None:  # most words begin no phrase
                continue
            for size in range(1, longest + 1):
                names = self._phrases.get(tuple(words[start : start + size]))
                if names:
                    found |= names
        return sorted(found)

    def read(self, reading: Reading) -> None:
        reading.concepts = self

    def save(self, folder: Path) -> None:
        text = json.dumps(self.table, ensure_ascii=False, indent=0, sort_keys=True)
        (folder / "concepts.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Concepts:
        return cls(json.loads((folder / "concepts.json").read_text(encoding="utf-8")))
