"""Officers who leave, for good or for another agency: what they had goes back to the queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions import cases, handoff, staff_sessions
from actions.cases import Actor, Given, Moved
from actions.local_facts import LocalFacts
from store.staff import Handoff, Officer
from store.tickets import UNDER_WAY, Ticket


def in_hand(session: Session, officer: Officer) -> int:
    """How many open cases an officer has."""
    query = select(func.count(Ticket.id)).where(Ticket.officer_id == officer.id, UNDER_WAY)
    return session.scalar(query) or 0


def chats_in_hand(session: Session, officer: Officer) -> Sequence[int]:
    """The chats that an officer has taken and not given back."""
    return session.scalars(
        select(Handoff.conversation_id)
        .where(Handoff.officer_id == officer.id, Handoff.ended_at.is_(None))
        .order_by(Handoff.conversation_id)
    ).all()


def retire(
    session: Session,
    officer: Officer,
    *,
    by: Actor,
    reason: str,
    local: LocalFacts,
    now: datetime,
) -> list[Moved]:
    """An officer works here no more: cannot log in, has no Telegram account, no case and no chat.

    Args:
        by: who makes the moves: the administrator, or, from the command line, the system.
        reason: kept in the history of each case that goes back, for colleagues.

    Returns the cases that went back to their agency's queue, to be told to colleagues.
    """
    officer.active = False
    session.flush()
    staff_sessions.end_other_sessions(session, officer)
    moved = give_back(session, officer, by=by, reason=reason, local=local, now=now)
    for number in chats_in_hand(session, officer):
        chat = handoff.locked_chat(session, number)
        open_one = handoff.open_handoff(session, chat)
        if open_one is not None and open_one.officer_id == officer.id:
            open_one.officer_id = open_one.taken_at = None
    # At the end: it locks the officer's row against whoever writes down what the officer did, and
    # they may hold a case that is still to be locked here.
    officer.telegram_user_id = None
    officer.link_code_hash = officer.link_code_expires_at = None
    session.flush()
    return moved


def give_back(
    session: Session,
    officer: Officer,
    *,
    by: Actor,
    reason: str,
    local: LocalFacts,
    now: datetime,
) -> list[Moved]:
    """The open cases of an officer that are not, or no longer, theirs to work on go back.

    Of one who is no longer active these are all of them.
    """
    codes = session.scalars(
        select(Ticket.code).where(Ticket.officer_id == officer.id, UNDER_WAY).order_by(Ticket.id)
    ).all()
    moved = []
    for code in codes:
        ticket = cases.locked(session, code)
        if ticket.officer_id != officer.id or not local.moves.is_open(ticket):
            continue  # somebody was quicker
        if officer.active and cases.may_act(ticket, cases.by_officer(officer)):
            continue
        if ticket.state in local.moves.moves["release"].origins:
            given = Given(text=reason)
            moved.append(
                cases.move(session, ticket, "release", by=by, given=given, local=local, now=now)
            )
        else:
            # It waits for the citizen: the question stands, whoever is free reads the answer.
            ticket.officer_id = None
            cases.record(session, ticket, "release", by=by, now=now, detail={"text": reason})
    return moved
