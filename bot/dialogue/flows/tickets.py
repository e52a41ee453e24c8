"""Tickets already sent: see, add to, take back, follow, say whether it is done, rate."""

from __future__ import annotations

import re
from typing import ClassVar

from actions import following, ticket_code
from actions.ticket_code import TicketCodeMistyped, TicketCodeUnreadable
from actions.tickets import TicketNotFound
from bot.dialogue.flow import Flow, Step
from bot.dialogue.flows import (
    clarify,
    ticket_acts,
    ticket_additions,
    ticket_answers,
    ticket_rating,
    ticket_views,
)
from bot.dialogue.flows.report.draft import draft_of, editing
from bot.dialogue.heard import Heard
from bot.dialogue.routing import is_question
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk
from bot.dialogue.ticket_words import wish_in
from store.tickets import Ticket

BUTTONS = 3
"""Tickets offered as buttons when it is not clear which is meant."""

ACTION_OF_INTENT = {
    "check_ticket": "status",
    "add_to_ticket": "add",
    "withdraw_ticket": "withdraw",
    "reopen_ticket": "notdone",
    "rate": "rate",
}

ABOUT_A_TICKET = frozenset(
    {"status", "add", "withdraw", "done", "notdone", "rate", "follow", "unfollow", "answer"}
)
"""What can be done with a ticket once it is known which."""

FEWEST_WORDS_OF_A_MATTER = 6
"""A message of so many words about an earlier report may tell the matter of a new one."""

_STEP_OF_BUTTON = {
    "choose": "which",
    "withdraw_yes": "confirm",
    "withdraw_no": "confirm",
    "skip": "still",
    "why_skip": "why",
    "answer": "answer",
    "new": "answer",
}
"""The question that each button stands under; under another it means nothing."""

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
            Step("still", self._ask_still, self._take_words, listens=True),
            Step("confirm", self._ask_confirm, self._take_confirm),
            Step("stars", ticket_rating.ask_stars, ticket_rating.take_stars),
            Step("why", ticket_rating.ask_why, ticket_rating.take_why, listens=True),
            Step("answer", ticket_answers.ask, ticket_answers.take),
        )

    def begin(self, talk: Talk, heard: Heard) -> None:
        self.act(talk, ACTION_OF_INTENT.get(heard.intent, "status"), heard)

    def takes_up(self, talk: Talk, heard: Heard) -> bool:
        """Set words about a ticket, or what staff wait for; False when it is for another flow."""
        wish = wish_in(heard)
        awaited = wish in ("done", "notdone") and ticket_acts.awaiting_a_word(talk)
        if wish is not None and (awaited or heard.first("ticket_code") is not None):
            self.act(talk, wish, heard)
            return True
        if wish == "status" and self._told_when(talk, heard):
            return True
        if wish == "unfollow" and following.followed_by(talk.session, talk.conversation):
            self.act(talk, wish, heard)
            return True
        return ticket_answers.taken_up(talk, heard)

    def _told_when(self, talk: Talk, heard: Heard) -> bool:
        """Say how far the open tickets are, unless something else is asked of the person just now;
        "lâu quá rồi" may be the answer to a question of staff, while a question never is.
        """
        top = talk.state.top
        if top is not None and top.flow == "report":
            talk.say("utter_report_when")
            return True
        if talk.busy or not ticket_acts.fitting(talk, "add"):
            return False
        if ticket_acts.fitting(talk, "answer") and not is_question(heard.folded):
            return False
        self.act(talk, "status", heard)
        return True

    def act(self, talk: Talk, action: str, heard: Heard) -> None:
        """Do something with the ticket that the message names, or the only one it can be."""
        mention = heard.first("ticket_code")
        if mention is not None:
            self._with_code(talk, action, mention.value, heard)
        elif action == "status" and _LIKE_A_CODE.match(heard.text):
            talk.say("utter_ticket_code_unreadable")
        elif action == "status" and ticket_acts.fitting(talk, action):
            ticket_views.list_all(talk)
        elif action == "status":
            self._say_none(talk, action, heard)
        elif (only := self._only_candidate(talk, action)) is not None:
            self._do(talk, action, only, heard)
        else:
            self._choose(talk, action, heard)

    def _with_code(self, talk: Talk, action: str, typed: str, heard: Heard) -> None:
        """A code was given, perhaps wrongly; says what is wrong with it."""
        try:
            ticket = ticket_additions.to_work_on(talk, ticket_code.read(typed))
        except TicketCodeMistyped:
            talk.say("utter_ticket_code_mistyped", code=typed[:20])
        except TicketCodeUnreadable:
            talk.say("utter_ticket_code_unreadable")
        except TicketNotFound:
            talk.say("utter_ticket_unknown", code=typed[:20])
        else:
            self._do(talk, action, ticket, heard)

    def _only_candidate(self, talk: Talk, action: str) -> Ticket | None:
        found = ticket_acts.fitting(talk, action)
        if len(found) == 1 or (found and action == "rate"):
            return ticket_additions.to_work_on(talk, found[0].code)
        return None

    def _choose(self, talk: Talk, action: str, heard: Heard) -> None:
        if not ticket_acts.fitting(talk, action):
            self._say_none(talk, action, heard)
            return
        frame = talk.open(self.name)
        frame.slots = {"action": action, "heard": heard.model_dump(mode="json")}
        self.advance(talk, frame)

    def _say_none(self, talk: Talk, action: str, heard: Heard) -> None:
        """Nothing fits; a message that tells the matter itself becomes a report of its own."""
        if ticket_acts.fitting(talk, "status"):
            talk.say("utter_ticket_none_fitting")
        elif action in ("add", "notdone") and heard.word_count >= FEWEST_WORDS_OF_CONTENT:
            talk.bridge = talk.text("utter_part_ticket_made_new")
            talk.flows["report"].begin(talk, heard.model_copy(update={"intent": "report"}))
        else:
            told = heard.word_count >= FEWEST_WORDS_OF_A_MATTER
            clarify.answer(talk, heard, "utter_ticket_none", or_report=told)

    def _do(self, talk: Talk, action: str, ticket: Ticket, heard: Heard) -> None:
        if action == "add":
            # What is said of a ticket that was merged belongs to the one that it was merged into.
            ticket = following.standing_for(talk.session, ticket)
        others = ticket.conversation_id != talk.conversation.id
        if action == "status":
            ticket_views.tell(talk, ticket)
        elif action == "follow":
            ticket_acts.follow(talk, ticket)
        elif action == "unfollow":
            ticket_acts.unfollow(talk, ticket)
        elif others and (action != "add" or not ticket_acts.may_add(talk, ticket)):
            talk.say("utter_ticket_not_yours", code=ticket.code)
        elif (refusal := ticket_acts.refusal(talk, action, ticket)) is not None:
            talk.say(refusal, code=ticket.code)
        elif action == "rate":
            ticket_rating.begin(talk, ticket, heard)
        elif action == "done":
            ticket_acts.confirm(talk, ticket)
        else:
            self._with_words(talk, action, ticket, heard)

    def _with_words(self, talk: Talk, action: str, ticket: Ticket, heard: Heard) -> None:
        """What takes words: they are in the message already, or are asked for."""
        enough = bool(heard.attachments) or heard.word_count >= FEWEST_WORDS_OF_CONTENT
        if action == "answer" or (action == "add" and enough):
            ticket_acts.add(talk, ticket, ticket_acts.said(heard))
            return
        if action == "notdone":
            ticket_acts.dispute(talk, ticket, ticket_acts.said(heard))
            if enough:
                return
        frame = talk.open(self.name)
        frame.slots = {"action": action, "code": ticket.code}
        self.enter(talk, frame, {"notdone": "still", "withdraw": "confirm"}.get(action, "words"))

    def _ask_which(self, talk: Talk, frame: Frame) -> None:
        own = ticket_acts.fitting(talk, str(frame.slots["action"]))[: ticket_views.LISTED]
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
        talk.ask(frame, "utter_ticket_ask_words_add", code=frame.slots["code"])

    def _ask_still(self, talk: Talk, frame: Frame) -> None:
        talk.ask(frame, "utter_ticket_ask_words_still", code=frame.slots["code"])

    def _take_words(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        """Words or pictures for the ticket; what is still wrong may be left unsaid."""
        if not heard.text.strip() and not heard.attachments:
            return False
        if heard.control in ("no", "skip") and not heard.attachments:
            self._add_nothing(talk, frame)
            return True
        talk.close_frame(frame)
        ticket = ticket_additions.to_work_on(talk, str(frame.slots["code"]))
        ticket_acts.add_if_open(talk, ticket, ticket_acts.said(heard))
        return True

    @staticmethod
    def _add_nothing(talk: Talk, frame: Frame) -> None:
        talk.close_frame(frame)
        talk.say("utter_ticket_nothing_added", code=frame.slots["code"])

    def _ask_confirm(self, talk: Talk, frame: Frame) -> None:
        talk.ask(frame, "utter_ticket_ask_withdraw", code=frame.slots["code"])

    def _take_confirm(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        if heard.control == "yes":
            self._withdraw(talk, frame)
            return True
        if heard.control in ("no", "skip", "back"):
            self._keep(talk, frame)
            return True
        return False

    @staticmethod
    def _withdraw(talk: Talk, frame: Frame) -> None:
        talk.close_frame(frame)
        ticket = ticket_additions.to_work_on(talk, str(frame.slots["code"]))
        if ticket.conversation_id != talk.conversation.id:
            talk.say("utter_ticket_not_yours", code=ticket.code)
        elif (refusal := ticket_acts.refusal(talk, "withdraw", ticket)) is not None:
            talk.say(refusal, code=ticket.code)
        else:
            ticket_acts.withdraw(talk, ticket)

    @staticmethod
    def _keep(talk: Talk, frame: Frame) -> None:
        talk.close_frame(frame)
        talk.say("utter_ticket_kept", code=frame.slots["code"])

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        """Buttons under a ticket carry its code; those under a question their frame."""
        if frame is not None:
            return self._press_in(talk, frame, action, argument)
        code, _, more = argument.partition(":")
        if action == "attach":
            self._attach_photos(talk, code)
        elif action in ABOUT_A_TICKET - {"answer"}:
            # The number of stars under a question is read as it is when it is typed.
            self._with_code(talk, action, code, Heard(text=more))
        else:
            return False
        return True

    def _press_in(self, talk: Talk, frame: Frame, action: str, argument: str) -> bool:
        if _STEP_OF_BUTTON.get(action) != frame.step:
            return False
        if action == "choose":
            self._chosen(talk, frame, argument)
        elif action == "withdraw_yes":
            self._withdraw(talk, frame)
        elif action == "withdraw_no":
            self._keep(talk, frame)
        elif action == "skip":
            self._add_nothing(talk, frame)
        elif action == "why_skip":
            ticket_rating.skip_why(talk, frame)
        else:
            return ticket_answers.press(talk, frame, action)
        return True

    def _attach_photos(self, talk: Talk, code: str) -> None:
        """Photos that waited for words belong to a ticket that is already sent."""
        waiting = next((f for f in reversed(talk.state.frames) if f.flow == "report"), None)
        if waiting is None or draft_of(waiting).what or not draft_of(waiting).attachments:
            talk.say("utter_old_button")
            return
        with editing(waiting) as draft:
            attached, draft.attachments = list(draft.attachments), []
        talk.close_frame(waiting)
        self._with_code(talk, "add", code, Heard(attachments=attached))


def _missing_code(frame: Frame) -> bool:
    return "code" not in frame.slots
