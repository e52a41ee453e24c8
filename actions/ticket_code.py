"""Ticket codes: short, easy to read out and to type, and any slip of the finger is noticed.

A code is `PA-` and six of 31 signs. O, I, L, Z and U are left out, for they look like 0, 1, 1, 2
and V, and are read as those. The sixth sign checks the other five: 31 is prime and every position
has a weight of its own, so one wrong sign and two signs swapped are always found.
"""

from __future__ import annotations

import re
from random import Random

PREFIX = "PA-"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
LENGTH = 6
_LOOK_ALIKES = str.maketrans("OILZU", "0112V")
_SEPARATORS = re.compile(r"[\s.\-_–—]+")
_WEIGHTS = tuple(range(1, LENGTH + 1))


class TicketCodeUnreadable(ValueError):
    """The text has not the shape of a ticket code."""


class TicketCodeMistyped(TicketCodeUnreadable):
    """The shape is right but the check sign is not: some sign was read or typed wrongly."""


def issue(random: Random) -> str:
    """A new code; the caller makes sure that nobody has it yet."""
    body = "".join(random.choice(ALPHABET) for _ in range(LENGTH - 1))
    return PREFIX + body + _check_sign(body)


def read(text: str) -> str:
    """The code that a person meant, in its own spelling.

    Capitals, spaces, dashes, dots, a missing `PA` and look-alike letters are forgiven.

    Raises:
        TicketCodeMistyped: the check sign says that a sign is wrong.
        TicketCodeUnreadable: the text is something else.
    """
    compact = _SEPARATORS.sub("", text.strip()).upper()
    if len(compact) == LENGTH + 2 and compact.startswith("PA"):
        compact = compact[2:]
    signs = compact.translate(_LOOK_ALIKES)
    if len(signs) != LENGTH or any(sign not in ALPHABET for sign in signs):
        raise TicketCodeUnreadable(text[:20])
    if _weighted_sum(signs) != 0:
        raise TicketCodeMistyped(signs)
    return PREFIX + signs


def _weighted_sum(signs: str) -> int:
    values = (ALPHABET.index(sign) for sign in signs)
    total = sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=False))
    return total % len(ALPHABET)


def _check_sign(body: str) -> str:
    prime = len(ALPHABET)
    missing = -_weighted_sum(body) % prime
    return ALPHABET[missing * pow(_WEIGHTS[-1], -1, prime) % prime]
