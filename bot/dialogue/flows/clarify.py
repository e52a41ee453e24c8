"""A message that the model is not sure of: the person says what it is, nobody guesses."""

from __future__ import annotations

from typing import ClassVar

from bot.dialogue.flow import Flow, Step
from bot.dialogue.heard import Heard
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
        frame = talk.open(self.name)
        frame.soft = True
        frame.slots = {"heard": heard.model_dump(mode="json", exclude_defaults=True)}
        self.advance(talk, frame)

    def _ask(self, talk: Talk, frame: Frame) -> None:
        talk.ask(frame, "utter_clarify")

    def _take(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        return False

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        if frame is None or action not in _CHOICES:
            return False
        talk.close_frame(frame)
        flow, intent = _CHOICES[action]
        heard = Heard.model_validate(frame.slots["heard"])
        talk.flows[flow].begin(talk, heard.model_copy(update={"intent": intent, "sure": True}))
        return True
