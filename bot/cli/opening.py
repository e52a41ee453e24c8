"""What a command opens first, the settings and the database; what is wrong is said in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from bot.settings import Settings, describe_errors
from store.engine import Database, UnsupportedDatabase, out_of_reach
from store.migrate import migrate


def read_settings() -> Settings:
    """The settings.

    Raises:
        click.ClickException: one of them cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise click.ClickException(describe_errors(error)) from None


@contextmanager
def opened_database() -> Iterator[Database]:
    """The database of the settings at its newest schema, closed at the end.

    Raises:
        click.ClickException: there is no such database, or it is out of reach.
    """
    try:
        database = Database(read_settings().effective_database_url)
    except UnsupportedDatabase as error:
        raise click.ClickException(str(error)) from None
    try:
        migrate(database)
        yield database
    except OperationalError as error:
        raise click.ClickException(out_of_reach(error)) from None
    finally:
        database.dispose()
