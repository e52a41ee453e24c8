"""What the bot remembers of a conversation between two messages: one versioned JSON document."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from bot.dialogue.heard import Heard

VERSION = 1
"""Goes up when the document changes its shape; an older one is started afresh."""

SENT_REMEMBERED = 10
"""Sent reports whose buttons are still answered with the code when pressed again."""

SENSITIVE_FOR = timedelta(minutes=30)
"""How long after a denunciation what follows is taken to be part of it."""


class Choice(BaseModel):
    """A button of the last message, so that its number or its title typed in words works too."""

    title: str
    payload: str


class Frame(BaseModel):
    """A flow that is under way: which step is open, and what is known so far.

    A `soft` frame has an offer open, not a question: any other message closes it silently.
    """

    number: int
    flow: str
    step: str = ""
    slots: dict[str, Any] = Field(default_factory=dict)
    soft: bool = False


class State(BaseModel):
    """The stack of frames (the last is on top) and what goes beyond a single flow."""

    version: int = VERSION
    frames: list[Frame] = Field(default_factory=list)
    last_number: int = 0
    pending: list[Heard] = Field(default_factory=list)
    """Things that the person came for as well, to be taken up one after the other."""
    choices: list[Choice] = Field(default_factory=list)
    misunderstood: int = 0
    insults: int = 0
    introduced: bool = False
    """The person has been told that a machine answers."""
    sent: dict[str, str] = Field(default_factory=dict)
    """Ticket code by number of the frame that it was sent from, or that led to following it."""
    sensitive_until: datetime | None = None

    @classmethod
    def read(cls, document: dict[str, Any]) -> State:
        """The state in a stored document; a document of another version starts afresh."""
        if document.get("version", VERSION) != VERSION:
            return cls(introduced=True)
        try:
            return cls.model_validate(document)
        except ValidationError:
            return cls(introduced=True)

    def document(self) -> dict[str, Any]:
        """The state as it is stored."""
        return {"version": VERSION, **self.model_dump(mode="json", exclude_defaults=True)}

    @property
    def top(self) -> Frame | None:
        return self.frames[-1] if self.frames else None

    def frame(self, number: str) -> Frame | None:
        return next((frame for frame in self.frames if str(frame.number) == number), None)

    def remember_sent(self, frame: Frame, code: str) -> None:
        kept = list(self.sent.items())[-(SENT_REMEMBERED - 1) :]
        self.sent = {**dict(kept), str(frame.number): code}

    def is_sensitive(self, now: datetime) -> bool:
        return self.sensitive_until is not None and now < self.sensitive_until
