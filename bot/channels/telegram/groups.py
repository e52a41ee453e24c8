"""Which groups the bot stays in: those of the staff, also after one became a supergroup."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic

from telegram import Bot, Update
from telegram.constants import ChatAction, ChatMemberStatus
from telegram.error import ChatMigrated, TelegramError

from bot.channels.telegram.errors import send_error

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OurGroups:
    """The groups that the bot belongs in, by their present ids.

    `expecting` says that a code is out with which another one may be linked: meanwhile the bot can
    be added to it.
    """

    ids: frozenset[int]
    expecting: bool = False


AskOurGroups = Callable[[], Awaitable[OurGroups]]

SUPERGROUPS_BELOW = -1_000_000_000_000
"""Ids of supergroups lie below this (core.telegram.org/api/bots/ids), those of groups above."""

LEAVE_AGAIN_SECONDS = 60.0
"""A group that we are already leaving is not left once more for every message in it."""


class Groups:
    """Tells the groups of the staff from others.

    Args:
        bot: asks Telegram, where only Telegram knows.
        ours: the groups' ids as far as they have been kept.
        clock: seconds that only ever grow.
    """

    def __init__(
        self, bot: Bot, ours: AskOurGroups, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._bot = bot
        self._ours = ours
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
        """Whether an update comes from one of our groups, under its old or its new id."""
        ours = await self._ours()
        message = update.message
        if message is not None and message.migrate_to_chat_id is not None and group in ours.ids:
            self.moved(group, message.migrate_to_chat_id)
        if message is not None and message.migrate_from_chat_id in ours.ids:
            self.moved(message.migrate_from_chat_id, group)
        # The old group may still be heard of: its half of the note, an update that comes late.
        if message is not None and message.migrate_to_chat_id in ours.ids:
            self.moved(group, message.migrate_to_chat_id)
        if ours.expecting or group in ours.ids or self.successor(group) in ours.ids:
            return True
        return any([await self._is_successor(old, group) for old in ours.ids])

    async def _is_successor(self, old: int, group: int) -> bool:
        """Ask Telegram: words from the new supergroup may overtake the note that it is new."""
        if old <= SUPERGROUPS_BELOW or group > SUPERGROUPS_BELOW:
            return False
        if old not in self._successors:
            try:
                await self._bot.send_chat_action(old, ChatAction.TYPING)
            except ChatMigrated as error:
                self.moved(old, error.new_chat_id)
            except TelegramError as error:
                log.warning("asking for group %d failed: %s", old, send_error(error).reason)
        return group == self.successor(old)

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
            log.warning(
                "left group %d: it is not TELEGRAM_STAFF_CHAT_ID, nor linked to an agency", group
            )
