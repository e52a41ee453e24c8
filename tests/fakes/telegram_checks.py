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


BURST = 5
"""Messages that a private chat takes at once; then one a second, as Telegram's FAQ asks for."""


class FloodControl:
    """Telegram's limits: 30 messages a second over all chats, 20 a minute in one group, one a
    second in one private chat but for short bursts.

    A chat that has been refused stays closed for as long as the refusal said; `ignored` holds the
    chats to which a message was tried before.

    Args:
        clock: seconds that only ever grow.
        pace: how many times faster than Telegram's the limits count, where a test has no time.
    """

    def __init__(self, clock: Callable[[], float], *, pace: float = 1.0) -> None:
        self._clock = clock
        self._pace = pace
        self._all: deque[float] = deque()
        self._by_group: dict[int, deque[float]] = defaultdict(deque)
        self._rested_at: dict[int, float] = {}
        self._closed_until: dict[int, float] = {}
        self._next_refusals: dict[int, int] = {}
        self.ignored: list[int] = []

    def refuse_next(self, chat_id: int, seconds: int = 1) -> None:
        """Refuse the next message to a chat, few as they are, as Telegram does when it is busy."""
        self._next_refusals[chat_id] = seconds

    def count(self, chat_id: int, messages: int = 1) -> None:
        """Count messages that go to a chat together.

        Raises:
            ApiError: 429, when they are too many; they are not counted then.
        """
        now = self._clock() * self._pace
        closed_for = self._closed_until.get(chat_id, now) - now
        if closed_for > 0:
            self.ignored.append(chat_id)
        refused_for = self._next_refusals.pop(chat_id, 0) * self._pace
        wait = max(
            closed_for, refused_for, _wait(self._all, 30, 1.0, now), self._wait_in(chat_id, now)
        )
        if wait > 0:
            seconds = max(1, math.ceil(wait / self._pace))
            self._closed_until[chat_id] = now + seconds * self._pace
            raise ApiError(
                429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds}
            )
        self._all.extend([now] * messages)
        if chat_id < 0:
            self._by_group[chat_id].extend([now] * messages)
        else:
            self._rested_at[chat_id] = max(self._rested_at.get(chat_id, now), now) + messages

    def _wait_in(self, chat_id: int, now: float) -> float:
        if chat_id < 0:
            return _wait(self._by_group[chat_id], 20, 60.0, now)
        return self._rested_at.get(chat_id, now) - now - (BURST - 1)


def _wait(recent: deque[float], most: int, window: float, now: float) -> float:
    """Seconds until one more may be sent; 0 for at once."""
    while recent and recent[0] <= now - window:
        recent.popleft()
    return recent[0] + window - now if len(recent) >= most else 0.0


def check_text(text: str) -> None:
    if not text.strip():
        raise ApiError(400, "Bad Request: message text is empty")
    if len(text) > 4096:
        raise ApiError(400, "Bad Request: message is too long")


def check_caption(caption: str) -> None:
    if len(caption) > 1024:
        raise ApiError(400, "Bad Request: message caption is too long")


def check_album(items: list[dict[str, Any]]) -> None:
    if not 2 <= len(items) <= 10:
        raise ApiError(400, "Bad Request: there must be from 2 to 10 media in the album")
    if any(item.get("type") not in ("photo", "video") for item in items):
        raise ApiError(400, "Bad Request: can't mix media types in the album")
    for item in items:
        check_caption(str(item.get("caption", "")))


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
