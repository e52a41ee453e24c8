"""Public pages on each database, with cases that staff have released or not."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from PIL import Image

from actions import clocks, releases, staff, ticket_code
from actions.releases import Words
from store.engine import Database
from store.local import Commune
from store.migrate import migrate
from store.staff import Officer
from store.tickets import Attachment, Ticket
from tests.case_room import LOCAL
from tests.integration.staff_desk import Browser, Desk

RACH_GIA, LONG_XUYEN = (
    next(unit.code for unit in LOCAL.communes.values() if unit.name == name)
    for name in ("Phường Rạch Giá", "Phường Long Xuyên")
)


def photo(colour: str = "green", side: int = 1600) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side * 3 // 4), colour).save(out, "JPEG")
    return out.getvalue()


@dataclass
class Town:
    """Cases, and an officer who may release them."""

    desk: Desk
    lead: Officer
    random: Random = field(default_factory=lambda: Random(7))

    def case(self, **values: Any) -> Ticket:
        ticket = self.desk.ticket(ticket_code.issue(self.random), **values)
        with self.desk.database.write() as session:
            clocks.start(session, ticket, local=LOCAL, now=self.desk.now)
        return ticket

    def after_photo(self, ticket: Ticket, *, purpose: str = "after", colour: str = "green") -> int:
        kept = self.desk.media_store.add("photo", photo(colour))
        row = self.desk.add(
            Attachment(
                conversation_id=ticket.conversation_id,
                ticket_id=ticket.id,
                kind="photo",
                mime=kept.mime,
                size=kept.size,
                path=kept.path,
                purpose=purpose,
                created_at=self.desk.now,
            )
        )
        return row.id

    def release(
        self, ticket: Ticket, text: str = "Ổ gà đã vá", *, place: str = "", answer: str = "",
        photos: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        with self.desk.database.write() as session:
            releases.release(
                session,
                session.get_one(Ticket, ticket.id),
                self.lead,
                Words(text, place, answer, photos),
                now=self.desk.now,
            )

    def withdraw(self, ticket: Ticket) -> None:
        with self.desk.database.write() as session:
            row = session.get_one(Ticket, ticket.id)
            releases.withdraw(session, row, self.lead, now=self.desk.now)

    def change(self, ticket: Ticket, **values: Any) -> None:
        with self.desk.database.write() as session:
            row = session.get_one(Ticket, ticket.id)
            for name, value in values.items():
                setattr(row, name, value)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """An officer's password is not what these tests are about."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(staff, "_hasher", quick)


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    database = Database(database_url)
    migrate(database)
    with database.write() as session:
        for code in (RACH_GIA, LONG_XUYEN):
            unit = LOCAL.communes[code]
            session.add(Commune(code=code, name=unit.name, latitude=unit.lat, longitude=unit.lon))
    desk = Desk(database, tmp_path)
    yield Town(desk, desk.officer(role="lead"))
    database.dispose()


@pytest.fixture
async def visitor(town: Town) -> AsyncIterator[Browser]:
    """A browser of somebody who has no login."""
    async with TestClient(TestServer(town.desk.app())) as client:
        yield Browser(client)
