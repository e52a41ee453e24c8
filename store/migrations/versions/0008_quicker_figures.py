"""quicker figures: a case keeps when it was first answered; lists of one filtered by its index"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BACKFILL = """
UPDATE ticket SET first_answer_at = answer.met_at, first_answer_s = answer.taken_s
FROM ticket_deadline AS answer
WHERE answer.ticket_id = ticket.id AND answer.kind = 'answer' AND answer.met_at IS NOT NULL
"""

_BACK = """
UPDATE ticket_deadline SET taken_s = ticket.first_answer_s
FROM ticket
WHERE ticket.id = ticket_deadline.ticket_id AND ticket_deadline.kind = 'answer'
"""

_AT = ["first_answer_at", "first_answer_s"]
_NEW = {
    "ix_ticket_first_answer": _AT,
    "ix_ticket_category_first_answer": ["category", *_AT],
    "ix_ticket_commune_first_answer": ["commune_code", *_AT],
    "ix_ticket_agency_first_answer": ["agency_code", *_AT],
}

_MORE_BESIDE = {
    "ix_ticket_agency_created": ("agency_code", ["state", "category", "commune_code"]),
    "ix_ticket_category_created": ("category", ["commune_code", "agency_code"]),
    "ix_ticket_commune_created": ("commune_code", ["category", "agency_code"]),
}
"""Those beside which PostgreSQL kept less: their column, and what it kept."""
_BESIDE = ["state", "urgency"]

_OF_DEADLINES = ("ticket_deadline", "met_at", "{row}.kind = 'answer'", "taken_s")
_OF_TICKETS = ("ticket", "first_answer_at", "TRUE", "first_answer_s")
"""Where a first answer stood and stands: the table, the moment that says on which day it counts,
which rows count, and the column by which. Triggers note the day when one of these changes."""

_NOTE_ON_POSTGRESQL = """
            IF TG_OP <> '{unless}' AND {row}.{moment} IS NOT NULL AND {counts} THEN
                INSERT INTO case_tally_stale (day)
                VALUES (({row}.{moment} AT TIME ZONE INTERVAL '7 hours')::date);
            END IF;"""


def upgrade() -> None:
    op.add_column("ticket", sa.Column("first_answer_at", sa.DateTime(timezone=True)))
    op.add_column("ticket", sa.Column("first_answer_s", sa.Integer()))
    op.execute(_BACKFILL)
    op.drop_index("ix_ticket_deadline_first_answer", table_name="ticket_deadline")
    condition = sa.text("first_answer_at IS NOT NULL")
    for name, columns in _NEW.items():
        op.create_index(name, "ticket", columns, sqlite_where=condition, postgresql_where=condition)
    for name, (column, beside) in _MORE_BESIDE.items():
        more = [*(one for one in beside if one not in _BESIDE), *_BESIDE]
        _keep_beside(name, column, more)
    _note_no_more(_OF_DEADLINES)
    op.drop_column("ticket_deadline", "taken_s")
    _note(_OF_TICKETS)


def downgrade() -> None:
    _note_no_more(_OF_TICKETS)
    op.add_column("ticket_deadline", sa.Column("taken_s", sa.Integer()))
    op.execute(_BACK)
    _note(_OF_DEADLINES)
    for name, (column, beside) in _MORE_BESIDE.items():
        _keep_beside(name, column, beside)
    for name in _NEW:
        op.drop_index(name, table_name="ticket")
    first_answers = sa.text("kind = 'answer' AND met_at IS NOT NULL")
    op.create_index(
        "ix_ticket_deadline_first_answer",
        "ticket_deadline",
        ["met_at", "taken_s", "ticket_id"],
        sqlite_where=first_answers,
        postgresql_where=first_answers,
    )
    op.drop_column("ticket", "first_answer_s")
    op.drop_column("ticket", "first_answer_at")


def _keep_beside(name: str, column: str, beside: list[str]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index(name, table_name="ticket")
        columns = [column, "created_at", "id"]
        op.create_index(name, "ticket", columns, postgresql_include=beside)


def _note(counted: tuple[str, str, str, str]) -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _on_postgresql(*counted) if on_postgresql else _on_sqlite(*counted):
        op.execute(statement)


def _on_postgresql(table: str, moment: str, counts: str, column: str) -> list[str]:
    def note(row: str, unless: str) -> str:
        return _NOTE_ON_POSTGRESQL.format(
            row=row, unless=unless, moment=moment, counts=counts.format(row=row)
        )

    changed = " OR ".join(f"OLD.{one} IS DISTINCT FROM NEW.{one}" for one in (moment, column))
    each = "FOR EACH ROW"
    function = "EXECUTE FUNCTION note_first_answer()"
    return [
        f"""
        CREATE FUNCTION note_first_answer() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN{note("OLD", "INSERT")}{note("NEW", "DELETE")}
            RETURN NULL;
        END $$""",
        f"CREATE TRIGGER note_first_answer AFTER INSERT OR DELETE ON {table} {each} {function}",
        f"CREATE TRIGGER note_changed_first_answer AFTER UPDATE ON {table} "
        f"{each} WHEN ({changed}) {function}",
    ]


def _on_sqlite(table: str, moment: str, counts: str, column: str) -> list[str]:
    def note(row: str) -> str:
        return (
            f"INSERT INTO case_tally_stale (day) SELECT date({row}.{moment}, '+7 hours') "
            f"WHERE {row}.{moment} IS NOT NULL AND {counts.format(row=row)};"
        )

    changed = " OR ".join(f"OLD.{one} IS NOT NEW.{one}" for one in (moment, column))
    return [
        f"CREATE TRIGGER note_first_answer AFTER INSERT ON {table} BEGIN {note('NEW')} END",
        f"CREATE TRIGGER note_changed_first_answer AFTER UPDATE ON {table} WHEN {changed} "
        f"BEGIN {note('OLD')} {note('NEW')} END",
        f"CREATE TRIGGER note_deleted_first_answer AFTER DELETE ON {table} BEGIN {note('OLD')} END",
    ]


def _note_no_more(counted: tuple[str, str, str, str]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in ("note_first_answer", "note_changed_first_answer"):
            op.execute(f"DROP TRIGGER {name} ON {counted[0]}")
        op.execute("DROP FUNCTION note_first_answer()")
    else:
        for name in ("note_first_answer", "note_changed_first_answer", "note_deleted_first_answer"):
            op.execute(f"DROP TRIGGER {name}")
