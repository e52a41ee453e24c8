"""Answers written beforehand: a table of texts with fields, and blanks for the officer to fill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.table_files import LocalTableInvalid, document

ANY = "*"
FIELDS = frozenset({"code", "agency", "place", "deadline", "officer"})
"""What a text may hold in braces; it is filled in from the ticket."""

REPLY = "reply"
"""In the table, among the moves: a message to the citizen that moves nothing."""

_FIELD = re.compile(r"\{(\w+)\}")
_BLANK = re.compile(r"\[[^\[\]\n]{1,60}\]")


class BlankLeft(ValueError):
    """A blank of a canned reply stands in the text as it was: the officer has to fill it in."""

    def __init__(self, blank: str) -> None:
        super().__init__(blank)
        self.blank = blank


@dataclass(frozen=True)
class CannedReply:
    """A text that an officer may begin with, for some categories (none: for every one)."""

    name: str
    title: str
    categories: frozenset[str]
    moves: frozenset[str]
    text: str

    def filled(self, fields: Mapping[str, str]) -> str:
        """The text with its fields filled in; its blanks stay."""
        return _FIELD.sub(lambda found: fields[found.group(1)], self.text)


def load(path: Path, *, categories: Iterable[str], moves: Iterable[str]) -> tuple[CannedReply, ...]:
    """canned_replies.yml in its order.

    Raises:
        LocalTableInvalid: a reply names what is not known, or a field that nothing fills.
    """
    known_categories, known_moves = {*categories, ANY}, {*moves, REPLY}
    found: dict[str, CannedReply] = {}
    for item in document(path).get("replies") or ():
        name = str(item.get("name", ""))
        where = f"{path}: {name or item}"
        _known(where, item, "for", known_categories)
        _known(where, item, "moves", known_moves)
        text = str(item.get("text", "")).strip()
        strange = set(_FIELD.findall(text)) - FIELDS
        if not name or name in found or not text or not item.get("title"):
            raise LocalTableInvalid(f"{where}: give it a name of its own, a title and a text")
        if strange:
            raise LocalTableInvalid(f"{where}: nothing fills {strange.pop()!r}: write a blank […]")
        found[name] = CannedReply(
            name, str(item["title"]), frozenset(item["for"]), frozenset(item["moves"]), text
        )
    return tuple(found.values())


def fitting(
    replies: Iterable[CannedReply], category: str, *, moves: Iterable[str]
) -> list[CannedReply]:
    """The replies for a category and any of these moves, those of the category itself first."""
    wanted = set(moves)
    fits = [r for r in replies if r.categories & {category, ANY} and r.moves & wanted]
    return sorted(fits, key=lambda reply: category not in reply.categories)


def see_that_no_blank_is_left(replies: Iterable[CannedReply], text: str) -> None:
    """Raises BlankLeft when a blank of one of the replies stands in a text."""
    in_text = set(_BLANK.findall(text))
    if not in_text:
        return
    for reply in replies:
        for blank in _BLANK.findall(reply.text):
            if blank in in_text:
                raise BlankLeft(blank)


def _known(where: str, item: Mapping[str, Any], field: str, known: set[str]) -> None:
    names = item.get(field)
    if not isinstance(names, list) or not names:
        raise LocalTableInvalid(f"{where}: {field} must be a list")
    for name in names:
        if name not in known:
            raise LocalTableInvalid(
                f"{where}: {field} {name!r}: write some of {', '.join(sorted(known))}"
            )
