"""A report before it is sent: the slots of its frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel, Field

from bot.dialogue.heard import Heard
from bot.dialogue.state import Frame

CLOSE_CATEGORIES = 0.15
"""Two best categories nearer to each other than this are asked about …"""

TOGETHER_CATEGORIES = 0.6
"""… if it is likely that one of the two is right."""

VAGUE_CATEGORY = 0.25
"""A best category that is less likely than this was drawn from words without a subject."""

MAX_MEDIA = 10
"""Photos and videos of one report; as many as an album has."""


class Draft(BaseModel):
    """What is known of the report so far.

    `where_settled` says that the place is taken as it is, even if it names no commune, or nothing.
    """

    intent: str = "report"
    urgency: str = "normal"
    urgency_words: list[str] = Field(default_factory=list)
    what: str = ""
    category: str = "other"
    rivals: list[str] = Field(default_factory=list)
    category_settled: bool = False
    category_vague: bool = False
    place_text: str | None = None
    commune_code: str | None = None
    communes: list[str] = Field(default_factory=list)
    """Codes of communes that the place's name fits equally well."""
    latitude: float | None = None
    longitude: float | None = None
    where_asked: int = 0
    where_settled: bool = False
    attachments: list[int] = Field(default_factory=list)
    phone: str | None = None
    """Kept only once `consent_id` is set."""
    consent_id: int | None = None
    other: Heard | None = None
    """A message that may be a report of its own; the person is being asked."""
    messages: dict[str, str] = Field(default_factory=dict)
    """The words of each message that went into it, by the messenger's id, for the edits."""
    alike: list[str] = Field(default_factory=list)
    """Codes of open tickets that may be about the same …"""
    alike_asked: bool = False
    """… and the person has been asked, once."""

    @property
    def has_place(self) -> bool:
        return bool(self.place_text or self.latitude is not None)

    def describe(self, heard: Heard) -> None:
        """Take the text as what the report is about."""
        self.what = heard.text.strip()
        self.hurry(heard)
        if heard.category is not None:
            self.categorise(heard)

    def hurry(self, heard: Heard) -> None:
        """Be as urgent as the text, if it is more urgent than what is known."""
        if heard.urgency == "urgent" or heard.intent == "emergency":
            self.urgency = "urgent"
        elif heard.urgency == "high" and self.urgency == "normal":
            self.urgency = "high"
        if heard.urgency != "normal":
            self.urgency_words = heard.urgency_words or self.urgency_words

    def note(self, heard: Heard) -> None:
        """Remember a message whose words or pictures went into the report."""
        words = heard.text.strip()
        place = self.place_text
        told = words in self.what or (place is not None and (place in words or words in place))
        used = bool(heard.attachments) or (bool(words) and heard.control is None)
        if heard.message_id is not None and used and told:
            self.messages[heard.message_id] = words

    def categorise(self, heard: Heard) -> None:
        self.category = heard.category or "other"
        self.rivals = [name for name, _ in heard.category_ranking]
        best = max((confidence for _, confidence in heard.category_ranking), default=1.0)
        self.category_vague = best < VAGUE_CATEGORY
        # Nobody is asked to choose between something and "khác".
        self.category_settled = "other" in self.rivals[:2] or not _two_are_close(heard)


def _two_are_close(heard: Heard) -> bool:
    if len(heard.category_ranking) < 2:
        return False
    best, second = (confidence for _, confidence in heard.category_ranking[:2])
    return best - second < CLOSE_CATEGORIES and best + second > TOGETHER_CATEGORIES


def draft_of(frame: Frame) -> Draft:
    """The slots of a frame, to read."""
    return Draft.model_validate(frame.slots)


@contextmanager
def editing(frame: Frame) -> Iterator[Draft]:
    """The slots of a frame, to change: what is changed inside stands in the frame afterwards."""
    draft = draft_of(frame)
    yield draft
    frame.slots = draft.model_dump(mode="json", exclude_defaults=True)
