"""What officers do in the staff group: press a button, or reply to a message of the bot.

Whoever is not a linked, active officer does nothing here, and is not answered either.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from actions import handoff, staff, ticket_work
from actions.tickets import TicketNotFound
from bot.desk import citizen_news, notices
from bot.desk.group import follow
from bot.desk.subjects import subject_of
from bot.messages import GroupContext, Kind, Outgoing
from bot.turn import Turn
from store.messages import Author, Conversation, OutboxMessage
from store.staff import Officer
from store.tickets import Ticket

PRESS_PREFIX = "s:"
GIVE_BACK_COMMAND = "/bot"

ASKED_JUST_NOW = timedelta(minutes=1)
"""A button pressed twice within so long asks once."""

_REFUSALS: tuple[tuple[type[Exception], str], ...] = (
    (ticket_work.TicketTaken, "utter_staff_taken_by"),
    (ticket_work.TicketFinished, "utter_staff_already_done"),
    (ticket_work.TicketWithdrawn, "utter_staff_already_withdrawn"),
    (ticket_work.AnswerMissing, "utter_staff_answer_missing"),
    (TicketNotFound, "utter_staff_not_a_card"),
    (citizen_news.VideoNotTaken, "utter_staff_no_video"),
    (handoff.NoOpenHandoff, "utter_staff_no_handoff"),
    (handoff.TakenByAnother, "utter_staff_chat_taken_by"),
)
"""Why an officer's wish is refused, and how that is said."""

_REFUSED = tuple(kind for kind, _ in _REFUSALS)


def handle(turn: Turn) -> None:
    """Handle one event of the staff group."""
    group = turn.incoming.group
    if group is None:
        return
    if group.migrated_to is not None:
        follow(turn.session, turn.services.settings, int(group.migrated_to), now=turn.now)
        return
    officer = staff.officer_of_telegram(turn.session, group.sender_id)
    if officer is None:
        turn.erase_payload()  # a stranger's words, and the files brought home with them
        return
    try:
        if turn.incoming.kind == Kind.PRESS:
            _press(turn, group, officer)
        elif group.reply_to is not None:
            _reply(turn, group, group.reply_to, officer)
    except _REFUSED as refusal:
        _refuse(turn, refusal)


def _press(turn: Turn, group: GroupContext, officer: Officer) -> None:
    """A button: `s:<action>:<ticket code or chat number>`."""
    payload = turn.incoming.payload or ""
    action, _, argument = payload.removeprefix(PRESS_PREFIX).partition(":")
    if not payload.startswith(PRESS_PREFIX):
        return
    if action in _TICKET_PRESSES:
        ticket = ticket_work.locked(turn.session, argument)
        try:
            _TICKET_PRESSES[action](turn, ticket, officer)
        except _REFUSED:
            # The card shows what is no longer so.
            notices.renew_cards(turn, ticket, pressed=group.message_id)
            raise
    elif action in _CHAT_PRESSES and argument.isdecimal():
        chat = handoff.locked_chat(turn.session, int(argument))
        _CHAT_PRESSES[action](turn, chat, officer)


def _take(turn: Turn, ticket: Ticket, officer: Officer) -> None:
    group = turn.incoming.group
    citizen_news.take(turn, ticket, officer, pressed=group.message_id if group else None)


def _ask_reply(turn: Turn, ticket: Ticket, officer: Officer) -> None:
    ticket_work.must_be_wanted(ticket)
    _ask(turn, "utter_staff_ask_reply", ticket, officer)


def _ask_answer(turn: Turn, ticket: Ticket, officer: Officer) -> None:
    ticket_work.must_be_open(ticket)
    _ask(turn, "utter_staff_ask_answer", ticket, officer)


_TICKET_PRESSES: dict[str, Callable[[Turn, Ticket, Officer], None]] = {
    "take": _take,
    "reply": _ask_reply,
    "done": _ask_answer,
}
_CHAT_PRESSES: dict[str, Callable[[Turn, Conversation, Officer], None]] = {
    "talk": citizen_news.take_chat,
    "back": citizen_news.give_back,
}


def _ask(turn: Turn, response: str, ticket: Ticket, officer: Officer) -> None:
    """Ask for words as a reply to this very message, once however often the button is pressed."""
    said = turn.responses.say(response, code=ticket.code, officer=officer.name)
    lately = turn.session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.ticket_id == ticket.id,
            OutboxMessage.conversation_id == turn.conversation.id,
            OutboxMessage.created_at > turn.now - ASKED_JUST_NOW,
        )
    )
    if all(row.payload.get("text") != said.text for row in lately):
        turn.post(
            turn.conversation, _in_reply(turn, said), author=Author.SYSTEM, ticket_id=ticket.id
        )


def _reply(turn: Turn, group: GroupContext, reply_to: str, officer: Officer) -> None:
    """A reply to a message of the bot goes to the citizen whom that message is about."""
    subject = subject_of(turn, turn.conversation, reply_to, group.reply_to_text)
    if subject is None:
        return  # officers talking to each other
    if subject.code is None and subject.chat is None:
        _note(turn, "utter_staff_not_a_card")
    elif group.edited:
        # What the citizen has read cannot be unsaid; a second message must be meant as one.
        _note(turn, "utter_staff_edit_not_sent")
    elif turn.incoming.kind not in (Kind.TEXT, Kind.MEDIA):
        _note(turn, "utter_staff_cannot_pass_on")
    elif turn.prepared.failed_media:
        # Nothing rather than half: words about a picture that is missing.
        _note(turn, "utter_staff_media_failed")
    elif subject.code is not None:
        ticket = ticket_work.locked(turn.session, subject.code)
        _answer_ticket(turn, ticket, officer, finishing=subject.finishing)
    elif subject.chat is not None:
        _answer_chat(turn, handoff.locked_chat(turn.session, subject.chat), officer)


def _answer_ticket(turn: Turn, ticket: Ticket, officer: Officer, *, finishing: bool) -> None:
    text, media = turn.incoming.text, turn.prepared.media
    if finishing:
        citizen_news.finish(turn, ticket, officer, text, media)
        _note(turn, "utter_staff_done")
    else:
        citizen_news.reply(turn, ticket, officer, text, media)
        _note(turn, "utter_staff_sent")


def _answer_chat(turn: Turn, chat: Conversation, officer: Officer) -> None:
    text = turn.incoming.text
    if text.strip().lower() == GIVE_BACK_COMMAND:
        citizen_news.give_back(turn, chat, officer)
    else:
        citizen_news.chat_reply(turn, chat, officer, text, turn.prepared.media)


def _refuse(turn: Turn, refusal: Exception) -> None:
    name = next(name for kind, name in _REFUSALS if isinstance(refusal, kind))
    officer = getattr(refusal, "officer", None)
    _note(turn, name, officer=officer.name if officer else "")


def _note(turn: Turn, response: str, **fields: object) -> None:
    """Tell the officer what became of it; no citizen is reached by a reply to this."""
    said = turn.responses.say(response, **fields)
    turn.post(turn.conversation, _in_reply(turn, said), author=Author.SYSTEM)


def _in_reply(turn: Turn, message: Outgoing) -> Outgoing:
    """The message as a reply to what the officer wrote, or to the card whose button it was."""
    group = turn.incoming.group
    return message.model_copy(update={"reply_to": group.message_id if group else None})
