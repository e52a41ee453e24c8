"""One chat cannot drown the others, and danger is heard from everybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from actions import abuse
from bot.dialogue.state import Frame, State
from bot.manners import MESSAGES_A_MINUTE, Manners
from bot.messages import Incoming, Kind
from bot.turn import Prepared, Turn
from store.engine import Database
from store.messages import Conversation, OutboxMessage
from store.staff import Officer
from tests.integration.staff_group import MORNING, StaffGroup, understood


@dataclass
class Door:
    """What stands between the inbox and the dialogue."""

    database: Database
    group: StaffGroup
    manners: Manners = field(default_factory=Manners)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.now = MORNING
        with self.database.write() as session:
            for name in ("loud", "quiet"):
                session.add(Conversation(channel="web", chat_id=name, created_at=self.now))

    def lets_in(
        self, chat_id: str = "loud", intent: str = "report", kind: Kind = Kind.TEXT
    ) -> bool:
        with self.database.write() as session:
            chat = session.scalars(
                select(Conversation).where(Conversation.chat_id == chat_id)
            ).one()
            turn = Turn(
                services=self.group.services,
                session=session,
                now=self.now,
                conversation=chat,
                event_id=next(self.numbers),
                incoming=Incoming(
                    channel="web",
                    event_id="1",
                    chat_id=chat_id,
                    kind=kind,
                    text="alo",
                    sent_at=self.now,
                ),
                prepared=Prepared(understood("alo", intent)),
            )
            return not self.manners.turned_away(turn)

    def said(self) -> list[str]:
        with self.database.read() as session:
            return [str(row.payload["text"]) for row in session.scalars(select(OutboxMessage))]

    def block(self, **length: float) -> None:
        with self.database.write() as session:
            loud = session.scalars(select(Conversation).where(Conversation.chat_id == "loud")).one()
            lan = session.scalars(select(Officer).where(Officer.username == "lan")).one()
            abuse.block(
                session,
                loud,
                reason="gửi tin quấy rối",
                until=self.now + timedelta(**length),
                officer=lan,
                now=self.now,
            )


@pytest.fixture
def door(group: StaffGroup) -> Door:
    return Door(group.database, group)


def test_a_flood_is_stopped_said_once_and_over_after_a_while(door: Door) -> None:
    assert all(door.lets_in() for _ in range(MESSAGES_A_MINUTE))
    assert not any(door.lets_in() for _ in range(20))
    (said,) = door.said()
    assert "quá nhanh" in said
    assert door.lets_in("quiet")
    door.now += abuse.FLOOD_BLOCK
    assert door.lets_in()


def test_who_types_quickly_but_like_a_person_is_never_stopped(door: Door) -> None:
    for _ in range(3 * MESSAGES_A_MINUTE):
        assert door.lets_in()
        door.now += timedelta(seconds=2)


def test_a_blocked_chat_hears_why_and_until_when_and_not_with_every_message(door: Door) -> None:
    door.block(days=1)
    assert not any(door.lets_in() for _ in range(3))
    (said,) = door.said()
    assert "gửi tin quấy rối" in said
    assert "03/03/2026" in said
    door.now += timedelta(hours=2)
    assert not door.lets_in()
    assert len(door.said()) == 2


def test_danger_and_a_wish_for_erasure_are_heard_from_a_blocked_chat(door: Door) -> None:
    door.block(days=1)
    assert door.lets_in(intent="emergency")
    assert door.lets_in(kind=Kind.ERASE)
    assert door.said() == []


@pytest.mark.parametrize(("urgency", "heard"), [("urgent", True), ("normal", False)])
def test_a_danger_that_was_told_of_can_be_reported_to_the_end(
    door: Door, urgency: str, heard: bool
) -> None:
    door.block(days=1)
    under_way = State(frames=[Frame(number=1, flow="report", slots={"urgency": urgency})])
    with door.database.write() as session:
        loud = session.scalars(select(Conversation).where(Conversation.chat_id == "loud")).one()
        loud.state = under_way.document()
    assert door.lets_in(kind=Kind.PRESS) == heard


def test_a_block_that_is_lifted_is_over_within_seconds(door: Door) -> None:
    door.block(days=1)
    assert not door.lets_in()
    with door.database.write() as session:
        (block,) = abuse.in_force(session, door.now).values()
        abuse.lift(block, session.scalars(select(Officer)).all()[0], now=door.now)
    door.now += timedelta(seconds=5)
    assert door.lets_in()
