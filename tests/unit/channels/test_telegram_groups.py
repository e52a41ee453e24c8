"""The staff group is known under its old and its new id."""

from __future__ import annotations

from itertools import count
from typing import Any, cast

import pytest
from telegram import Bot, Update

from bot.channels.telegram.groups import Groups, OurGroups
from bot.channels.telegram.updates import incoming
from tests.fakes.telegram_updates import BEGINNING, TelegramPerson
from tests.integration.staff_group import MORNING

OLD, NEW = -4_001, -1_004_001_000_000
IDS = count(1)


def update(content: dict[str, Any]) -> Update:
    return Update.de_json(content, None)


def groups(staff: int) -> Groups:
    async def ours() -> OurGroups:
        return OurGroups(frozenset({staff}))

    return Groups(cast(Bot, None), ours)


async def test_the_old_groups_half_of_the_note_may_come_after_the_new_id_is_kept() -> None:
    late = TelegramPerson(7, IDS, group=OLD).message(migrate_to_chat_id=NEW)
    assert await groups(NEW).knows(update(late), OLD)


async def test_words_in_the_old_group_may_come_late() -> None:
    known = groups(OLD)
    new = TelegramPerson(7, IDS, group=NEW).message(migrate_from_chat_id=OLD)
    assert await known.knows(update(new), NEW)
    known_later = groups(NEW)
    known_later.moved(OLD, NEW)
    words = TelegramPerson(7, IDS, group=OLD).says("gửi trước khi chuyển nhóm")
    assert await known_later.knows(update(words), OLD)


async def test_another_group_that_moved_is_not_the_staffs() -> None:
    other = TelegramPerson(7, IDS, group=-5_555).message(migrate_to_chat_id=-1_005_555_000_000)
    assert not await groups(NEW).knows(update(other), -5_555)


@pytest.mark.parametrize("edited", [True, False])
def test_an_edited_message_in_the_group_is_known_as_one(edited: bool) -> None:
    officer = TelegramPerson(7, IDS, group=OLD)
    content = officer.edits("Mốt sửa") if edited else officer.says("Mai sửa")
    event = incoming(update(content), MORNING)
    assert event is not None
    assert event.group is not None
    assert event.group.edited is edited
    assert event.sent_at.timestamp() > BEGINNING
