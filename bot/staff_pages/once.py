"""What became of a form that was sent a second time, or that was filled in on an old page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from actions.moves import Move
from bot.staff_pages.forms import Form
from store.staff import Officer
from store.tickets import TicketEvent

Row = TypeVar("Row")


class SentAlready(Exception):
    """This officer has sent the very same just now: the button was pressed twice."""


class ChangedMeanwhile(Exception):
    """Something has happened since the officer opened the page."""


def is_deed(
    event: TicketEvent, deed: str, officer: Officer, text: str, named: Mapping[str, str]
) -> bool:
    """Whether an event of a ticket is what an officer's form would do.

    Args:
        named: whom or what the form names, as the event's detail has it: `officer`, `agency`.
    """
    same = (event.kind, event.officer_id, event.detail.get("text", "")) == (deed, officer.id, text)
    return same and all(str(event.detail.get(name, "")) == value for name, value in named.items())


def named_in(form: Form, move: Move | None) -> dict[str, str]:
    """Whom or what a form names for a move that needs it."""
    needs = move.needs if move is not None else frozenset()
    return {name: form.text(name) for name in ("officer", "agency") if name in needs}


def see_that_nothing_came(
    since: Sequence[Row], is_this: Callable[[Row], bool], *, strict: bool = True
) -> None:
    """See that the page showed all there is.

    Args:
        since: what came after the page was opened.
        is_this: whether one of it is what this form would do.
        strict: off for what is meant whatever else came.

    Raises:
        SentAlready: it has been done.
        ChangedMeanwhile: something else came.
    """
    if any(is_this(row) for row in since):
        raise SentAlready
    if since and strict:
        raise ChangedMeanwhile
