"""What stands in the forms of a ticket's page: what an officer had typed, or begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from actions import canned
from bot.staff_pages.forms import Form
from bot.staff_pages.ticket_view import TicketView

REPLY, NOTE = canned.REPLY, "note"
"""What an officer does that moves nothing, beside the moves of the table."""

RESOLVE = "resolve"
"""The move that takes an answer."""

WORDS = frozenset({"answer", "text", "reason"})
"""Needs of a move that are met by writing something."""

FIELDS = {
    "answer_missing": "text",
    "answer_says_nothing": "text",
    "reason_missing": "text",
    "blank_left": "text",
    "too_long": "text",
    "photo_missing": "files",
    "too_many_files": "files",
    "not_a_picture": "files",
    "video": "files",
    "document": "files",
    "officer_missing": "officer",
    "officer_away": "officer",
    "agency_missing": "agency",
    "target_unfit": "target",
}
"""The field beside which a problem is said; any other stands above the page."""


@dataclass(frozen=True)
class Typed:
    """What stands in the form of one deed, and what is wrong with it."""

    deed: str = ""
    text: str = ""
    officer: str = ""
    agency: str = ""
    target: str = ""
    problem: str = ""
    other: str = ""
    """The colleague whom the problem is about, or the blank that was left."""

    @classmethod
    def of(cls, form: Form, deed: str, *, problem: str, other: str) -> Typed:
        """What came with a form that was not taken."""
        return cls(
            deed,
            form.text("text"),
            form.text("officer"),
            form.text("agency"),
            form.text("target"),
            problem,
            other,
        )

    @property
    def field(self) -> str:
        """The field that is wrong; empty when it is none of them."""
        return FIELDS.get(self.problem, "")


def begun(view: TicketView, query: Mapping[str, str]) -> Typed:
    """A text to begin with, chosen by a link: `?canned=` a reply, or `?answer=` another ticket's.

    `?for=` names the deed that it is for; nothing is filled in where that cannot be done now.
    """
    may = {move.name for move in view.work.moves} | ({REPLY} if view.work.may_write else set())
    if other := query.get("answer"):
        text = next((one.answer for one in view.work.similar if one.code == other), None)
        return Typed(RESOLVE, text or "") if RESOLVE in may else Typed()
    name = query.get("canned", "")
    chosen = next((one for one in view.work.canned if one.reply.name == name), None)
    deed = query.get("for", "")
    if chosen is None or deed not in may.intersection(chosen.purposes):
        return Typed()
    return Typed(deed, chosen.text)
