"""The one way in which a ticket gets from one state to another.

`move` looks the move up in the table, sees who makes it and that nothing is missing, changes the
ticket, its clocks and its history, and says who is to hear of it. Telling them is the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from actions import clocks, search
from actions.local_facts import AgencyFact, LocalFacts
from actions.moves import Move
from actions.tickets import NEW_EVENT, TicketNotFound
from store.messages import Conversation
from store.staff import Officer, OfficerRole
from store.tickets import Ticket, TicketEvent, TicketState

_RANKS = {
    OfficerRole.OFFICER: frozenset({"officer"}),
    OfficerRole.LEAD: frozenset({"officer", "lead"}),
    OfficerRole.DUTY: frozenset({"officer", "lead", "duty"}),
    OfficerRole.ADMIN: frozenset({"officer", "lead", "duty"}),
    OfficerRole.LEADER: frozenset[str](),
}
"""What the table calls those who hold a role."""

ACROSS_AGENCIES = frozenset({OfficerRole.DUTY, OfficerRole.ADMIN})
"""Roles whose business the tickets of every agency are."""

# Built once: building a statement costs more than running it.
_LOCKED = (
    select(Conversation, Ticket)
    .join(Ticket, Ticket.conversation_id == Conversation.id)
    .where(Ticket.code == bindparam("code"))
    .with_for_update(key_share=True, of=[Conversation, Ticket])
    .execution_options(populate_existing=True)  # not as read before the lock
)


class MoveNotAllowed(Exception):
    """The state of the ticket does not allow this move."""

    def __init__(self, ticket: Ticket, move: Move) -> None:
        super().__init__(f"{ticket.code}: {move.name} from {ticket.state}")
        self.state = TicketState(ticket.state)
        self.move = move


class MoveForbidden(Exception):
    """Whoever tries it has not the role for it, or another agency has the ticket."""


class TicketTaken(Exception):
    """Another officer has the ticket already."""

    def __init__(self, officer: Officer) -> None:
        super().__init__(officer.username)
        self.officer = officer


class OfficerAway(Exception):
    """The officer who is to have the ticket is on leave, or works here no more."""

    def __init__(self, officer: Officer) -> None:
        super().__init__(officer.username)
        self.officer = officer


class SomethingMissing(ValueError):
    """The move needs something that was not given; each kind has a name of its own."""


class AnswerMissing(SomethingMissing):
    """There is not a word in it."""


class AnswerSaysNothing(SomethingMissing):
    """An answer that closes a ticket must tell what was done."""


class PhotoMissing(SomethingMissing):
    """Closing a report that somebody goes out for takes a photo of afterwards."""


class ReasonMissing(SomethingMissing):
    """The citizen or the colleagues are to read why."""


class OfficerMissing(SomethingMissing):
    """Nobody was named to have it, or somebody whose business it is not."""


class AgencyMissing(SomethingMissing):
    """No agency was named, or the one that has it already."""


class TargetUnfit(SomethingMissing):
    """A ticket is merged into another one that is open, and not into itself."""


@dataclass(frozen=True)
class Actor:
    """Who makes a move: an officer, the citizen who sent the ticket, or, of itself, the system."""

    kind: str
    officer: Officer | None = None

    @property
    def ranks(self) -> frozenset[str]:
        if self.officer is not None:
            return _RANKS[OfficerRole(self.officer.role)]
        return frozenset({"reporter" if self.kind == "citizen" else "system"})


CITIZEN = Actor("citizen")
SYSTEM = Actor("system")


def by_officer(officer: Officer) -> Actor:
    return Actor("officer", officer)


@dataclass(frozen=True)
class Given:
    """What comes with a move: words, photos, and whom or what it names.

    `text` is the answer, the question, the reason or what the citizen says. `attachment_ids` are
    pictures already kept for the ticket; `photos` says how many of them are photos.
    """

    text: str = ""
    attachment_ids: tuple[int, ...] = ()
    photos: int = 0
    officer: Officer | None = None
    agency: AgencyFact | None = None
    target: Ticket | None = None


NOTHING = Given()


@dataclass(frozen=True)
class Moved:
    """A move that was made: what to tell (`move.tells`), and the event that it left."""

    ticket: Ticket
    move: Move
    event: TicketEvent
    given: Given
    by: Actor


def locked(session: Session, code: str) -> Ticket:
    """The ticket, with the citizen's chat locked first and then itself.

    In that order, as a turn does: what the citizen and other officers do waits until this
    transaction has ended. Rows that refer to the two may still be written. PostgreSQL locks the
    rows of a join in the order in which they are named, each as it is once it can be locked.

    Raises:
        TicketNotFound: no ticket has this code.
    """
    found = session.execute(_LOCKED, {"code": code}).one_or_none()
    if found is None:
        raise TicketNotFound(code)
    chat, ticket = found
    set_committed_value(ticket, "conversation", chat)
    return ticket


def allowed(ticket: Ticket, by: Actor, local: LocalFacts) -> list[Move]:
    """The moves that somebody may make with the ticket as it is, in the order of the table."""
    if not _is_business_of(ticket, by):
        return []
    return [move for move in local.moves.from_state(ticket.state) if move.who & by.ranks]


def may_act(ticket: Ticket, by: Actor) -> bool:
    """Whether the ticket is somebody's business at all."""
    return bool(by.ranks) and _is_business_of(ticket, by)


def move(
    session: Session,
    ticket: Ticket,
    name: str,
    *,
    by: Actor,
    given: Given = NOTHING,
    local: LocalFacts,
    now: datetime,
) -> Moved:
    """Make a move of the table; of a ticket that others may touch too, `locked` comes first.

    Raises:
        MoveNotAllowed: the ticket's state does not allow it.
        MoveForbidden: it is not for whoever makes it.
        TicketTaken: a colleague has the ticket, and the move would take it.
        OfficerAway: whoever is named is on leave.
        SomethingMissing: one of its kinds.
    """
    wanted = local.moves.moves[name]
    if ticket.state not in wanted.origins:
        raise MoveNotAllowed(ticket, wanted)
    if not wanted.who & by.ranks or not _is_business_of(ticket, by):
        raise MoveForbidden(f"{name} of {ticket.code}")
    _see_that_nobody_else_has_it(session, ticket, wanted, by)
    _see_that_nothing_is_missing(ticket, wanted, given, local, now)
    before = TicketState(ticket.state)
    detail = _detail(ticket, given)
    detail |= clocks.tick(session, ticket, wanted, local=local, now=now)
    ticket.state = wanted.to
    _hand_over(ticket, wanted, by, given)
    _note_the_result(ticket, wanted, given, local, now)
    event = record(session, ticket, name, by=by, now=now, detail=detail, states=(before, wanted.to))
    return Moved(ticket, wanted, event, given, by)


def record(
    session: Session,
    ticket: Ticket,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    detail: dict[str, Any] | None = None,
    states: tuple[TicketState, TicketState] | None = None,
) -> TicketEvent:
    """Add an event to the ticket's history, after what has been done to the ticket so far.

    The row is written by a statement: what is returned tells of it and belongs to no session.
    """
    event = {
        "ticket_id": ticket.id,
        "at": now,
        "kind": kind,
        "from_state": states[0] if states else None,
        "to_state": states[1] if states else None,
        "actor": by.kind,
        "officer_id": by.officer.id if by.officer else None,
        "detail": detail or {},
    }
    session.flush()
    return TicketEvent(id=session.scalars(NEW_EVENT, event).one(), **event)


def _is_business_of(ticket: Ticket, by: Actor) -> bool:
    officer = by.officer
    return (
        officer is None
        or officer.agency_code in (None, ticket.agency_code)
        or OfficerRole(officer.role) in ACROSS_AGENCIES
    )


def _see_that_nobody_else_has_it(session: Session, ticket: Ticket, wanted: Move, by: Actor) -> None:
    """Taking what a colleague has is refused, unless one stands above them; helping out is not."""
    if wanted.name != "start" or ticket.officer_id is None or by.officer is None:
        return
    if ticket.officer_id != by.officer.id and "lead" not in by.ranks:
        raise TicketTaken(session.get_one(Officer, ticket.officer_id))


def _see_that_nothing_is_missing(
    ticket: Ticket, wanted: Move, given: Given, local: LocalFacts, now: datetime
) -> None:
    needs, words = wanted.needs, given.text.strip()
    if needs & {"answer", "text"} and not words:
        raise AnswerMissing
    if "reason" in needs and not words:
        raise ReasonMissing
    if "answer" in needs and not local.moves.says_something(words):
        raise AnswerSaysNothing
    if "after_photo" in needs and ticket.category in local.moves.after_photo_for:
        if not given.photos:
            raise PhotoMissing
    if "officer" in needs:
        if given.officer is None or not may_act(ticket, by_officer(given.officer)):
            raise OfficerMissing
        if not is_at_work(given.officer, now):
            raise OfficerAway(given.officer)
    if "agency" in needs and (given.agency is None or given.agency.code == ticket.agency_code):
        raise AgencyMissing
    if "target" in needs:
        target = given.target
        if target is None or target.id == ticket.id or not local.moves.is_open(target):
            raise TargetUnfit


def is_at_work(officer: Officer, now: datetime) -> bool:
    """Whether an officer can be given work: active, and not on leave."""
    return officer.active and (officer.away_until is None or officer.away_until <= now)


def _hand_over(ticket: Ticket, wanted: Move, by: Actor, given: Given) -> None:
    if wanted.holder == "nobody":
        ticket.officer_id = None
    elif wanted.holder == "given" and given.officer is not None:
        ticket.officer_id = given.officer.id
    elif wanted.holder == "by" and by.officer is not None:
        ticket.officer_id = by.officer.id
    if given.agency is not None and "agency" in wanted.needs:
        ticket.agency_code, ticket.agency_name = given.agency.code, given.agency.name
        ticket.team_code = None
        ticket.escalation = 0


def _note_the_result(
    ticket: Ticket, wanted: Move, given: Given, local: LocalFacts, now: datetime
) -> None:
    if wanted.to == TicketState.RESOLVED:
        ticket.answer, ticket.resolved_at = given.text.strip(), now
    elif wanted.to == TicketState.REJECTED:
        ticket.answer, ticket.closed_at = given.text.strip(), now
    elif wanted.to == TicketState.MERGED:
        ticket.merged_into_id = given.target.id if given.target else None
    elif wanted.to in (TicketState.CLOSED, TicketState.WITHDRAWN):
        ticket.closed_at = now
    elif wanted.to == TicketState.REOPENED:
        ticket.closed_at = ticket.resolved_at = None
        ticket.reopened += 1
    if wanted.to in (TicketState.RESOLVED, TicketState.REJECTED):
        ticket.answered_days = local.calendar.worked_days(ticket.created_at, now)
        ticket.search_text = search.text_of(ticket)
    elif wanted.to == TicketState.REOPENED:
        ticket.answered_days = None
    if wanted.name == "unmerge":
        ticket.merged_into_id = None


def _detail(ticket: Ticket, given: Given) -> dict[str, Any]:
    """What the history keeps of a move besides who and when."""
    detail: dict[str, Any] = {}
    if given.text.strip():
        detail["text"] = given.text.strip()
    if given.attachment_ids:
        detail["attachments"] = list(given.attachment_ids)
    if given.officer is not None:
        detail["officer"] = given.officer.id
    if given.agency is not None:
        detail |= {"agency": given.agency.code, "from_agency": ticket.agency_code}
    if given.target is not None:
        detail["target"] = given.target.code
    return detail
