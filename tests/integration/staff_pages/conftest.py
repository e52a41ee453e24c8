"""A staff page on each database, and a browser before and after the login."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher

from actions import login_attempts, staff
from store.engine import Database
from store.local import Agency, Commune
from store.migrate import migrate
from tests.integration.staff_desk import Browser, Desk


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords that are quick to hash; how dear a guess is has tests of its own."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(staff, "_hasher", quick)
    monkeypatch.setattr(login_attempts, "_hasher", quick)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    database = Database(database_url)
    migrate(database)
    with database.write() as session:
        session.add(Commune(code="30760", name="Phường Rạch Giá", latitude=10.0, longitude=105.1))
        session.add(Commune(code="30337", name="Xã Mỹ Đức", latitude=10.6, longitude=105.2))
        session.add(Agency(code="so-xay-dung", name="Sở Xây dựng"))
        session.add(Agency(code="so-nnmt", name="Sở Nông nghiệp và Môi trường"))
    yield Desk(database, tmp_path)
    database.dispose()


@pytest.fixture
async def stranger(desk: Desk) -> AsyncIterator[Browser]:
    """A browser that is not logged in."""
    async with TestClient(TestServer(desk.app())) as client:
        yield Browser(client)


@pytest.fixture
async def browser(desk: Desk, stranger: Browser) -> Browser:
    """A browser in which the officer `lan` is logged in."""
    desk.officer()
    stranger.let_in(desk)
    return stranger
