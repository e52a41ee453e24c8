"""Where something is said to staff: in the group that it concerns, and in the topic there."""

from __future__ import annotations

from sqlalchemy import select

from bot.desk import topics
from bot.desk.group import group_of, staff_conversation
from bot.messages import Outgoing
from bot.turn import Turn
from bot.work import UnitOfWork
from store.groups import Topic
from store.messages import Author, Conversation
from store.tickets import Ticket


def post_to_group(
    work: UnitOfWork,
    message: Outgoing,
    *,
    ticket: Ticket | None = None,
    about: Conversation | None = None,
) -> None:
    """Post in the group of the agency that has the ticket, else in the duty group, if there is one.

    Args:
        about: the citizen's chat that it concerns; such chats are the duty group's.
    """
    if ticket is not None:
        group, topic = group_of(work, ticket), topics.of_ticket(work, ticket)
    else:
        group = staff_conversation(work.session, work.services.settings, now=work.now)
        topic = topics.of_chat(work, about) if about is not None else None
    if group is not None:
        work.post(
            group,
            message,
            author=Author.SYSTEM,
            ticket_id=ticket.id if ticket else None,
            about=about,
            topic=topic,
        )


def answer(turn: Turn, message: Outgoing, *, ticket: Ticket | None = None) -> None:
    """Answer an officer where the officer is: as a reply to what was written, or to the card.

    Args:
        ticket: what a reply to this answer is about; without one it is for nobody.
    """
    group = turn.incoming.group
    if message.edit is None:
        message = message.model_copy(update={"reply_to": group.message_id if group else None})
    turn.post(
        turn.conversation,
        message,
        author=Author.SYSTEM,
        ticket_id=ticket.id if ticket else None,
        topic=_topic_here(turn),
    )


def _topic_here(turn: Turn) -> Topic | None:
    group = turn.incoming.group
    if group is None or group.topic is None:
        return None
    return turn.session.scalar(
        select(Topic).where(
            Topic.conversation_id == turn.conversation.id, Topic.thread_id == group.topic
        )
    )
