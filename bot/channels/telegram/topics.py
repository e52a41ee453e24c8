"""Topics of a supergroup, and what is pinned in them, through the Bot API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from telegram import Bot
from telegram.constants import ForumTopicLimit
from telegram.error import BadRequest

from bot.channels.base import Undeliverable
from bot.channels.telegram.errors import NO_TOPICS, NOT_MODIFIED, is_one_of

log = logging.getLogger(__name__)

NAME_LIMIT = int(ForumTopicLimit.MAX_NAME_LENGTH)

ASK_AGAIN_SECONDS = 600.0
"""A group in which no topic could be opened is not asked for one before so long."""


class Topics:
    """Opens, closes and pins; lets the library's errors through.

    Args:
        bot: the bot that does it.
        clock: seconds that only ever grow.
    """

    def __init__(self, bot: Bot, *, clock: Callable[[], float] = monotonic) -> None:
        self._bot = bot
        self._clock = clock
        self._without: dict[int, float] = {}

    def known_without(self, chat_id: int) -> bool:
        """Whether no topic could be opened in this group just now."""
        return self._without.get(chat_id, 0.0) > self._clock()

    def may_have_some_again(self, chat_id: int) -> None:
        """The bot's rights in the group have changed: the next message asks again."""
        self._without.pop(chat_id, None)

    async def open(self, chat_id: int, name: str) -> int | None:
        """Open a topic; its id, or None in a group where the bot can open none."""
        try:
            opened = await self._bot.create_forum_topic(chat_id, name[:NAME_LIMIT])
        except BadRequest as error:
            if not is_one_of(error, NO_TOPICS):
                raise
            log.warning("group %d takes no topics of the bot", chat_id)
            self._without[chat_id] = self._clock() + ASK_AGAIN_SECONDS
            return None
        return opened.message_thread_id

    async def set(self, chat_id: int, thread: int, *, is_open: bool) -> None:
        """Open a topic again, or close it; well also when it is so already.

        Raises:
            Undeliverable: the bot may manage topics no more; its messages arrive all the same.
        """
        change = self._bot.reopen_forum_topic if is_open else self._bot.close_forum_topic
        try:
            await change(chat_id, thread)
        except BadRequest as error:
            if is_one_of(error, NO_TOPICS):
                raise Undeliverable("no_rights_to_topics") from None
            if not is_one_of(error, NOT_MODIFIED):
                raise

    async def pin(self, chat_id: int, message_id: int) -> None:
        """Pin a message; nobody's phone rings."""
        await self._bot.pin_chat_message(chat_id, message_id, disable_notification=True)
