"""Talking with the citizen who sent a ticket: whether it can be begun, and who does it already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from actions import handoff
from bot.work import UnitOfWork
from store.staff import Handoff, Officer
from store.tickets import Ticket, TicketState


@dataclass(frozen=True)
class Talk:
    """Talking with the citizen at this moment.

    `state`: `none` (it can be begun), `waiting` (the citizen has asked for a person), `mine`,
    `taken` (by `officer`), `too_late` (the messenger allows it no more since `last_words_at`),
    or `not_now`.
    """

    state: str
    chat: int
    officer: str = ""
    last_words_at: datetime | None = None
    hours: int = 0
    """So long after the citizen's last words the messenger allows it."""


def of_ticket(work: UnitOfWork, ticket: Ticket, officer: Officer) -> Talk:
    """Whether this officer may talk with the citizen at this moment, and who does."""
    chat = ticket.conversation
    can = work.services.capabilities.get(chat.channel)
    under_way = handoff.open_handoff(work.session, chat)
    if can is None or chat.unreachable or ticket.state == TicketState.WITHDRAWN:
        return Talk("not_now", chat.id)
    if under_way is not None:
        return _under_way(work, under_way, officer)
    try:
        handoff.see_that_talk_is_allowed(chat, within=can.talk_within, now=work.now)
    except handoff.TalkTooLate as late:
        hours = int((can.talk_within or timedelta()) / timedelta(hours=1))
        return Talk("too_late", chat.id, last_words_at=late.last_incoming_at, hours=hours)
    return Talk("none", chat.id)


def _under_way(work: UnitOfWork, under_way: Handoff, officer: Officer) -> Talk:
    """A chat about something secret is not to be tied to the ticket: it looks like any other no."""
    chat = under_way.conversation_id
    if handoff.is_secret(under_way):
        return Talk("not_now", chat)
    if under_way.officer_id is None:
        return Talk("waiting", chat)
    if under_way.officer_id == officer.id:
        return Talk("mine", chat)
    holder = work.session.get_one(Officer, under_way.officer_id)
    return Talk("taken", chat, officer=holder.name)
