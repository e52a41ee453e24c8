"""Jobs that only one process at a time may do: poll, send for a channel, refresh a token."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import zlib

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from store.engine import Database

log = logging.getLogger(__name__)

_NAMESPACE = 0x0CA0
"""First key of our advisory locks, to keep clear of other programs in the same database."""


class DatabaseInUse(RuntimeError):
    """Another server already works on this SQLite file, which takes only one."""


class Leases:
    """Names held by this process alone.

    On PostgreSQL a name is an advisory lock of one connection kept for it: when the process dies,
    the connection drops and the name is free at once, with no expiry to wait for. On SQLite there
    is one process, which holds every name; a lock file beside the database keeps a second one out.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._held: set[str] = set()
        self._lock = asyncio.Lock()
        self._file: int | None = None

    def claim_database(self) -> None:
        """Make sure that no other server works on this SQLite file.

        Raises:
            DatabaseInUse: one does.
        """
        path = self._database.url.database
        if not self._database.is_sqlite or not path or path == ":memory:":
            return
        self._file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise DatabaseInUse(
                f"another server is working on {path}: stop it, or use PostgreSQL for several"
            ) from None

    async def keep(self, name: str) -> bool:
        """Take the name, or see whether it is still ours; True while this process holds it."""
        if self._database.is_sqlite:
            return True
        async with self._lock:
            return await asyncio.to_thread(self._keep_on_postgres, name)

    def _keep_on_postgres(self, name: str) -> bool:
        try:
            if self._connection is None:
                engine = self._database.engine
                self._connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
                self._held = set()
            if name in self._held:
                self._connection.execute(text("SELECT 1"))
                return True
            key = zlib.crc32(name.encode()) - 2**31
            taken = self._connection.execute(
                text("SELECT pg_try_advisory_lock(:namespace, :key)"),
                {"namespace": _NAMESPACE, "key": key},
            ).scalar_one()
        except SQLAlchemyError as error:
            log.warning("leases lost: %s", type(error).__name__)
            self._drop()
            return False
        if taken:
            self._held.add(name)
        return bool(taken)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
        self._connection = None
        self._held = set()

    def close(self) -> None:
        if self._connection is not None:
            self._drop()
        if self._file is not None:
            os.close(self._file)
            self._file = None
