"""What both databases can keep of a text that came from outside."""

from __future__ import annotations


def storable(text: str) -> str:
    """The text without NUL, and with a sign in place of half a surrogate pair.

    PostgreSQL has no NUL character, and half a surrogate pair is no UTF-8; JSON and forms may carry
    both. Two halves that belong together become the character they stand for.
    """
    whole = text.replace("\x00", "").encode("utf-16", "surrogatepass")
    return whole.decode("utf-16", "replace")
