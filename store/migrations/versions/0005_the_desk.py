"""the desk: changes made there, who looked at whom, what is public, second factors"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

_UNDER_WAY = "closed_at IS NULL AND resolved_at IS NULL AND merged_into_id IS NULL"
_LISTS = {
    "ix_ticket_created": (["created_at", "id"], None),
    "ix_ticket_agency_created": (["agency_code", "created_at", "id"], None),
    "ix_ticket_state_created": (["state", "created_at", "id"], None),
    "ix_ticket_category_created": (["category", "created_at", "id"], None),
    "ix_ticket_commune_created": (["commune_code", "created_at", "id"], None),
    "ix_ticket_category_due": (["category", "deadline_at", "id"], _UNDER_WAY),
    "ix_ticket_agency_due": (["agency_code", "deadline_at", "id"], _UNDER_WAY),
    "ix_ticket_officer_agency": (["officer_id", "agency_code"], None),
    "ix_ticket_urgency_due": (["urgency", "deadline_at", "id"], _UNDER_WAY),
    "ix_ticket_officer_due": (["officer_id", "deadline_at", "id"], _UNDER_WAY),
    "ix_ticket_state_due": (["state", "deadline_at", "id"], _UNDER_WAY),
    "ix_ticket_unassigned": (["deadline_at", "id"], f"{_UNDER_WAY} AND officer_id IS NULL"),
    "ix_ticket_unhappy": (
        ["created_at", "id"],
        "rating <= 2 OR (reopened > 0 AND closed_at IS NULL)",
    ),
}
"""Indexes of the lists of the desk: their columns, and which tickets they hold."""

_BEGUN_BY_THEM = ("agency_code", "officer_id", "state", "category", "commune_code")
"""Columns whose own indexes those make needless."""

_WORDS = [
    "DROP INDEX ix_ticket_search",
    """
    ALTER TABLE ticket ADD COLUMN ticket_search_words tsvector
    GENERATED ALWAYS AS (to_tsvector('simple', search_text)) STORED
    """,
    "CREATE INDEX ix_ticket_search ON ticket USING gin (ticket_search_words)",
    # What is under way has none of the three: taken by themselves they promise a tenth of it.
    "CREATE STATISTICS ticket_under_way (mcv) "
    "ON closed_at, resolved_at, merged_into_id FROM ticket",
]
_NO_WORDS = [
    "DROP STATISTICS ticket_under_way",
    "ALTER TABLE ticket DROP COLUMN ticket_search_words",
    "CREATE INDEX ix_ticket_search ON ticket USING gin (to_tsvector('simple', search_text))",
]
"""Of PostgreSQL: whoever looks through many tickets must not take their texts apart each time, and
its planner must know how many are under way."""

_HISTORY_IS_NOT_REPLACED = """
CREATE TRIGGER ticket_event_is_not_replaced BEFORE INSERT ON ticket_event
WHEN EXISTS (SELECT 1 FROM ticket_event WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'history is only added to'); END
"""
"""Of SQLite, whose INSERT OR REPLACE deletes a row without a word to the guard of deletions."""

_COUNTED_BY = ["category", "commune_code", "agency_code"]
_INCLUDED = {"ix_ticket_created": _COUNTED_BY}
_FIGURES = {
    "ix_ticket_answered_at": (
        "ticket",
        ["answered_at"],
        [*_COUNTED_BY, "deadline_at", "answered_days"],
        None,
    ),
    "ix_ticket_due": ("ticket", ["deadline_at"], ["paused_at"], _UNDER_WAY),
    "ix_ticket_closed_at": ("ticket", ["closed_at"], ["state", "rating"], None),
    "ix_handoff_requested_at": ("handoff", ["requested_at"], ["reason", "taken_at"], None),
    "ix_ticket_event_dispute": ("ticket_event", ["at", "ticket_id"], [], "kind = 'dispute'"),
    "ix_ticket_deadline_first_answer": (
        "ticket_deadline",
        ["met_at", "taken_s", "ticket_id"],
        [],
        "kind = 'answer' AND met_at IS NOT NULL",
    ),
}
"""Indexes of the leader's figures: table, columns, what PostgreSQL keeps beside, condition."""

_COUNTED = {
    "received": ("ticket", "created_at", "TRUE", _COUNTED_BY),
    "answered": (
        "ticket",
        "answered_at",
        "TRUE",
        [*_COUNTED_BY, "deadline_at", "answered_days"],
    ),
    "closed": ("ticket", "closed_at", "{row}.state = 'closed'", ["state", "rating"]),
    "first_answer": ("ticket_deadline", "met_at", "{row}.kind = 'answer'", ["taken_s"]),
}
"""What is counted by day: the table, the moment that says which day, which rows count, and the
columns by which. When one of these changes, triggers note the day in `case_tally_stale`."""

_NOTE_ON_POSTGRESQL = """
            IF TG_OP <> '{unless}' AND {row}.{moment} IS NOT NULL AND {counts} THEN
                INSERT INTO case_tally_stale (day)
                VALUES (({row}.{moment} AT TIME ZONE 'Asia/Ho_Chi_Minh')::date);
            END IF;"""


def upgrade() -> None:
    op.create_table(
        "local_edit",
        sa.Column("table_name", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("row", _JSON, nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "key", name=op.f("pk_local_edit")),
    )
    op.create_table(
        "chat_presence",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("typing_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_chat_presence_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_chat_presence_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "officer_id", name=op.f("pk_chat_presence")),
    )
    op.create_table(
        "desk_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("before", _JSON, nullable=True),
        sa.Column("after", _JSON, nullable=True),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_desk_change_officer_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["desk_change.id"], name=op.f("fk_desk_change_undoes_id_desk_change")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_change")),
    )
    op.create_index("ix_desk_change_subject", "desk_change", ["subject", "key"], unique=False)
    op.create_table(
        "personal_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_personal_view_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personal_view")),
    )
    op.create_index(op.f("ix_personal_view_at"), "personal_view", ["at"], unique=False)
    op.create_index(
        op.f("ix_personal_view_officer_id"), "personal_view", ["officer_id"], unique=False
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_publication_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_table(
        "ticket_release",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("attachment_ids", _JSON, nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_ticket_release_officer_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_release_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_release")),
    )
    op.create_index(
        op.f("ix_ticket_release_released_at"), "ticket_release", ["released_at"], unique=False
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_saved_filter_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("officer_id", "name", name=op.f("uq_saved_filter_officer_id")),
    )
    for name, (columns, condition) in _LISTS.items():
        where = None if condition is None else sa.text(condition)
        op.create_index(
            name,
            "ticket",
            columns,
            sqlite_where=where,
            postgresql_where=where,
            postgresql_include=_INCLUDED.get(name, []),
        )
    for column in _BEGUN_BY_THEM:
        op.drop_index(op.f(f"ix_ticket_{column}"), table_name="ticket")
    if op.get_bind().dialect.name == "postgresql":
        for statement in _WORDS:
            op.execute(statement)
    else:
        op.execute(_HISTORY_IS_NOT_REPLACED)
    _figures()
    op.create_index(op.f("ix_attachment_path"), "attachment", ["path"], unique=False)
    op.add_column("officer", sa.Column("totp_secret", sa.String(length=64), nullable=True))
    op.add_column("officer", sa.Column("totp_used_step", sa.Integer(), nullable=True))
    op.add_column("staff_session", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "staff_session",
        sa.Column("device", sa.String(length=200), server_default="", nullable=False),
    )
    op.add_column(
        "staff_session",
        sa.Column("awaits_code", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def _figures() -> None:
    # SQLite can add no column that it stores; PostgreSQL can index no other.
    answered_at = sa.Computed(
        "CASE WHEN state = 'rejected' THEN closed_at ELSE resolved_at END",
        persisted=op.get_bind().dialect.name == "postgresql",
    )
    moment = sa.DateTime(timezone=True)
    op.add_column("ticket", sa.Column("answered_at", moment, answered_at, nullable=True))
    op.add_column("ticket", sa.Column("answered_days", sa.Integer(), nullable=True))
    op.add_column("ticket_deadline", sa.Column("taken_s", sa.Integer(), nullable=True))
    op.drop_index("ix_ticket_due", table_name="ticket")
    for name, (table, columns, beside, condition) in _FIGURES.items():
        where = None if condition is None else sa.text(condition)
        op.create_index(
            name,
            table,
            columns,
            sqlite_where=where,
            postgresql_where=where,
            postgresql_include=beside,
        )
    op.create_table(
        "case_tally",
        sa.Column("length", sa.String(length=5), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("totals", _JSON, nullable=False),
        sa.Column("counts", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("length", "first", name=op.f("pk_case_tally")),
    )
    op.create_table(
        "case_tally_stale",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_tally_stale")),
    )
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name in _COUNTED:
        for statement in _triggers_of_postgresql(name) if on_postgresql else _triggers(name):
            op.execute(statement)


def _triggers_of_postgresql(name: str) -> list[str]:
    table, moment, counts, columns = _COUNTED[name]

    def note(row: str, unless: str) -> str:
        return _NOTE_ON_POSTGRESQL.format(
            row=row, unless=unless, moment=moment, counts=counts.format(row=row)
        )

    changed = " OR ".join(f"OLD.{one} IS DISTINCT FROM NEW.{one}" for one in (moment, *columns))
    function = f"EXECUTE FUNCTION note_{name}()"
    return [
        f"""
        CREATE FUNCTION note_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN{note("OLD", "INSERT")}{note("NEW", "DELETE")}
            RETURN NULL;
        END $$""",
        f"CREATE TRIGGER note_{name} AFTER INSERT OR DELETE ON {table} FOR EACH ROW {function}",
        f"CREATE TRIGGER note_changed_{name} AFTER UPDATE ON {table} "
        f"FOR EACH ROW WHEN ({changed}) {function}",
    ]


def _triggers(name: str) -> list[str]:
    """The same on SQLite, which has no functions."""
    table, moment, counts, columns = _COUNTED[name]

    def note(row: str) -> str:
        return (
            f"INSERT INTO case_tally_stale (day) SELECT date({row}.{moment}, '+7 hours') "
            f"WHERE {row}.{moment} IS NOT NULL AND {counts.format(row=row)};"
        )

    changed = " OR ".join(f"OLD.{one} IS NOT NEW.{one}" for one in (moment, *columns))
    return [
        f"CREATE TRIGGER note_{name} AFTER INSERT ON {table} BEGIN {note('NEW')} END",
        f"CREATE TRIGGER note_changed_{name} AFTER UPDATE ON {table} WHEN {changed} "
        f"BEGIN {note('OLD')} {note('NEW')} END",
        f"CREATE TRIGGER note_deleted_{name} AFTER DELETE ON {table} BEGIN {note('OLD')} END",
    ]


def _no_figures() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for name, (table, *_) in _COUNTED.items():
        of_table = f" ON {table}" if on_postgresql else ""
        op.execute(f"DROP TRIGGER note_{name}{of_table}")
        op.execute(f"DROP TRIGGER note_changed_{name}{of_table}")
        last = f"FUNCTION note_{name}()" if on_postgresql else f"TRIGGER note_deleted_{name}"
        op.execute(f"DROP {last}")
    op.drop_table("case_tally_stale")
    op.drop_table("case_tally")
    for name, (table, *_) in _FIGURES.items():
        op.drop_index(name, table_name=table)
    under_way = sa.text(_UNDER_WAY)
    op.create_index(
        "ix_ticket_due",
        "ticket",
        ["deadline_at"],
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    op.drop_column("ticket_deadline", "taken_s")
    op.drop_column("ticket", "answered_days")
    op.drop_column("ticket", "answered_at")


def downgrade() -> None:
    _no_figures()
    op.drop_index(op.f("ix_attachment_path"), table_name="attachment")
    op.drop_column("staff_session", "awaits_code")
    op.drop_column("staff_session", "device")
    op.drop_column("staff_session", "seen_at")
    op.drop_column("officer", "totp_used_step")
    op.drop_column("officer", "totp_secret")
    if op.get_bind().dialect.name == "postgresql":
        for statement in _NO_WORDS:
            op.execute(statement)
    else:
        op.execute("DROP TRIGGER ticket_event_is_not_replaced")
    for column in _BEGUN_BY_THEM:
        op.create_index(op.f(f"ix_ticket_{column}"), "ticket", [column], unique=False)
    for name in _LISTS:
        op.drop_index(name, table_name="ticket")
    op.drop_table("saved_filter")
    op.drop_index(op.f("ix_ticket_release_released_at"), table_name="ticket_release")
    op.drop_table("ticket_release")
    op.drop_table("publication")
    op.drop_index(op.f("ix_personal_view_officer_id"), table_name="personal_view")
    op.drop_index(op.f("ix_personal_view_at"), table_name="personal_view")
    op.drop_table("personal_view")
    op.drop_index("ix_desk_change_subject", table_name="desk_change")
    op.drop_table("desk_change")
    op.drop_table("chat_presence")
    op.drop_table("local_edit")
