"""A view of the text for patterns: lower case, no marks, one look for each letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from nlu.letters import INVISIBLE, LOOK_ALIKES, strip_letter
from nlu.normalizer import compose
from nlu.understanding import Entity

_DASHES = str.maketrans("‐‑‒–—―−﹣－_·•。．，", "-------" + "---" + ".." + ".." + ",")


@lru_cache(maxsize=8192)
def _fold_letter(letter: str) -> str:
    """Exactly one character, or none for what cannot be seen."""
    if INVISIBLE.match(letter):
        return ""
    if letter.isspace():
        return "\n" if letter in "\n\r\u2028\u2029" else " "
    letter = letter.translate(_DASHES).translate(LOOK_ALIKES)
    if letter.isdecimal():
        return str(int(letter))
    if "\uff21" <= letter <= "\uff5a":  # full-width Latin letters
        letter = chr(ord(letter) - 0xFEE0)
    bare = strip_letter(letter).lower()
    return bare if len(bare) == 1 else letter


@dataclass(frozen=True)
class Folded:
    """`text[i]` came from `original[starts[i]:ends[i]]`; `plain[i]` says it was plain ASCII."""

    original: str
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    marked: frozenset[int]

    def entity(self, kind: str, value: str, start: int, end: int) -> Entity:
        """The entity that stands at `text[start:end]`."""
        return Entity(kind, value, self.starts[start], self.ends[end - 1])

    def has_marks(self, start: int, end: int) -> bool:
        """Whether a letter of the span carried a Vietnamese mark: then it is a word, not a code."""
        return any(i in self.marked for i in range(start, end))


def fold(original: str) -> Folded:
    """Fold a text of any length and any encoding form."""
    letters, starts, ends = compose(original)
    kept = [
        (folded, starts[i], ends[i], letter)
        for i, letter in enumerate(letters)
        if (folded := _fold_letter(letter))
    ]
    return Folded(
        original,
        "".join(k[0] for k in kept),
        tuple(k[1] for k in kept),
        tuple(k[2] for k in kept),
        frozenset(i for i, k in enumerate(kept) if "\xc0" <= k[3] <= "\u1eff" and k[3].isalpha()),
    )


Finder = Callable[[Folded], list[Entity]]


def without_overlaps(groups: Iterable[list[Entity]]) -> list[Entity]:
    """Entities in order of place; where two overlap the one of the earlier group stays."""
    kept: list[Entity] = []
    for group in groups:
        for entity in group:
            if all(entity.end <= other.start or other.end <= entity.start for other in kept):
                kept.append(entity)
    return sorted(kept, key=lambda entity: (entity.start, entity.end))
