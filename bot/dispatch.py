"""Decides who handles an event: the dialogue, the staff desk, or the person who has the chat."""

from __future__ import annotations

from actions import handoff
from bot.desk import citizen_news, notices, relay
from bot.desk import engine as desk
from bot.desk.linking import link_officer
from bot.dialogue import engine as dialogue
from bot.messages import Kind
from bot.turn import Turn
from store.messages import Author, ConversationMode, ConversationRole

COMMAND_BACK_TO_BOT = frozenset({"/bot", "bot"})
"""What a citizen types, or a button carries, to give the chat back to the bot."""

BACK_TO_REPORT = "bot:report"
"""The button that gives the chat back and begins a report …"""

BEGIN_A_REPORT = "d:menu:report"
"""… as this one of the menu does."""


def handle(turn: Turn) -> None:
    """Handle one event inside its transaction; an exception rolls all of it back."""
    event = turn.incoming
    if turn.conversation.role == ConversationRole.STAFF:
        desk.handle(turn)
    elif link_officer(turn):
        return
    elif event.kind == Kind.TAKEN_OVER:
        relay.taken_over(turn)
    elif event.payload == BACK_TO_REPORT:
        if turn.conversation.mode == ConversationMode.HUMAN:
            relay.citizen_returns(turn)
        turn.incoming = event.model_copy(update={"payload": BEGIN_A_REPORT})
        dialogue.handle(turn)
    elif turn.conversation.mode == ConversationMode.BOT or event.kind == Kind.ERASE:
        dialogue.handle(turn)
    elif event.payload == "bot" or event.text.strip().lower() in COMMAND_BACK_TO_BOT:
        relay.citizen_returns(turn)
    elif handoff.fell_silent(turn.session, turn.conversation, now=turn.now):
        citizen_news.give_back(turn, turn.conversation)
        dialogue.handle(turn)
    else:
        relay.from_citizen(turn)


def give_up(turn: Turn) -> None:
    """An event has failed too often: tell the citizen, alert the staff, keep it for a replay."""
    if dialogue.is_denunciation(turn):
        turn.erase_payload()
    if turn.conversation.role == ConversationRole.CITIZEN:
        turn.say(turn.responses.say("utter_dead_letter"), author=Author.SYSTEM)
    notices.announce_dead_letter(turn, turn.event_id)
