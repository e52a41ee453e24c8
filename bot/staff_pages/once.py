"""What became of a form that was sent a second time, or that was filled in on an old page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Row = TypeVar("Row")


class SentAlready(Exception):
    """This officer has sent the very same just now: the button was pressed twice."""


class ChangedMeanwhile(Exception):
    """Something has happened since the officer opened the page."""


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
