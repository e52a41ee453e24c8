"""What several rooms' tests on real databases share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from store.engine import Database
from tests.integration.staff_group import StaffGroup


@pytest.fixture
def group(database_url: str) -> Iterator[StaffGroup]:
    """The staff's Telegram group, once on each database."""
    database = Database(database_url)
    yield StaffGroup(database)
    database.dispose()
