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
    op.add_column("officer", sa.Column("totp_secret", sa.String(length=64), nullable=True))
    op.add_column("officer", sa.Column("totp_used_step", sa.Integer(), nullable=True))
    op.add_column("staff_session", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "staff_session",
        sa.Column("device", sa.String(length=200), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("staff_session", "device")
    op.drop_column("staff_session", "seen_at")
    op.drop_column("officer", "totp_used_step")
    op.drop_column("officer", "totp_secret")
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
