"""What officers do in the staff's groups: press a button, reply to a message of the bot, or write.

A reply to one of our messages goes where that message says: to the citizen whom it is about, or,
where it asked for something, into the move that it asked for. In a topic, what replies to nothing
of ours is a note for colleagues; elsewhere it is officers talking to each other.
"""

from __future__ import annotations

from actions import cases, handoff, rights
from actions.cases import Given
from actions.rights import Right
from actions.tickets import TicketNotFound
from bot.desk import cards, citizen_news, entrance, topics
from bot.desk.posting import answer
from bot.desk.presses import merge, must_be_allowed, press
from bot.desk.refusals import REFUSED, name_of, officer_in
from bot.desk.subjects import CHOOSE, MARKS, NOTE, Subject, mark, subject_of
from bot.messages import GroupContext, Kind
from bot.turn import Turn
from store.messages import Conversation
from store.staff import Officer
from store.tickets import Ticket

GIVE_BACK_COMMAND = "/bot"

CAN_BE_READ = (Kind.TEXT, Kind.MEDIA)


def handle(turn: Turn) -> None:
    """Handle one event of a group of the staff."""
    group = turn.incoming.group
    officer = entrance.officer_of(turn)
    if group is None or officer is None:
        return
    if turn.incoming.kind == Kind.PRESS:
        _press(turn, officer)
        return
    subject = None
    if group.reply_to is not None:
        subject = subject_of(turn, turn.conversation, group.reply_to, group.reply_to_text)
    if subject is not None:
        _reply(turn, group, subject, officer)
    elif group.topic is not None:
        _note_in_topic(turn, group, group.topic, officer)


def _press(turn: Turn, officer: Officer) -> None:
    try:
        press(turn, officer)
    except REFUSED as refusal:
        _refuse(turn, refusal, officer, Subject(code=_code_pressed(turn)))


def _reply(turn: Turn, group: GroupContext, subject: Subject, officer: Officer) -> None:
    """A reply to a message of the bot: for the citizen whom it is about, or what it asked for."""
    if subject.code is None and subject.chat is None:
        _say(turn, "utter_staff_not_a_card")
    elif subject.asked == CHOOSE:
        _say(turn, "utter_staff_press_to_choose")
    elif group.edited:
        # What the citizen has read cannot be unsaid; a second message must be meant as one.
        _say(turn, "utter_staff_edit_not_sent")
    elif turn.incoming.kind not in CAN_BE_READ:
        _say(turn, "utter_staff_cannot_pass_on")
    elif turn.prepared.failed_media:
        # Nothing rather than half: words about a picture that is missing.
        _say(turn, "utter_staff_media_failed")
    else:
        try:
            if subject.code is not None:
                _about_ticket(turn, cases.locked(turn.session, subject.code), officer, subject)
            elif subject.chat is not None:
                _answer_chat(turn, handoff.locked_chat(turn.session, subject.chat), officer)
        except REFUSED as refusal:
            _refuse(turn, refusal, officer, subject)


def _note_in_topic(turn: Turn, group: GroupContext, topic: str, officer: Officer) -> None:
    """What is written in a ticket's topic stands in its history; nobody but staff reads it."""
    subject = topics.subject_of_thread(turn, turn.conversation, topic)
    words, media = turn.incoming.text, turn.prepared.media
    if subject is None or subject.code is None or not (words.strip() or media):
        return
    if group.edited:
        words = turn.responses.text("utter_staff_note_edited", text=words)
    ticket = cases.locked(turn.session, subject.code)
    if cases.may_act(ticket, cases.by_officer(officer)):
        citizen_news.note(turn, ticket, officer, words, media)


def _about_ticket(turn: Turn, ticket: Ticket, officer: Officer, subject: Subject) -> None:
    words, media, asked = turn.incoming.text, turn.prepared.media, subject.asked
    if asked is None:
        citizen_news.reply(turn, ticket, officer, words, media)
        _say(turn, "utter_staff_sent")
    elif asked == NOTE:
        citizen_news.note(turn, ticket, officer, words, media)
        _say(turn, "utter_staff_noted")
    else:
        move = turn.services.local.moves.moves[asked]
        must_be_allowed(turn, ticket, move, officer)
        if "target" in move.needs:
            merge(turn, ticket, officer, words)
        else:
            agency = turn.services.local.agencies.get(subject.argument or "")
            given = Given(text=words, agency=agency)
            citizen_news.move(turn, ticket, move.name, officer, given, media)
        _say(turn, f"utter_staff_made_{move.name}", agency=ticket.agency_name)


def _answer_chat(turn: Turn, chat: Conversation, officer: Officer) -> None:
    if not rights.has(officer, Right.CHAT):
        raise cases.MoveForbidden
    text = turn.incoming.text
    if text.strip().lower() == GIVE_BACK_COMMAND:
        citizen_news.give_back(turn, chat, officer)
    else:
        citizen_news.chat_reply(turn, chat, officer, text, turn.prepared.media)


def _refuse(turn: Turn, refusal: Exception, officer: Officer, subject: Subject) -> None:
    """Say why not, and what is missing; a reply to that is a second try of what was asked for."""
    ticket = _ticket_of(turn, subject)
    asked = subject.asked if subject.asked in MARKS.values() else None
    again = mark(asked, subject.code, subject.argument) if asked and subject.code else ""
    said = turn.responses.say(
        f"utter_staff_no_{name_of(refusal, officer, ticket)}",
        officer=officer_in(refusal),
        agency=ticket.agency_name if ticket else "",
        state=cards.state_line(turn, ticket) if ticket else "",
        move=refusal.move.label if isinstance(refusal, cases.MoveNotAllowed) else "",
        blank=getattr(refusal, "blank", ""),
        again=again,
    )
    may_try_again = bool(again) and again in said.text.partition("\n")[0]
    answer(turn, said, ticket=ticket if may_try_again else None)


def _ticket_of(turn: Turn, subject: Subject) -> Ticket | None:
    try:
        return cases.locked(turn.session, subject.code) if subject.code else None
    except TicketNotFound:
        return None


def _code_pressed(turn: Turn) -> str | None:
    parts = (turn.incoming.payload or "").split(":")
    return parts[2] if len(parts) > 2 else None


def _say(turn: Turn, response: str, **fields: object) -> None:
    """Tell the officer what became of it; no citizen is reached by a reply to this."""
    answer(turn, turn.responses.say(response, **fields))
