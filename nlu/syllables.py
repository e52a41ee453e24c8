"""What a Vietnamese syllable may look like, and where a run typed without spaces falls apart.

`nlu/tables/syllables.tsv` says how often each syllable stands in the training examples. Written
anew by `python -m nlu.syllables data/nlu`, which is worth it when the examples have grown a lot.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from math import log
from pathlib import Path

from nlu.letters import TONES, place_tone, strip_diacritics

TABLE = Path(__file__).parent / "tables" / "syllables.tsv"
# A syllable that the examples hold less often may be a slip of the hand.
SEEN = 3

_ONSETS = (
    "ngh", "ch", "gh", "gi", "kh", "ng", "nh", "ph", "qu", "th", "tr", "b", "c", "d", "đ", "g",
    "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x", "",
)  # fmt: skip
_RHYMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
    i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
    o oc oi om on ong op ot ooc oong oa oac oach oai oam oan oang oanh oao oap oat oay
    oăc oăm oăn oăng oăt oe oen oeo oet ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uơ uôc uôi uôm uôn uông uôt
    uy uya uych uyên uyêt uynh uyt uyu ư ưa ưc ưi ưm ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
    y yêm yên yêng yêt yêu
    """.split()
)
_AFTER_QU = frozenset("ych yn ynh yt".split())
_BEFORE_FRONT = frozenset("k gh ngh".split())  # written so before e, ê, i, y; else c, g, ng
_BEFORE_BACK = frozenset("c ng".split())
_STOPPED = ("c", "p", "t", "ch")
_STOP_TONES = frozenset("\u0301\u0323")


def _fits(onset: str, rhyme: str) -> bool:
    if rhyme not in _RHYMES:
        return onset == "qu" and rhyme in _AFTER_QU
    front = rhyme[0] in "eêiy"
    if onset in _BEFORE_FRONT:
        return front
    if onset in _BEFORE_BACK:
        return not front
    if onset == "q" or (onset == "qu" and rhyme[0] in "uưo"):
        return False
    return not (onset == "gi" and rhyme[0] in "iy")


def _shapes() -> tuple[frozenset[str], frozenset[str]]:
    toneless = {
        onset + rhyme for onset in _ONSETS for rhyme in _RHYMES | _AFTER_QU if _fits(onset, rhyme)
    }
    return frozenset(toneless), frozenset(strip_diacritics(shape) for shape in toneless)


_TONELESS, _PLAIN = _shapes()


@lru_cache(maxsize=16384)
def is_syllable(word: str) -> bool:
    """Whether a lower-case word with all its marks could be a Vietnamese syllable."""
    parts = unicodedata.normalize("NFD", word)
    tone = "".join(mark for mark in parts if mark in TONES)
    if len(tone) > 1:
        return False
    bare = unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in TONES))
    return bare in _TONELESS and (not bare.endswith(_STOPPED) or tone in _STOP_TONES)


def is_plain_syllable(word: str) -> bool:
    """Whether a lower-case word could be a syllable that has lost its marks."""
    return word in _PLAIN


def read_table(path: Path = TABLE) -> dict[str, int]:
    """The table of syllables: every line that is not a comment is `syllable TAB count`."""
    table: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            syllable, _, count = line.partition("\t")
            table[place_tone(syllable.strip())] = int(count)
    return table


class Splitter:
    """Takes a run of syllables apart at the likeliest places, or leaves it as it is."""

    # Marks tell syllables apart sooner than bare letters do.
    SHORTEST_MARKED = 6
    SHORTEST_PLAIN = 9
    LONGEST = 400
    _LONGEST_SYLLABLE = 7
    # What a split may cost for each letter: "cho co la te" is beyond, a foreign word by chance.
    DEAREST_MARKED = 2.8
    DEAREST_PLAIN = 2.15
    LONG = 14  # no foreign word of this length falls into syllables

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)
        seen: Counter[str] = Counter()
        for syllable, count in counts.items():
            if not syllable.isascii():
                seen[syllable] += count
            seen[strip_diacritics(syllable)] += count
        total = sum(counts.values()) or 1
        self._costs = {syllable: log(total / count) for syllable, count in seen.items()}

    def lengths(self, run: str) -> tuple[int, ...]:
        """How many letters of a lower-case run each of its syllables has; () for no split."""
        shortest = self.SHORTEST_PLAIN if run.isascii() else self.SHORTEST_MARKED
        if not shortest <= len(run) <= self.LONGEST or is_syllable(place_tone(run)):
            return ()
        core = place_tone(run.rstrip(run[-1]) + run[-1])  # "duonghuroiiii"
        ends = self._cheapest(core)
        if len(ends) < 2:
            return ()
        starts = [0, *ends[:-1]]
        lengths = [end - start for start, end in zip(starts, ends, strict=True)]
        lengths[-1] += len(run) - len(core)
        return tuple(lengths)

    def _cheapest(self, run: str) -> list[int]:
        """Where each syllable of the likeliest split ends; [] if there is none."""
        best: list[tuple[float, int]] = [(0.0, 0)]  # the cost up to here, and the cut before
        last = 0  # the farthest cut reached: nothing begins beyond a longest syllable from there
        for end in range(1, len(run) + 1):
            first = max(0, end - self._LONGEST_SYLLABLE)
            if last < first:
                return []
            cost, cut = min(
                (
                    (best[start][0] + self._costs[piece], start)
                    for start in range(first, end)
                    if (piece := run[start:end]) in self._costs and best[start][0] < _NEVER
                ),
                default=(_NEVER, 0),
            )
            best.append((cost, cut))
            if cost < _NEVER:
                last = end
        if best[-1][0] == _NEVER:
            return []
        ends: list[int] = []
        at = len(run)
        while at:
            ends.append(at)
            at = best[at][1]
        strict = run.isascii() and len(run) < self.LONG
        dearest = self.DEAREST_PLAIN if strict else self.DEAREST_MARKED
        return ends[::-1] if best[-1][0] <= dearest * len(run) else []


_NEVER = float("inf")


def count(texts: Iterable[str], short_forms: Collection[str] = ()) -> Counter[str]:
    """How often each syllable stands in the texts, and each of the short forms."""
    words = re.compile(r"[^\W\d_]+")
    return Counter(
        syllable
        for text in texts
        for word in words.findall(unicodedata.normalize("NFC", text).lower())
        if is_syllable(syllable := place_tone(word)) or (len(word) > 1 and word in short_forms)
    )


def write_table(
    texts: Iterable[str], short_forms: Collection[str] = (), path: Path = TABLE
) -> None:
    """Count the syllables of the texts, and such short forms as "ko", into a table."""
    counted = count(texts, short_forms)
    counts = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    lines = [
        "# How often each syllable stands in the training examples: syllable, TAB, count.",
        "# Runs typed without spaces are taken apart by it. Written by `python -m nlu.syllables`.",
        *(f"{syllable}\t{seen}" for syllable, seen in counts if seen >= SEEN),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    from nlu.normalizer import read_table as read_short_forms
    from nlu.training_data import read_examples

    examples = read_examples(Path(sys.argv[1]))
    write_table((example.text for example in examples), read_short_forms())
