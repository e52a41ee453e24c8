"""What tests need from the machine: a PostgreSQL server and a Chromium.

Outside CI a test whose server or browser is missing is skipped, with a word on how to get it; in CI
(`CI=true`) it fails, so that nothing passes unseen. This file is also read by Python 3.10 inside
Rasa's environment, where the application's libraries are absent: it imports them where it uses
them.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest

# Where PostgreSQL is looked for, in order, unless TEST_POSTGRES_URL names it. The role must be
# allowed to create databases; every test gets a fresh one and drops it.
POSTGRES_URLS = (
    "postgresql://postgres@127.0.0.1:5432/postgres",
    "postgresql:///postgres?host=/var/run/postgresql",
    "postgresql:///postgres?host=/tmp",
)
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A test measured for coverage on a busy machine is slow, not wrong.
hypothesis.settings.register_profile("caunoi", deadline=None)
hypothesis.settings.load_profile("caunoi")

# tests/rasa runs where Rasa is installed: `make test` runs it in .venv-rasa.
collect_ignore = [] if importlib.util.find_spec("rasa") else ["rasa"]


def missing(what: str, remedy: str) -> NoReturn:
    """Skip what this machine cannot run; where it must run, fail.

    Raises:
        pytest.fail.Exception, pytest.skip.Exception: in continuous integration, elsewhere.
    """
    message = f"{what} is missing on this machine. {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def pytest_sessionfinish() -> None:
    """Keep what was counted: a worker of a busy machine may be ended before it does so itself."""
    if "coverage" in sys.modules:
        from coverage import Coverage

        measuring = Coverage.current()
        if measuring is not None:
            measuring.save()


@pytest.fixture(scope="session")
def postgres_admin_url() -> str:
    """The first PostgreSQL that answers, as a role that may create databases."""
    import psycopg

    named = os.environ.get("TEST_POSTGRES_URL")
    for url in (named,) if named else POSTGRES_URLS:
        try:
            psycopg.connect(url, connect_timeout=3).close()
        except psycopg.OperationalError:
            continue
        return url
    missing(
        "PostgreSQL",
        "Install it (Debian: apt-get install postgresql), start it, and make yourself a role: "
        "sudo -u postgres createuser --superuser $USER. Or name a server whose role may create "
        "databases: TEST_POSTGRES_URL=postgresql://role:password@127.0.0.1:5432/postgres",
    )


@pytest.fixture(scope="session")
def postgres_database(postgres_admin_url: str) -> Iterator[str]:
    """The URL of a database of this run's own, empty at first; its tests clean up behind them."""
    import psycopg
    from psycopg import sql

    name = f"caunoi_test_{uuid.uuid4().hex[:12]}"
    address, mark, options = postgres_admin_url.partition("?")
    database = sql.Identifier(name)
    with psycopg.connect(postgres_admin_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(database)
        )
        # No test pulls the plug of PostgreSQL itself, so none need wait for its disk.
        admin.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(database))
        try:
            yield f"{address.rpartition('/')[0]}/{name}{mark}{options}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))


@pytest.fixture
def unmeasured() -> Iterator[None]:
    """No lines are counted: the same test passes nearly all of them on SQLite, and counting takes
    two fifths of its time. What only PostgreSQL runs is counted by the tests of PostgreSQL alone.
    """
    from coverage import Coverage

    measuring = Coverage.current()
    if measuring is None:
        yield
        return
    measuring.stop()
    try:
        yield
    finally:
        measuring.start()


@pytest.fixture
def postgres_url(postgres_database: str) -> Iterator[str]:
    """The URL of a database without a row; another test may have migrated it already.

    Making, migrating and dropping one for each test would take most of the time of all tests.
    """
    import psycopg
    from psycopg import sql

    from store.models import Base

    yield postgres_database
    with psycopg.connect(postgres_database) as cleaner:
        cleaner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        migrated = cleaner.execute("SELECT to_regclass('alembic_version')").fetchone() != (None,)
        if not migrated:  # a test that made no tables
            cleaner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
            return
        # History cannot be deleted, but for this moment.
        cleaner.execute("ALTER TABLE ticket_event DISABLE TRIGGER USER")
        for table in reversed(Base.metadata.sorted_tables):
            cleaner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        cleaner.execute("ALTER TABLE ticket_event ENABLE TRIGGER USER")


@pytest.fixture
def unmigrated_postgres_url(postgres_url: str) -> str:
    """The URL of a PostgreSQL database without a table."""
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as cleaner:
        cleaner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return postgres_url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite database of this test's own; its file does not exist yet."""
    return f"sqlite:///{tmp_path / 'caunoi.db'}"


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database without a row, with every table: migrating one for each test takes long."""
    from store.engine import Database
    from store.migrate import migrate

    file = tmp_path_factory.mktemp("migrated") / "caunoi.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.dispose()
    return file


@pytest.fixture
def migrated_sqlite_url(migrated_sqlite: Path, sqlite_url: str) -> str:
    """The URL of a copy of it, of this test's own."""
    shutil.copyfile(migrated_sqlite, sqlite_url.removeprefix("sqlite:///"))
    return sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database without a row: the test runs once on SQLite and once on PostgreSQL."""
    fixture = {"sqlite": "migrated_sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(fixture)
    if request.param == "postgresql":
        request.getfixturevalue("unmeasured")
    return url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser that Playwright drives; CHROMIUM names another one."""
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES):
        found = shutil.which(name) if name else None
        if found:
            return found
    missing(
        "Chromium",
        "Install it (Debian: apt-get install chromium), or name a browser of its kind: "
        "CHROMIUM=/path/to/chrome",
    )
