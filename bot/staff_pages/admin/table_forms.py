"""From a form to a row of one of the province's tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from actions.folding import folded
from actions.local_facts import LocalTableInvalid
from actions.table_files import ANY, KEY_COLUMNS, WHOLE, Row
from bot.staff_pages.forms import Form
from store.cases import DeadlineKind

MAX_NAME = 40

NAMELESS = "khong-ten"
"""For words without a letter or a digit."""

SPANS = 3
"""Pairs of times that the form of the working hours offers; empty ones do not count."""


@dataclass(frozen=True)
class EditedTable:
    """A table that has a page.

    `read` makes a row from a form; `made_up` is the column that holds a name which nobody types,
    made from another column, and None where a form names all of a new row's key.
    """

    name: str
    read: Callable[[Form], Row]
    made_up: tuple[str, str] | None = None

    @property
    def key_columns(self) -> tuple[str, ...]:
        return KEY_COLUMNS[self.name]

    @property
    def whole(self) -> bool:
        """Whether the table is changed as a whole."""
        return not self.key_columns

    def new_row(self, typed: Row, taken: Collection[str]) -> Row:
        """The row that a form adds.

        Raises:
            LocalTableInvalid: there is one with this key.
        """
        row = typed
        if self.made_up is not None:
            column, source = self.made_up
            row = {column: _name(row[source], taken), **row}
        if self.key(row) in taken:
            raise LocalTableInvalid(
                f"{self.name}: {self.key(row)}: is there already",
                column=self.key_columns[0],
                problem="taken",
            )
        return row

    def over(self, current: Row, typed: Row) -> Row:
        """A row as a form changes it: its key stays, and what the form does not show."""
        kept = {column: current[column] for column in self.key_columns}
        return {**current, **typed, **kept}

    def key(self, row: Mapping[str, object]) -> str:
        if self.whole:
            return WHOLE
        return ",".join(str(row.get(column, "")) for column in self.key_columns)


def _routing(form: Form) -> Row:
    return {
        "category": form.text("category"),
        "urgency": form.text("urgency"),
        "commune": form.text("commune") or ANY,
        "agency": form.text("agency"),
        "agency_without_commune": form.text("agency_without_commune"),
        "team": form.text("team"),
        "why": form.text("why"),
    }


def _deadlines(form: Form) -> Row:
    times = {
        kind.value: form.text(f"{kind.value}_amount") + form.text(f"{kind.value}_unit")
        for kind in DeadlineKind
    }
    return {
        "category": form.text("category"),
        "urgency": form.text("urgency"),
        "clock": form.text("clock"),
        **times,
    }


def _replies(form: Form) -> Row:
    return {
        "title": form.text("title"),
        "for": list(form.many("for")),
        "moves": list(form.many("moves")),
        "text": form.text("text"),
    }


def _holidays(form: Form) -> Row:
    return {
        "date": form.text("date"),
        "worked": form.text("worked"),
        "why": form.text("why"),
        "source": form.text("source"),
    }


def _teams(form: Form) -> Row:
    return {"name": form.text("name")}


def _hours(form: Form) -> Row:
    pairs = [
        {"opens": form.text(f"opens{number}"), "closes": form.text(f"closes{number}")}
        for number in range(1, SPANS + 1)
    ]
    return {"rows": [pair for pair in pairs if pair["opens"] or pair["closes"]]}


TABLES: Mapping[str, EditedTable] = {
    "routing": EditedTable("routing", _routing),
    "deadlines": EditedTable("deadlines", _deadlines),
    "replies": EditedTable("canned_replies", _replies, made_up=("name", "title")),
    "holidays": EditedTable("holidays_override", _holidays),
    "teams": EditedTable("teams", _teams, made_up=("code", "name")),
    "hours": EditedTable("working_hours", _hours),
}
"""By what stands in the address."""


def _name(words: str, taken: Collection[str]) -> str:
    """A name in a-z, 0-9 and hyphens that no other row has."""
    plain = folded(words).replace(" ", "-")[:MAX_NAME].strip("-") or NAMELESS
    name, number = plain, 2
    while name in taken:
        name = f"{plain[: MAX_NAME - 4]}-{number}"
        number += 1
    return name
