"""What the staff group is told. Without a group nothing is posted; the staff page shows it all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.clock import Clock, shown
from bot.desk import cards
from bot.desk.group import staff_conversation
from bot.messages import Outgoing, StoredMedia
from bot.work import Services, UnitOfWork
from store.messages import Author, Conversation, OutboxMessage
from store.privacy import PrivacyRequest
from store.staff import Handoff, Officer
from store.tickets import Ticket

SAME_AGAIN = timedelta(minutes=10)
"""A note that nothing new has come after is not repeated within so long …"""

LOOKED_BACK = 30
"""… nor within so many messages of the group."""


def post_to_group(
    work: UnitOfWork,
    message: Outgoing,
    *,
    ticket: Ticket | None = None,
    about: Conversation | None = None,
) -> None:
    """Post in the staff group, if there is one."""
    group = staff_conversation(work.session, work.services.settings, now=work.now)
    if group is not None:
        work.post(
            group,
            message,
            author=Author.SYSTEM,
            ticket_id=ticket.id if ticket else None,
            about=about,
        )


def announce_ticket(work: UnitOfWork, ticket: Ticket) -> None:
    """The card of a new ticket, then the rest of a long text, then its pictures."""
    media = [cards.stored(item) for item in ticket.attachments]
    _post_all(
        work,
        [
            cards.ticket_card(work, ticket),
            *cards.rest_of_text(work, ticket),
            *cards.pictures(ticket.code, media),
        ],
        ticket,
    )


def announce_addition(
    work: UnitOfWork, ticket: Ticket, text: str, media: tuple[StoredMedia, ...]
) -> None:
    """More words or pictures of the citizen."""
    said = [*cards.addition(work, ticket, text), *cards.pictures(ticket.code, media)]
    _post_all(work, said, ticket)


def announce_withdrawal(work: UnitOfWork, ticket: Ticket) -> None:
    """The citizen took the ticket back."""
    renew_cards(work, ticket)
    _post_all(work, [work.responses.say("utter_staff_withdrawn", code=ticket.code)], ticket)


def announce_reopening(work: UnitOfWork, ticket: Ticket) -> None:
    """The citizen says that it is not done: a new card, for the old one lies far up."""
    said = work.responses.say("utter_staff_reopened", code=ticket.code)
    _post_all(work, [said, cards.ticket_card(work, ticket)], ticket)


def renew_cards(work: UnitOfWork, ticket: Ticket, *, pressed: str | None = None) -> None:
    """Put a ticket's new state and buttons into its cards.

    Args:
        pressed: the id of a card that an officer has just used, which may not have been noted.
    """
    group = staff_conversation(work.session, work.services.settings, now=work.now)
    if group is None:
        return
    rows = work.session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.ticket_id == ticket.id,
            OutboxMessage.conversation_id == group.id,
            OutboxMessage.external_id.is_not(None),
        )
    )
    known = [row.external_id for row in rows if row.payload.get("buttons")]
    card = cards.ticket_card(work, ticket)
    for message_id in dict.fromkeys([*known, pressed]):
        if message_id is not None:
            post_to_group(work, card.model_copy(update={"edit": message_id}), ticket=ticket)


def announce_handoff(work: UnitOfWork, handoff: Handoff) -> None:
    """A citizen asks for a person; of a denunciation nothing but that is said."""
    chat = work.session.get_one(Conversation, handoff.conversation_id)
    said = work.responses.say(
        f"utter_staff_handoff_{handoff.reason}",
        chat=chat.id,
        channel=cards.channel_label(work, chat),
    )
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
    why = f"utter_staff_why_{row.error}"
    if why not in work.responses.names:
        why = "utter_staff_why_refused"
    said = work.responses.say(
        "utter_staff_undelivered",
        about=ticket.code if ticket else cards.chat_label(work, chat),
        why=work.responses.text(why),
    )
    post_to_group(work, said, ticket=ticket, about=None if ticket else chat)
    return work.touched


def _post_all(work: UnitOfWork, messages: Iterable[Outgoing], ticket: Ticket) -> None:
    for message in messages:
        post_to_group(work, message, ticket=ticket)
