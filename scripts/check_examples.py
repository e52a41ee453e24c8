"""Fails where training examples were made with a stamp: `python -m scripts.check_examples`.

Examples are compared with places, numbers and codes hidden: a sentence does not become another one
by naming another commune.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path

from nlu.entities.extractor import PatternEntities
from nlu.normalizer import Normalizer
from nlu.pipeline import Step, begin
from nlu.place_step import PlaceEntities
from nlu.training_data import read_examples

ROOT = Path(__file__).resolve().parent.parent

EXAMPLES_AT_LEAST = 6000
RUN_WORDS = 5
RUN_EXAMPLES = 8
LETTERS = 4
SHARED = 0.8
LONG_WORDS = 40
LONG_SHARE = 0.15
HIDDEN = "*"


def masked(texts: Sequence[str]) -> list[str]:
    """The texts in lower case, with places, codes, phone numbers, times and numbers hidden."""
    normalizer = Normalizer()
    gazetteer = ROOT / "data" / "local" / "an_giang"
    steps: list[Step] = [PatternEntities(), PlaceEntities.from_tables(gazetteer)]
    out = []
    for text in texts:
        reading = begin(normalizer, text)
        for step in steps:
            step.read(reading)
        pieces, at = [], 0
        for entity in sorted(reading.entities, key=lambda entity: entity.start):
            pieces += [text[at : max(at, entity.start)], f" {HIDDEN} "]
            at = max(at, entity.end)
        shown = re.sub(r"\d+", HIDDEN, "".join([*pieces, text[at:]]))
        out.append(" ".join(re.findall(r"\w+|\*", unicodedata.normalize("NFC", shown).lower())))
    return out


def worn_runs(texts: Sequence[str]) -> dict[str, int]:
    """Runs of words that occur in too many of the texts, and in how many."""
    counts: Counter[str] = Counter()
    for text in texts:
        words = text.split()
        runs = {" ".join(words[i : i + RUN_WORDS]) for i in range(len(words) - RUN_WORDS + 1)}
        counts.update(runs)
    return {run: count for run, count in counts.most_common() if count > RUN_EXAMPLES}


def near_copies(texts: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    """Pairs of texts, by number, that share too many of their runs of letters.

    A pair that shares more than SHARED of the longer one's runs must share one of the rarest few
    of either, and be nearly as long; only such pairs are compared, the short texts first, each with
    those before it.
    """
    runs = [frozenset(t[i : i + LETTERS] for i in range(len(t) - LETTERS + 1)) for t in texts]
    seen_in = Counter(run for text in runs for run in text)
    by_rare_run: defaultdict[str, list[int]] = defaultdict(list)
    for number in sorted(range(len(texts)), key=lambda number: (len(runs[number]), number)):
        text = runs[number]
        rarest = sorted(text, key=lambda run: (seen_in[run], run))
        rarest = rarest[: len(text) - ceil(SHARED * len(text)) + 1]
        others: set[int] = set()
        for run in rarest:
            for other in reversed(by_rare_run[run]):
                if len(runs[other]) <= SHARED * len(text):
                    break  # and so are all before it
                others.add(other)
            by_rare_run[run].append(number)
        for other in sorted(others):
            share = len(text & runs[other]) / len(text)
            if share > SHARED:
                yield min(other, number), max(other, number), share


def faults(texts: Sequence[str]) -> list[str]:
    """What is wrong with the examples, a line each."""
    found = []
    if len(texts) < EXAMPLES_AT_LEAST:
        found.append(f"{len(texts)} examples, where {EXAMPLES_AT_LEAST} are needed")
    long = sum(len(text.split()) > LONG_WORDS for text in texts) / max(len(texts), 1)
    if long < LONG_SHARE:
        found.append(f"{long:.1%} have over {LONG_WORDS} words, where {LONG_SHARE:.0%} are needed")
    hidden = masked(texts)
    for run, count in worn_runs(hidden).items():
        found.append(f"“{run}” is in {count} examples, where {RUN_EXAMPLES} are allowed")
    for one, other, share in near_copies(hidden):
        found.append(f"{share:.0%} of the letters in common: “{texts[one]}” and “{texts[other]}”")
    return found


def main() -> None:
    data = ROOT / "data" / "nlu"
    found = faults([example.text for example in read_examples(data)])
    for fault in found:
        print(f"{data.relative_to(ROOT)}: {fault}")
    if found:
        sys.exit("Write other examples in their place; a template is none (docs/nlu.md).")


if __name__ == "__main__":
    main()
