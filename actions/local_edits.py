"""The desk's edits of the province's tables, put over its files; bad ones are left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.local_facts import LocalFacts, LocalTableInvalid
from actions.table_files import WHOLE, EditKey, Edits, Row
from store.desk import LocalEdit


@dataclass(frozen=True)
class SkippedEdit:
    """An edit that the tables do not load with: whose it is, and why."""

    at: EditKey
    error: LocalTableInvalid


def read(session: Session) -> dict[EditKey, Row | None]:
    """Every edit, the oldest first."""
    found = session.execute(
        select(LocalEdit.table_name, LocalEdit.key, LocalEdit.row).order_by(
            LocalEdit.changed_at, LocalEdit.table_name, LocalEdit.key
        )
    )
    return {(table, key): row for table, key, row in found}


def load(folder: Path, edits: Edits) -> tuple[LocalFacts, tuple[SkippedEdit, ...]]:
    """The facts of a province's folder with as many of the edits as they load with.

    An edit that was good may be bad after the files have changed.

    Raises:
        LocalTableInvalid: the files themselves are wrong.
    """
    left = dict(edits)
    skipped: list[SkippedEdit] = []
    while True:
        try:
            return LocalFacts.load(folder, left), tuple(skipped)
        except LocalTableInvalid as error:
            if not left:
                raise
            culprit = _culprit(error, left)
            del left[culprit]
            skipped.append(SkippedEdit(culprit, error))


def _culprit(error: LocalTableInvalid, edits: Edits) -> EditKey:
    """The edit that an error is due to: the row itself, one that it names, else the newest."""
    table, _ = error.at
    for at in (error.at, error.names, (table, WHOLE)):
        if at is not None and at in edits:
            return at
    newest_first = list(reversed(list(edits)))
    return next((at for at in newest_first if at[0] == table), newest_first[0])
