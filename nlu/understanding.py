"""What one message was understood to say: the result every reader of text returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Label:
    """A name of the taxonomy with the probability given to it (0 to 1, calibrated)."""

    name: str
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, "confidence": round(self.confidence, 4)}


@dataclass(frozen=True)
class Act:
    """One thing the writer does in the message; `start` and `end` are offsets into the text."""

    intent: str
    category: str | None
    start: int
    end: int

    def to_dict(self) -> dict[str, Any]:
        return {
            "intent": self.intent,
            "category": self.category,
            "start": self.start,
            "end": self.end,
        }


@dataclass(frozen=True)
class Entity:
    """A span of the original text that names something.

    `entity` is one of `dossier_code`, `ticket_code`, `phone`, `place`, `time`. `value` is the
    normalised form. `start` and `end` are offsets into the original text, so
    `text[start:end]` is what the person typed. `extra` holds what only this kind of entity has;
    a place has `commune` (full official name of today's unit or None), `code` (its five-digit
    statistical code or None) and `confidence`.
    """

    entity: str
    value: str
    start: int
    end: int
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {
            "entity": self.entity,
            "value": self.value,
            "start": self.start,
            "end": self.end,
            **self.extra,
        }


@dataclass(frozen=True)
class Span:
    """A stretch of the original text as the person wrote it."""

    text: str
    start: int
    end: int

    def to_dict(self) -> dict[str, Any]:
        return {"text": self.text, "start": self.start, "end": self.end}


@dataclass(frozen=True)
class Understanding:
    """Everything read from one message.

    `sure` says that the confidence of the intent reached the threshold tuned in training.
    `category` is None for intents that have none. `category_top3` is best first. `urgency_words`
    are up to three stretches that decided an urgency other than normal.
    """

    text: str
    intent: Label
    sure: bool
    category: Label | None
    category_top3: tuple[Label, ...]
    urgency: Label
    acts: tuple[Act, ...]
    entities: tuple[Entity, ...]
    urgency_words: tuple[Span, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "intent": self.intent.to_dict(),
            "sure": self.sure,
            "category": self.category.to_dict() if self.category else None,
            "category_top3": [label.to_dict() for label in self.category_top3],
            "urgency": self.urgency.to_dict(),
            "acts": [act.to_dict() for act in self.acts],
            "entities": [entity.to_dict() for entity in self.entities],
            "urgency_words": [span.to_dict() for span in self.urgency_words],
        }

    def first(self, entity: str) -> Entity | None:
        """The first entity of that kind, or None."""
        return next((e for e in self.entities if e.entity == entity), None)
