"""indexes for finding tickets, and the words of each

SQLite has no index of words on a table: `ticket_search` is one (FTS5), kept by triggers. Whoever
alters `ticket` on SQLite later copies the table and must make the triggers anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_UNDER_WAY = "closed_at IS NULL AND resolved_at IS NULL AND merged_into_id IS NULL"
_INDEXES = {
    "ix_ticket_under_way": (["category", "commune_code", "created_at"], _UNDER_WAY),
    "ix_ticket_due": (["deadline_at"], _UNDER_WAY),
    "ix_ticket_answered": (["category", "id"], "resolved_at IS NOT NULL"),
    "ix_ticket_to_be_confirmed": (
        ["resolved_at"],
        "resolved_at IS NOT NULL AND closed_at IS NULL",
    ),
}
_SEARCH = {
    "sqlite": [
        """
        CREATE VIRTUAL TABLE ticket_search
        USING fts5(search_text, content='ticket', content_rowid='id')
        """,
        "INSERT INTO ticket_search (ticket_search) VALUES ('rebuild')",
        """
        CREATE TRIGGER ticket_search_of_new AFTER INSERT ON ticket BEGIN
            INSERT INTO ticket_search (rowid, search_text) VALUES (NEW.id, NEW.search_text);
        END
        """,
        """
        CREATE TRIGGER ticket_search_of_changed AFTER UPDATE OF search_text ON ticket BEGIN
            INSERT INTO ticket_search (ticket_search, rowid, search_text)
            VALUES ('delete', OLD.id, OLD.search_text);
            INSERT INTO ticket_search (rowid, search_text) VALUES (NEW.id, NEW.search_text);
        END
        """,
        """
        CREATE TRIGGER ticket_search_of_deleted AFTER DELETE ON ticket BEGIN
            INSERT INTO ticket_search (ticket_search, rowid, search_text)
            VALUES ('delete', OLD.id, OLD.search_text);
        END
        """,
    ],
    "postgresql": [
        "CREATE INDEX ix_ticket_search ON ticket USING gin (to_tsvector('simple', search_text))",
    ],
}
_NO_SEARCH = {
    "sqlite": [
        "DROP TRIGGER ticket_search_of_new",
        "DROP TRIGGER ticket_search_of_changed",
        "DROP TRIGGER ticket_search_of_deleted",
        "DROP TABLE ticket_search",
    ],
    "postgresql": ["DROP INDEX ix_ticket_search"],
}


def upgrade() -> None:
    for name, (columns, condition) in _INDEXES.items():
        where = sa.text(condition)
        op.create_index(name, "ticket", columns, sqlite_where=where, postgresql_where=where)
    for statement in _SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in _NO_SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)
    for name in _INDEXES:
        op.drop_index(name, "ticket")
