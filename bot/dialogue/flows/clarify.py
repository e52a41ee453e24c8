"""A message that is hard to place: it is kept, and the person says what it is, nobody guesses."""

from __future__ import annotations

from typing import ClassVar, cast

from bot.dialogue.flow import Flow, Step
from bot.dialogue.flows.report.where import names_only_a_place
from bot.dialogue.heard import Heard
from bot.dialogue.routing import is_question
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

FEWEST_WORDS = 4
"""A shorter message says too little to be worth keeping: it is asked for anew."""

_CHOICES = {
    "report": ("report", "report"),
    "procedure": ("information", "ask_procedure"),
    "dossier": ("dossier", "check_dossier"),
}
"""A button's action: the flow it opens, and the intent that the message is given."""


class ClarifyFlow(Flow):
    """Keeps the message while asking what it is; any other message drops it silently."""

    name: ClassVar[str] = "clarify"

    def __init__(self) -> None:
        self.steps = (Step("which", self._ask, self._take, missing=lambda _: True),)

    def begin(self, talk: Talk, heard: Heard) -> None:
        self.keep(talk, heard, "utter_clarify")

    def keep(self, talk: Talk, heard: Heard, response: str, **fields: object) -> None:
        """Say a response with a button that makes a report of the message after all."""
        frame = talk.open(self.name)
        frame.soft = True
        frame.step = "which"
        frame.slots = {"heard": heard.model_dump(mode="json", exclude_defaults=True)}
        talk.ask(frame, response, **fields)

    def _ask(self, talk: Talk, frame: Frame) -> None:
        talk.ask(frame, "utter_clarify")

    def _take(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        """A place alone says where the kept message is about: then it is a report."""
        if not names_only_a_place(heard):
            return False
        kept = Heard.model_validate(frame.slots["heard"])
        places = [m.model_copy(update={"words": heard.words(m)}) for m in heard.all("place")]
        mentions = [m for m in kept.mentions if m.entity != "place"] + places
        talk.close_frame(frame)
        update = {"intent": "report", "sure": True, "mentions": mentions}
        talk.flows["report"].begin(talk, kept.model_copy(update=update))
        return True

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        if frame is None or action not in _CHOICES:
            return False
        talk.close_frame(frame)
        flow, intent = _CHOICES[action]
        heard = Heard.model_validate(frame.slots["heard"])
        talk.flows[flow].begin(talk, heard.model_copy(update={"intent": intent, "sure": True}))
        return True


def answer(talk: Talk, heard: Heard, response: str, *, or_report: bool, **fields: object) -> None:
    """Say a response; where the message may be a report after all, the one that offers it.

    Args:
        response: its other form has the same name with `_or_report` behind it.
        or_report: whether this message is worth the offer.
    """
    if or_report and not talk.busy and not is_question(heard.folded):
        offer_report(talk, heard, f"{response}_or_report", **fields)
    else:
        talk.say(response, **fields)


def offer_report(talk: Talk, heard: Heard, response: str, **fields: object) -> None:
    """Say a response whose button makes a report of the message."""
    cast(ClarifyFlow, talk.flows["clarify"]).keep(talk, heard, response, **fields)
