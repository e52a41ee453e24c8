"""The staff's Telegram group: which one it is now, and its row among the conversations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.settings import Settings
from store.messages import ChannelSecret, Conversation, ConversationMode, ConversationRole

_NAME = "telegram_staff_chat_id"
CHANNEL = "telegram"


def staff_chat_id(session: Session, settings: Settings) -> int | None:
    """The group's present id: the one it got as a supergroup, else the setting; None without one.

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


def follow(session: Session, settings: Settings, new_id: int, *, now: datetime) -> None:
    """Remember that the group became a supergroup with a new id."""
    session.merge(
        ChannelSecret(
            name=_NAME, value=f"{settings.telegram_staff_chat_id} {new_id}", updated_at=now
        )
    )


def staff_conversation(
    session: Session, settings: Settings, *, now: datetime
) -> Conversation | None:
    """The row of the staff group, made when it is first needed; None where no group is set."""
    chat_id = staff_chat_id(session, settings)
    if chat_id is None:
        return None
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
