"""Set words of a conversation (phrases.yml): yes, no, skip, back, cancel, and corrections."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from actions.table_files import parsed_yaml
from nlu.letters import strip_diacritics

Control = Literal[
    "yes", "no", "skip", "unknown", "back", "cancel", "menu", "help", "start", "human",
    "puzzled", "anonymous", "photos", "apology",
]  # fmt: skip
Part = Literal["where", "what", "category", "photos", "phone"]

LONGEST_CONTROL = 40
"""Characters; anything longer is no set phrase."""

ENGLISH_WORDS = 3
"""Fewer English words than this may stand in a Vietnamese message: "help", "check mail"."""

_TABLE = Path(__file__).with_name("phrases.yml")
_NOT_A_WORD = re.compile(r"[^\w/]+")
_WISH = r"(?:cho (?:toi|minh|em|tui) |toi muon |minh muon |em muon |tui muon |muon )?"


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = parsed_yaml(_TABLE.read_text(encoding="utf-8"))
    return table


@lru_cache(maxsize=1)
def _controls() -> dict[str, Control]:
    return {phrase: name for name, phrases in _table()["controls"].items() for phrase in phrases}


@lru_cache(maxsize=1)
def _particles() -> frozenset[str]:
    return frozenset(_table()["particles"])


def fold(text: str) -> str:
    """Lower case without diacritics, as long as the composed (NFC) text."""
    composed = unicodedata.normalize("NFC", text)
    folded = strip_diacritics(composed).lower()
    return folded if len(folded) == len(composed) else composed.lower()


def words_of(text: str) -> str:
    """The folded words of a text with single spaces and without punctuation."""
    return _NOT_A_WORD.sub(" ", fold(text)).strip()


def control_of(text: str) -> Control | None:
    """What a short message says in set words, or None when it says something else."""
    if len(text) > LONGEST_CONTROL:
        return None
    folded = words_of(text)
    if not folded:
        return next((_controls()[sign] for sign in text if sign in _controls()), None)
    typed = _NOT_A_WORD.sub(" ", unicodedata.normalize("NFC", text).lower())
    return _set_words(typed) or _set_words(folded) or ("yes" if _urges_to_send(typed) else None)


def _urges_to_send(typed: str) -> bool:
    verb, *others = typed.split()
    table = _table()["send"]
    return verb in table["verbs"] and all(fold(word) in table["urging"] for word in others)


def _set_words(text: str) -> Control | None:
    """What words say, with or without the particles at their end."""
    words = text.split()
    while words:
        if (found := _controls().get(" ".join(words))) is not None:
            return found
        if fold(words.pop()) not in _particles():
            break
    return None


@dataclass(frozen=True)
class Correction:
    """`part` is None when the person did not name it; `value` is empty when none was given."""

    part: Part | None
    value: str


@lru_cache(maxsize=1)
def _correction_patterns() -> tuple[re.Pattern[str], ...]:
    table = _table()["corrections"]
    verbs = _either(table["verbs"])
    nouns = _either(noun for nouns in table["parts"].values() for noun in nouns)
    connectors = _either(table["connectors"])
    fillers = rf"^(?:(?:{_either(table['fillers'])})[\s,.]+)*"
    named = rf"{fillers}{_WISH}(?:{verbs})"
    return (
        re.compile(
            rf"{named}(?: (?:lai|cai|phan|cho))* (?P<noun>{nouns})(?: lai)?"
            rf"(?:[\s,:]*(?:{connectors})?[\s:]+(?P<value>.+))?$"
        ),
        re.compile(rf"{named}(?: lai)?\s*(?:{connectors})[\s:]+(?P<value>.+)$"),
        re.compile(
            rf"^(?:{_either(table['openers'])})[\s,.:]+(?:ma )?(?:(?:la|o)[\s:]+)?(?P<value>.+)$"
        ),
        re.compile(
            rf"{fillers}{_WISH}(?:{_either(table['alone'])})(?: (?:{_either(table['anything'])}))*$"
        ),
    )


def _either(words: Any) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def correction_in(text: str) -> Correction | None:
    """The correction that a message asks for, or None: "đổi lại là chợ Rạch Sỏi"."""
    composed = unicodedata.normalize("NFC", text).strip()
    folded = fold(composed).rstrip(" .!")
    if len(folded) > 300:
        return None
    by_part, by_verb, by_opener, by_verb_alone = _correction_patterns()
    if match := by_part.match(folded):
        return Correction(_part_of(match["noun"]), _original(composed, match, "value"))
    for pattern in (by_verb, by_opener):
        if match := pattern.match(folded):
            return Correction(None, _original(composed, match, "value"))
    return Correction(None, "") if by_verb_alone.match(folded) else None


def _part_of(noun: str) -> Part:
    parts: dict[Part, list[str]] = _table()["corrections"]["parts"]
    return next(part for part, nouns in parts.items() if noun in nouns)


def _original(composed: str, match: re.Match[str], group: str) -> str:
    if match[group] is None:
        return ""
    return composed[match.start(group) : match.end(group)].strip()


def is_bare_wish(text: str) -> bool:
    """Whether a text only says that one wants to report, not what: "tôi muốn phản ánh"."""
    words = words_of(text).split()
    return len(words) <= 12 and all(word in _bare_wish() for word in words)


def wishes_to_report(text: str) -> bool:
    """A bare wish that names what is wished for."""
    return is_bare_wish(text) and names_a_report(text)


def names_a_report(text: str) -> bool:
    """Whether a text speaks of reporting: "muốn phản ánh thì làm sao"."""
    words = f" {words_of(text)} "
    return any(f" {wish} " in words for wish in _table()["wishes"])


def denouncing_phrases() -> list[str]:
    """Words that make a message a denunciation, written as in safety.yml."""
    phrases: list[str] = _table()["denounces"]
    return phrases


def asks_for_a_person(text: str) -> bool:
    """Whether a text names a person to speak to: "cho gặp cán bộ"."""
    words = f" {words_of(text)} "
    return any(f" {phrase} " in words for phrase in _table()["persons"])


def says_nothing_more(text: str) -> bool:
    """Whether what stands beside a place's name is empty of meaning: "ở … nha"."""
    return all(word in _table()["beside_a_place"] for word in words_of(text).split())


def is_english(text: str) -> bool:
    """Whether a text is English: several of its words are, and none has a Vietnamese letter."""
    words = words_of(text).split()
    known = [word for word in words if word in _english()]
    return text.isascii() and len(known) >= ENGLISH_WORDS and len(known) * 3 >= len(words)


@lru_cache(maxsize=1)
def _english() -> frozenset[str]:
    return frozenset(str(word) for word in _table()["english"])


@lru_cache(maxsize=1)
def _bare_wish() -> frozenset[str]:
    return frozenset(str(word) for word in _table()["bare_wish"])


def joint_length(text: str) -> int:
    """How many characters at the front only join the text to what was said before it."""
    match = _joint().match(fold(text))
    return match.end() if match else 0


@lru_cache(maxsize=1)
def _joint() -> re.Pattern[str]:
    return re.compile(rf"[\s,.;]*(?:(?:{_either(_table()['joints'])})[\s,:]+)?")
