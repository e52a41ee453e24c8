"""Tickets as officers work on them: take, reply, finish."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.tickets import TicketNotFound
from store.messages import Conversation
from store.staff import Officer
from store.tickets import Ticket, TicketEvent, TicketState


class TicketTaken(Exception):
    """Another officer has the ticket already."""

    def __init__(self, officer: Officer) -> None:
        super().__init__(officer.username)
        self.officer = officer


class TicketFinished(Exception):
    """The ticket is done: it needs no second answer."""


class TicketWithdrawn(Exception):
    """The citizen has taken the ticket back."""


class AnswerMissing(ValueError):
    """A reply or an answer without a word in it."""


def locked(session: Session, code: str) -> Ticket:
    """The ticket, with the citizen's chat locked first and then itself.

    In that order, as a turn does: what the citizen and other officers do waits until this
    transaction has ended. Rows that refer to the two may still be written.

    Raises:
        TicketNotFound: no ticket has this code.
    """
    chat_id = session.scalar(select(Ticket.conversation_id).where(Ticket.code == code))
    if chat_id is None:
        raise TicketNotFound(code)
    now = {"populate_existing": True}  # not as this session may have read it before the lock
    chat = select(Conversation).where(Conversation.id == chat_id)
    session.execute(chat.with_for_update(key_share=True).execution_options(**now))
    ticket = select(Ticket).where(Ticket.code == code)
    return session.scalars(ticket.with_for_update(key_share=True).execution_options(**now)).one()


def take(session: Session, ticket: Ticket, officer: Officer, *, now: datetime) -> bool:
    """An officer takes the ticket; False when it was this officer's already.

    Raises:
        TicketTaken, TicketFinished, TicketWithdrawn: why it cannot be taken.
    """
    must_be_open(ticket)
    if ticket.officer_id == officer.id:
        return False
    if ticket.officer_id is not None:
        raise TicketTaken(session.get_one(Officer, ticket.officer_id))
    ticket.officer_id, ticket.state = officer.id, TicketState.TAKEN
    _record(session, ticket, officer, "taken", now, {})
    return True


def reply(
    session: Session,
    ticket: Ticket,
    officer: Officer,
    text: str,
    *,
    attachments: int = 0,
    now: datetime,
) -> None:
    """Write to the citizen about the ticket; a ticket that nobody has becomes this officer's.

    Any officer may: a colleague helps out, and the history tells who wrote.

    Raises:
        AnswerMissing: neither words nor pictures.
        TicketWithdrawn: nobody waits for it any more.
    """
    if not text.strip() and not attachments:
        raise AnswerMissing
    must_be_wanted(ticket)
    if ticket.state == TicketState.NEW:
        take(session, ticket, officer, now=now)
    _record(session, ticket, officer, "replied", now, {"text": text, "attachments": attachments})


def finish(
    session: Session,
    ticket: Ticket,
    officer: Officer,
    answer: str,
    *,
    attachments: int = 0,
    now: datetime,
) -> None:
    """Close the ticket with the answer that the citizen gets.

    Raises:
        AnswerMissing: closing takes words, not only a picture.
        TicketFinished, TicketWithdrawn: it is closed already.
    """
    if not answer.strip():
        raise AnswerMissing
    must_be_open(ticket)
    ticket.state, ticket.answer, ticket.closed_at = TicketState.DONE, answer, now
    ticket.officer_id = officer.id
    _record(session, ticket, officer, "done", now, {"text": answer, "attachments": attachments})


def must_be_open(ticket: Ticket) -> None:
    """Raises TicketFinished or TicketWithdrawn for a closed ticket."""
    if ticket.state == TicketState.DONE:
        raise TicketFinished(ticket.code)
    must_be_wanted(ticket)


def must_be_wanted(ticket: Ticket) -> None:
    """Raises TicketWithdrawn when the citizen has taken the ticket back."""
    if ticket.state == TicketState.WITHDRAWN:
        raise TicketWithdrawn(ticket.code)


def _record(
    session: Session,
    ticket: Ticket,
    officer: Officer,
    kind: str,
    now: datetime,
    detail: dict[str, object],
) -> None:
    session.add(
        TicketEvent(
            ticket_id=ticket.id,
            at=now,
            kind=kind,
            actor="officer",
            officer_id=officer.id,
            detail=detail,
        )
    )
    session.flush()
