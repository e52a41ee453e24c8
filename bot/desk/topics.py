"""Topics of a group: one for each ticket and for each chat that was handed over.

The row is made here, inside the turn; the sender opens the topic in the group when the first
message goes there. A group without topics gets none: everything is said in the group itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.desk.group import group_of, staff_conversation
from bot.desk.subjects import Subject
from bot.messages import Outgoing
from bot.work import UnitOfWork
from store.groups import Topic
from store.messages import Author, Conversation
from store.tickets import Ticket, TicketState

NAME_LIMIT = 128
"""Characters that Telegram takes (`telegram.constants.ForumTopicLimit`)."""

SUPERGROUPS_BELOW = -1_000_000_000_000
"""Ids of supergroups lie below this; other groups have no topics."""

TRY_AGAIN = timedelta(hours=1)
"""A group that could take no topic is tried again after so long: it may have some by then."""

OVER = frozenset(
    {TicketState.CLOSED, TicketState.REJECTED, TicketState.MERGED, TicketState.WITHDRAWN}
)
"""States whose tickets need their topic no more. Of an answered one the citizen has yet to say
whether it is done, so its topic stays."""

_OFF_AT = "topics_off_at"
"""In the state of a group: since when no topic could be opened there."""


def of_ticket(work: UnitOfWork, ticket: Ticket) -> Topic | None:
    """The topic of a ticket in the group of the agency that has it; None in one without topics."""
    group = group_of(work, ticket)
    if group is None or not _has_topics(group, work.now):
        return None
    commune = work.services.local.commune(ticket.commune_code) if ticket.commune_code else None
    parts = (
        ticket.code,
        work.services.local.category_label(ticket.category),
        commune.name if commune else None,
    )
    name = " · ".join(part for part in parts if part)
    return _topic(work, group, Topic.ticket_id == ticket.id, ticket_id=ticket.id, name=name)


def of_chat(work: UnitOfWork, chat: Conversation) -> Topic | None:
    """The topic of a chat in the duty group; None in one without topics."""
    group = staff_conversation(work.session, work.services.settings, now=work.now)
    if group is None or not _has_topics(group, work.now):
        return None
    name = work.responses.text("utter_staff_chat_topic", chat=chat.id)
    about = Topic.about_conversation_id == chat.id
    return _topic(work, group, about, about_conversation_id=chat.id, name=name)


def subject_of_thread(work: UnitOfWork, group: Conversation, thread_id: str) -> Subject | None:
    """The ticket or the chat that a topic is about; None for a topic that is none of ours."""
    topic = work.session.scalar(
        select(Topic).where(Topic.conversation_id == group.id, Topic.thread_id == thread_id)
    )
    if topic is None:
        return None
    if topic.ticket_id is not None:
        return Subject(code=work.session.get_one(Ticket, topic.ticket_id).code)
    return Subject(chat=topic.about_conversation_id)


def keep_true(work: UnitOfWork, ticket: Ticket, every: Sequence[Topic]) -> None:
    """Close those of a ticket's topics that it needs no more, and open again the one it needs.

    To be called last, after all that is said of a move: who reads the group sees it in that order.
    """
    group = group_of(work, ticket)
    for topic in every:
        here = group is not None and topic.conversation_id == group.id
        _set(work, topic, is_open=here and ticket.state not in OVER)


def chat_is_over(work: UnitOfWork, chat: Conversation) -> None:
    """The bot has a chat again: its topic is closed."""
    _set_of_chat(work, chat, is_open=False)


def chat_begins(work: UnitOfWork, chat: Conversation) -> None:
    """A chat is handed over, perhaps not for the first time: its topic is open."""
    _set_of_chat(work, chat, is_open=True)


def note_none(work: UnitOfWork, group: Conversation) -> bool:
    """Note that no topic could be opened in a group; False when that is known already."""
    news = _OFF_AT not in group.state
    group.state = {**group.state, _OFF_AT: work.now.isoformat()}
    return news


def may_have_some(group: Conversation) -> None:
    """What the bot may do in a group has changed: the next message tries to open a topic."""
    group.state = {name: value for name, value in group.state.items() if name != _OFF_AT}


def _has_topics(group: Conversation, now: datetime) -> bool:
    """Whether topics can be opened in a group, as far as is known."""
    if int(group.chat_id) > SUPERGROUPS_BELOW:
        return False
    off_at = group.state.get(_OFF_AT)
    return off_at is None or datetime.fromisoformat(off_at) + TRY_AGAIN <= now


def _topic(
    work: UnitOfWork,
    group: Conversation,
    about: ColumnElement[bool],
    *,
    name: str,
    **whose: int,
) -> Topic:
    found = select(Topic).where(Topic.conversation_id == group.id, about)
    topic = work.session.scalar(found)
    if topic is None:
        # Another turn may make it at the same moment.
        sqlite_used = work.session.get_bind().dialect.name == "sqlite"
        insert = sqlite.insert if sqlite_used else postgresql.insert
        values = {"conversation_id": group.id, "name": name[:NAME_LIMIT], **whose}
        work.session.execute(insert(Topic).values(values).on_conflict_do_nothing())
        topic = work.session.scalars(found).one()
    return topic


def _set_of_chat(work: UnitOfWork, chat: Conversation, *, is_open: bool) -> None:
    for topic in work.session.scalars(select(Topic).where(Topic.about_conversation_id == chat.id)):
        _set(work, topic, is_open=is_open)


def _set(work: UnitOfWork, topic: Topic, *, is_open: bool) -> None:
    if is_open == (topic.closed_at is None):
        return
    topic.closed_at = None if is_open else work.now
    work.post(
        work.session.get_one(Conversation, topic.conversation_id),
        Outgoing(topic_is="open" if is_open else "closed"),
        author=Author.SYSTEM,
        ticket_id=topic.ticket_id,
        topic=topic,
    )
