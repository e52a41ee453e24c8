"""What citizens say about a ticket after it was sent: more words, "not done", a corrected message.

The first words of a ticket are never touched: whatever comes later is an event of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import cases, tickets
from actions.cases import CITIZEN, Given, Moved
from actions.local_facts import LocalFacts
from store.messages import Conversation
from store.tickets import Attachment, Ticket, TicketEvent, TicketMessage, TicketState


@dataclass(frozen=True)
class Said:
    """Words, pictures kept for the chat they come from, and the messenger's id of the message."""

    text: str = ""
    attachment_ids: tuple[int, ...] = ()
    message_id: str | None = None


@dataclass(frozen=True)
class Added:
    """What became of an addition; `moved` is set when staff had been waiting for it."""

    event: TicketEvent
    pictures: tuple[Attachment, ...]
    moved: Moved | None = None


@dataclass(frozen=True)
class Edited:
    """A message that its writer has changed, as it was and as it is."""

    ticket: Ticket
    before: str
    after: str


def add(
    session: Session,
    ticket: Ticket,
    conversation: Conversation,
    said: Said,
    *,
    local: LocalFacts,
    now: datetime,
) -> Added:
    """Put more words and pictures on a ticket; from its reporter they answer what staff asked."""
    own = ticket.conversation_id == conversation.id
    pictures, given = _given(session, ticket, conversation, said)
    moved = None
    if own and ticket.state == TicketState.WAITING:
        moved = cases.move(
            session, ticket, "answered", by=CITIZEN, given=given, local=local, now=now
        )
        event = moved.event
    else:
        detail: dict[str, object] = {"text": given.text}
        if given.attachment_ids:
            detail["attachments"] = list(given.attachment_ids)
        if not own:
            detail["chat"] = conversation.id  # to be found when this chat's words are erased
        event = cases.record(session, ticket, "add", by=CITIZEN, now=now, detail=detail)
    tickets.note_message(session, event, conversation, said.message_id)
    return Added(event, pictures, moved)


def dispute(
    session: Session,
    ticket: Ticket,
    conversation: Conversation,
    said: Said,
    *,
    local: LocalFacts,
    now: datetime,
) -> tuple[Moved, tuple[Attachment, ...]]:
    """The citizen says that it is not done, perhaps with what is still wrong.

    Raises:
        MoveNotAllowed: it is open, or was taken back.
    """
    pictures, given = _given(session, ticket, conversation, said)
    moved = cases.move(session, ticket, "dispute", by=CITIZEN, given=given, local=local, now=now)
    tickets.note_message(session, moved.event, conversation, said.message_id)
    return moved, pictures


def tickets_of_message(
    session: Session, conversation: Conversation, message_id: str
) -> list[Ticket]:
    """The tickets that a message of this chat went into."""
    query = (
        select(Ticket)
        .join(TicketMessage, TicketMessage.ticket_id == Ticket.id)
        .where(
            TicketMessage.conversation_id == conversation.id,
            TicketMessage.message_id == message_id,
        )
        .order_by(Ticket.id)
    )
    return list(session.scalars(query))


def edit(
    session: Session,
    ticket: Ticket,
    conversation: Conversation,
    message_id: str,
    words: str,
    *,
    now: datetime,
) -> Edited | None:
    """Keep the new words of a message of the ticket beside the old; None when they are the same."""
    row = session.scalars(
        select(TicketMessage).where(
            TicketMessage.conversation_id == conversation.id,
            TicketMessage.message_id == message_id,
            TicketMessage.ticket_id == ticket.id,
        )
    ).one()
    before = _latest_words(session, ticket, row)
    if before.strip() == words.strip():
        return None
    detail: dict[str, object] = {
        "text": words,
        "before": before,
        "message": message_id,
        "of": row.event_id,
    }
    if ticket.conversation_id != conversation.id:
        detail["chat"] = conversation.id
    cases.record(session, ticket, "edit", by=CITIZEN, now=now, detail=detail)
    return Edited(ticket, before, words)


def _latest_words(session: Session, ticket: Ticket, row: TicketMessage) -> str:
    earlier = session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "edit")
        .order_by(TicketEvent.id.desc())
    )
    for event in earlier:
        if event.detail.get("message") == row.message_id:
            return str(event.detail["text"])
    origin = session.get_one(TicketEvent, row.event_id).detail
    said = origin.get("said", {}).get(row.message_id)
    return str(origin.get("text", "") if said is None else said)


def _given(
    session: Session, ticket: Ticket, conversation: Conversation, said: Said
) -> tuple[tuple[Attachment, ...], Given]:
    attached = tickets.attach(session, ticket, conversation, said.attachment_ids, purpose="added")
    given = Given(
        text=said.text.strip(),
        attachment_ids=tuple(attachment.id for attachment in attached),
        photos=sum(attachment.kind == "photo" for attachment in attached),
    )
    return tuple(attached), given
