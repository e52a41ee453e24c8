"""What a flow is: the steps it declares, how each asks, how each reads an answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue.heard import Heard
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk


@dataclass(frozen=True)
class Step:
    """One question of a flow.

    Attributes:
        name: stands in the frame while the question is open.
        ask: puts the question.
        take: reads a message as the answer; False when it is none.
        missing: whether the flow still needs it; steps without it are only entered on purpose.
        listens: whether nearly any text would be taken for the answer, so that it must first be
            asked whether the message is something else.
        wants_place: whether a place named in the text makes it the answer.
    """

    name: str
    ask: Callable[[Talk, Frame], None]
    take: Callable[[Talk, Frame, Heard], bool]
    missing: Callable[[Frame], bool] | None = None
    listens: bool = False
    wants_place: bool = False


class Flow(ABC):
    """A thing that citizens come for. Flows keep nothing themselves: all of it is in the frame."""

    name: ClassVar[str]
    steps: tuple[Step, ...] = ()

    @abstractmethod
    def begin(self, talk: Talk, heard: Heard) -> None:
        """The person came for this: open a frame, or answer at once."""

    def full(self, talk: Talk, frame: Frame) -> None:
        """Nothing is missing any more."""
        talk.close_frame(frame)

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        """A button of this flow; `frame` is the one it belongs to, if still open.

        Returns False when the button means nothing (any more).
        """
        return False

    def back(self, talk: Talk, frame: Frame) -> bool:
        """Go one question back; False when there is none before this one."""
        return False

    def cancelled(self, talk: Talk, frame: Frame) -> None:
        """The person stopped: leave nothing half done, and say so."""
        talk.close_frame(frame)
        talk.say("utter_cancelled")

    def step(self, frame: Frame) -> Step | None:
        return next((step for step in self.steps if step.name == frame.step), None)

    def enter(self, talk: Talk, frame: Frame, name: str) -> None:
        """Open a certain step and ask its question."""
        frame.step = name
        self.resume(talk, frame)

    def advance(self, talk: Talk, frame: Frame) -> None:
        """Ask for the first thing that is missing, or do what is to be done when nothing is."""
        for step in self.steps:
            if step.missing is not None and step.missing(frame):
                frame.step = step.name
                step.ask(talk, frame)
                return
        self.full(talk, frame)

    def resume(self, talk: Talk, frame: Frame) -> None:
        """Put the open question again."""
        step = self.step(frame)
        if step is None:
            self.advance(talk, frame)
        else:
            step.ask(talk, frame)

    def take(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        """A message while this frame is on top; False when it is not for this flow."""
        step = self.step(frame)
        return step is not None and step.take(talk, frame, heard)
