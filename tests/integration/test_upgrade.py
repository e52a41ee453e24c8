"""A database of the first version is brought up to date with all that stands in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from alembic import command
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text

from actions import inbox
from actions.inbox import View, Wanted
from store.cases import TicketDeadline
from store.engine import Database
from store.figures import CaseTallyStale
from store.migrate import alembic_config, migrate, newest_version, schema_versions
from store.tickets import Ticket, TicketEvent
from tests.integration.figures_room import leader

SENT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
FIRST_VERSION = "0002"

SAID_IN_A_CHAT = (
    "SELECT payload FROM inbox_event WHERE conversation_id = 1 AND status = 'done' "
    "ORDER BY id DESC LIMIT 300"
)


@pytest.fixture(params=["sqlite_url", "unmigrated_postgres_url"])
def old_database(request: pytest.FixtureRequest) -> Database:
    """Two tickets, one of them answered, as the first version kept them."""
    database = Database(request.getfixturevalue(request.param))
    migrate(database, FIRST_VERSION)
    with database.write() as session:
        session.execute(
            text(
                "INSERT INTO conversation (id, channel, chat_id, role, mode, state, unreachable,"
                " created_at) VALUES (1, 'web', 'a', 'citizen', 'bot', '{}', false, :sent)"
            ),
            {"sent": SENT},
        )
        for number, state, answer, closed in (
            (1, "taken", None, None),
            (2, "done", "Đã vá xong", SENT + timedelta(days=2)),
        ):
            session.execute(
                text(
                    "INSERT INTO ticket (id, code, conversation_id, intent, category, urgency,"
                    " text, agency_code, agency_name, state, answer, deadline_at, created_at,"
                    " closed_at) VALUES (:id, :code, 1, 'report', 'traffic', 'normal',"
                    " 'Ổ gà trước trường', 'so-xay-dung', 'Sở Xây dựng', :state, :answer,"
                    " :due, :sent, :closed)"
                ),
                {
                    "id": number,
                    "code": f"PA-AAAAA{number}",
                    "state": state,
                    "answer": answer,
                    "due": SENT + timedelta(days=10),
                    "sent": SENT,
                    "closed": closed,
                },
            )
            session.execute(
                text(
                    "INSERT INTO ticket_event (ticket_id, at, kind, actor, detail)"
                    " VALUES (:id, :sent, 'created', 'citizen', '{}')"
                ),
                {"id": number, "sent": SENT},
            )
    return database


def test_tickets_of_the_first_version_are_found_and_have_their_clocks(
    old_database: Database,
) -> None:
    migrate(old_database)
    with old_database.read() as session:
        under_way, answered = session.scalars(select(Ticket).order_by(Ticket.id))
        assert (under_way.state, answered.state) == ("in_progress", "closed")
        assert answered.resolved_at == SENT + timedelta(days=2)
        found = inbox.page(session, Wanted(view=View.ALL, search="o ga truong"), leader(), SENT)
        assert [row.ticket.code for row in found.rows] == ["PA-AAAAA2", "PA-AAAAA1"]
        (deadline,) = session.scalars(select(TicketDeadline))
        assert (deadline.ticket_id, deadline.due_at) == (1, SENT + timedelta(days=10))
        assert deadline.next_warning_at == deadline.due_at
        assert session.scalars(select(TicketEvent.kind)).all() == ["create", "create"]
    old_database.dispose()


def test_when_a_case_was_first_answered_moves_to_the_case_and_back(
    old_database: Database,
) -> None:
    met = SENT + timedelta(hours=20)  # at five in the morning of the next day, here
    migrate(old_database, "0007")
    with old_database.write() as session:
        session.execute(
            text(
                "INSERT INTO ticket_deadline"
                " (ticket_id, kind, budget_s, due_at, met_at, taken_s, warned)"
                " VALUES (1, 'answer', 9000, :due, :met, 4500, 0)"
            ),
            {"due": SENT + timedelta(days=3), "met": met},
        )
        session.execute(text("DELETE FROM case_tally_stale"))
    migrate(old_database)
    with old_database.write() as session:
        ticket = session.get_one(Ticket, 1)
        assert (ticket.first_answer_at, ticket.first_answer_s) == (met, 4500)
        assert session.get_one(Ticket, 2).first_answer_at is None
        assert session.scalars(select(CaseTallyStale.day)).all() == []
        ticket.first_answer_s = 4600
    with old_database.write() as session:
        assert set(session.scalars(select(CaseTallyStale.day))) == {date(2026, 3, 3)}
        session.execute(text("DELETE FROM case_tally_stale"))
    config = alembic_config()
    with old_database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
        connection.commit()
    with old_database.write() as session:
        taken = text("SELECT taken_s FROM ticket_deadline WHERE ticket_id = 1 AND kind = 'answer'")
        assert session.scalar(taken) == 4600
        session.execute(text("UPDATE ticket_deadline SET taken_s = 1 WHERE kind = 'answer'"))
        assert set(session.scalars(select(CaseTallyStale.day))) == {date(2026, 3, 3)}
    old_database.dispose()


def test_the_newest_version_is_what_alembic_comes_to(old_database: Database) -> None:
    assert schema_versions(old_database) == (FIRST_VERSION, newest_version())
    migrate(old_database, "0007")
    assert schema_versions(old_database) == ("0007", newest_version())
    migrate(old_database)
    with old_database.engine.connect() as connection:
        reached = MigrationContext.configure(connection).get_current_revision()
    assert reached == newest_version() == schema_versions(old_database)[0]
    old_database.dispose()


def test_what_was_said_in_a_chat_is_found_by_the_chat(old_database: Database) -> None:
    migrate(old_database)
    explain = "EXPLAIN QUERY PLAN" if old_database.is_sqlite else "EXPLAIN"
    with old_database.read() as session:
        if not old_database.is_sqlite:  # a few rows are read as a whole anyway
            session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = session.execute(text(f"{explain} {SAID_IN_A_CHAT}")).all()
        assert "ix_inbox_event_conversation" in str(plan)
    old_database.dispose()


def test_rows_still_refer_to_what_is_there_afterwards(old_database: Database) -> None:
    migrate(old_database)
    with old_database.engine.connect() as connection:
        if old_database.is_sqlite:
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        else:
            valid = text("SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'f'")
            assert connection.execute(valid).scalar() is True
    old_database.dispose()
