"""Reads Telegram's updates: one `Incoming` for each that concerns the conversation, else None."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update
from telegram.constants import ChatMemberStatus, ChatType

from bot.documents import TYPES
from bot.messages import Contact, GroupContext, Incoming, Kind, Location, MediaKind, MediaRef
from bot.storable import storable

CHANNEL = "telegram"

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
)
"""What Telegram is asked to send; the rest (channel posts, inline queries …) never comes."""

HERE = frozenset({ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER})
"""Standings of those who are in a group; a restricted account says itself whether it is."""

UPDATE_ID_LIMIT = 2**63
"""The database keeps update ids as 64-bit integers."""

DOCUMENTS: Mapping[str, MediaKind] = {
    "image/jpeg": "photo",
    "image/png": "photo",
    "image/webp": "photo",
    "video/mp4": "video",
    "video/quicktime": "video",
    **dict.fromkeys(TYPES.values(), "file"),
}
"""What is sent "as a file": documents, and photos and videos that are to keep their quality."""

_START = re.compile(r"/start(?:@\w+)?(?:\s+(?P<payload>\S+))?\s*")


class UnreadableUpdate(ValueError):
    """An update that is not of the Bot API's form."""


def read_update(update: Mapping[str, Any]) -> Update:
    """The update as python-telegram-bot's object.

    Raises:
        UnreadableUpdate: it has no usable update_id, or its parts are not of the form.
    """
    number = update.get("update_id")
    if type(number) is not int or not 0 <= number < UPDATE_ID_LIMIT:
        raise UnreadableUpdate("update_id")
    try:
        parsed = Update.de_json(dict(update), None)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise UnreadableUpdate(type(error).__name__) from None
    return parsed


def group_of(update: Update) -> int | None:
    """The id of the group that an update comes from; None for private chats and channels."""
    chat = update.effective_chat
    if chat is None or chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        return None
    return chat.id


def incoming(update: Update, now: datetime) -> Incoming | None:
    """What a person did, or None for what the conversation need not know.

    Args:
        update: as Telegram sent it.
        now: stands in where Telegram tells no time (presses).

    Raises:
        UnreadableUpdate: it holds what the Bot API never sends.
    """
    try:
        return _incoming(update, now)
    except (AttributeError, TypeError, ValueError) as error:
        # Without the message of the error, which may repeat a citizen's words.
        raise UnreadableUpdate(type(error).__name__) from None


def _incoming(update: Update, now: datetime) -> Incoming | None:
    if update.callback_query is not None:
        return _press(update, update.callback_query, now)
    if update.my_chat_member is not None:
        return _membership(update, update.my_chat_member)
    if update.chat_member is not None:
        return _came_or_went(update, update.chat_member)
    if update.message is not None:
        return _message(update, update.message)
    if update.edited_message is not None:
        return _edited(update, update.edited_message)
    return None


def _event(update: Update, chat_id: int, kind: Kind, sent_at: datetime, **parts: Any) -> Incoming:
    return Incoming(
        channel=CHANNEL,
        event_id=str(update.update_id),
        chat_id=str(chat_id),
        kind=kind,
        sort_key=update.update_id,
        sent_at=sent_at,
        **parts,
    )


def _press(update: Update, query: CallbackQuery, now: datetime) -> Incoming | None:
    message = query.message
    if message is None or query.data is None or message.chat.type == ChatType.CHANNEL:
        return None
    group = None
    if message.chat.type != ChatType.PRIVATE:
        group = GroupContext(
            sender_id=query.from_user.id,
            message_id=str(message.message_id),
            topic=_topic(message) if isinstance(message, Message) else None,
        )
    return _event(
        update, message.chat.id, Kind.PRESS, now, payload=storable(query.data), group=group
    )


def _membership(update: Update, change: ChatMemberUpdated) -> Incoming | None:
    """The bot's own standing in a group; `payload` holds it (`member`, `administrator`, `left` …).

    A private chat reports here that the person has blocked the bot: sending finds that out.
    """
    if change.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        return None
    return _event(
        update,
        change.chat.id,
        Kind.MEMBERSHIP,
        change.date,
        payload=str(change.new_chat_member.status),
        group=GroupContext(sender_id=change.from_user.id),
    )


def _came_or_went(update: Update, change: ChatMemberUpdated) -> Incoming | None:
    """Somebody came into a group or is there no more; told only to a bot that is administrator."""
    if change.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        return None
    member = change.new_chat_member
    here = member.status in HERE or bool(getattr(member, "is_member", False))
    accounts = (member.user.id,)
    return _event(
        update,
        change.chat.id,
        Kind.MEMBERSHIP,
        change.date,
        group=GroupContext(
            sender_id=change.from_user.id,
            joined=accounts if here else (),
            left=() if here else accounts,
        ),
    )


def _message(update: Update, message: Message) -> Incoming | None:
    if message.chat.type == ChatType.CHANNEL:
        return None
    group = _group_context(message)
    if group is not None and group.migrated_to is not None:
        # Told twice, in the old group and in the new one: both become an event of the old group.
        old = message.migrate_from_chat_id or message.chat.id
        return _event(update, old, Kind.MEMBERSHIP, message.date, group=group)
    if group is not None and (group.joined or group.left):
        return _event(update, message.chat.id, Kind.MEMBERSHIP, message.date, group=group)
    content = _content(message)
    if content is None:
        return None
    return _event(
        update,
        message.chat.id,
        sent_at=message.date,
        group=group,
        group_key=message.media_group_id,
        message_id=str(message.message_id) if group is None else None,
        **content,
    )


def _edited(update: Update, message: Message) -> Incoming | None:
    """New words for a message; an edit without words (a live location) is none."""
    text = message.text or message.caption
    if not text or message.chat.type == ChatType.CHANNEL:
        return None
    group = _group_context(message)
    return _event(
        update,
        message.chat.id,
        Kind.TEXT,
        message.edit_date or message.date,
        text=storable(text),
        group=group,
        message_id=str(message.message_id) if group is None else None,
        edited=group is None,
    )


def _content(message: Message) -> dict[str, Any] | None:
    if message.text is not None:
        start = _START.fullmatch(message.text)
        if start is not None and message.chat.type == ChatType.PRIVATE:
            payload = start["payload"]
            return {"kind": Kind.OPENED, "payload": storable(payload) if payload else None}
        return {"kind": Kind.TEXT, "text": storable(message.text)}
    media = _media(message)
    if media is not None:
        return {"kind": Kind.MEDIA, "media": (media,), "text": storable(message.caption or "")}
    if message.location is not None:
        place = Location(latitude=message.location.latitude, longitude=message.location.longitude)
        if not (abs(place.latitude) <= 90 and abs(place.longitude) <= 180):
            raise ValueError("location")
        # A place chosen from Telegram's list (a venue) brings its name and address along.
        venue = message.venue
        name = f"{venue.title}, {venue.address}".strip(", ") if venue is not None else ""
        return {"kind": Kind.LOCATION, "location": place, "text": storable(name)}
    if message.contact is not None and message.from_user is not None:
        contact = Contact(
            phone=storable(message.contact.phone_number),
            own=message.contact.user_id == message.from_user.id,
            name=_full_name(message.contact.first_name, message.contact.last_name),
        )
        return {"kind": Kind.CONTACT, "contact": contact}
    if message.effective_attachment:
        return {"kind": Kind.UNSUPPORTED, "text": storable(message.caption or "")}
    # The rest are Telegram's own notes: a pinned message, a changed title, someone who came.
    return None


def _media(message: Message) -> MediaRef | None:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return MediaRef(
            kind="photo", ref=largest.file_id, size=largest.file_size, mime="image/jpeg"
        )
    video = message.video
    if video is not None:
        return MediaRef(kind="video", ref=video.file_id, size=video.file_size, mime=video.mime_type)
    note = message.video_note
    if note is not None:
        return MediaRef(kind="video", ref=note.file_id, size=note.file_size, mime="video/mp4")
    document = message.document
    if document is not None and message.animation is None:
        kind = DOCUMENTS.get(document.mime_type or "")
        if kind is not None:
            return MediaRef(
                kind=kind,
                ref=document.file_id,
                name=storable(document.file_name or ""),
                size=document.file_size,
                mime=document.mime_type,
            )
    return None


def _group_context(message: Message) -> GroupContext | None:
    if message.chat.type not in (ChatType.GROUP, ChatType.SUPERGROUP):
        return None
    migrated_to = message.migrate_to_chat_id
    if message.migrate_from_chat_id is not None:
        migrated_to = message.chat.id
    replied = message.reply_to_message
    topic = _topic(message)
    # In a topic, every message "replies" to the one that opened the topic: that is no reply.
    if replied is not None and (
        replied.forum_topic_created is not None or str(replied.message_id) == topic
    ):
        replied = None
    # Only the words of our own cards count: anybody may write a ticket's code into a message.
    by_a_bot = replied is not None and replied.from_user is not None and replied.from_user.is_bot
    text = (replied.text or replied.caption) if replied is not None and by_a_bot else None
    return GroupContext(
        # Anonymous administrators write as the group itself and are nobody whom we know.
        sender_id=message.from_user.id if message.from_user is not None else 0,
        message_id=str(message.message_id),
        reply_to=str(replied.message_id) if replied is not None else None,
        reply_to_text=storable(text) if text is not None else None,
        topic=topic,
        migrated_to=str(migrated_to) if migrated_to is not None else None,
        edited=message.edit_date is not None,
        joined=tuple(user.id for user in message.new_chat_members or ()),
        left=(message.left_chat_member.id,) if message.left_chat_member is not None else (),
    )


def _topic(message: Message) -> str | None:
    """The topic that a message stands in. Threads of replies outside of topics have ids as well."""
    return str(message.message_thread_id) if message.is_topic_message else None


def _full_name(first: str, last: str | None) -> str | None:
    return storable(f"{first} {last or ''}".strip()) or None
