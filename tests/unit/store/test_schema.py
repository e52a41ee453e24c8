"""Migrations bring either database to exactly what the models say."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import make_url, select
from sqlalchemy.exc import OperationalError, StatementError

from store import engine
from store.engine import Database, UnsupportedDatabase, database_url
from store.local import Agency
from store.messages import Conversation
from store.migrate import WORD_INDEXES, migrate, schema_versions, set_up_alone
from store.models import Base


@pytest.mark.parametrize("fixture", ["sqlite_url", "unmigrated_postgres_url"])
def test_the_migrated_schema_is_that_of_the_models(
    request: pytest.FixtureRequest, fixture: str
) -> None:
    database = Database(request.getfixturevalue(fixture))
    assert schema_versions(database)[0] is None
    migrate(database)
    migrate(database)  # a second time changes nothing
    current, newest = schema_versions(database)
    assert current == newest
    with database.engine.connect() as connection:
        only_ours = {
            "include_object": lambda _item, name, *_: not (name or "").startswith(WORD_INDEXES)
        }
        context = MigrationContext.configure(connection, opts=only_ours)
        assert compare_metadata(context, Base.metadata) == []
    database.dispose()


def test_a_moment_comes_back_in_utc_whatever_zone_it_had(database_url: str) -> None:
    database = Database(database_url)
    migrate(database)
    here = datetime(2026, 11, 2, 8, 30, tzinfo=timezone(timedelta(hours=7)))
    with database.write() as session:
        session.add(Conversation(channel="web", chat_id="1", state={}, created_at=here))
    with database.read() as session:
        (kept,) = session.scalars(select(Conversation.created_at))
    assert kept == here
    assert kept.tzinfo is UTC
    database.dispose()


def test_a_moment_without_a_zone_is_refused(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    migrate(database)
    naive = datetime.fromisoformat("2026-11-02")
    with pytest.raises(StatementError, match="timezone"), database.write() as session:
        session.add(Conversation(channel="web", chat_id="1", state={}, created_at=naive))
    database.dispose()


def test_an_exception_leaves_nothing_of_the_transaction(database_url: str) -> None:
    database = Database(database_url)
    migrate(database)
    now = datetime(2026, 11, 2, tzinfo=UTC)

    def fail_halfway() -> None:
        with database.write() as session:
            session.add(Conversation(channel="web", chat_id="1", state={}, created_at=now))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    with database.read() as session:
        assert session.scalars(select(Conversation)).all() == []
    database.dispose()


def test_postgresql_means_psycopg_3() -> None:
    assert database_url("postgresql://u@h/d").drivername == "postgresql+psycopg"


@pytest.mark.parametrize("url", ["mysql://u@h/d", "no url at all"])
def test_another_database_is_refused_with_what_to_write_instead(url: str) -> None:
    with pytest.raises(UnsupportedDatabase, match="sqlite:///"):
        database_url(url)


def test_servers_that_start_together_set_the_database_up_once(
    unmigrated_postgres_url: str,
) -> None:
    together = threading.Barrier(4)
    # Whoever waits for ever in a wrong order fails instead.
    patient = make_url(unmigrated_postgres_url).update_query_dict({"options": "-c lock_timeout=9s"})
    url = patient.render_as_string(hide_password=False)

    def start() -> None:
        database = Database(url)
        together.wait()
        migrate(database)
        with database.write() as session:
            set_up_alone(session.connection())
            session.merge(Agency(code="so-y-te", name="Sở Y tế"))
        database.dispose()

    with ThreadPoolExecutor(4) as pool:
        for started in [pool.submit(start) for _ in range(4)]:
            started.result()


def test_a_locked_sqlite_is_told_as_every_other_failure_of_the_database(
    migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "SQLITE_BUSY_TIMEOUT_MS", 1)
    database, other = Database(migrated_sqlite_url), Database(migrated_sqlite_url)
    with other.engine.connect() as holder:
        holder.execute(select(Agency.code))
        with pytest.raises(OperationalError, match="locked"), database.write() as session:
            session.scalars(select(Agency)).all()
    with database.write() as session:
        assert session.scalars(select(Agency)).all() == []
    for one in (database, other):
        one.dispose()
