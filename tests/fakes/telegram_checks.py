"""What the Bot API checks in a call before it does anything, with its own error texts."""

from __future__ import annotations

import io
import math
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any

from PIL import Image, UnidentifiedImageError


class ApiError(Exception):
    """A refusal: HTTP status, description, and sometimes parameters."""

    def __init__(
        self, code: int, description: str, parameters: dict[str, Any] | None = None
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters or {}


class FloodControl:
    """Telegram's limits: 30 messages a second over all chats, 20 a minute in one group."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._all: deque[float] = deque()
        self._by_group: dict[int, deque[float]] = defaultdict(deque)

    def count(self, chat_id: int) -> None:
        """Count one message.

        Raises:
            ApiError: 429, when it is one too many; it is not counted then.
        """
        now = self._clock()
        rules = [(self._all, 30, 1.0)]
        if chat_id < 0:
            rules.append((self._by_group[chat_id], 20, 60.0))
        for recent, most, window in rules:
            while recent and recent[0] <= now - window:
                recent.popleft()
            if len(recent) >= most:
                wait = max(1, math.ceil(recent[0] + window - now))
                raise ApiError(429, f"Too Many Requests: retry after {wait}", {"retry_after": wait})
        for recent, _, _ in rules:
            recent.append(now)


def check_text(text: str) -> None:
    if not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    if len(text) > 4096:
        raise ApiError(400, "Bad Request: message is too long")


def check_caption(caption: str) -> None:
    if len(caption) > 1024:
        raise ApiError(400, "Bad Request: message caption is too long")


def check_topic_name(name: str) -> None:
    if not 1 <= len(name) <= 128:
        raise ApiError(400, "Bad Request: TOPIC_NAME_INVALID")


def check_secret(secret: str) -> None:
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise ApiError(400, "Bad Request: secret token contains unallowed characters")


def check_photo(content: bytes) -> None:
    if len(content) > 10_000_000:
        raise ApiError(413, "Request Entity Too Large")
    try:
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    except UnidentifiedImageError:
        raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise ApiError(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")


def check_reply_markup(markup: dict[str, Any] | None, chat_id: int) -> None:
    if not markup:
        return
    buttons = [button for row in markup.get("inline_keyboard", []) for button in row]
    if len(buttons) > 100:
        raise ApiError(400, "Bad Request: reply markup is too long")
    for button in buttons:
        _check_inline_button(button)
    for row in markup.get("keyboard", []):
        for key in row:
            if key.get("request_location") and chat_id < 0:
                raise ApiError(400, "Bad Request: location can be requested in private chats only")
            if key.get("request_contact") and chat_id < 0:
                raise ApiError(
                    400, "Bad Request: phone number can be requested in private chats only"
                )


def _check_inline_button(button: dict[str, Any]) -> None:
    if not button.get("text"):
        raise ApiError(400, "Bad Request: can't parse inline keyboard button: text is empty")
    data, url = button.get("callback_data"), button.get("url")
    if data is None and url is None:
        raise ApiError(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    if data is not None and not 1 <= len(data.encode()) <= 64:
        raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    if url is not None and not re.match(r"(https?|tg)://.", url):
        raise ApiError(400, "Bad Request: inline keyboard button URL is invalid: Wrong HTTP URL")


def message_object(
    chat_id: int,
    message_id: int,
    text: str,
    markup: dict[str, Any] | None,
    thread: int | None = None,
) -> dict[str, Any]:
    """The sent message as the Bot API answers it."""
    kind = "private" if chat_id > 0 else "supergroup"
    message: dict[str, Any] = {
        "message_id": message_id,
        "date": int(time.time()),
        "chat": {"id": chat_id, "type": kind},
        "from": {"id": 42, "is_bot": True, "first_name": "Cầu Nối"},
        "text": text,
    }
    if thread is not None:
        message |= {"message_thread_id": thread, "is_topic_message": True}
    if markup and "inline_keyboard" in markup:
        message["reply_markup"] = markup
    return message
