"""Greetings, thanks and the like: one response per intent, nothing to remember."""

from __future__ import annotations

from typing import ClassVar

from bot.dialogue.flow import Flow
from bot.dialogue.flows import clarify
from bot.dialogue.heard import Heard
from bot.dialogue.routing import FLOW_OF_INTENT
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

RESPONSES = {
    "greet": "utter_greet",
    "goodbye": "utter_goodbye",
    "thank": "utter_thank",
    "help": "utter_help",
    "ask_bot": "utter_ask_bot",
    "praise": "utter_praise",
    "out_of_scope": "utter_out_of_scope",
    "affirm": "utter_nothing_asked",
    "deny": "utter_nothing_asked",
    "cancel": "utter_nothing_to_cancel",
}

INTRODUCING = frozenset({"greet", "ask_bot", "help"})
"""Responses that say themselves that a machine answers."""

CALM_ANSWERS_TO_INSULTS = 1

MAY_BE_A_REPORT_FROM_WORDS = {"out_of_scope": 3, "praise": 6, "insult": 5}
"""From so many words such a message may tell of a matter: praise in irony, anger with a cause."""

PRAISE_IS_SURE_FROM = 0.9


class SmallTalkFlow(Flow):
    """Answers and goes back to what was open."""

    name: ClassVar[str] = "small_talk"

    def begin(self, talk: Talk, heard: Heard) -> None:
        if heard.intent == "insult":
            self._answer_insult(talk, heard)
        elif heard.intent == "greet" and talk.busy:
            talk.say("utter_greet_again")
        elif heard.intent in ("affirm", "deny") and talk.busy:
            talk.bridge = talk.text("utter_part_once_more")
        else:
            if heard.intent in INTRODUCING:
                talk.state.introduced = True
            response = RESPONSES.get(heard.intent, "utter_out_of_scope")
            clarify.answer(talk, heard, response, or_report=_may_be_a_report(heard))

    @staticmethod
    def _answer_insult(talk: Talk, heard: Heard) -> None:
        """Once, calmly; after that the way to a person, without a word about the tone."""
        talk.state.insults += 1
        if talk.state.insults <= CALM_ANSWERS_TO_INSULTS:
            clarify.answer(talk, heard, "utter_insult", or_report=_may_be_a_report(heard))
        else:
            talk.say("utter_insult_again")


def _may_be_a_report(heard: Heard) -> bool:
    if heard.intent == "praise" and heard.sure and heard.confidence >= PRAISE_IS_SURE_FROM:
        return False
    fewest = MAY_BE_A_REPORT_FROM_WORDS.get(heard.intent)
    return fewest is not None and heard.word_count >= fewest


class MenuFlow(Flow):
    """The menu's buttons, each the beginning of a flow."""

    name: ClassVar[str] = "menu"

    def begin(self, talk: Talk, heard: Heard) -> None:
        talk.say("utter_menu")

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        intent = {
            "report": "report",
            "dossier": "check_dossier",
            "tickets": "check_ticket",
            "procedure": "ask_procedure",
            "handoff": "talk_to_human",
        }.get(action)
        if intent is None:
            return False
        talk.flows[FLOW_OF_INTENT[intent]].begin(talk, Heard(intent=intent))
        return True
