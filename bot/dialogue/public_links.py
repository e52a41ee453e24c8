"""Where citizens can read on: addresses of the public pages, for the end of a sentence."""

from __future__ import annotations

from bot.dialogue.talk import Talk
from store.tickets import Ticket


def case(talk: Talk, ticket: Ticket) -> str:
    """A line with the public page of a ticket; empty where there is none."""
    settings = talk.turn.services.settings
    if not settings.public_cases_on:
        return ""
    return _line(talk, f"/phan-anh/{ticket.code}")


def notices(talk: Talk) -> str:
    """A line with the page of notices; empty where nobody could reach it."""
    return _line(talk, "/thong-bao")


def _line(talk: Talk, path: str) -> str:
    base = talk.turn.services.settings.public_url.rstrip("/")
    return f"\n{talk.text('utter_part_read_on', url=base + path)}" if base else ""
