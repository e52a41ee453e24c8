"""What the staff's groups are told. Without one nothing is posted; the staff page shows it all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import escalation, groups
from actions.cases import Moved
from actions.escalation import Warning
from bot.clock import Clock, shown
from bot.desk import cards, pictures, topics
from bot.desk.deadline_words import deadline_name, left
from bot.desk.group import group_of, staff_conversation
from bot.desk.posting import post_to_group
from bot.desk.renewal import renew_cards, renew_forgotten_card
from bot.messages import Outgoing, StoredMedia
from bot.responses import Responses
from bot.work import Services, UnitOfWork
from store.cases import TicketDeadline
from store.messages import Author, Conversation, OutboxMessage
from store.privacy import PrivacyRequest
from store.staff import Handoff, Officer
from store.tickets import UNDER_WAY, Attachment, Ticket

__all__ = ["renew_cards", "renew_forgotten_card"]

SAME_AGAIN = timedelta(minutes=10)
"""A note that nothing new has come after is not repeated within so long …"""

LOOKED_BACK = 30
"""… nor within so many messages of the group."""


LATE = 100
"""Per cent of its time: from here on a deadline is missed."""

DUTY_LEVELS = frozenset({"duty", "leader"})
"""Whoever is there reads the duty group, and not that of an agency."""

COMES_BACK = frozenset({"dispute", "unmerge"})
"""Moves after which the ticket's old card lies far up."""


def announce_ticket(work: UnitOfWork, ticket: Ticket) -> None:
    """The card of a new ticket, then the rest of a long text, then its pictures."""
    if group_of(work, ticket) is None:
        return
    sent = [cards.stored(a) for a in ticket.attachments if a.purpose in pictures.FROM_CITIZENS]
    said = [_card(work, ticket), *cards.rest_of_text(work, ticket)]
    _post_all(work, [*said, *cards.pictures(ticket.code, sent)], ticket)


def announce_addition(
    work: UnitOfWork, ticket: Ticket, text: str, media: tuple[StoredMedia, ...]
) -> None:
    """More words or pictures of the citizen."""
    words = cards.addition(work, ticket, text) if text.strip() else []
    _post_all(work, [*words, *cards.pictures(ticket.code, media)], ticket)


def announce_move(work: UnitOfWork, moved: Moved) -> None:
    """What the group of the agency that has the ticket now hears of a move, and what came with it.

    Of what a citizen did it hears with the citizen's words and pictures; those to whom the ticket
    is new, or comes back, get a card.
    """
    ticket, move, by = moved.ticket, moved.move, moved.by.officer
    holder = work.session.get(Officer, ticket.officer_id) if ticket.officer_id else None
    said = work.responses.say(
        f"utter_staff_news_{move.name}",
        code=ticket.code,
        by=by.name if by else "",
        officer=holder.name if holder else work.responses.text("utter_staff_nobody"),
        agency=ticket.agency_name,
        text=moved.given.text.strip() if by else "",
    )
    _post_all(work, [said], ticket)
    if "above" in move.tells:
        _call_above(work, ticket, move.name)
    if move.name in COMES_BACK:
        _post_all(work, [_card(work, ticket)], ticket)
    elif _has_new_readers(work, moved):
        announce_ticket(work, ticket)
    if by is None:
        rows = [work.session.get_one(Attachment, n) for n in moved.given.attachment_ids]
        announce_addition(work, ticket, moved.given.text, tuple(cards.stored(r) for r in rows))


def announce_warning(work: UnitOfWork, warning: Warning) -> None:
    """So much of a deadline's time is gone: who is asked to see to it, and how long is left.

    From 100 per cent on it goes one level up; above the agency the duty group hears of it as well.
    """
    ticket = warning.ticket
    row = work.session.get_one(TicketDeadline, (ticket.id, warning.kind))
    said = work.responses.say(
        "utter_staff_warning_late" if warning.percent >= LATE else "utter_staff_warning",
        code=ticket.code,
        what=deadline_name(work, warning.kind),
        due=shown(row.due_at),
        left=left(work, row.due_at),
        percent=warning.percent,
        agency=ticket.agency_name,
        **_named(work, warning.level, warning.people),
    )
    _post_up_to(work, ticket, warning.level, said)
    renew_cards(work, ticket)


def announce_departure(work: UnitOfWork, group: Conversation, officer: Officer) -> None:
    """An officer has left a group: the tickets of that group that are still this officer's."""
    open_ones = work.session.scalars(
        select(Ticket).where(Ticket.officer_id == officer.id, UNDER_WAY).order_by(Ticket.id)
    )
    codes = [ticket.code for ticket in open_ones if group_of(work, ticket) == group]
    if codes:
        left_behind = ", ".join(codes)
        said = work.responses.say(
            "utter_staff_officer_left", officer=officer.name, codes=left_behind
        )
        work.post(group, said, author=Author.SYSTEM)


def _call_above(work: UnitOfWork, ticket: Ticket, why: str) -> None:
    """A move that somebody above must hear of brings the ticket one level up."""
    level, people = escalation.raise_level(work.session, ticket, why={"move": why}, now=work.now)
    said = work.responses.say(
        "utter_staff_called_above", code=ticket.code, **_named(work, level, people)
    )
    _post_up_to(work, ticket, level, said)


def _named(work: UnitOfWork, level: str, people: Sequence[Officer]) -> dict[str, str]:
    names = ", ".join(officer.name for officer in people)
    return {
        "level": work.responses.text(f"utter_staff_level_{level}"),
        "people": names or work.responses.text("utter_staff_nobody_there"),
    }


def _post_up_to(work: UnitOfWork, ticket: Ticket, level: str, said: Outgoing) -> None:
    """Post in the group that has the ticket, and, for who stands above it, in the duty group."""
    _post_all(work, [said], ticket)
    duty = staff_conversation(work.session, work.services.settings, now=work.now)
    if level in DUTY_LEVELS and duty is not None and group_of(work, ticket) != duty:
        work.post(duty, said, author=Author.SYSTEM, ticket_id=ticket.id)


def announce_handoff(work: UnitOfWork, handoff: Handoff) -> None:
    """A citizen asks for a person; of a denunciation nothing but that is said."""
    chat = work.session.get_one(Conversation, handoff.conversation_id)
    said = work.responses.say(
        f"utter_staff_handoff_{handoff.reason}",
        chat=chat.id,
        channel=cards.channel_label(work, chat),
    )
    topics.chat_begins(work, chat)
    post_to_group(work, said, about=chat)


def announce_chat(
    work: UnitOfWork, response: str, chat: Conversation, officer: Officer | None = None
) -> None:
    """What became of a chat that was handed over; not again while nothing else has happened."""
    said = work.responses.say(response, chat=chat.id, officer=officer.name if officer else "")
    if not said_last(work, said, about=chat):
        post_to_group(work, said, about=chat)


def said_last(work: UnitOfWork, message: Outgoing, *, about: Conversation) -> bool:
    """Whether the group's newest message about a chat says just this, and is fresh."""
    group = staff_conversation(work.session, work.services.settings, now=work.now)
    if group is None:
        return False
    latest = work.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.conversation_id == group.id)
        .order_by(OutboxMessage.id.desc())
        .limit(LOOKED_BACK)
    )
    newest = next((row for row in latest if row.about_conversation_id == about.id), None)
    return (
        newest is not None
        and newest.created_at > work.now - SAME_AGAIN
        and newest.payload.get("text") == message.text
    )


def announce_privacy_request(work: UnitOfWork, request: PrivacyRequest) -> None:
    """A request about personal data, with the day by which it must be done."""
    kind = work.responses.text(f"utter_staff_privacy_{request.kind}")
    said = work.responses.say(
        "utter_staff_privacy", number=request.id, kind=kind, due=shown(request.due_at)
    )
    post_to_group(work, said)


def announce_dead_letter(work: UnitOfWork, event_id: int) -> None:
    """An event could not be handled; the staff page can replay it."""
    post_to_group(work, work.responses.say("utter_staff_dead_letter", number=event_id))


def report_undelivered(
    session: Session, row: OutboxMessage, *, services: Services, clock: Clock
) -> set[int]:
    """Tell the group that an officer's words did not reach the citizen.

    Returns the chats that have something new to be sent.
    """
    if row.officer_id is None:
        return set()
    chat = session.get_one(Conversation, row.conversation_id)
    work = UnitOfWork(services, session, clock())
    ticket = session.get(Ticket, row.ticket_id) if row.ticket_id else None
    said = work.responses.say(
        "utter_staff_undelivered",
        about=ticket.code if ticket else cards.chat_label(work, chat),
        why=why_undelivered(work.responses, row.error),
    )
    post_to_group(work, said, ticket=ticket, about=None if ticket else chat)
    return work.touched


def why_undelivered(responses: Responses, error: str | None) -> str:
    """Why a message did not reach the citizen, in words."""
    name = f"utter_staff_why_{error}"
    return responses.text(name if name in responses.names else "utter_staff_why_refused")


def _has_new_readers(work: UnitOfWork, moved: Moved) -> bool:
    """Whether the ticket came from an agency with another group."""
    left = moved.event.detail.get("from_agency")
    if left is None or moved.by.officer is None:
        return False
    before = groups.group_of_agency(work.session, left)
    return before != groups.group_of_agency(work.session, moved.ticket.agency_code)


def _card(work: UnitOfWork, ticket: Ticket) -> Outgoing:
    return cards.ticket_card(work, ticket).model_copy(update={"pin": True})


def _post_all(work: UnitOfWork, messages: Iterable[Outgoing], ticket: Ticket) -> None:
    for message in messages:
        post_to_group(work, message, ticket=ticket)
