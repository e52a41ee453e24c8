"""deploy/erase_chat.sql: what a person asked to have deleted is gone, and nothing else is."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from bot.settings import ROOT
from store.desk import TicketRelease
from store.engine import Database
from store.messages import Conversation, InboxEvent, OutboxMessage
from store.migrate import migrate
from store.models import Base
from store.staff import Handoff, Officer
from store.tickets import Attachment, Ticket, TicketEvent

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PERSONAL = ("words of", "0912000", "person-", "place of")


@pytest.fixture
def database(database_url: str) -> Database:
    database = Database(database_url)
    migrate(database)
    return database


def chat_of(database: Database, person: str, *, pictures: tuple[str, ...]) -> int:
    """A chat in which a person reported something, asked for an officer and was answered."""
    words = {"text": f"words of {person}"}
    with database.write() as session:
        chat = Conversation(
            channel="web", chat_id=f"person-{person}", state={"draft": words}, created_at=NOW
        )
        session.add(chat)
        session.flush()
        ticket = Ticket(
            code=f"PA-{person}", conversation_id=chat.id, intent="report", category="traffic",
            urgency="high", urgency_words=[words["text"]], text=words["text"],
            place_text=f"place of {person}",
            contact_phone="0912000111", agency_code="a", agency_name="UBND",
            deadline_at=NOW, created_at=NOW, latitude=10.0, longitude=105.0,
        )  # fmt: skip
        officer = Officer(username=f"lead-{person}", name="Lan", created_at=NOW)
        session.add_all([ticket, officer])
        session.flush()
        session.add_all(
            [
                InboxEvent(
                    channel="web", event_id=f"person-{person}:1", conversation_id=chat.id,
                    sort_key=1, payload=words, status="done", received_at=NOW, ready_at=NOW,
                ),
                OutboxMessage(
                    conversation_id=chat.id, author="bot", payload=words, ticket_id=ticket.id,
                    status="sent", created_at=NOW, next_try_at=NOW,
                ),
                TicketEvent(
                    ticket_id=ticket.id, at=NOW, kind="created", actor="citizen", detail=words
                ),
                Handoff(conversation_id=chat.id, reason="asked", requested_at=NOW),
                TicketRelease(
                    ticket_id=ticket.id, text=words["text"], place=f"place of {person}",
                    answer=words["text"], attachment_ids=[1],
                    officer_id=officer.id, released_at=NOW,
                ),
                *(
                    Attachment(
                        conversation_id=chat.id, ticket_id=ticket.id, kind="photo",
                        mime="image/jpeg", size=1, path=path, created_at=NOW,
                    )
                    for path in pictures
                ),
            ]
        )  # fmt: skip
        return chat.id


def erase(database: Database, chat: int) -> list[str]:
    """Run the file as its first lines say; returns the pictures that it names."""
    script = (ROOT / "deploy" / "erase_chat.sql").read_text(encoding="utf-8")
    statements = re.sub(r"--.*", "", script).split(";")
    named: list[str] = []
    with database.write() as session:
        for statement in (part.strip() for part in statements):
            if statement in ("", "BEGIN", "COMMIT"):
                continue
            result = session.execute(text(statement), {"chat": chat})
            if statement.startswith("SELECT"):
                named += result.scalars()
    return named


def everything_in(database: Database) -> str:
    with database.read() as session:
        return "\n".join(
            str(row)
            for table in Base.metadata.sorted_tables
            for row in session.execute(table.select())
        )


def test_nothing_personal_of_the_erased_chat_is_left_in_any_table(database: Database) -> None:
    erase(database, chat_of(database, "LAN", pictures=("aa/1.jpg",)))
    left = everything_in(database)
    assert [mark for mark in (*PERSONAL, "105.0", "aa/1.jpg") if mark in left] == []
    assert "PA-LAN" in left


def test_what_was_released_of_the_erased_chat_is_public_no_more(database: Database) -> None:
    erase(database, chat_of(database, "LAN", pictures=()))
    with database.read() as session:
        release = session.query(TicketRelease).one()
        assert release.withdrawn_at is not None
        assert (release.text, release.place, release.answer) == ("", "", "")
        assert release.attachment_ids == []


def test_another_chat_keeps_every_word(database: Database) -> None:
    chat_of(database, "MAI", pictures=("bb/2.jpg",))
    before = everything_in(database)
    erase(database, chat_of(database, "LAN", pictures=()))
    left = everything_in(database)
    assert [line for line in before.splitlines() if line not in left] == []


def test_a_picture_that_somebody_else_sent_too_is_not_named_for_deletion(
    database: Database,
) -> None:
    chat_of(database, "MAI", pictures=("cc/same.jpg",))
    chat = chat_of(database, "LAN", pictures=("cc/same.jpg", "dd/own.jpg"))
    assert erase(database, chat) == ["dd/own.jpg"]


def test_the_open_hand_over_of_the_erased_chat_is_ended(database: Database) -> None:
    chat = chat_of(database, "LAN", pictures=())
    erase(database, chat)
    with database.read() as session:
        assert session.query(Handoff).one().ended_at is not None
        assert session.get_one(Conversation, chat).unreachable
