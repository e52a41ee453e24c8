"""Answers written beforehand: a table of texts with fields, and blanks for the officer to fill."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from actions.table_files import ANY, LocalTable, records

FIELDS = frozenset({"code", "agency", "place", "deadline", "officer"})
"""What a text may hold in braces; it is filled in from the ticket."""

REPLY = "reply"
"""In the table, among the moves: a message to the citizen that moves nothing."""

LONGEST_NAME = 60
LONGEST_TITLE = 100
LONGEST_TEXT = 4000
"""Characters; what is sent to a citizen has no room for a longer text."""

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


def load(
    table: LocalTable, *, categories: Iterable[str], moves: Iterable[str]
) -> tuple[CannedReply, ...]:
    """canned_replies.yml in its order.

    Raises:
        LocalTableInvalid: a reply names what is not known, or a field that nothing fills.
    """
    known_categories, known_moves = {*categories, ANY}, {*moves, REPLY}
    found: dict[str, CannedReply] = {}
    for item in records(table, "replies"):
        _must_have_words(table, item, "title", LONGEST_TITLE)
        _must_have_words(table, item, "text", LONGEST_TEXT)
        _must_have_words(table, item, "name", LONGEST_NAME)
        if item["name"] in found:
            raise table.wrong(item, "name", "taken", "give each reply a name of its own")
        _must_be_some_of(table, item, "for", known_categories)
        _must_be_some_of(table, item, "moves", known_moves)
        text = item["text"].strip()
        if strange := set(_FIELD.findall(text)) - FIELDS:
            mend = f"nothing fills {strange.pop()!r}: write a blank […]"
            raise table.wrong(item, "text", "strange_field", mend)
        found[item["name"]] = CannedReply(
            item["name"], item["title"], frozenset(item["for"]), frozenset(item["moves"]), text
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


def _must_have_words(table: LocalTable, item: Mapping[str, Any], column: str, longest: int) -> None:
    words = item.get(column)
    if not isinstance(words, str) or not words.strip():
        raise table.wrong(item, column, "missing", "give it a name of its own, a title and a text")
    if len(words) > longest:
        raise table.wrong(item, column, "too_long", f"write at most {longest} characters")


def _must_be_some_of(
    table: LocalTable, item: Mapping[str, Any], column: str, known: set[str]
) -> None:
    names = item.get(column)
    if not isinstance(names, list) or not names:
        raise table.wrong(item, column, "missing", "must be a list")
    for name in names:
        if not isinstance(name, str) or name not in known:
            raise table.wrong(item, column, "unknown", f"write some of {', '.join(sorted(known))}")
