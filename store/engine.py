"""Engines and transactions for the two databases, SQLite and PostgreSQL."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE_BUSY_TIMEOUT_MS = 10_000
"""How long SQLite waits for another process (a command beside the server) to finish writing."""

CONNECT_WITHIN_S = 5
"""How long a PostgreSQL server may take to answer before a thread stops waiting for it."""

ASK_AFTER_S = 1.0
"""A PostgreSQL connection that nobody used for so long is asked whether it is still there."""

POOL_SIZE = 12
"""Connections kept to PostgreSQL: the worker threads and a few for pages."""


class UnsupportedDatabase(ValueError):
    """DATABASE_URL names a database that this software does not run on."""


def database_url(value: str) -> URL:
    """Turn a DATABASE_URL into the URL of the driver used for it.

    Args:
        value: `sqlite:///path` or `postgresql://user@host/name`; `postgresql://` means psycopg 3.

    Raises:
        UnsupportedDatabase: for any other scheme.
    """
    try:
        url = make_url(value)
    except Exception as error:
        raise UnsupportedDatabase(
            "DATABASE_URL cannot be read: write sqlite:///path/file.db or postgresql://user@host/name"
        ) from error
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite":
        return url
    raise UnsupportedDatabase(
        f"DATABASE_URL has the scheme {url.drivername!r}: use sqlite:///… or postgresql://…"
    )


def out_of_reach(error: OperationalError) -> str:
    """What to tell the operator of a database that cannot be opened; no part of its URL."""
    return (
        f"the database cannot be opened ({type(error.orig).__name__}): check DATABASE_URL, "
        "and that its server runs"
    )


class Database:
    """One database: opens transactions, each for reading or for writing.

    On SQLite a writing transaction starts with BEGIN IMMEDIATE, and one lock in this process keeps
    its threads in line, for SQLite's own waiting sleeps in steps and would cost milliseconds.
    """

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self.url) if self.is_sqlite else _postgres_engine(self.url)
        self._reading = sessionmaker(
            self.engine.execution_options(read_only=True), expire_on_commit=False
        )
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        self._one_writer = threading.Lock() if self.is_sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads."""
        with self._reading() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction: committed at the end, rolled back on any exception."""
        with self._one_writer, self._writing.begin() as session:
            yield session

    @contextmanager
    def write_rows(self) -> Iterator[Connection]:
        """Like `write`, for statements alone: a session costs more than a few of them."""
        with self._one_writer, self.engine.begin() as connection:
            yield connection

    def forget_erased(self) -> None:
        """Make erased values leave the files as well, not only the tables.

        SQLite keeps old pages in its write-ahead log until a checkpoint; `secure_delete` has zeroed
        the page itself. PostgreSQL does the like by itself in time (VACUUM).
        """
        if not self.is_sqlite:
            return
        with self._one_writer, self.engine.connect() as connection:
            raw = connection.connection.driver_connection
            if raw is not None:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def ping(self) -> None:
        """Ask the database for one row; raises what the driver raises when it cannot answer."""
        with self.read() as session:
            session.execute(text("SELECT 1"))

    def dispose(self) -> None:
        self.engine.dispose()


def _sqlite_engine(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_MS / 1000},
        hide_parameters=True,  # an error must not carry what a citizen wrote into the logs
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        # The driver must not begin transactions by itself: `begin` below does, and says how.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
            "foreign_keys=ON",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("read_only", False)
        # Said to the driver itself: through SQLAlchemy it would cost more than all it does here.
        how = "BEGIN" if reads else "BEGIN IMMEDIATE"
        try:
            connection.connection.cursor().execute(how)
        except sqlite3.OperationalError as error:
            raise OperationalError(how, None, error, hide_parameters=True) from error

    return engine


def _postgres_engine(url: URL) -> Engine:
    engine = create_engine(
        url,
        connect_args={"connect_timeout": CONNECT_WITHIN_S},
        pool_size=POOL_SIZE,
        max_overflow=4,
        hide_parameters=True,
    )

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def still_there(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        # Asking every time would be one more question in every transaction.
        if time.monotonic() - record.info.get("used_at", math.inf) > ASK_AFTER_S:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error

    return engine
