"""Which groups the bot stays in: that of the staff, also after it became a supergroup."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from telegram import Bot, Update
from telegram.constants import ChatAction, ChatMemberStatus
from telegram.error import ChatMigrated, TelegramError

from bot.channels.telegram.errors import send_error

log = logging.getLogger(__name__)

StaffChatId = Callable[[], Awaitable[int | None]]
"""The staff group's present id (kept after a migration, else the setting); None: no group."""

SUPERGROUPS_BELOW = -1_000_000_000_000
"""Ids of supergroups lie below this (core.telegram.org/api/bots/ids), those of groups above."""

LEAVE_AGAIN_SECONDS = 60.0
"""A group that we are already leaving is not left once more for every message in it."""


class Groups:
    """Tells the staff group from others.

    Args:
        bot: asks Telegram, where only Telegram knows.
        staff_chat_id: the staff group's id as far as it has been kept.
        clock: seconds that only ever grow.
    """

    def __init__(
        self, bot: Bot, staff_chat_id: StaffChatId, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._bot = bot
        self._staff_chat_id = staff_chat_id
        self._clock = clock
        self._successors: dict[int, int] = {}
        self._left: dict[int, float] = {}

    def moved(self, old: int, new: int) -> None:
        """Remember that a group became a supergroup, until the desk has kept the new id."""
        self._successors[old] = new

    def successor(self, chat_id: int) -> int:
        """The group's present id as far as this process knows."""
        return self._successors.get(chat_id, chat_id)

    async def knows(self, update: Update, group: int) -> bool:
        """Whether an update comes from the staff group, under its old or its new id."""
        staff = await self._staff_chat_id()
        if staff is None:
            return False
        message = update.message
        if message is not None and message.migrate_to_chat_id is not None and group == staff:
            self.moved(group, message.migrate_to_chat_id)
        if message is not None and message.migrate_from_chat_id == staff:
            self.moved(staff, group)
        # The old group may still be heard of: its half of the note, an update that comes late.
        if message is not None and message.migrate_to_chat_id == staff:
            self.moved(group, staff)
        if staff in (group, self.successor(group)) or group == self.successor(staff):
            return True
        return await self._is_successor(staff, group)

    async def _is_successor(self, staff: int, group: int) -> bool:
        """Ask Telegram: words from the new supergroup may overtake the note that it is new."""
        if staff <= SUPERGROUPS_BELOW or group > SUPERGROUPS_BELOW or staff in self._successors:
            return False
        try:
            await self._bot.send_chat_action(staff, ChatAction.TYPING)
        except ChatMigrated as error:
            self.moved(staff, error.new_chat_id)
        except TelegramError as error:
            log.warning("asking for the staff group failed: %s", send_error(error).reason)
        return group == self.successor(staff)

    async def leave(self, update: Update, group: int) -> None:
        """Leave a group that is none of ours; says its id, for it may be a group yet to be set."""
        change = update.my_chat_member
        if change is not None and change.new_chat_member.status in (
            ChatMemberStatus.LEFT,
            ChatMemberStatus.BANNED,
        ):
            return
        now = self._clock()
        if now - self._left.get(group, -LEAVE_AGAIN_SECONDS) < LEAVE_AGAIN_SECONDS:
            return
        self._left = {g: at for g, at in self._left.items() if now - at < LEAVE_AGAIN_SECONDS}
        self._left[group] = now
        try:
            await self._bot.leave_chat(group)
        except TelegramError as error:
            log.warning("leaving group %d failed: %s", group, send_error(error).reason)
        else:
            log.warning("left group %d: it is not TELEGRAM_STAFF_CHAT_ID", group)
