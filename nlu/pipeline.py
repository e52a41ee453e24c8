"""The whole of understanding: text in, `Understanding` out.

A pipeline is a list of steps. Each reads what the steps before it found in the `Reading` of a
message and adds its own. Rasa runs the same steps as graph components, one node each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from nlu.acts import ActSegmenter
from nlu.classifiers import CategoryClassifier, IntentClassifier, UrgencyClassifier
from nlu.concepts import Concepts
from nlu.conclusion import Conclusion, nothing_understood
from nlu.entities.extractor import PatternEntities
from nlu.normalizer import Normalizer
from nlu.place_step import PlaceEntities
from nlu.reading import READ_LIMIT, Reading, readable
from nlu.understanding import Understanding


class Step(Protocol):
    """One step of the pipeline."""

    def read(self, reading: Reading) -> None:
        """Add to the reading what this step finds."""

    def save(self, folder: Path) -> None:
        """Write what training left in this step into an empty folder."""


def begin(normalizer: Normalizer, text: str) -> Reading:
    """The reading of a text before any step: at most READ_LIMIT characters of it."""
    text = readable(text[:READ_LIMIT])
    return Reading(text, normalizer(text))


class Pipeline:
    """A trained pipeline, safe to use from several threads."""

    def __init__(self, normalizer: Normalizer, steps: Sequence[Step]) -> None:
        self.normalizer = normalizer
        self.steps = tuple(steps)

    def parse(self, text: str) -> Understanding:
        """Understand a text of any length; never raises for any text."""
        reading = begin(self.normalizer, text)
        for step in self.steps:
            step.read(reading)
        return reading.result or nothing_understood(reading.text)


# How each class of `config.yml` is read back from an archive. The tokenizer is for Rasa's own
# components: ours read the words of a message only when they need them.
LOADERS: dict[str, Callable[[Path], Step]] = {
    "CodeExtractor": PatternEntities.load,
    "PlaceExtractor": PlaceEntities.load,
    "ConceptFinder": Concepts.load,
    "ActSegmenter": ActSegmenter.load,
    "IntentClassifier": IntentClassifier.load,
    "CategoryClassifier": CategoryClassifier.load,
    "UrgencyClassifier": UrgencyClassifier.load,
    "Conclusion": Conclusion.load,
}
NORMALIZER = "VietnameseNormalizer"
TOKENIZER = "VietnameseTokenizer"
