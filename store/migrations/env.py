"""Alembic's entry: runs migrations over the connection that `store.migrate` hands in."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON

from store.base import UtcDateTime
from store.migrate import WORD_INDEXES
from store.models import Base


def render_type(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types as SQLAlchemy's own: a migration must outlive our modules."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def is_of_the_models(item: Any, name: str | None, *_: object) -> bool:
    """Whether the models can say it; an index of words is in the migrations alone."""
    return not (name or "").startswith(WORD_INDEXES)


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite alters a table by copying it.
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_type,
    include_object=is_of_the_models,
)
with context.begin_transaction():
    context.run_migrations()
