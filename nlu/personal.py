"""Finds and hides what tells who a person is: for logs, and for views that everybody can see.

`find` gives the spans, `mask` the text with a short sign in their place ("[số điện thoại]"). What
belongs to nobody stays: communes, streets without a house number, codes of dossiers and tickets,
money, dates, hours, agencies, and roads and schools that carry a person's name.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nlu import personal_numbers
from nlu.entities import dossier_code, ticket_code
from nlu.entities.folded import Folded, fold
from nlu.personal_addresses import Addresses
from nlu.personal_names import Names
from nlu.personal_words import signs, tokens_of

KINDS = ("phone", "id_number", "bank_account", "plate", "email", "address", "name")

# Stands for a sign that is in the text already: no word, no digit, no space.
_HIDDEN = "\ue010"


@dataclass(frozen=True)
class Span:
    """Personal data at `text[start:end]` of the original; `kind` is one of KINDS."""

    kind: str
    start: int
    end: int


def find(text: str) -> list[Span]:
    """The personal data in a text, in order, none inside another; never raises for any text."""
    folded = _without_signs(fold(text))
    taken = [False] * len(folded.text)
    for codes in (dossier_code.find(folded), ticket_code.find(folded)):
        for code in codes:
            start = bisect_left(folded.starts, code.start)
            end = bisect_left(folded.starts, code.end)
            taken[start:end] = [True] * (end - start)
    found: list[Span] = []
    for kind, start, end in _candidates(folded):
        if not any(taken[start:end]):
            taken[start:end] = [True] * (end - start)
            found.append(Span(kind, folded.starts[start], folded.ends[end - 1]))
    return sorted(found, key=lambda span: span.start)


def mask(text: str) -> str:
    """The text with a sign in place of each piece of personal data; masking again changes nothing.

    What was hidden may bring what stood beside it to light, so the text is looked through until
    nothing is left. Each round hides letters for good: there is an end to it.
    """
    while found := find(text):
        pieces: list[str] = []
        at = 0
        for span in found:
            pieces += (text[at : span.start], signs()[span.kind])
            at = span.end
        text = "".join([*pieces, text[at:]])
    return text


def _candidates(folded: Folded) -> Iterator[tuple[str, int, int]]:
    yield from personal_numbers.find(folded)
    tokens = tokens_of(folded)
    for start, end in Addresses(folded.text, tokens).find():
        yield "address", start, end
    for start, end in Names(folded.text, tokens).find():
        yield "name", start, end


def _without_signs(folded: Folded) -> Folded:
    text = folded.text
    for sign in map(fold, signs().values()):
        text = text.replace(sign.text, _HIDDEN * len(sign.text))
    return replace(folded, text=text)
