"""A message that its writer has edited: its ticket keeps both, its draft is corrected."""

from __future__ import annotations

from actions import additions
from actions.additions import Edited
from bot.desk import notices
from bot.dialogue.flows.report import contact, rewording
from bot.dialogue.heard import Heard
from bot.dialogue.safety import Told
from bot.dialogue.talk import Talk
from store.tickets import Ticket


def taken(talk: Talk, heard: Heard, told: Told) -> bool:
    """Deal with an edited message; False when it must be heard anew, for danger's sake."""
    if heard.message_id is None:
        return False
    of = additions.tickets_of_message(talk.session, talk.conversation, heard.message_id)
    if of:
        _note(talk, of, heard.message_id, heard.text)
        return not told.despairs
    if rewording.reword(talk, heard):
        return True
    if heard.is_emergency or told.despairs:
        return False
    talk.say("utter_edit_left")
    return True


def _note(talk: Talk, of: list[Ticket], message_id: str, text: str) -> None:
    """New words beside the old on every ticket that the message went into; staff see both."""
    noted = [
        edited for ticket in of if (edited := _edit(talk, ticket, message_id, text)) is not None
    ]
    for edited in noted:
        told = talk.text("utter_part_staff_edited", before=edited.before, after=edited.after)
        notices.announce_addition(talk.turn, edited.ticket, told, ())
    if noted:
        codes = ", ".join(edited.ticket.code for edited in noted)
        talk.say("utter_edit_noted", code=codes)


def _edit(talk: Talk, ticket: Ticket, message_id: str, text: str) -> Edited | None:
    """Of a report without a contact the writer's own number is left out, as when it was sent."""
    if ticket.consent_id is None:
        text = contact.without_own_phone(text, talk.text("utter_part_phone_left_out"))
    return additions.edit(talk.session, ticket, talk.conversation, message_id, text, now=talk.now)
