"""What set words say about a ticket: done, not done, when, follow it, add to it, so many stars."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml

from bot.dialogue.heard import Heard
from bot.dialogue.phrases import words_of
from bot.dialogue.routing import is_question

Wish = Literal["done", "notdone", "follow", "unfollow", "add", "withdraw", "status"]

_BESIDE_A_CODE: tuple[Wish, ...] = ("follow", "withdraw", "add")

LONGEST_VERDICT = 10
"""Words; a longer message tells something, and the model reads it."""

BEST = 5

_TABLE = Path(__file__).with_name("ticket_words.yml")


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    table: dict[str, Any] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return table


def wish_in(heard: Heard) -> Wish | None:
    """What a message wants of a ticket in set words, or None when it says something else."""
    words = words_of(_without_code(heard))
    padded = f" {words} "
    if heard.first("dossier_code") is None:
        if _holds(padded, "unfollow"):
            return "unfollow"
        if heard.first("ticket_code") is not None:
            for wish in _BESIDE_A_CODE:
                if _holds(padded, wish):
                    return wish
    if len(words.split()) > LONGEST_VERDICT or heard.first("place") is not None:
        return None
    if _asks_when(heard, words):
        return "status"
    if is_question(heard.folded):
        return None
    if _is_all(words, "done"):
        return "done"
    return "notdone" if _not_done().match(words) else None


def stars_in(text: str) -> int | None:
    """The stars that a message gives, 1 to 5; of ten, half as many."""
    words = words_of(text.replace("*", " sao ").replace("⭐", " sao "))
    if (typed := _counted(words)) is not None:
        return typed
    padded = f" {words} "
    for line in _table()["stars"]:
        if f" {line['phrase']} " in padded:
            return int(line["stars"])
    return None


def _counted(words: str) -> int | None:
    match = _count().search(words)
    if match is None:
        return None
    typed = match["alone"] or match["count"]
    number = int(typed) if typed.isdigit() else int(_table()["numbers"][typed])
    of_ten = match["of"] in ("10", "muoi") or number > BEST
    if of_ten:
        number = (number + 1) // 2
    return max(1, number) if number <= BEST else None


@lru_cache(maxsize=1)
def _count() -> re.Pattern[str]:
    number = rf"(?:10|\d|{'|'.join(_table()['numbers'])})"
    return re.compile(
        rf"^(?P<alone>{number})$|\b(?P<count>{number})"
        rf"(?:(?: tren | ?/ ?)(?P<of>10|5|muoi|nam)\b| (?:ngoi )?(?:sao|diem)\b)"
    )


def _asks_when(heard: Heard, words: str) -> bool:
    """Pictures, and words that the model takes for danger, are never only a question."""
    if heard.attachments or heard.intent == "emergency" or _holds(f" {words} ", "never_when"):
        return False
    return _is_all(words, "when")


def _is_all(words: str, name: str) -> bool:
    """One of the phrases, and nothing beside it that says more."""
    beside = set(_table()[f"beside_{name}"])
    for phrase in _table()[name]:
        before, found, after = f" {words} ".partition(f" {phrase} ")
        if found and set(before.split()) | set(after.split()) <= beside:
            return True
    return False


@lru_cache(maxsize=1)
def _not_done() -> re.Pattern[str]:
    before, phrases = (
        "|".join(sorted(_table()[name], key=len, reverse=True))
        for name in ("before_not_done", "not_done")
    )
    return re.compile(rf"(?:(?:{before}) )*(?:{phrases})(?: |$)")


def _holds(padded: str, name: str) -> bool:
    return any(f" {phrase} " in padded for phrase in _table()[name])


def _without_code(heard: Heard) -> str:
    mention = heard.first("ticket_code")
    if mention is None:
        return heard.text
    return f"{heard.text[: mention.start]} {heard.text[mention.end :]}"
