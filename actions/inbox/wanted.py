"""What somebody wants to see: the views that everybody has, and what narrows them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from actions.happened import NOTHING, Happened

NOWHERE = "none"
"""The commune of a case of which nobody knows where it is."""


class View(StrEnum):
    """A list that everybody of the staff has."""

    OPEN = "open"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    NEW = "new"
    TODAY = "today"
    OVERDUE = "overdue"
    WAITING = "waiting"
    """For the citizen."""
    UNHAPPY = "unhappy"
    ANSWERED = "answered"
    CLOSED = "closed"
    ALL = "all"


class Order(StrEnum):
    """What stands first."""

    DEADLINE = "deadline"
    NEWEST = "newest"


UNDER_WAY_VIEWS = frozenset(
    {View.OPEN, View.MINE, View.UNASSIGNED, View.NEW, View.TODAY, View.OVERDUE, View.WAITING}
)
"""Views of what staff have to act on: what is due first stands first."""


@dataclass(frozen=True)
class Wanted:
    """Which cases somebody wants to see; what is empty does not narrow the list.

    `since` and `until` are days here, both included, on which the case was sent.
    """

    view: View = View.OPEN
    agency: str = ""
    category: str = ""
    commune: str = ""
    urgency: str = ""
    since: date | None = None
    until: date | None = None
    search: str = ""
    order: Order | None = None
    """None: as its view has it."""
    happened: Happened = NOTHING

    @property
    def ordered(self) -> Order:
        if self.order is not None:
            return self.order
        return Order.DEADLINE if self.view in UNDER_WAY_VIEWS else Order.NEWEST

    @property
    def narrowed(self) -> bool:
        """Whether there is more to it than its view and its order."""
        return replace(self, order=None) != Wanted(view=self.view)
