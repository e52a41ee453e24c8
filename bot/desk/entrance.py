"""Who comes to the desk: the officer behind an event of a group, or what Telegram tells of it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from actions import groups, staff
from bot.desk import linking, notices, topics
from bot.desk.group import follow, is_ours
from bot.messages import GroupContext, Kind
from bot.turn import Turn
from store.messages import Author
from store.staff import Officer

BECAME_ADMINISTRATOR = "administrator"
NO_TOPICS = "no_topics"
"""What an event says of the bot in a group: a status of Telegram's, or what our sender found."""

CLOCKS_DIFFER = timedelta(minutes=5)
"""What was asked at a moment by our clock gives way to what Telegram tells by its own."""


def officer_of(turn: Turn) -> Officer | None:
    """The officer whose deed this event is; None when there is nothing more to be done about it.

    Whoever is not a linked, active officer, or is not in the group any more, does nothing here and
    is not answered. In a group that nobody has linked yet, linking it is all that can be done.
    """
    group = turn.incoming.group
    if group is None:
        return None
    if turn.incoming.kind == Kind.MEMBERSHIP:
        _hear(turn, group)
        return None
    officer = staff.officer_of_telegram(turn.session, group.sender_id)
    if officer is None or not _is_present(turn, group.sender_id):
        turn.erase_payload()  # a stranger's words, and the files brought home with them
        return None
    if linking.link_group(turn, officer):
        return None
    if not is_ours(turn, turn.conversation) or _is_private_talk(turn, group):
        turn.erase_payload()
        return None
    return officer


def _is_private_talk(turn: Turn, group: GroupContext) -> bool:
    """Whether officers talk in a topic that they opened themselves."""
    return (
        group.topic is not None
        and group.reply_to is None
        and turn.incoming.kind != Kind.PRESS
        and topics.subject_of_thread(turn, turn.conversation, group.topic) is None
    )


def _hear(turn: Turn, group: GroupContext) -> None:
    """Keep what Telegram tells of a group: its new id, who came and went, what the bot may do."""
    if group.migrated_to is not None:
        follow(turn, turn.conversation, int(group.migrated_to))
        return
    for present, accounts in ((True, group.joined), (False, group.left)):
        for account in accounts:
            _hear_of_member(turn, account, present=present)
    if turn.incoming.payload == BECAME_ADMINISTRATOR:
        topics.may_have_some(turn.conversation)
    elif turn.incoming.payload == NO_TOPICS and topics.note_none(turn, turn.conversation):
        turn.say(turn.responses.say("utter_staff_no_topics"), author=Author.SYSTEM)


def _hear_of_member(turn: Turn, account: int, *, present: bool) -> None:
    """An officer came or went; colleagues hear, once, of the tickets that are left behind."""
    officer = staff.officer_of_telegram(turn.session, account)
    if officer is None:
        return
    before = groups.membership(turn.session, turn.conversation, account)
    groups.hear_of_member(
        turn.session, turn.conversation, account, present=present, at=turn.incoming.sent_at
    )
    now = groups.membership(turn.session, turn.conversation, account)
    if now is False and before is not False:
        notices.announce_departure(turn, turn.conversation, officer)


def _is_present(turn: Turn, account: int) -> bool:
    """Whether an account is in the group; asked of Telegram once, where nothing was heard of it."""
    known = groups.membership(turn.session, turn.conversation, account)
    members = turn.services.members
    if known is not None or members is None:
        return known is not False
    chat_id = turn.conversation.chat_id
    present = bool(
        turn.fact(f"member:{chat_id}:{account}", partial(members.present, chat_id, account))
    )
    at = turn.incoming.sent_at - CLOCKS_DIFFER
    groups.hear_of_member(turn.session, turn.conversation, account, present=present, at=at)
    return present
