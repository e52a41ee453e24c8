"""what came in of a chat is found by the chat; changes of the command line; secrets encrypted;
media types of documents
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_PLAIN, _ENCRYPTED = sa.String(length=64), sa.String(length=200)
_MIME, _LONG_MIME = sa.String(length=60), sa.String(length=100)


def upgrade() -> None:
    op.create_index("ix_inbox_event_conversation", "inbox_event", ["conversation_id", "id"])
    with op.batch_alter_table("desk_change") as batch:
        batch.alter_column("officer_id", existing_type=sa.Integer(), nullable=True)
    with op.batch_alter_table("officer") as batch:
        batch.alter_column("totp_secret", existing_type=_PLAIN, type_=_ENCRYPTED)
    with op.batch_alter_table("attachment") as batch:
        batch.alter_column("mime", existing_type=_MIME, type_=_LONG_MIME)


def downgrade() -> None:
    # Encrypted secrets do not fit, and an earlier version could not read them.
    op.execute(
        "UPDATE officer SET totp_secret = NULL, totp_used_step = NULL "
        "WHERE length(totp_secret) > 64"
    )
    with op.batch_alter_table("officer") as batch:
        batch.alter_column("totp_secret", existing_type=_ENCRYPTED, type_=_PLAIN)
    op.execute("UPDATE attachment SET mime = substr(mime, 1, 60)")
    with op.batch_alter_table("attachment") as batch:
        batch.alter_column("mime", existing_type=_LONG_MIME, type_=_MIME)
    # Changes of the command line keep having no officer: an earlier version does not list them.
    op.drop_index("ix_inbox_event_conversation", table_name="inbox_event")
