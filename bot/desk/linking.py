"""Links an officer's Telegram account: the officer sends the one-time code to the bot."""

from __future__ import annotations

import re

from actions import staff
from bot.messages import Kind
from bot.turn import Turn
from store.messages import Author

_COMMAND = re.compile(r"/lienket(?:@\w+)?\s+(?P<code>\S+)\s*", re.IGNORECASE)


def link_officer(turn: Turn) -> bool:
    """Handle a linking command in a private Telegram chat; False when the event is none."""
    event = turn.incoming
    if event.channel != "telegram" or event.kind != Kind.TEXT or event.group is not None:
        return False
    command = _COMMAND.fullmatch(event.text)
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
