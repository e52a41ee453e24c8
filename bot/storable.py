"""What both databases can take of what came from outside."""

from __future__ import annotations

BIGGEST_ID = 2**31 - 1
"""Ids are whole numbers of four bytes; PostgreSQL takes no larger one."""

_DIGITS = 16
"""More digits than any number that is read here has."""


def storable(text: str) -> str:
    """The text without NUL, and with a sign in place of half a surrogate pair.

    PostgreSQL has no NUL character, and half a surrogate pair is no UTF-8; JSON and forms may carry
    both. Two halves that belong together become the character they stand for.
    """
    whole = text.replace("\x00", "").encode("utf-16", "surrogatepass")
    return whole.decode("utf-16", "replace")


def number(text: str, most: int = BIGGEST_ID) -> int:
    """A whole number that a database can look for; 0 for anything else."""
    if not (text.isascii() and text.isdecimal()):
        return 0
    return most if len(text) > _DIGITS else min(int(text), most)
