"""The number that a citizen left: told to the one officer who asks for it, and noted."""

from __future__ import annotations

from sqlalchemy import select

from actions import cases, consents, personal_views, rights
from actions.personal_views import Seen
from actions.rights import Right
from bot.desk.group import CHANNEL
from bot.desk.posting import answer
from bot.turn import Turn
from store.messages import Author, Conversation
from store.staff import Officer
from store.tickets import Ticket


def tell_number(turn: Turn, ticket: Ticket, officer: Officer) -> None:
    """Send an officer the number in the officer's own chat with the bot, never in the group.

    Raises:
        MoveForbidden: the officer may not see who sent a case.
    """
    if not rights.has(officer, Right.REPORTER):
        raise cases.MoveForbidden(ticket.code)
    if not ticket.contact_phone or not consents.contact_may_be_shown(turn.session, ticket):
        answer(turn, turn.responses.say("utter_staff_phone_gone", code=ticket.code))
        return
    chat = _own_chat(turn, officer)
    if chat is None:
        answer(turn, turn.responses.say("utter_staff_no_own_chat", officer=officer.name))
        return
    seen = (officer, Seen.REPORTER, ticket.code)
    if not personal_views.is_noted(turn.session, *seen, now=turn.now):
        personal_views.note(turn.session, *seen, now=turn.now)
    said = turn.responses.say("utter_staff_phone", code=ticket.code, phone=ticket.contact_phone)
    turn.post(chat, said, author=Author.SYSTEM, ticket_id=ticket.id, about=ticket.conversation)


def _own_chat(turn: Turn, officer: Officer) -> Conversation | None:
    """The officer's private chat with the bot; None without one that can be written to."""
    return turn.session.scalar(
        select(Conversation).where(
            Conversation.channel == CHANNEL,
            Conversation.chat_id == str(officer.telegram_user_id),
            Conversation.unreachable.is_(False),
        )
    )
