"""One ticket with everything that its page shows, read in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from actions import (
    addressees,
    cases,
    consents,
    duplicates,
    following,
    groups,
    handoff,
    rights,
    similar,
    tickets,
)
from actions.local_facts import AgencyFact
from actions.moves import Move
from actions.rights import Right
from bot.desk import suggestions
from bot.desk.cards import merged_codes, urgency_quotes
from bot.desk.pictures import AFTER, FROM_CITIZENS
from bot.desk.suggestions import Suggestion
from bot.staff_pages import ticket_clocks, ticket_history, ticket_map, ticket_messages, ticket_talk
from bot.staff_pages.ticket_clocks import Bar
from bot.staff_pages.ticket_history import Step
from bot.staff_pages.ticket_map import Map
from bot.staff_pages.ticket_messages import ToCome, Told
from bot.staff_pages.ticket_talk import Talk
from bot.work import UnitOfWork
from store.local import Commune
from store.staff import Officer
from store.tickets import Attachment, Ticket, TicketState


@dataclass(frozen=True)
class Reporter:
    """Who sent the ticket: read only when asked for, which is noted.

    Name and number are None unless there is a consent to keep them that still holds.
    """

    name: str | None
    phone: str | None
    chat: int | None
    """The number of their chat; None while it is about something that is tied to no ticket."""
    with_staff: bool
    """Whether an officer has that chat, or is to have it: then it can be opened."""


@dataclass(frozen=True)
class Work:
    """What the officer may do with the ticket as it is, and what to choose from."""

    moves: list[Move]
    may_write: bool
    may_note: bool
    may_see_reporter: bool
    officers: Sequence[Officer]
    gone: frozenset[int]
    """Those of the officers who have left the agency's group, by their ids."""
    agencies: list[AgencyFact]
    likely: list[Ticket]
    """Open tickets that may be about the same thing."""
    canned: list[Suggestion]
    similar: list[Ticket]
    """Answered tickets with texts like this one's."""
    needs_photo: bool
    """An answer needs a photo of afterwards."""


@dataclass(frozen=True)
class TicketView:
    ticket: Ticket
    state: str
    open: bool
    commune: str | None
    officer: str | None
    has_contact: bool
    """Whether the citizen has left a name or a number that may be kept."""
    reporter: Reporter | None
    """None until asked for."""
    urgency_quotes: str
    map: Map | None
    before: list[Attachment]
    """What citizens sent."""
    after: list[Attachment]
    """What staff show of what was done."""
    bars: list[Bar]
    """The deadlines; of a ticket whose clocks are stopped none."""
    steps: list[Step]
    version: int
    """The id of the newest event: forms carry it, so that a form sent twice is noticed."""
    merged_into: str | None
    """The code of the ticket that this one was merged into."""
    merged: list[str]
    """The codes of those that were merged into this one."""
    followers: int
    channel: str
    reachable: bool
    """Whether the citizen can be written to: the channel is on, and has not refused the chat."""
    messages: list[Told]
    """What was said to the citizen, the newest first."""
    to_come: list[ToCome]
    """What the citizen is to hear later."""
    talk: Talk
    work: Work


def read(
    work: UnitOfWork, code: str, officer: Officer, *, with_reporter: bool = False
) -> TicketView:
    """The ticket with this code, as an officer sees it.

    Args:
        with_reporter: with who sent it; that the officer may know, and has asked, is seen to and
            noted before.

    Raises:
        TicketNotFound: there is none that this officer may see.
    """
    session, services = work.session, work.services
    ticket = rights.in_sight(officer, tickets.find_by_code(session, code))
    chat = ticket.conversation
    commune = session.get(Commune, ticket.commune_code) if ticket.commune_code else None
    holder = session.get(Officer, ticket.officer_id) if ticket.officer_id else None
    into = session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None
    events = list(ticket.events)
    state = services.local.moves.states[TicketState(ticket.state)]
    return TicketView(
        ticket=ticket,
        state=state.label,
        open=state.open,
        commune=commune.name if commune else None,
        officer=holder.name if holder else None,
        has_contact=consents.contact_may_be_shown(session, ticket),
        reporter=_reporter(session, ticket) if with_reporter else None,
        urgency_quotes=urgency_quotes(ticket),
        map=ticket_map.of_ticket(ticket, services.settings, services.local),
        before=[a for a in ticket.attachments if a.purpose in FROM_CITIZENS],
        after=[a for a in ticket.attachments if a.purpose == AFTER],
        bars=ticket_clocks.bars(session, ticket, services.local, work.now)
        if state.clock != "stopped"
        else [],
        steps=ticket_history.steps(session, events, ticket.attachments, services.local),
        version=events[-1].id if events else 0,
        merged_into=into.code if into else None,
        merged=merged_codes(work, ticket),
        followers=len(following.followers(session, ticket)),
        channel=chat.channel,
        reachable=chat.channel in services.capabilities and not chat.unreachable,
        messages=ticket_messages.told(work, ticket),
        to_come=ticket_messages.to_come(work, ticket),
        talk=ticket_talk.of_ticket(work, ticket, officer),
        work=_work(work, ticket, officer),
    )


def _work(work: UnitOfWork, ticket: Ticket, officer: Officer) -> Work:
    session, local = work.session, work.services.local
    by = cases.by_officer(officer)
    moves = cases.allowed(ticket, by, local)
    needs = {need for move in moves for need in move.needs}
    may_act = cases.may_act(ticket, by)
    like = (
        duplicates.of_ticket(session, ticket, local=local, now=work.now)
        if "target" in needs
        else []
    )
    officers = addressees.officers(session, ticket, work.now) if "officer" in needs else ()
    return Work(
        moves=moves,
        may_write=may_act and ticket.state != TicketState.WITHDRAWN,
        may_note=may_act,
        may_see_reporter=may_act and rights.has(officer, Right.REPORTER),
        officers=officers,
        gone=groups.gone(session, officers, groups.group_of_agency(session, ticket.agency_code)),
        agencies=addressees.agencies(local, ticket) if "agency" in needs else [],
        likely=[one.ticket for one in like if rights.sees(officer, one.ticket)],
        canned=suggestions.of_ticket(work, ticket, officer) if moves else [],
        similar=_similar(session, ticket, officer) if moves else [],
        needs_photo=ticket.category in local.moves.after_photo_for,
    )


def _similar(session: Session, ticket: Ticket, officer: Officer) -> list[Ticket]:
    found = similar.resolved(session, ticket, among=rights.sight(officer))
    return [one.ticket for one in found]


def _reporter(session: Session, ticket: Ticket) -> Reporter:
    known = consents.contact_may_be_shown(session, ticket)
    under_way = handoff.open_handoff(session, ticket.conversation)
    secret = under_way is not None and handoff.is_secret(under_way)
    return Reporter(
        name=ticket.contact_name if known else None,
        phone=ticket.contact_phone if known else None,
        chat=None if secret else ticket.conversation_id,
        with_staff=under_way is not None and not secret,
    )
