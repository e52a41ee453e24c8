"""What officers write about a ticket without moving it: to the citizen, and among themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from actions import cases, clocks
from actions.local_facts import LocalFacts
from store.cases import DeadlineKind
from store.staff import Officer
from store.tickets import Ticket, TicketEvent, TicketState

START = "start"
"""The move by which an officer has a ticket."""


class NobodyWaits(Exception):
    """The citizen has taken the ticket back: there is nobody to write to about it."""


@dataclass(frozen=True)
class Reply:
    """A message to the citizen: the event it left, and the move it made, if nobody had the ticket.

    The citizen need not hear of that move as well: the message says it all.
    """

    event: TicketEvent
    started: cases.Moved | None


def reply(
    session: Session,
    ticket: Ticket,
    officer: Officer,
    text: str,
    *,
    attachment_ids: tuple[int, ...] = (),
    local: LocalFacts,
    now: datetime,
) -> Reply:
    """Write to the citizen about the ticket; one that nobody has becomes this officer's.

    A colleague of the same agency may help out: the ticket stays whose it is.

    Raises:
        cases.AnswerMissing: neither words nor pictures.
        cases.MoveForbidden: the ticket is not this officer's business.
        NobodyWaits: the citizen has taken it back.
    """
    by = cases.by_officer(officer)
    _may_write(ticket, by, text, attachment_ids)
    if ticket.state == TicketState.WITHDRAWN:
        raise NobodyWaits(ticket.code)
    started = None
    if ticket.officer_id is None and ticket.state in local.moves.moves[START].origins:
        started = cases.move(session, ticket, START, by=by, local=local, now=now)
    clocks.meet(session, ticket, (DeadlineKind.ANSWER,), local=local, now=now)
    detail = _detail(text, attachment_ids)
    return Reply(cases.record(session, ticket, "reply", by=by, now=now, detail=detail), started)


def note(
    session: Session,
    ticket: Ticket,
    officer: Officer,
    text: str,
    *,
    attachment_ids: tuple[int, ...] = (),
    now: datetime,
) -> TicketEvent:
    """Put down something for colleagues; it never leaves the house.

    Raises:
        cases.AnswerMissing: neither words nor pictures.
        cases.MoveForbidden: the ticket is not this officer's business.
    """
    by = cases.by_officer(officer)
    _may_write(ticket, by, text, attachment_ids)
    return cases.record(
        session, ticket, "note", by=by, now=now, detail=_detail(text, attachment_ids)
    )


def _may_write(ticket: Ticket, by: cases.Actor, text: str, attachment_ids: tuple[int, ...]) -> None:
    if not cases.may_act(ticket, by):
        raise cases.MoveForbidden(ticket.code)
    if not text.strip() and not attachment_ids:
        raise cases.AnswerMissing


def _detail(text: str, attachment_ids: tuple[int, ...]) -> dict[str, object]:
    detail: dict[str, object] = {"text": text.strip()}
    if attachment_ids:
        detail["attachments"] = list(attachment_ids)
    return detail
