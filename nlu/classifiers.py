"""The three classifiers of the pipeline: intent, category, urgency.

Each is a linear model over the same features. Every training example is learnt as written, and once
more spoilt the way hasty hands do, without diacritics.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlu.beside import beside
from nlu.concepts import Concepts
from nlu.features import features
from nlu.letters import strip_diacritics
from nlu.linear import LinearModel
from nlu.noise import spoil
from nlu.reading import Reading
from nlu.training_data import Example

if TYPE_CHECKING:
    from nlu.linear_fit import Fitted, Table

NORMAL = "normal"


class IntentClassifier:
    """What the message, and each of its parts, wants.

    `held_out` tells how it did on examples held out, for reports.
    """

    def __init__(self, model: LinearModel, sure_from: float, held_out: dict[str, float]) -> None:
        self.model = model
        self.sure_from = sure_from
        self.held_out = held_out

    @classmethod
    def fit(cls, readings: Sequence[Reading], examples: Sequence[Example]) -> IntentClassifier:
        from nlu.linear_fit import sure_threshold

        intents = (example.intent for example in examples)
        fitted = _fit(readings, intents, strength=1.5, balance=1.0, bayes=0.05, tolerance=1.5)
        sure_from = sure_threshold(fitted)
        return cls(fitted.model, sure_from, fitted.held_out(sure_from))

    def read(self, reading: Reading) -> None:
        reading.sure_from, reading.intent_model = self.sure_from, self.model
        for part in reading.classified:
            part.intent = self.model.labels(reading.weighed(part, self.model.known))

    def save(self, folder: Path) -> None:
        self.model.save(folder)
        _write(folder, {"sure_from": self.sure_from, "held_out": self.held_out})

    @classmethod
    def load(cls, folder: Path) -> IntentClassifier:
        about = _read(folder)
        return cls(LinearModel.load(folder), float(about["sure_from"]), about["held_out"])


class CategoryClassifier:
    """What must be acted on. Without a single labelled example there is no model and no answer."""

    def __init__(
        self, model: LinearModel | None, intents: frozenset[str], held_out: dict[str, float]
    ) -> None:
        self.model = model
        self.intents = intents
        self.held_out = held_out

    @classmethod
    def fit(cls, readings: Sequence[Reading], examples: Sequence[Example]) -> CategoryClassifier:
        """Learns as well which intents have categories: those of which most examples have one."""
        categories = [example.category or None for example in examples]
        if not any(categories):
            return cls(None, frozenset(), {})
        total = Counter(example.intent for example in examples)
        given = Counter(example.intent for example in examples if example.category)
        intents = frozenset(intent for intent in given if given[intent] * 2 > total[intent])
        fitted = _fit(readings, categories, balance=0.5, bayes=0.1)
        return cls(fitted.model, intents, fitted.held_out())

    def read(self, reading: Reading) -> None:
        reading.intents_with_category = self.intents
        if self.model:
            for part in reading.classified:
                part.category = self.model.labels(reading.weighed(part, self.model.known))

    def save(self, folder: Path) -> None:
        if self.model:
            self.model.save(folder)
        about = {"intents": sorted(self.intents), "held_out": self.held_out}
        _write(folder, {**about, "model": self.model is not None})

    @classmethod
    def load(cls, folder: Path) -> CategoryClassifier:
        about = _read(folder)
        model = LinearModel.load(folder) if about["model"] else None
        return cls(model, frozenset(map(str, about["intents"])), about["held_out"])


class UrgencyClassifier:
    """How soon. Examples without a label are normal; data without labels gives always normal."""

    def __init__(self, model: LinearModel) -> None:
        self.model = model

    @classmethod
    def fit(cls, readings: Sequence[Reading], examples: Sequence[Example]) -> UrgencyClassifier:
        labels = (example.urgency or NORMAL for example in examples)
        return cls(_fit(readings, labels).model)

    def read(self, reading: Reading) -> None:
        reading.urgency_model = self.model
        for part in reading.classified:
            part.urgency = self.model.labels(reading.weighed(part, self.model.known))

    def save(self, folder: Path) -> None:
        self.model.save(folder)

    @classmethod
    def load(cls, folder: Path) -> UrgencyClassifier:
        return cls(LinearModel.load(folder))


def _fit(readings: Sequence[Reading], labels: Iterable[str | None], **tuning: float) -> Fitted:
    """Fit on readings and their labels, if they have one; `tuning` is that of `linear_fit.Tuning`.

    Examples are put in an order of their own: that in which they come changes nothing.
    """
    from nlu.linear_fit import Tuning, fit

    texts = [reading.masked(reading.whole) for reading in readings]
    pairs = sorted(zip(texts, labels, strict=True), key=lambda pair: (pair[0], pair[1] or ""))
    table = _table(tuple(text for text, _ in pairs), readings[0].concepts)
    return fit(table, [label for _, label in pairs], Tuning(**tuning))


@lru_cache(maxsize=1)  # all three classifiers learn from the same
def _table(texts: tuple[str, ...], concepts: Concepts | None) -> Table:
    """What examples are known by, as typed and spoilt."""
    from nlu.linear_fit import Table

    spoilt = beside(lambda: [features(strip_diacritics(spoil(t)), concepts) for t in texts])
    typed = [features(text, concepts) for text in texts]
    return Table.of(typed, spoilt())


def _write(folder: Path, about: dict[str, Any]) -> None:
    text = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "classifier.json").write_text(text, encoding="utf-8")


def _read(folder: Path) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
    return about
