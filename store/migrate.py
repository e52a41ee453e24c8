"""Brings a database to the newest schema with Alembic.

Alembic is loaded only when there is something to bring: it takes 6 MB, and most starts find
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from store.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"

WORD_INDEXES = ("ticket_search", "ix_ticket_search")
"""How the names begin of what only migrations can make: each database its own way."""

_SETTING_UP = 0x0CA05E7
"""Key of the advisory lock under which a database is set up."""


def alembic_config() -> Config:
    """Alembic told where the migrations are; the caller adds the connection to use."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def migrate(database: Database, to: str = "head") -> None:
    """Apply every migration that the database has not seen; harmless when there is none.

    Args:
        to: the last one that is applied.
    """
    current, newest = schema_versions(database)
    if to == "head" and current == newest:
        return
    from alembic import command

    config = alembic_config()
    with database.engine.connect() as connection, _tables_may_be_copied(database, connection):
        config.attributes["connection"] = connection
        set_up_alone(connection)
        command.upgrade(config, to)
        connection.commit()


@contextmanager
def _tables_may_be_copied(database: Database, connection: Connection) -> Iterator[None]:
    """SQLite alters a table by making another in its place: rows that refer to it must let it go.

    The setting can only be changed outside a transaction.
    """
    raw = connection.connection.driver_connection if database.is_sqlite else None
    if raw is None:
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=ON")


def set_up_alone(connection: Connection) -> None:
    """Until this transaction ends nobody else sets the database up: servers may start together.

    SQLite needs no lock for it: a transaction that writes is alone there.
    """
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": _SETTING_UP})


def schema_versions(database: Database) -> tuple[str | None, str]:
    """The database's schema version and the newest one; equal when nothing is to be done."""
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None, newest_version()
        return connection.scalar(text("SELECT version_num FROM alembic_version")), newest_version()


@lru_cache(maxsize=1)
def newest_version() -> str:
    """The number of the last migration, with which the name of its file begins."""
    return max(path.name for path in _MIGRATIONS.glob("versions/[0-9]*.py")).partition("_")[0]
