"""The words of a message by which its urgency was decided, for staff to see.

Both classifiers that can raise a message are linear: what a word is worth is the sum of what the
runs of words and letters and the pairs of words that touch it add to the margin of the class. The
stretches that are worth most are shown as the person wrote them. Concepts and words with their
diacritics count in the classifiers and not here: they weigh little, and their words are counted as
words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlu.features import LETTERS, Hashes, kinds, runs, words_of
from nlu.letters import place_tone, strip_diacritics
from nlu.linear import LinearModel, Weighed
from nlu.masking import MASKS, NUMBER
from nlu.reading import Part, Reading
from nlu.understanding import Span

MOST_STRETCHES = 3
MOST_WORDS = 4
# Of the best word's worth, what each word of a stretch must add.
LEAST_OF_A_WORD = 0.2
# Of the best stretch's worth, what another one must have to be shown.
LEAST_OF_A_STRETCH = 0.35
# Words looked at: danger that nobody names in the first five hundred is decided by no word.
MOST_LOOKED_AT = 500
NORMAL, URGENT, EMERGENCY = "normal", "urgent", "emergency"

FUNCTION_WORDS = Path(__file__).parent / "tables" / "function_words.tsv"

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Decision:
    """A model, the class that it gave, and the class that it would have given next."""

    model: LinearModel
    given: str
    rival: str


def deciding(reading: Reading, part: Part) -> tuple[Span, ...]:
    """One to three stretches of the original that made a part urgent or high, in order.

    Empty for a part that is neither, and where no word speaks for it more than for the rival.
    """
    decision = _decision(reading, part)
    if decision is None:
        return ()
    masked = reading.masked(part)
    spelt = words_of(masked)[:MOST_LOOKED_AT]
    if not spelt:
        return ()
    weighed = reading.weighed(part, decision.model.known)
    worth = Worth.of(" ".join(spelt), weighed, decision)
    places = list(_places(reading, part, spelt))
    ends = [
        place is not None and not _is_function_word(word)
        for word, place in zip(spelt, places, strict=True)
    ]
    spans = []
    for first, last in sorted(_stretches(worth, spelt, ends)):
        (start, _), (_, end) = places[first] or (0, 0), places[last] or (0, 0)
        start, end = reading.normalized.span(start, end)
        spans.append(Span(reading.text[start:end], start, end))
    return tuple(spans)


def _decision(reading: Reading, part: Part) -> Decision | None:
    intent, urgency = part.intent, part.urgency
    if intent is not None and intent.best == EMERGENCY:
        if reading.intent_model is None or len(intent.ranking) < 2:
            return None
        return Decision(reading.intent_model, EMERGENCY, intent.ranking[1][0])
    if urgency is None or urgency.best == NORMAL or reading.urgency_model is None:
        return None
    if NORMAL not in reading.urgency_model.classes:
        return None
    return Decision(reading.urgency_model, urgency.best, NORMAL)


@dataclass(frozen=True)
class Worth:
    """What every run of words adds to the margin.

    `total` is the worth of all words, `before[i]` of features wholly left of word `i`, `after[i]`
    of those wholly right of it.
    """

    total: float
    before: Floats
    after: Floats

    @classmethod
    def of(cls, text: str, weighed: Weighed, decision: Decision) -> Worth:
        """`text` is words with one space between, `weighed` the features of the whole part."""
        model = decision.model
        given, rival = (model.classes.index(name) for name in (decision.given, decision.rival))
        count = text.count(" ") + 1
        if not len(weighed.rows):
            return cls(0.0, np.zeros(count), np.zeros(count))
        weights = model.weights.rows(weighed.rows)
        each = weighed.values * (weights[:, given] - weights[:, rival])
        learnt = model.known.hashes[weighed.rows]
        grams, first, last = located(text)
        place = np.minimum(np.searchsorted(learnt, grams), len(learnt) - 1)
        (found,) = np.nonzero(learnt[place] == grams)
        place, first, last = place[found], first[found], last[found]
        # A run that stands there twice is one feature: each place has its share.
        shares = each[place] / np.bincount(place, minlength=len(learnt))[place]
        before, after = np.zeros(count), np.zeros(count)
        before[1:] = np.cumsum(np.bincount(last, shares, count))[:-1]
        after[:-1] = np.cumsum(np.bincount(first, shares, count)[::-1])[-2::-1]
        return cls(float(shares.sum()), before, after)

    def run(self, first: int, last: int) -> float:
        """What leaving out the words from `first` to `last` would take from the margin."""
        return self.total - float(self.before[first]) - float(self.after[last])


def located(text: str) -> tuple[Hashes, Places, Places]:
    """Runs of words and letters and pairs of words of a text, as often as they occur, with the
    words they touch first and last.

    `text` is words with one space between.
    """
    text = strip_diacritics(text)
    words = np.arange(text.count(" ") + 1)
    spaces = np.frombuffer(f" {text} ".encode("utf-32-le", "replace"), np.uint32) == ord(" ")
    # Which word each letter is of; a space that begins a run is of the next, one that ends it of
    # the last.
    word = np.cumsum(spaces) - 1
    beginning, ending = np.minimum(word, words[-1]), np.maximum(word - spaces, 0)
    found = [hashes for hashes in runs(text.split(" ")) if len(hashes)]
    firsts, lasts = [], []
    for hashes in found:
        of_letters = kinds(hashes[:1])[0] == LETTERS
        first, last = (beginning, ending) if of_letters else (words, words)
        firsts.append(first[: len(hashes)])
        lasts.append(last[len(first) - len(hashes) :])
    return np.concatenate(found), np.concatenate(firsts), np.concatenate(lasts)


def _places(reading: Reading, part: Part, spelt: list[str]) -> Iterator[tuple[int, int] | None]:
    """Where each word of the masked part stands in the normalised text; signs have no place."""
    normalized = reading.normalized
    hidden = sorted(
        (entity for entity in reading.entities if entity.entity in MASKS),
        key=lambda entity: entity.start,
    )
    covered = iter(
        (bisect_left(normalized.starts, e.start), bisect_left(normalized.starts, e.end))
        for e in hidden
    )
    at = part.start
    for word in spelt:
        if "\ue000" <= word <= "\uf8ff":
            if word in MASKS.values():
                at = next((end for start, end in covered if end > at and start < part.end), at)
            yield None
            continue
        start = normalized.text.find(word, at, part.end)
        if start < 0 or not word[0].isalnum():
            yield None
            continue
        at = start + len(word)
        yield start, at


@lru_cache(maxsize=1)
def _function_words() -> frozenset[str]:
    lines = FUNCTION_WORDS.read_text(encoding="utf-8").splitlines()
    typed = {place_tone(w) for line in lines if not line.startswith("#") for w in line.split()}
    # Without marks some of them are words of danger ("chay", "no"): those stay away.
    return frozenset(typed | ({strip_diacritics(word) for word in typed} - _MAY_BE_DANGER))


def _is_function_word(word: str) -> bool:
    return word in _function_words()


_MAY_BE_DANGER = frozenset("no ngoi cuop chet".split())
_PRIVATE = ("phone", "dossier_code", "ticket_code")
# No stretch goes over one of these; nor over a number, which may be somebody's telephone.
_SEPARATES = re.compile('[.,;:!?…()"“”' + NUMBER + "".join(MASKS[kind] for kind in _PRIVATE) + "]")


def _stretches(worth: Worth, spelt: list[str], ends: list[bool]) -> list[tuple[int, int]]:
    """The runs of words that are worth most, none touching another; an end is always a word."""
    before, after = worth.before.tolist(), worth.after.tolist()
    cut = [bool(_SEPARATES.fullmatch(word)) for word in spelt]
    least = LEAST_OF_A_WORD * float((worth.total - worth.before - worth.after).max())
    if least <= 0:
        return []
    runs: list[tuple[float, int, int]] = []
    for first, is_end in enumerate(ends):
        if not is_end:
            continue
        left = worth.total - before[first]
        for last in range(first, min(first + MOST_WORDS, len(spelt))):
            if cut[last]:
                break
            score = left - after[last] - least * (last - first + 1)
            if score > 0 and ends[last]:
                runs.append((score, first, last))
    runs.sort(key=lambda run: -run[0])
    chosen: list[tuple[int, int]] = []
    for score, first, last in runs:
        if score < LEAST_OF_A_STRETCH * runs[0][0] or len(chosen) == MOST_STRETCHES:
            break
        if all(last < start or end < first for start, end in chosen):
            chosen.append((first, last))
    return _joined(sorted(_legible(worth, run, ends, cut) for run in chosen))


def _legible(
    worth: Worth, run: tuple[int, int], ends: list[bool], cut: list[bool]
) -> tuple[int, int]:
    """A single syllable gets the neighbour that is worth more: few words have but one."""
    first, last = run
    if first < last:
        return run
    sides = [(side, side + 1) for side in (first - 1, first) if 0 <= side < len(ends) - 1]
    return max(
        (
            side
            for side in sides
            if ends[side[0]] and ends[side[1]] and not any(cut[side[0] : side[1] + 1])
        ),
        key=lambda side: worth.run(*side),
        default=run,
    )


def _joined(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What touches becomes one."""
    joined: list[tuple[int, int]] = []
    for first, last in runs:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined
