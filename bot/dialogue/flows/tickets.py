"""Tickets already sent: see, add to, take back, say that it is not mended, rate."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from actions import ticket_code, tickets
from actions.ticket_code import TicketCodeMistyped, TicketCodeUnreadable
from actions.tickets import TicketClosed, TicketNotFound, TicketOpen
from bot.clock import shown
from bot.desk import notices
from bot.desk.cards import stored
from bot.dialogue.flow import Flow, Step
from bot.dialogue.flows import clarify, ticket_views
from bot.dialogue.flows.report.draft import MAX_MEDIA, draft_of, editing
from bot.dialogue.heard import Heard
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk
from bot.messages import StoredMedia
from store.tickets import Attachment, Ticket, TicketState

BUTTONS = 3
"""Tickets offered as buttons when it is not clear which is meant."""

ACTION_OF_INTENT = {
    "check_ticket": "status",
    "add_to_ticket": "add",
    "withdraw_ticket": "withdraw",
    "reopen_ticket": "reopen",
    "rate": "rate",
}

FEWEST_WORDS_OF_A_MATTER = 6
"""A message of so many words about an earlier report may tell the matter of a new one."""

_LIKE_A_CODE = re.compile(r"\s*PA[-\s]\w+\W*$", re.IGNORECASE)

FEWEST_WORDS_OF_CONTENT = 8
"""A message of so many words that asks to add or to reopen says itself what is to be added."""


class TicketsFlow(Flow):
    """Which ticket, then what to do with it."""

    name: ClassVar[str] = "tickets"

    def __init__(self) -> None:
        self.steps = (
            Step("which", self._ask_which, self._take_which, missing=_missing_code),
            Step("words", self._ask_words, self._take_words, listens=True),
            Step("confirm", self._ask_confirm, self._take_confirm),
        )

    def begin(self, talk: Talk, heard: Heard) -> None:
        action = ACTION_OF_INTENT.get(heard.intent, "status")
        mention = heard.first("ticket_code")
        if mention is not None:
            self._with_code(talk, action, mention.value, heard)
        elif action == "status" and _LIKE_A_CODE.match(heard.text):
            talk.say("utter_ticket_code_unreadable")
        elif action == "status" and tickets.of_conversation(talk.session, talk.conversation):
            ticket_views.list_own(talk)
        elif action == "status":
            self._say_none(talk, action, heard)
        elif (only := self._only_candidate(talk, action)) is not None:
            self._do(talk, action, only, heard)
        else:
            self._choose(talk, action, heard)

    def _with_code(self, talk: Talk, action: str, typed: str, heard: Heard) -> None:
        """A code was given, perhaps wrongly; says what is wrong with it."""
        try:
            ticket = tickets.find_by_code(talk.session, ticket_code.read(typed))
        except TicketCodeMistyped:
            talk.say("utter_ticket_code_mistyped", code=typed[:20])
        except TicketCodeUnreadable:
            talk.say("utter_ticket_code_unreadable")
        except TicketNotFound:
            talk.say("utter_ticket_unknown", code=typed[:20])
        else:
            self._do(talk, action, ticket, heard)

    def _own(self, talk: Talk, action: str) -> list[Ticket]:
        own = tickets.of_conversation(talk.session, talk.conversation)
        wanted: dict[str, Callable[[Ticket], bool]] = {
            "add": tickets.is_open,
            "withdraw": tickets.is_open,
            "reopen": lambda ticket: ticket.state == TicketState.DONE,
            "rate": lambda ticket: ticket.state == TicketState.DONE,
        }
        fits = wanted.get(action)
        return [ticket for ticket in own if fits is None or fits(ticket)]

    def _only_candidate(self, talk: Talk, action: str) -> Ticket | None:
        own = self._own(talk, action)
        if len(own) == 1 or (own and action == "rate"):
            return own[0]
        return None

    def _choose(self, talk: Talk, action: str, heard: Heard) -> None:
        if not self._own(talk, action):
            self._say_none(talk, action, heard)
            return
        frame = talk.open(self.name)
        frame.slots = {"action": action, "heard": heard.model_dump(mode="json")}
        self.advance(talk, frame)

    @staticmethod
    def _say_none(talk: Talk, action: str, heard: Heard) -> None:
        """Nothing fits; a message that tells the matter itself becomes a report of its own."""
        if tickets.of_conversation(talk.session, talk.conversation):
            talk.say("utter_ticket_none_fitting")
        elif action in ("add", "reopen") and heard.word_count >= FEWEST_WORDS_OF_CONTENT:
            talk.bridge = talk.text("utter_part_ticket_made_new")
            talk.flows["report"].begin(talk, heard.model_copy(update={"intent": "report"}))
        else:
            told = heard.word_count >= FEWEST_WORDS_OF_A_MATTER
            clarify.answer(talk, heard, "utter_ticket_none", or_report=told)

    def _do(self, talk: Talk, action: str, ticket: Ticket, heard: Heard) -> None:
        if action == "status":
            ticket_views.tell(talk, ticket)
            return
        if ticket.conversation_id != talk.conversation.id:
            talk.say("utter_ticket_not_yours")
            return
        if (refusal := _refusal(action, ticket)) is not None:
            talk.say(refusal, code=ticket.code)
            return
        if action == "rate":
            self._rate(talk, ticket, heard)
            return
        frame = talk.open(self.name)
        frame.slots = {"action": action, "code": ticket.code}
        if action == "withdraw":
            self.enter(talk, frame, "confirm")
        elif heard.attachments or heard.word_count >= FEWEST_WORDS_OF_CONTENT:
            self._take_words(talk, frame, heard)
        else:
            self.enter(talk, frame, "words")

    def _ask_which(self, talk: Talk, frame: Frame) -> None:
        own = self._own(talk, str(frame.slots["action"]))[: ticket_views.LISTED]
        lines = "\n".join(ticket_views.line(talk, ticket) for ticket in own)
        codes = {f"code{n}": ticket.code for n, ticket in enumerate(own[:BUTTONS], 1)}
        talk.ask(frame, f"utter_ticket_ask_which_{min(len(own), BUTTONS)}", lines=lines, **codes)

    def _take_which(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        mention = heard.first("ticket_code")
        try:
            code = ticket_code.read(mention.value if mention else heard.text)
        except TicketCodeMistyped:
            talk.ask(frame, "utter_ticket_code_mistyped", code=heard.text[:20])
            return True
        except TicketCodeUnreadable:
            return False
        self._chosen(talk, frame, code)
        return True

    def _chosen(self, talk: Talk, frame: Frame, code: str) -> None:
        talk.close_frame(frame)
        heard = Heard.model_validate(frame.slots.get("heard", {}))
        self._with_code(talk, str(frame.slots["action"]), code, heard)

    def _ask_words(self, talk: Talk, frame: Frame) -> None:
        name = "reopen" if frame.slots["action"] == "reopen" else "add"
        talk.ask(frame, f"utter_ticket_ask_words_{name}", code=frame.slots["code"])

    def _take_words(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        """Words or pictures for the ticket; the frame stays open softly for more of them."""
        if not heard.text.strip() and not heard.attachments:
            return False
        ticket = tickets.find_by_code(talk.session, str(frame.slots["code"]))
        talk.close_frame(frame)
        attached = tuple(heard.attachments[:MAX_MEDIA])
        if frame.slots["action"] == "reopen":
            self._reopen(talk, ticket, heard.text, attached)
        else:
            self._add(talk, ticket, heard.text, attached)
        return True

    def _add(self, talk: Talk, ticket: Ticket, text: str, attached: tuple[int, ...]) -> None:
        tickets.add_words(talk.session, ticket, text=text, attachment_ids=attached, now=talk.now)
        talk.say("utter_ticket_added", code=ticket.code)
        notices.announce_addition(talk.turn, ticket, text, _pictures(talk, attached))

    def _reopen(self, talk: Talk, ticket: Ticket, text: str, attached: tuple[int, ...]) -> None:
        try:
            tickets.reopen(
                talk.session,
                ticket,
                text=text,
                local=talk.local,
                attachment_ids=attached,
                now=talk.now,
            )
        except TicketOpen:
            # It was opened again since the question was asked: the words still belong to it.
            self._add(talk, ticket, text, attached)
            return
        except TicketClosed:
            talk.say("utter_ticket_is_closed", code=ticket.code)
            return
        talk.say("utter_ticket_reopened", code=ticket.code, deadline=shown(ticket.deadline_at))
        notices.announce_reopening(talk.turn, ticket)
        notices.announce_addition(talk.turn, ticket, text, _pictures(talk, attached))

    def _rate(self, talk: Talk, ticket: Ticket, heard: Heard) -> None:
        tickets.add_words(talk.session, ticket, text=heard.text, now=talk.now)
        talk.say("utter_ticket_rated", code=ticket.code)
        notices.announce_addition(talk.turn, ticket, heard.text, ())

    def _ask_confirm(self, talk: Talk, frame: Frame) -> None:
        talk.ask(frame, "utter_ticket_ask_withdraw", code=frame.slots["code"])

    def _take_confirm(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        if heard.control == "yes":
            self._withdraw(talk, frame)
            return True
        if heard.control in ("no", "skip", "back"):
            talk.close_frame(frame)
            talk.say("utter_ticket_kept", code=frame.slots["code"])
            return True
        return False

    def _withdraw(self, talk: Talk, frame: Frame) -> None:
        talk.close_frame(frame)
        ticket = tickets.find_by_code(talk.session, str(frame.slots["code"]))
        try:
            tickets.withdraw(talk.session, ticket, now=talk.now)
        except TicketClosed:
            talk.say("utter_ticket_is_closed", code=ticket.code)
            return
        talk.say("utter_ticket_withdrawn", code=ticket.code)
        notices.announce_withdrawal(talk.turn, ticket)

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        """Buttons under a ticket carry its code; those under a question their frame."""
        if action in ACTION_OF_INTENT.values():
            self._with_code(talk, action, argument, Heard())
        elif action == "attach":
            self._attach_photos(talk, argument)
        elif frame is None:
            return False
        elif action == "choose":
            self._chosen(talk, frame, argument)
        elif action == "withdraw_yes":
            self._withdraw(talk, frame)
        elif action == "withdraw_no":
            talk.close_frame(frame)
            talk.say("utter_ticket_kept", code=frame.slots["code"])
        else:
            return False
        return True

    def _attach_photos(self, talk: Talk, code: str) -> None:
        """Photos that waited for words belong to a ticket that is already sent."""
        waiting = next((f for f in reversed(talk.state.frames) if f.flow == "report"), None)
        ticket = tickets.find_by_code(talk.session, ticket_code.read(code))
        if waiting is None or draft_of(waiting).what or not draft_of(waiting).attachments:
            talk.say("utter_old_button")
            return
        with editing(waiting) as draft:
            attached, draft.attachments = tuple(draft.attachments), []
        talk.close_frame(waiting)
        if ticket.conversation_id == talk.conversation.id and tickets.is_open(ticket):
            self._add(talk, ticket, "", attached)
        else:
            talk.say("utter_ticket_is_closed", code=ticket.code)


def _missing_code(frame: Frame) -> bool:
    return "code" not in frame.slots


def _refusal(action: str, ticket: Ticket) -> str | None:
    """Why this cannot be done to the ticket as it is, as the name of a response."""
    if action in ("add", "withdraw") and not tickets.is_open(ticket):
        return "utter_ticket_is_closed"
    if action == "reopen" and tickets.is_open(ticket):
        return "utter_ticket_is_open"
    if action == "reopen" and ticket.state == TicketState.WITHDRAWN:
        return "utter_ticket_is_closed"
    return None


def _pictures(talk: Talk, ids: tuple[int, ...]) -> tuple[StoredMedia, ...]:
    return tuple(stored(talk.session.get_one(Attachment, number)) for number in ids)
