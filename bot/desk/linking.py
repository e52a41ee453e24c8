"""Links an officer's Telegram account, and a group: a one-time code is sent to the bot."""

from __future__ import annotations

import re

from actions import groups, staff
from bot.desk import topics
from bot.messages import Kind
from bot.turn import Turn
from store.messages import Author
from store.staff import Officer

_OFFICER = re.compile(r"/lienket(?:@\w+)?\s+(?P<code>\S+)\s*", re.IGNORECASE)
_GROUP = re.compile(r"/nhom(?:@\w+)?\s+(?P<code>\S+)\s*", re.IGNORECASE)


def link_officer(turn: Turn) -> bool:
    """Handle a linking command in a private Telegram chat; False when the event is none."""
    event = turn.incoming
    if event.channel != "telegram" or event.kind != Kind.TEXT or event.group is not None:
        return False
    command = _OFFICER.fullmatch(event.text)
    if command is None:
        return False
    turn.erase_payload()
    try:
        officer = staff.link_telegram(
            turn.session, command.group("code"), int(event.chat_id), now=turn.now
        )
    except staff.LinkCodeInvalid:
        turn.say(turn.responses.say("utter_staff_link_failed"), author=Author.SYSTEM)
    else:
        said = turn.responses.say("utter_staff_linked", officer=officer.name)
        turn.say(said, author=Author.SYSTEM)
    return True


def link_group(turn: Turn, officer: Officer) -> bool:
    """Handle an officer's command that gives a group to an agency; False when the event is none."""
    event = turn.incoming
    command = _GROUP.fullmatch(event.text) if event.kind == Kind.TEXT else None
    if command is None:
        return False
    turn.erase_payload()
    try:
        agency = groups.link(
            turn.session, command.group("code"), turn.conversation, officer, now=turn.now
        )
    except groups.LinkingForbidden:
        said = turn.responses.say("utter_staff_group_forbidden")
    except groups.GroupCodeInvalid:
        said = turn.responses.say("utter_staff_group_link_failed")
    else:
        topics.may_have_some(turn.conversation)
        name = turn.services.local.agencies[agency].name
        said = turn.responses.say("utter_staff_group_linked", agency=name)
    turn.say(said, author=Author.SYSTEM)
    return True
