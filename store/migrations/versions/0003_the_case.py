"""the case from report to answer"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATES = {"taken": "in_progress", "done": "closed"}
_KINDS = {
    "created": "create",
    "taken": "start",
    "replied": "reply",
    "citizen_wrote": "add",
    "done": "resolve",
    "withdrawn": "withdraw",
    "reopened": "dispute",
}

# History is only added to. What may be done to an event later is to empty its detail, when a
# citizen's personal data is erased.
_GUARD = {
    "sqlite": [
        """
        CREATE TRIGGER ticket_event_stays BEFORE DELETE ON ticket_event
        BEGIN SELECT RAISE(ABORT, 'history is only added to'); END
        """,
        """
        CREATE TRIGGER ticket_event_is_not_rewritten BEFORE UPDATE ON ticket_event
        WHEN NEW.detail IS NOT '{}'
          OR (NEW.id, NEW.ticket_id, NEW.at, NEW.kind, NEW.actor)
             IS NOT (OLD.id, OLD.ticket_id, OLD.at, OLD.kind, OLD.actor)
          OR NEW.officer_id IS NOT OLD.officer_id
          OR NEW.from_state IS NOT OLD.from_state
          OR NEW.to_state IS NOT OLD.to_state
        BEGIN SELECT RAISE(ABORT, 'history is only added to'); END
        """,
    ],
    "postgresql": [
        """
        CREATE FUNCTION ticket_event_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' AND NEW.detail = '{}'::jsonb
               AND (to_jsonb(NEW) - 'detail') = (to_jsonb(OLD) - 'detail') THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'history is only added to';
        END $$
        """,
        """
        CREATE TRIGGER ticket_event_is_only_added_to BEFORE UPDATE OR DELETE ON ticket_event
        FOR EACH ROW EXECUTE FUNCTION ticket_event_is_only_added_to()
        """,
        """
        CREATE TRIGGER ticket_event_is_not_emptied BEFORE TRUNCATE ON ticket_event
        FOR EACH STATEMENT EXECUTE FUNCTION ticket_event_is_only_added_to()
        """,
    ],
}
_UNGUARD = {
    "sqlite": [
        "DROP TRIGGER ticket_event_stays",
        "DROP TRIGGER ticket_event_is_not_rewritten",
    ],
    "postgresql": [
        "DROP TRIGGER ticket_event_is_only_added_to ON ticket_event",
        "DROP TRIGGER ticket_event_is_not_emptied ON ticket_event",
        "DROP FUNCTION ticket_event_is_only_added_to",
    ],
}


def upgrade() -> None:
    op.create_table(
        "group_link_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_group_link_code")),
    )
    op.create_table(
        "agency_group",
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_agency_group_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("agency_code", name=op.f("pk_agency_group")),
    )
    with op.batch_alter_table("agency_group") as batch:
        batch.create_index(
            batch.f("ix_agency_group_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "block",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_block_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["officer.id"], name=op.f("fk_block_lifted_by_id_officer")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_block_officer_id_officer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
    )
    with op.batch_alter_table("block") as batch:
        batch.create_index(batch.f("ix_block_conversation_id"), ["conversation_id"], unique=False)

    op.create_table(
        "group_member",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("telegram_user_id", sa.BigInteger(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_group_member_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint(
            "conversation_id", "telegram_user_id", name=op.f("pk_group_member")
        ),
    )
    op.create_table(
        "ticket_deadline",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("budget_s", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.Column("next_warning_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_deadline_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "kind", name=op.f("pk_ticket_deadline")),
    )
    with op.batch_alter_table("ticket_deadline") as batch:
        batch.create_index(
            "ix_ticket_deadline_next_warning",
            ["next_warning_at"],
            unique=False,
            sqlite_where=sa.text("next_warning_at IS NOT NULL"),
            postgresql_where=sa.text("next_warning_at IS NOT NULL"),
        )

    op.create_table(
        "ticket_follower",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_ticket_follower_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_follower_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "conversation_id", name=op.f("pk_ticket_follower")),
    )
    with op.batch_alter_table("ticket_follower") as batch:
        batch.create_index(
            batch.f("ix_ticket_follower_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("about_conversation_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("thread_id", sa.String(length=20), nullable=True),
        sa.Column("card_id", sa.String(length=120), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["about_conversation_id"],
            ["conversation.id"],
            name=op.f("fk_topic_about_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_topic_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_topic_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
    )
    with op.batch_alter_table("topic") as batch:
        batch.create_index("ix_topic_thread", ["conversation_id", "thread_id"], unique=False)
        batch.create_index(
            "uq_topic_chat",
            ["conversation_id", "about_conversation_id"],
            unique=True,
            sqlite_where=sa.text("about_conversation_id IS NOT NULL"),
            postgresql_where=sa.text("about_conversation_id IS NOT NULL"),
        )
        batch.create_index(
            "uq_topic_ticket",
            ["conversation_id", "ticket_id"],
            unique=True,
            sqlite_where=sa.text("ticket_id IS NOT NULL"),
            postgresql_where=sa.text("ticket_id IS NOT NULL"),
        )

    op.create_table(
        "citizen_news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column(
            "message", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_citizen_news_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["ticket_event.id"], name=op.f("fk_citizen_news_event_id_ticket_event")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_citizen_news_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_news")),
        sa.UniqueConstraint("event_id", "conversation_id", name=op.f("uq_citizen_news_event_id")),
    )
    with op.batch_alter_table("citizen_news") as batch:
        batch.create_index(
            batch.f("ix_citizen_news_conversation_id"), ["conversation_id"], unique=False
        )
        batch.create_index(
            "ix_citizen_news_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )

    op.create_table(
        "ticket_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_ticket_message_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["ticket_event.id"], name=op.f("fk_ticket_message_event_id_ticket_event")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_message_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_message")),
        sa.UniqueConstraint(
            "conversation_id",
            "message_id",
            "ticket_id",
            name=op.f("uq_ticket_message_conversation_id"),
        ),
    )
    with op.batch_alter_table("ticket_message") as batch:
        batch.create_index(batch.f("ix_ticket_message_ticket_id"), ["ticket_id"], unique=False)

    with op.batch_alter_table("attachment") as batch:
        batch.add_column(
            sa.Column("purpose", sa.String(length=10), nullable=False, server_default="report")
        )
        batch.add_column(sa.Column("look", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("handoff") as batch:
        batch.add_column(sa.Column("apologised_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("officer") as batch:
        batch.add_column(
            sa.Column("role", sa.String(length=10), nullable=False, server_default="officer")
        )
        batch.add_column(sa.Column("agency_code", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("team_code", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("away_until", sa.DateTime(timezone=True), nullable=True))
        batch.create_index(batch.f("ix_officer_agency_code"), ["agency_code"], unique=False)

    with op.batch_alter_table("outbox_message") as batch:
        batch.add_column(sa.Column("topic_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_outbox_message_topic_id_topic"), "topic", ["topic_id"], ["id"]
        )

    with op.batch_alter_table("ticket") as batch:
        batch.add_column(sa.Column("team_code", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("escalation", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(
            sa.Column("clock", sa.String(length=10), nullable=False, server_default="office")
        )
        batch.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("rating", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("rating_reason", sa.Text(), nullable=True))
        batch.add_column(sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
        batch.create_index(batch.f("ix_ticket_merged_into_id"), ["merged_into_id"], unique=False)
        batch.create_index(batch.f("ix_ticket_officer_id"), ["officer_id"], unique=False)
        batch.create_foreign_key(
            batch.f("fk_ticket_merged_into_id_ticket"), "ticket", ["merged_into_id"], ["id"]
        )

    with op.batch_alter_table("ticket_event") as batch:
        batch.add_column(sa.Column("from_state", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("to_state", sa.String(length=20), nullable=True))

    _rename("ticket", "state", _STATES)
    _rename("ticket_event", "kind", _KINDS)
    _fill_in()
    for statement in _GUARD[op.get_bind().dialect.name]:
        op.execute(statement)


def _fill_in() -> None:
    """Give the tickets of before what new ones have: an end, words to be found by, a deadline."""
    tickets = sa.table(
        "ticket",
        sa.column("id", sa.Integer),
        sa.column("code", sa.String),
        sa.column("text", sa.Text),
        sa.column("place_text", sa.Text),
        sa.column("answer", sa.Text),
        sa.column("state", sa.String),
        sa.column("clock", sa.String),
        sa.column("search_text", sa.Text),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("deadline_at", sa.DateTime(timezone=True)),
        sa.column("resolved_at", sa.DateTime(timezone=True)),
        sa.column("closed_at", sa.DateTime(timezone=True)),
    )
    deadlines = sa.table(
        "ticket_deadline",
        sa.column("ticket_id", sa.Integer),
        sa.column("kind", sa.String),
        sa.column("budget_s", sa.Integer),
        sa.column("due_at", sa.DateTime(timezone=True)),
        sa.column("warned", sa.Integer),
        sa.column("next_warning_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    answered = tickets.c.state == "closed"
    connection.execute(sa.update(tickets).where(answered).values(resolved_at=tickets.c.closed_at))
    for row in connection.execute(sa.select(tickets)).all():
        words = " ".join(part for part in (row.code, row.text, row.place_text, row.answer) if part)
        values = {"search_text": _folded(words)}
        if row.closed_at is None:
            # Its deadline was set without a clock of the office: it counts every hour.
            values["clock"] = "always"
            connection.execute(
                sa.insert(deadlines).values(
                    ticket_id=row.id,
                    kind="resolve",
                    budget_s=max(1, int((row.deadline_at - row.created_at).total_seconds())),
                    due_at=row.deadline_at,
                    warned=80,
                    next_warning_at=row.deadline_at,
                )
            )
        connection.execute(sa.update(tickets).where(tickets.c.id == row.id).values(values))


def _folded(text: str) -> str:
    """As `actions.folding.folded` had it when this was written; a migration stands by itself."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"[\u0300-\u036f]", "", plain)))


def _rename(table: str, column: str, names: dict[str, str]) -> None:
    names_of = sa.column(column, sa.String)
    rows = sa.table(table, names_of)
    for old, new in names.items():
        op.execute(sa.update(rows).where(names_of == old).values({column: new}))


def downgrade() -> None:
    for statement in _UNGUARD[op.get_bind().dialect.name]:
        op.execute(statement)
    _rename("ticket", "state", {new: old for old, new in _STATES.items()})
    _rename("ticket_event", "kind", {new: old for old, new in _KINDS.items()})
    with op.batch_alter_table("ticket_event") as batch:
        batch.drop_column("to_state")
        batch.drop_column("from_state")

    with op.batch_alter_table("ticket") as batch:
        batch.drop_constraint(batch.f("fk_ticket_merged_into_id_ticket"), type_="foreignkey")
        batch.drop_index(batch.f("ix_ticket_officer_id"))
        batch.drop_index(batch.f("ix_ticket_merged_into_id"))
        batch.drop_column("search_text")
        batch.drop_column("rated_at")
        batch.drop_column("rating_reason")
        batch.drop_column("rating")
        batch.drop_column("reopened")
        batch.drop_column("resolved_at")
        batch.drop_column("paused_at")
        batch.drop_column("clock")
        batch.drop_column("escalation")
        batch.drop_column("merged_into_id")
        batch.drop_column("team_code")

    with op.batch_alter_table("outbox_message") as batch:
        batch.drop_constraint(batch.f("fk_outbox_message_topic_id_topic"), type_="foreignkey")
        batch.drop_column("topic_id")

    with op.batch_alter_table("officer") as batch:
        batch.drop_index(batch.f("ix_officer_agency_code"))
        batch.drop_column("away_until")
        batch.drop_column("team_code")
        batch.drop_column("agency_code")
        batch.drop_column("role")

    with op.batch_alter_table("handoff") as batch:
        batch.drop_column("apologised_at")

    with op.batch_alter_table("attachment") as batch:
        batch.drop_column("look")
        batch.drop_column("purpose")

    with op.batch_alter_table("ticket_message") as batch:
        batch.drop_index(batch.f("ix_ticket_message_ticket_id"))

    op.drop_table("ticket_message")
    with op.batch_alter_table("citizen_news") as batch:
        batch.drop_index(
            "ix_citizen_news_due",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )
        batch.drop_index(batch.f("ix_citizen_news_conversation_id"))

    op.drop_table("citizen_news")
    with op.batch_alter_table("topic") as batch:
        batch.drop_index(
            "uq_topic_ticket",
            sqlite_where=sa.text("ticket_id IS NOT NULL"),
            postgresql_where=sa.text("ticket_id IS NOT NULL"),
        )
        batch.drop_index(
            "uq_topic_chat",
            sqlite_where=sa.text("about_conversation_id IS NOT NULL"),
            postgresql_where=sa.text("about_conversation_id IS NOT NULL"),
        )
        batch.drop_index("ix_topic_thread")

    op.drop_table("topic")
    with op.batch_alter_table("ticket_follower") as batch:
        batch.drop_index(batch.f("ix_ticket_follower_conversation_id"))

    op.drop_table("ticket_follower")
    with op.batch_alter_table("ticket_deadline") as batch:
        batch.drop_index(
            "ix_ticket_deadline_next_warning",
            sqlite_where=sa.text("next_warning_at IS NOT NULL"),
            postgresql_where=sa.text("next_warning_at IS NOT NULL"),
        )

    op.drop_table("ticket_deadline")
    op.drop_table("group_member")
    with op.batch_alter_table("block") as batch:
        batch.drop_index(batch.f("ix_block_conversation_id"))

    op.drop_table("block")
    with op.batch_alter_table("agency_group") as batch:
        batch.drop_index(batch.f("ix_agency_group_conversation_id"))

    op.drop_table("agency_group")
    op.drop_table("group_link_code")
