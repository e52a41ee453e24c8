"""Keeps cards true: whoever moves a ticket, wherever, its cards show it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from bot.desk import cards, topics
from bot.desk.group import group_of
from bot.messages import Outgoing
from bot.work import UnitOfWork
from store.groups import Topic
from store.messages import Author, Conversation, ConversationRole, OutboxMessage
from store.tickets import Ticket

Place = tuple[int, str]
"""A conversation's number, and the messenger's id of a message there."""

# Built once: building a statement costs more than running it.
_TOPICS = select(Topic).where(Topic.ticket_id == bindparam("ticket")).order_by(Topic.id)
_SAID_TO_STAFF = (
    select(
        OutboxMessage.conversation_id,
        OutboxMessage.external_id,
        OutboxMessage.payload,
        OutboxMessage.topic_id,
    )
    .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
    .where(
        OutboxMessage.ticket_id == bindparam("ticket"),
        OutboxMessage.external_id.is_not(None),
        Conversation.role == ConversationRole.STAFF,
    )
    .order_by(OutboxMessage.id)
)


def renew_cards(work: UnitOfWork, ticket: Ticket, *, pressed: Place | None = None) -> None:
    """Put a ticket's state and buttons into its cards, and open or close its topic.

    The card of a group whose agency has the ticket no more loses its buttons.

    Args:
        pressed: a card that an officer has just used, which may not have been noted.
    """
    every = work.session.scalars(_TOPICS, {"ticket": ticket.id}).all()
    # That of its agency, and one that the ticket has just left.
    live = [topic for topic in every if topic.closed_at is None]
    loose = _known(work, ticket, but=live)
    if pressed is not None and pressed not in _known(work, ticket, but=[]):
        loose.append(pressed)
    for place in dict.fromkeys(loose):
        _edit(work, ticket, place)
    for topic in live:
        card = _card_in(work, ticket, topic.conversation_id).model_copy(update={"pin": True})
        group = work.session.get_one(Conversation, topic.conversation_id)
        work.post(group, card, author=Author.SYSTEM, ticket_id=ticket.id, topic=topic)
    topics.keep_true(work, ticket, every)


def renew_forgotten_card(work: UnitOfWork, ticket: Ticket, pressed: Place | None) -> None:
    """Renew a card that was pressed though it is not noted where it stands."""
    if pressed is not None and pressed not in _known(work, ticket, but=[]):
        _edit(work, ticket, pressed)


def _edit(work: UnitOfWork, ticket: Ticket, place: Place) -> None:
    card = _card_in(work, ticket, place[0]).model_copy(update={"edit": place[1]})
    chat = work.session.get_one(Conversation, place[0])
    work.post(chat, card, author=Author.SYSTEM, ticket_id=ticket.id)


def _card_in(work: UnitOfWork, ticket: Ticket, conversation_id: int) -> Outgoing:
    group = group_of(work, ticket)
    here = group is not None and group.id == conversation_id
    return cards.ticket_card(work, ticket, here=here)


def _known(work: UnitOfWork, ticket: Ticket, *, but: Sequence[Topic]) -> list[Place]:
    """Where the ticket's cards stand, but for those of some topics, which keep their own."""
    rows = work.session.execute(_SAID_TO_STAFF, {"ticket": ticket.id})
    kept_elsewhere = {topic.id for topic in but}
    return [
        (row.conversation_id, row.external_id)
        for row in rows
        if row.external_id and cards.is_card(row.payload)
        if row.topic_id not in kept_elsewhere
    ]
