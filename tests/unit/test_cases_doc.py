"""docs/cases.md says what the files and the tables of the database say."""

from __future__ import annotations

import re

from scripts import cases_doc
from store.models import Base

TABLES_OF_A_CASE = (
    "ticket",
    "ticket_event",
    "ticket_deadline",
    "ticket_follower",
    "ticket_message",
    "citizen_news",
    "attachment",
    "topic",
    "agency_group",
    "handoff",
    "block",
    "outbox_message",
    "inbox_event",
)
PAGE = cases_doc.PAGE.read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_files() -> None:
    assert cases_doc.written(PAGE) == PAGE, "run python -m scripts.cases_doc"
    assert all(block() in PAGE for block in cases_doc.BLOCKS.values())


def test_every_index_is_named_and_none_that_is_not_there() -> None:
    tables = [Base.metadata.tables[name] for name in TABLES_OF_A_CASE]
    indexes = {str(index.name) for table in tables for index in table.indexes}
    named = set(re.findall(r"`((?:ix|uq)_\w+)`", PAGE))
    made_by_migrations = {"ix_ticket_search", "ix_ticket_search_under_way"}
    assert named == indexes | made_by_migrations
