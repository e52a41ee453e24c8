"""Who waits for a lock of PostgreSQL: for tests in which two people do something at a moment."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from store.engine import Database
from tests.rig import until

_WAITING_FOR_A_LOCK = text(
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def until_all_wait(database: Database, many: int) -> None:
    """Wait until so many connections to a database wait for locks of others."""

    def wait() -> bool:
        with database.read() as session:
            waiting: int = session.scalars(_WAITING_FOR_A_LOCK).one()
        return waiting == many

    asyncio.run(until(wait))
