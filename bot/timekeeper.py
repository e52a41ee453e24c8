"""Does what time itself brings: news that are due, deadlines running out, answers left unanswered.

One process does it, every few seconds, each thing in a transaction of its own: what fails is logged
and tried again the next time, and holds nothing else up.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from actions import cases, escalation, handoff, news
from actions.cases import SYSTEM
from actions.figures import kept
from bot import case_news
from bot.clock import Clock
from bot.desk import notices
from bot.logs import log_failure
from bot.work import Services, UnitOfWork
from store.engine import Database
from store.messages import Author, Conversation
from store.tickets import Ticket, TicketState

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between looks."""

AT_ONCE = 100
"""Tickets of one kind that are looked at in one look; the rest waits for the next."""

LEASE = "timekeeper"

Thing = TypeVar("Thing", int, str)


class Timekeeper:
    """Looks at the clock.

    Args:
        services: those of this moment; each thing that is done takes them once.
        keep: see `Leases.keep`.
        posted: told the chats that have new outbox rows, after the commit.
    """

    def __init__(
        self,
        database: Database,
        services: Callable[[], Services],
        clock: Clock,
        *,
        keep: Callable[[str], Awaitable[bool]],
        posted: Callable[[set[int]], None],
    ) -> None:
        self._database = database
        self._services = services
        self._clock = clock
        self._keep = keep
        self._posted = posted

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            try:
                if await self._keep(LEASE):
                    self._posted(await asyncio.to_thread(self.look))
            except OperationalError as error:
                log.error("the database does not answer: %s", type(error.orig).__name__)
            except Exception as error:
                # Whatever it is, the next look must come.
                log_failure(log, "looking at the clock", error)
            await asyncio.sleep(EVERY)

    def look(self) -> set[int]:
        """Do everything whose time has come; returns the chats in which something was said."""
        now = self._clock()
        touched: set[int] = set()
        self._each(lambda session: news.waiting(session, now), _tell, now, touched)
        self._each(
            lambda session: escalation.waiting(session, now, limit=AT_ONCE), _warn, now, touched
        )
        self._each(lambda session: self._unanswered(session, now), _expire, now, touched)
        self._each(lambda session: handoff.unanswered(session, now), _apologise, now, touched)
        self._count(now)
        return touched

    def _count(self, now: datetime) -> None:
        """Keep the counts of days that are over, for the leader's figures."""
        try:
            kept.forget_and_keep(self._database, now)
        except OperationalError:
            raise
        except Exception as error:
            log_failure(log, "counting days that are over", error)

    def _unanswered(self, session: Session, now: datetime) -> Sequence[str]:
        """Tickets of whose answer the citizen has said nothing for days."""
        patience = timedelta(days=self._services().local.moves.days_to_confirm)
        return session.scalars(
            select(Ticket.code)
            .where(Ticket.state == TicketState.RESOLVED, Ticket.resolved_at <= now - patience)
            .order_by(Ticket.id)
            .limit(AT_ONCE)
        ).all()

    def _each(
        self,
        find: Callable[[Session], Sequence[Thing]],
        do: Callable[[UnitOfWork, Thing], None],
        now: datetime,
        touched: set[int],
    ) -> None:
        with self._database.read() as session:
            found = find(session)
        for thing in found:
            try:
                with self._database.write() as session:
                    work = UnitOfWork(self._services(), session, now)
                    do(work, thing)
            except OperationalError:
                raise
            except Exception as error:
                log_failure(log, f"time has come: {do.__name__}", error)
            else:
                touched |= work.touched


def _tell(work: UnitOfWork, chat_id: int) -> None:
    chat = work.session.get(Conversation, chat_id, with_for_update={"key_share": True})
    if chat is not None:
        case_news.tell_waiting(work, chat)


def _warn(work: UnitOfWork, code: str) -> None:
    ticket = cases.locked(work.session, code)
    for warning in escalation.warn(work.session, ticket, local=work.services.local, now=work.now):
        notices.announce_warning(work, warning)
    notices.renew_cards(work, ticket)


def _expire(work: UnitOfWork, code: str) -> None:
    ticket = cases.locked(work.session, code)
    if ticket.state == TicketState.RESOLVED:  # the citizen may have spoken at this moment
        local = work.services.local
        moved = cases.move(work.session, ticket, "expire", by=SYSTEM, local=local, now=work.now)
        case_news.tell(work, moved)


def _apologise(work: UnitOfWork, chat_id: int) -> None:
    """Tell a citizen that nobody has come yet, once, and offer another way."""
    chat = handoff.locked_chat(work.session, chat_id)
    request = handoff.open_handoff(work.session, chat)
    if request is None or not handoff.is_unanswered(request, work.now):
        return
    request.apologised_at = work.now
    secret = request.reason == "denunciation"
    said = work.responses.say("utter_handoff_nobody_secret" if secret else "utter_handoff_nobody")
    work.post(chat, said, author=Author.SYSTEM)
    notices.announce_chat(work, "utter_staff_chat_unanswered", chat)
