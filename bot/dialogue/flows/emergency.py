"""Danger now: the number to call stands in the first line, everything else comes after it."""

from __future__ import annotations

from bot.dialogue.heard import Heard
from bot.dialogue.talk import Talk


def say_numbers(talk: Talk, heard: Heard) -> None:
    """Say whom to call, before anything else of this turn."""
    _say(talk, "utter_emergency", heard)


def comfort(talk: Talk, heard: Heard) -> None:
    """Somebody speaks of ending the own life: numbers and a person to speak to, no questions."""
    _say(talk, "utter_despair", heard)


def _say(talk: Talk, response: str, heard: Heard) -> None:
    numbers = [
        talk.text("utter_part_hotline", number=hotline.number, holder=hotline.name)
        for hotline in talk.local.emergency_hotlines(heard.folded)
    ]
    talk.urgent = True
    talk.say(response, numbers=", ".join(numbers))
