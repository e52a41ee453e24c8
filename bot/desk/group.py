"""The staff's Telegram groups: which there are, and which of them a ticket belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from actions import groups
from bot.settings import Settings
from bot.work import UnitOfWork
from store.messages import ChannelSecret, Conversation, ConversationMode, ConversationRole
from store.tickets import Ticket

_NAME = "telegram_staff_chat_id"
CHANNEL = "telegram"


def staff_chat_id(session: Session, settings: Settings) -> int | None:
    """The duty group's present id: the one it got as a supergroup, else the setting; None without.

    What was kept counts only for the setting it was kept for: a new setting is a new group.
    """
    configured = settings.telegram_staff_chat_id
    if configured is None or not settings.telegram_on:
        return None
    kept = session.get(ChannelSecret, _NAME)
    if kept is not None:
        since, _, now = kept.value.partition(" ")
        if since == str(configured):
            return int(now)
    return configured


def chat_ids(session: Session, settings: Settings) -> frozenset[int]:
    """The present ids of the duty group and of every agency's group."""
    duty = staff_chat_id(session, settings)
    linked = {int(chat_id) for chat_id in groups.chat_ids(session)}
    return frozenset(linked | ({duty} if duty is not None else set()))


def is_ours(work: UnitOfWork, group: Conversation) -> bool:
    """Whether a group is the duty's or an agency's, and not one that is yet to be linked."""
    duty = staff_chat_id(work.session, work.services.settings)
    return group.chat_id == str(duty) or bool(groups.agencies_of(work.session, group))


def group_of(work: UnitOfWork, ticket: Ticket) -> Conversation | None:
    """The group of the agency that has a ticket, else the duty group; None without either."""
    if not work.services.settings.telegram_on:
        return None
    own = groups.group_of_agency(work.session, ticket.agency_code)
    return own or staff_conversation(work.session, work.services.settings, now=work.now)


def staff_conversation(
    session: Session, settings: Settings, *, now: datetime
) -> Conversation | None:
    """The row of the duty group, made when it is first needed; None where no group is set."""
    chat_id = staff_chat_id(session, settings)
    return None if chat_id is None else _conversation(session, chat_id, now)


def follow(work: UnitOfWork, old: Conversation, new_id: int) -> None:
    """Remember that a group became a supergroup with a new id."""
    settings = work.services.settings
    if old.chat_id == str(staff_chat_id(work.session, settings)):
        value = f"{settings.telegram_staff_chat_id} {new_id}"
        work.session.merge(ChannelSecret(name=_NAME, value=value, updated_at=work.now))
    if groups.agencies_of(work.session, old):
        groups.move(work.session, old, _conversation(work.session, new_id, work.now))


def _conversation(session: Session, chat_id: int, now: datetime) -> Conversation:
    by_chat = select(Conversation).where(
        Conversation.channel == CHANNEL, Conversation.chat_id == str(chat_id)
    )
    found = session.scalar(by_chat)
    if found is None:
        # Another turn may make it at the same moment.
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        session.execute(
            insert(Conversation)
            .values(
                channel=CHANNEL,
                chat_id=str(chat_id),
                role=ConversationRole.STAFF,
                mode=ConversationMode.BOT,
                state={},
                unreachable=False,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["channel", "chat_id"])
        )
        found = session.scalars(by_chat).one()
    return found
