"""What Telegram's refusals mean for a message that was to be sent.

Telegram names its errors in English sentences; only the short names given here are kept, for a
sentence may repeat what a citizen wrote.
"""

from __future__ import annotations

from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.base import (
    ChatUnreachable,
    SendError,
    TopicClosed,
    TopicGone,
    TryLater,
    Undeliverable,
)

TOKEN_REFUSED_WAIT = 60.0
"""Seconds. A refused token is mended by a person; meanwhile nothing is thrown away."""

UNREACHABLE = {
    "chat not found": "chat_not_found",
    "user not found": "user_not_found",
    "peer_id_invalid": "chat_not_found",
    "group chat was deactivated": "group_gone",
    "not enough rights": "no_rights_in_chat",
    "have no rights": "no_rights_in_chat",
    "need administrator rights": "no_rights_in_chat",
}
"""Parts of Telegram's descriptions (lower case) that mean: this chat cannot be written to."""

REFUSED = {
    "message is too long": "text_too_long",
    "message caption is too long": "caption_too_long",
    "message text is empty": "text_empty",
    "text must be non-empty": "text_empty",
    "button_data_invalid": "button_data_too_long",
    "reply markup is too long": "too_many_buttons",
    "button_url_invalid": "button_url_invalid",
    "wrong http url": "button_url_invalid",
    "message to edit not found": "message_to_edit_gone",
    "message can't be edited": "message_not_editable",
    "there is no text in the message": "message_not_editable",
    "file is too big": "file_too_big",
    "photo_invalid_dimensions": "photo_refused",
    "image_process_failed": "photo_refused",
    "wrong file_id": "file_unknown",
    "invalid file_id": "file_unknown",
    "file is temporarily unavailable": "file_unavailable",
}
"""The same for: this message is refused, others may pass."""

TOPIC_CLOSED = ("topic_closed", "topic is closed")
TOPIC_GONE = ("message thread not found", "topic_deleted", "topic_id_invalid", "topic not found")
"""The same for a topic that is closed, or that is there no more."""

NO_TOPICS = (
    "not a forum",
    "not enough rights",
    "have no rights",
    "chat_admin_required",
    "administrator rights",
    "supergroup",
)
"""The same for a group in which the bot can open no topic: it has none, or no right to."""

NOT_MODIFIED = ("message is not modified", "topic_not_modified")
"""A change that changes nothing: for us a success."""


def is_one_of(error: TelegramError, parts: tuple[str, ...]) -> bool:
    """Whether Telegram's description has one of these parts in it."""
    description = error.message.lower()
    return any(part in description for part in parts)


def after(error: RetryAfter) -> float:
    """Seconds that Telegram asks us to wait."""
    seconds = error.retry_after
    return seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)


def send_error(error: TelegramError) -> SendError:
    """The same failure in the words of the seam (`bot.channels.base`)."""
    match error:
        case RetryAfter():
            return TryLater("flood_control", after(error))
        case ChatMigrated():
            return TryLater("group_became_supergroup")
        case Forbidden():
            return ChatUnreachable("forbidden")
        # `do_api_request` calls a token that is known no more an unknown method.
        case InvalidToken() | EndPointNotFound():
            return TryLater("token_refused", TOKEN_REFUSED_WAIT)
        case Conflict():
            return TryLater("conflict")
        # BadRequest and TimedOut are kinds of NetworkError: they come first.
        case BadRequest():
            return _refused(error)
        case TimedOut():
            return TryLater("timed_out")
        case NetworkError():
            return TryLater("network")
    return TryLater("telegram_error")


def _refused(error: BadRequest) -> SendError:
    if is_one_of(error, TOPIC_CLOSED):
        return TopicClosed("topic_closed")
    if is_one_of(error, TOPIC_GONE):
        return TopicGone("topic_gone")
    description = error.message.lower()
    for part, reason in UNREACHABLE.items():
        if part in description:
            return ChatUnreachable(reason)
    for part, reason in REFUSED.items():
        if part in description:
            return Undeliverable(reason)
    return Undeliverable("refused")
