"""The services as the desk's edits have them now, the same in every running process.

Facts never change in place: when somebody has edited a table, new facts are loaded and the services
are replaced as a whole. Whoever begins a turn, a page or a look at the clock takes `current` once,
and so sees one version until it ends.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import OperationalError

from actions import local_edits
from actions.local_edits import SkippedEdit
from actions.table_files import Edits
from bot.logs import log_failure
from bot.work import Services
from store.engine import Database

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between looks: so long may it take until an edit holds in another process."""


class LiveServices:
    """Keeps the services up to date.

    Args:
        first: the services, whose facts are those of `folder` with `edits`.
    """

    def __init__(self, first: Services, database: Database, folder: Path, edits: Edits) -> None:
        self.current = first
        self._database = database
        self._folder = folder
        self._edits = edits
        self._one_at_a_time = threading.Lock()

    def refresh(self) -> None:
        """Look whether the tables were edited, and take up what they say now."""
        with self._one_at_a_time:
            with self._database.read() as session:
                edits = local_edits.read(session)
            if edits == self._edits:
                return
            facts, skipped = local_edits.load(self._folder, edits)
            warn_of(skipped)
            self.current = replace(self.current, local=facts)
            self._edits = edits

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await asyncio.to_thread(self.refresh)
            except OperationalError as error:
                log.error("the database does not answer: %s", type(error.orig).__name__)
            except Exception as error:
                # Whatever it is, the facts of before hold, and the next look must come.
                log_failure(log, "reading the edited tables", error)


def warn_of(skipped: tuple[SkippedEdit, ...]) -> None:
    """Log which edits the tables are used without; what stands in them is not logged."""
    for edit in skipped:
        log.warning(
            "edit of table %s, row %s is left out: %s %s; see `caunoi doctor`",
            *edit.at,
            edit.error.column or "row",
            edit.error.problem or "invalid",
        )
