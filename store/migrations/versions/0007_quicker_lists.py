"""quicker lists and figures: indexes that answer without the rows, words of what is under way"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_UNDER_WAY = "closed_at IS NULL AND resolved_at IS NULL AND merged_into_id IS NULL"
_UNHAPPY = "rating <= 2 OR (reopened > 0 AND closed_at IS NULL)"
_ANSWERED, _CLOSED = "answered_at IS NOT NULL", "closed_at IS NOT NULL"
_OF_ANSWERS = ["deadline_at", "answered_days"]
_OF_CLOSING = ["state", "rating"]

_NEW: dict[str, tuple[list[str], str | None, list[str]]] = {
    "ix_ticket_agency_unhappy": (["agency_code", "created_at", "id"], _UNHAPPY, []),
    "ix_ticket_commune_due": (
        ["commune_code", "deadline_at", "id"],
        _UNDER_WAY,
        ["state", "paused_at"],
    ),
    "ix_ticket_category_answered": (
        ["category", "answered_at"],
        _ANSWERED,
        ["commune_code", "agency_code", *_OF_ANSWERS],
    ),
    "ix_ticket_commune_answered": (
        ["commune_code", "answered_at"],
        _ANSWERED,
        ["category", "agency_code", *_OF_ANSWERS],
    ),
    "ix_ticket_agency_answered": (
        ["agency_code", "answered_at"],
        _ANSWERED,
        ["category", "commune_code", *_OF_ANSWERS],
    ),
    "ix_ticket_category_closed": (["category", "closed_at"], _CLOSED, _OF_CLOSING),
    "ix_ticket_commune_closed": (["commune_code", "closed_at"], _CLOSED, _OF_CLOSING),
    "ix_ticket_agency_closed": (["agency_code", "closed_at"], _CLOSED, _OF_CLOSING),
}
"""Their columns, which tickets they hold, and what PostgreSQL keeps beside."""

_MORE_BESIDE: dict[str, tuple[list[str], str | None, list[str], list[str]]] = {
    "ix_ticket_due": (["deadline_at"], _UNDER_WAY, ["paused_at"], ["paused_at", "state"]),
    "ix_ticket_agency_due": (
        ["agency_code", "deadline_at", "id"],
        _UNDER_WAY,
        [],
        ["state", "officer_id", "paused_at"],
    ),
    "ix_ticket_category_due": (
        ["category", "deadline_at", "id"],
        _UNDER_WAY,
        [],
        ["state", "paused_at"],
    ),
    "ix_ticket_agency_created": (
        ["agency_code", "created_at", "id"],
        None,
        [],
        ["state", "category", "commune_code"],
    ),
    "ix_ticket_category_created": (
        ["category", "created_at", "id"],
        None,
        [],
        ["commune_code", "agency_code"],
    ),
    "ix_ticket_commune_created": (
        ["commune_code", "created_at", "id"],
        None,
        [],
        ["category", "agency_code"],
    ),
}
"""Those beside which PostgreSQL kept less: their columns, condition, what it kept and keeps now."""

_WORDS_UNDER_WAY = f"""
CREATE INDEX ix_ticket_search_under_way ON ticket USING gin (ticket_search_words)
WHERE {_UNDER_WAY}
"""
"""One in ten cases is under way: their words by themselves are found ten times as quickly."""


def upgrade() -> None:
    for name, (columns, condition, beside) in _NEW.items():
        _create(name, columns, condition, beside)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_WORDS_UNDER_WAY)
        for name, (columns, condition, _, beside) in _MORE_BESIDE.items():
            op.drop_index(name, table_name="ticket")
            _create(name, columns, condition, beside)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("ix_ticket_search_under_way", table_name="ticket")
        for name, (columns, condition, beside, _) in _MORE_BESIDE.items():
            op.drop_index(name, table_name="ticket")
            _create(name, columns, condition, beside)
    for name in _NEW:
        op.drop_index(name, table_name="ticket")


def _create(name: str, columns: list[str], condition: str | None, beside: list[str]) -> None:
    where = None if condition is None else sa.text(condition)
    op.create_index(
        name,
        "ticket",
        columns,
        sqlite_where=where,
        postgresql_where=where,
        postgresql_include=beside,
    )
