"""Buttons on every channel: the number or the title of a choice typed in words presses it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.dialogue.phrases import words_of
from bot.dialogue.state import Choice
from bot.messages import Outgoing

SHORTEST_PART_OF_TITLE = 5
"""Letters of a title that are enough to mean it, when no other title has them too."""

_NUMBER = re.compile(r"(?:so|chon|nut|muc|chon so|phim)? ?(\d{1,2})(?: (?:a|nha|nhe|di))?")


def choices_in(messages: Sequence[Outgoing]) -> list[Choice]:
    """The choices of the last message that has any."""
    for message in reversed(messages):
        found = [
            Choice(title=button.title, payload=button.payload)
            for button in message.buttons
            if button.payload is not None
        ]
        if found:
            return found
    return []


def chosen(choices: Sequence[Choice], text: str) -> str | None:
    """The payload of the choice that a text names, or None when it names none or several."""
    words = words_of(text)
    if not words or not choices:
        return None
    if match := _NUMBER.fullmatch(words):
        number = int(match[1])
        return choices[number - 1].payload if 1 <= number <= len(choices) else None
    titles = [words_of(choice.title) for choice in choices]
    if words in titles:
        return choices[titles.index(words)].payload
    if len(words) < SHORTEST_PART_OF_TITLE:
        return None
    holding = [number for number, title in enumerate(titles) if f" {words} " in f" {title} "]
    return choices[holding[0]].payload if len(holding) == 1 else None
