"""Hints for PostgreSQL's planner, each for the rest of a transaction; SQLite needs none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session


def plan_for_these_values(session: Session) -> None:
    """PostgreSQL must not reuse a plan: one word is in half of all cases, another in three.

    Nor is any of these statements worth being compiled first, which its estimates may call for.
    """
    if _is_postgresql(session):
        session.execute(_EACH_ITS_PLAN)


@contextmanager
def by_indexes_alone(session: Session) -> Iterator[None]:
    """What is asked within is looked up, whatever is guessed of how many rows fulfil it."""
    if not _is_postgresql(session):
        yield
        return
    session.execute(_INDEXES_ALONE)
    yield
    session.execute(_ANY_WAY)


_EACH_ITS_PLAN = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), "
    "set_config('jit', 'off', true)"
)
_INDEXES_ALONE = text(
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true),"
    " set_config('work_mem', '32MB', true)"
)
_ANY_WAY = text(
    "SELECT set_config('enable_seqscan', 'on', true), set_config('enable_indexscan', 'on', true)"
)


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
