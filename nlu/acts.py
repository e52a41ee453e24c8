"""Finds where one message may turn to another matter.

Only marks the places; whether a part is an act of its own is for `conclusion.py` to say. A greeting
or thanks at the start is taken off. A second matter may begin at words that people open it with
(`tables/act_openers.tsv`), at a point of a list, and at the end of a sentence where telling turns
into asking, or asking into telling.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from nlu.letters import place_tone, strip_diacritics
from nlu.reading import ASKS, COURTESY, FAINT, PLAIN, TELLS, Part, Reading

OPENERS = Path(__file__).parent / "tables" / "act_openers.tsv"

# What can stand before the matter itself. Matched on text without diacritics, as all that follows.
_ADDRESS = (
    r"(?:ad|admin|ban|bot|anh|chi|em|co|chu|bac|moi nguoi|qui|quy|co quan|ubnd|uy ban|lanh dao"
    r"|can bo|so|ngai|shop|page|cac|va|nhe|nha|a|oi|da|nhieu|lam|dia phuong|chinh quyen|phuong|xa"
    r"|tinh|cho)"
)
_PREFIX = re.compile(
    r"\s*(?:da|vang|u|thua)?\s*(?:(?:em|toi|minh|tui|con|chau)\s+)?"
    r"(?:(?:xin\s+)?(?:kinh\s+)?chao|alo|hello|hi|xin\s+cam\s+on|cam\s+on|kinh\s+gui)"
    rf"(?:\s+{_ADDRESS})*\s*[,.!~:;\n)]+\s*"
)
_SENTENCE_END = re.compile(r"[.!?;…\n]+(?=\s|$)\s*|\n\s*")
_POINT_OF_A_LIST = re.compile(
    r"(?:(?<=\n)|(?<=[.;!?] ))[ \t]*(?:\d{1,2}[.)/]|[-+*•]|thu (?:hai|ba|tu|nam)\s*(?:[,:]|la\b)"
    r"|(?:hai|ba) la\b)"
)
_WHO = r"(?:em|e|minh|mik|toi|tui|t|anh|chi|con|chau|xin|ad|ban)"
# A question put to the office: it may be a matter of its own.
_ASKS_THE_OFFICE = re.compile(
    rf"\b(?:cho {_WHO}? ?{_WHO}? ?hoi|(?:xin|muon|nho|hoi) hoi|hoi (?:luon|them|ve|xiu|ti|chut)"
    rf"|cho {_WHO}? ?xin (?:so|dia chi|lich|thong tin)|ho so|hs|thu tuc|giay hen|trich luc"
    r"|(?:can|gom|mang|nop) (?:theo )?(?:nhung |cac )?(?:giay to |giay )?gi)\b"
)
# What else is said when asking; in a story it may only be a sigh.
_ASKS = re.compile(
    r"\?|\b(?:o dau|the nao|(?:lam|tinh|ra) sao|may gio|bao nhieu|bao lau|(?:chung|khi) nao|bao gio"
    r"|(?:toi|den) dau|(?:xong|xu ly|duyet|ket qua|kq|co|duoc|ky|tra loi) chua"
    r"|phan anh (?:cua|hom|lan|bua|ma|truoc)|(?:lam )(?:giay to |giay )?gi)\b"
)
_WORD = re.compile(r"\w+")
_MIN_WORDS = 3
# A turn that nothing but the end of a sentence shows needs so many words on both sides.
_MIN_WORDS_TURN = 5
_MIN_WORDS_TURN_AFTER = 9
# A message with more is one long story or list: what comes after the last cut stays together.
_MOST_CUTS = 6
TURNS = frozenset({ASKS, TELLS})
WEAK = "weak"
# An opener with such a word says what the part is; any other only joins it to the first.
_SAYS = re.compile(r"\b(?:hoi|bao|cho|xin|nho|phan anh|ho so)\b")


@dataclass(frozen=True)
class Cut:
    """`place` is where the part before ends; the part itself begins after words that only join."""

    place: int
    begins: int
    opened: str


class ActSegmenter:
    """Marks the parts of a message that may be acts of their own.

    `openers` are lines of the table: an opener, or an opener, a tab and "weak".
    """

    def __init__(self, openers: Iterable[str]) -> None:
        self.openers = sorted(set(openers))

    @classmethod
    def from_table(cls, path: Path = OPENERS) -> ActSegmenter:
        lines = path.read_text(encoding="utf-8").splitlines()
        return cls(line.strip() for line in lines if line.strip() and not line.startswith("#"))

    @cached_property
    def _plain(self) -> dict[str, set[str]]:
        """The openers as typed by their form without diacritics; weak ones are left out."""
        return self._by_plain_form(weak=False)

    @cached_property
    def _faint(self) -> dict[str, set[str]]:
        """The same of the weak ones."""
        return self._by_plain_form(weak=True)

    def _by_plain_form(self, weak: bool) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for words, _, kind in (line.partition("\t") for line in self.openers):
            if (kind == WEAK) is weak:
                found.setdefault(strip_diacritics(words), set()).add(place_tone(words))
        return found

    @cached_property
    def _plain_pattern(self) -> re.Pattern[str]:
        return re.compile(
            rf"(?<=[,.?!;:)…\s])(?:a ma |ma |nay |va |roi )?(?P<words>{_any_of(self._plain)})(?!\w)"
        )

    @cached_property
    def _faint_pattern(self) -> re.Pattern[str]:
        return re.compile(
            rf"(?:(?<=[,.?!;:)…] )|(?<=[\n,])) *(?P<words>{_any_of(self._faint)})(?!\w)"
        )

    def read(self, reading: Reading) -> None:
        typed = reading.normalized.text
        text = strip_diacritics(typed)
        if len(text) != len(typed):
            return  # only exotic scripts change their length: nothing to split there
        words = _WordCount(text)
        start = 0
        prefix = _PREFIX.match(text)
        if prefix and words.between(prefix.end(), len(text)) >= _MIN_WORDS:
            start = prefix.end()
        cuts = [Cut(0, 0, PLAIN)]
        if start:
            cuts.append(Cut(start, start, COURTESY))
        cuts += _kept(self._found(typed, text, words, start), words, start, len(text))
        if len(cuts) > 1:
            ends = [*(cut.place for cut in cuts[1:]), len(text)]
            reading.parts = [
                Part(cut.begins, end, opened=cut.opened)
                for cut, end in zip(cuts, ends, strict=True)
            ]

    def _found(self, typed: str, text: str, words: _WordCount, start: int) -> dict[int, Cut]:
        """All places that may be cuts; of two at one place the plainer counts."""
        found = {cut.place: cut for cut in _turns(text, words, start)}
        if typed != text:  # without diacritics "con" is a child more often than "còn"
            for match in self._faint_pattern.finditer(text, start):
                if typed[slice(*match.span("words"))] in self._faint[match["words"]]:
                    found[match.start()] = Cut(match.start(), match.start(), FAINT)
        for match in _POINT_OF_A_LIST.finditer(text, start):
            found[match.start()] = Cut(match.start(), match.start(), PLAIN)
        for match in self._plain_pattern.finditer(text, start):
            if _is_one_of(typed[slice(*match.span("words"))], self._plain[match["words"]]):
                # "thêm chuyện nữa" would be taken for an addition to the first matter.
                begins = match.start() if _SAYS.search(match["words"]) else match.end()
                found[match.start()] = Cut(match.start(), begins, PLAIN)
        return found

    def save(self, folder: Path) -> None:
        text = json.dumps(self.openers, ensure_ascii=False, indent=0)
        (folder / "act_openers.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> ActSegmenter:
        return cls(json.loads((folder / "act_openers.json").read_text(encoding="utf-8")))


def _kept(found: dict[int, Cut], words: _WordCount, start: int, end: int) -> list[Cut]:
    """The cuts with enough words on both sides, the first few of them."""
    cuts: list[Cut] = []
    last = start
    for _, cut in sorted(found.items()):
        before, after = words.between(last, cut.place), words.between(cut.begins, end)
        if cuts and before < _MIN_WORDS:
            # "Chị ơi, sẵn tiện …": two cuts side by side are one.
            if cut.opened not in TURNS:
                cuts[-1] = Cut(last, last, cut.opened)
            continue
        enough = before >= _MIN_WORDS and after >= _MIN_WORDS
        if cut.opened in TURNS:
            enough = before >= _MIN_WORDS_TURN and after >= _MIN_WORDS_TURN_AFTER
        if enough:
            cuts.append(cut)
            last = cut.place
        if len(cuts) == _MOST_CUTS:
            break
    return cuts


def _any_of(openers: Iterable[str]) -> str:
    longest_first = sorted(openers, key=lambda opener: (-len(opener), opener))
    return "|".join(map(re.escape, longest_first)) or "(?!)"


def _is_one_of(typed: str, openers: Iterable[str]) -> bool:
    """Whether the words are one of the openers, each word with its diacritics or without any.

    An opener that is itself written without them fits however it is typed.
    """
    words = typed.split()
    for opener in openers:
        wanted = opener.split()
        plain = strip_diacritics(opener).split()
        if wanted == plain or all(
            word in pair for word, *pair in zip(words, wanted, plain, strict=False)
        ):
            return True
    return False


def _turns(text: str, words: _WordCount, start: int) -> list[Cut]:
    """Where a sentence that asks follows one that tells, or the other way round."""
    begins = [start, *(m.end() for m in _SENTENCE_END.finditer(text, start))]
    turns: list[Cut] = []
    asked: bool | None = None
    for begin, end in zip(begins, [*begins[1:], len(text)], strict=True):
        if words.between(begin, end) < _MIN_WORDS:
            continue
        asks = _ASKS_THE_OFFICE.search(text, begin, end) is not None
        if asked is not False:
            asks = asks or _ASKS.search(text, begin, end) is not None
        if asked is not None and asks != asked:
            turns.append(Cut(begin, begin, ASKS if asks else TELLS))
        asked = asks
    return turns


class _WordCount:
    """How many words a text has between two places."""

    def __init__(self, text: str) -> None:
        self._starts = [word.start() for word in _WORD.finditer(text)]

    def between(self, start: int, end: int) -> int:
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)
