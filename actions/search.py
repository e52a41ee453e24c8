"""Finds tickets by their words, whether typed with diacritics or without."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    Boolean,
    ColumnElement,
    Integer,
    String,
    Subquery,
    and_,
    any_,
    bindparam,
    column,
    func,
    select,
    table,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from actions.folding import folded
from store.tickets import SEARCH_WORDS, Ticket

MOST_WORDS = 12
"""Words of a search that count; nobody types more."""

BEGUN_FROM = 2
"""Letters from which on the last word may be one that is only begun."""

_INDEX = table("ticket_search", column("rowid"))
"""SQLite's index of words (FTS5); PostgreSQL has one on a column that it makes itself."""

_WORDS = bindparam("words", type_=String)
_WORDS_BEFORE = bindparam("words_before", type_=String)
_LAST_WORD = bindparam("last_word", type_=String)


def text_of(ticket: Ticket) -> str:
    """What of a ticket is searched: `Ticket.search_text`."""
    parts = (ticket.code, ticket.text, ticket.place_text, ticket.answer)
    return folded(" ".join(part for part in parts if part))


def is_sqlite(session: Session) -> bool:
    """Whether the index is SQLite's; the conditions below are made for the one or the other."""
    return session.get_bind().dialect.name == "sqlite"


def asked(words: str, *, sqlite: bool) -> dict[str, str]:
    """What the parameters of `holds` and `held` stand for; the last word is perhaps only begun."""
    wanted = _wanted(words)
    begun = len(wanted[-1]) >= BEGUN_FROM
    query = _match if sqlite else _query
    return {
        "words": query(wanted, begun=begun),
        "words_before": query(wanted[:-1]),
        "last_word": query(wanted[-1:], begun=begun),
    }


def holds(*, sqlite: bool, last_by_rows: bool) -> ColumnElement[bool]:
    """That a ticket holds all the words of a search.

    Args:
        last_by_rows: PostgreSQL's index is asked for the words before the last alone, and of the
            tickets that it names each whether it holds the last; there must be some before it.
    """
    words = None if sqlite else SEARCH_WORDS
    if last_by_rows:
        # In this form no index fits the last.
        last = _hold(Ticket.id, words, _LAST_WORD).is_(True)
        return and_(_hold(Ticket.id, words, _WORDS_BEFORE), last)
    return _hold(Ticket.id, words, _WORDS)


def columns(*, sqlite: bool) -> list[ColumnElement[Any]]:
    """What rows of tickets must have beside `id` to be asked what they hold."""
    return [] if sqlite else [SEARCH_WORDS.label("words")]


def held(rows: Subquery, *, several: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Of rows that are there, with `id` and `columns`: that they hold the words before the last,
    and that they hold the last. Both together are what `holds` says of tickets.

    Args:
        several: there are words before the last.
    """
    words = rows.c.get("words")
    others = _hold(rows.c.id, words, _WORDS_BEFORE) if several else true()
    return others, _hold(rows.c.id, words, _LAST_WORD)


def among(numbers: Sequence[int] | str, *, sqlite: bool) -> ColumnElement[bool]:
    """That a ticket is one of these, however many they are: one parameter for all of them.

    Args:
        numbers: or the name of that parameter, which stands for them as `listed` has them.
    """
    kind = String() if sqlite else ARRAY(Integer)
    if isinstance(numbers, str):
        these: BindParameter[Any] = bindparam(numbers, type_=kind)
    else:
        these = bindparam(None, listed(numbers, sqlite=sqlite), kind)
    if sqlite:
        return Ticket.id.in_(select(func.json_each(these).table_valued("value").c.value))
    return Ticket.id == any_(these)


def listed(numbers: Sequence[int], *, sqlite: bool) -> str | list[int]:
    """Numbers as one parameter."""
    return json.dumps(list(numbers)) if sqlite else list(numbers)


def has_words(text: str) -> bool:
    """Whether there is anything in a text that can be looked for."""
    return bool(_wanted(text))


def has_several_words(text: str) -> bool:
    return len(_wanted(text)) > 1


def _wanted(text: str) -> list[str]:
    return folded(text).split()[:MOST_WORDS]


def _match(wanted: list[str], *, begun: bool = False) -> str:
    return " ".join(f'"{word}"' for word in wanted) + ("*" if begun else "")


def _query(wanted: list[str], *, begun: bool = False) -> str:
    return " & ".join(wanted) + (":*" if begun else "")


def _hold(
    number: ColumnElement[int] | InstrumentedAttribute[int],
    words: ColumnElement[Any] | None,
    wanted: BindParameter[str],
) -> ColumnElement[bool]:
    """That rows hold what is wanted.

    Args:
        number: of a row's ticket, which SQLite's index knows.
        words: of a row, on PostgreSQL.
    """
    if words is None:
        match = column("ticket_search").op("MATCH")(wanted)
        return number.in_(select(_INDEX.c.rowid).where(match))
    return words.op("@@", return_type=Boolean())(func.to_tsquery("simple", wanted))
