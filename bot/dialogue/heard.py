"""One thing that a person said, in a form that can be kept until its turn comes."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from bot.dialogue.phrases import Control, control_of, fold, joint_length
from bot.messages import Contact, Location
from nlu.understanding import Act, Entity, Understanding

SHORT_ANSWER_WORDS = 6
"""A yes, a no or a wish to stop that takes more words than this is more than that."""

URGES_FROM, URGES_FROM_WORDS = 0.5, 3
"""Danger of which the model is not sure comes before an open question from this confidence, and in
so many words, on. Where nothing is open it leads earlier (see `nlu.conclusion`).
"""

_CONTROL_OF_INTENT: dict[str, Control] = {
    "affirm": "yes",
    "deny": "no",
    "cancel": "cancel",
    "help": "help",
}


class Mention(BaseModel):
    """A span of the text that names something (see `nlu.understanding.Entity`).

    `words` is set when it stood in another part of the message than the text it is kept with.
    """

    entity: str
    value: str
    start: int
    end: int
    extra: dict[str, Any] = Field(default_factory=dict)
    words: str = ""


class Heard(BaseModel):
    """Text with its meaning, and whatever came with it.

    `category_ranking` is best first. `attachments` are rows already stored for this conversation.
    """

    text: str = ""
    intent: str = ""
    confidence: float = 0.0
    sure: bool = False
    category: str | None = None
    category_ranking: list[tuple[str, float]] = Field(default_factory=list)
    urgency: str = "normal"
    urgency_words: list[str] = Field(default_factory=list)
    """Stretches of the text by which an urgency other than normal was decided."""
    mentions: list[Mention] = Field(default_factory=list)
    attachments: list[int] = Field(default_factory=list)
    location: Location | None = None
    contact: Contact | None = None
    message_id: str | None = None
    """The messenger's id of the message, where messages can be edited."""

    @classmethod
    def whole(cls, text: str, understood: Understanding | None) -> Heard:
        """A message taken as one thing."""
        if understood is None:
            return cls(text=text)
        return cls(
            text=text,
            intent=understood.intent.name,
            confidence=understood.intent.confidence,
            sure=understood.sure,
            category=understood.category.name if understood.category else None,
            category_ranking=[(c.name, c.confidence) for c in understood.category_top3],
            urgency=understood.urgency.name,
            urgency_words=[span.text for span in understood.urgency_words],
            mentions=[_mention(entity) for entity in understood.entities],
        )

    def part(self, act: Act) -> Heard:
        """One act of the message, with the names that stand in it.

        A place that the act does not name itself is taken from the rest of the message.
        """
        start = act.start + joint_length(self.text[act.start : act.end])
        inside = [
            m.model_copy(update={"start": m.start - start, "end": m.end - start})
            for m in self.mentions
            if start <= m.start and m.end <= act.end
        ]
        if all(mention.entity != "place" for mention in inside):
            inside += [m.model_copy(update={"words": self.words(m)}) for m in self.all("place")]
        return self.model_copy(
            update={
                "text": self.text[start : act.end].rstrip(" ,.;"),
                "intent": act.intent,
                "category": act.category,
                "category_ranking": [(act.category, 1.0)] if act.category else [],
                "urgency": self.urgency if act.intent in (self.intent, "emergency") else "normal",
                "urgency_words": [w for w in self.urgency_words if w in self.text[start : act.end]],
                "mentions": inside,
            }
        )

    def words(self, mention: Mention) -> str:
        """What the person typed for it."""
        return mention.words or self.text[mention.start : mention.end]

    def first(self, entity: str) -> Mention | None:
        return next((m for m in self.mentions if m.entity == entity), None)

    def all(self, entity: str) -> list[Mention]:
        return [m for m in self.mentions if m.entity == entity]

    @property
    def is_emergency(self) -> bool:
        """Danger is taken seriously before the model is sure of it."""
        return self.intent == "emergency" and (
            self.sure or (self.confidence >= URGES_FROM and self.word_count >= URGES_FROM_WORDS)
        )

    @property
    def word_count(self) -> int:
        return len(self.text.split())

    @property
    def folded(self) -> str:
        return fold(self.text)

    @property
    def control(self) -> Control | None:
        """A yes, no, skip, back … in set words, or by its meaning when it is short."""
        in_words = control_of(self.text)
        if in_words is not None:
            return in_words
        if self.sure and self.word_count <= SHORT_ANSWER_WORDS and not self.mentions:
            return _CONTROL_OF_INTENT.get(self.intent)
        return None


def _mention(entity: Entity) -> Mention:
    return Mention(
        entity=entity.entity,
        value=entity.value,
        start=entity.start,
        end=entity.end,
        extra=dict(entity.extra),
    )
