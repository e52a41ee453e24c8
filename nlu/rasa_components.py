"""The steps of the pipeline as graph components of Rasa 3.6: thin wrappers, nothing else.

A message carries its `Reading` from component to component. `Conclusion` writes the result where
Rasa's `/model/parse` shows it: `intent`, `entities`, and beside them `sure`, `category`,
`category_top3`, `urgency`, `urgency_words` and `acts`.

Components that the classifiers learn from are registered as featurizers, for only tokenizers and
featurizers see the training data on its way to the classifiers.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import acts, classifiers, concepts, conclusion, normalizer, place_step
from nlu.entities import extractor
from nlu.pipeline import Step, begin
from nlu.reading import Reading
from nlu.training import GAZETTEER
from nlu.training_data import Example, labelled

READING = "reading"
IN_TRAINING = "in_training"
ComponentType = DefaultV1Recipe.ComponentType


def _code_fingerprint() -> str:
    """Changes when our code or tables change, so that Rasa's cache never serves an old fit."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.rglob("*")):
        if path.suffix in {".py", ".tsv", ".csv"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _readings(training_data: TrainingData) -> tuple[list[Reading], list[Example]]:
    """The readings and labels of all examples that have an intent."""
    readings: list[Reading] = []
    examples: list[Example] = []
    for message in training_data.intent_examples:
        metadata = message.get(METADATA) or {}
        given = {**(metadata.get("intent") or {}), **(metadata.get("example") or {})}
        readings.append(message.get(READING))
        examples.append(labelled(message.get(TEXT), message.get(INTENT), given))
    return readings, examples


class _Component(GraphComponent):
    """What all our components share: a plain step, kept in Rasa's model storage."""

    STEP: type[Any]

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        step: Any,
    ) -> None:
        self.config = config
        self.model_storage = model_storage
        self.resource = resource
        self.step = step

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> _Component:
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> _Component:
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, cls.STEP.load(folder))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return _code_fingerprint()

    def _fit(self, training_data: TrainingData) -> Any:
        return self.STEP()

    def train(self, training_data: TrainingData) -> Resource:
        step: Step = self._fit(training_data)
        with self.model_storage.write_to(self.resource) as folder:
            step.save(folder)
        return self.resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            reading = message.get(READING)
            if reading is not None:
                self._read(message, reading)
        return messages

    def _read(self, message: Message, reading: Reading) -> None:
        # The reading is not set anew: Rasa knows it by its text alone (`Reading.fingerprint`), and
        # setting it would only have every message of the training data hashed again.
        self.step.read(reading)


@DefaultV1Recipe.register(ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class VietnameseNormalizer(_Component):
    """Begins the reading of a message: one spelling, with offsets into the original."""

    STEP = normalizer.Normalizer

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get(TEXT):
                message.set(READING, begin(self.step, message.get(TEXT)))
        return messages


class _Word(Token):
    """A token that Rasa hashes at once, not field by field: there are many in training."""

    def fingerprint(self) -> str:
        return f"{self.start} {self.end} {self.text}"


@DefaultV1Recipe.register(ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(_Component):
    """Segments words by underthesea, for Rasa's own components and for `rasa test`.

    With `in_training: false` in the config the training data is left without words: ours need
    none, and segmenting all of it takes longer than most of what is learnt from it.
    """

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> _Component:
        return cls(config, model_storage, resource, None)  # nothing was learnt, nothing is read

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        if not self.config.get(IN_TRAINING, True):
            return training_data
        return super().process_training_data(training_data)

    def _read(self, message: Message, reading: Reading) -> None:
        tokens = []
        for word in reading.words:
            start, end = reading.normalized.span(word.start, word.end)
            tokens.append(_Word(word.text, start, end))
        message.set(TOKENS_NAMES[TEXT], tokens)


@DefaultV1Recipe.register(ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class CodeExtractor(_Component):
    """Finds dossier codes, ticket codes, phone numbers and times."""

    STEP = extractor.PatternEntities


@DefaultV1Recipe.register(ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class PlaceExtractor(_Component):
    """Finds places by the tables that `gazetteer` in the config names."""

    STEP = place_step.PlaceEntities

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        digest = sha256(_code_fingerprint().encode())
        tables = config.get(GAZETTEER)
        for path in sorted(Path(tables).rglob("*.csv")) if tables else ():
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _fit(self, training_data: TrainingData) -> Any:
        tables = self.config.get(GAZETTEER)
        return place_step.PlaceEntities.from_tables(Path(tables) if tables else None)


@DefaultV1Recipe.register(ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class ConceptFinder(_Component):
    """Lends the classifiers the table of words that mean the same kind of thing."""

    STEP = concepts.Concepts

    def _fit(self, training_data: TrainingData) -> Any:
        return concepts.Concepts.from_table()


@DefaultV1Recipe.register(ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class ActSegmenter(_Component):
    """Marks the parts of a message that may be acts of their own."""

    STEP = acts.ActSegmenter

    def _fit(self, training_data: TrainingData) -> Any:
        return acts.ActSegmenter.from_table()


class _Classifier(_Component):
    """Learns from readings and the labels that stand in the metadata of the training data."""

    def _fit(self, training_data: TrainingData) -> Any:
        return self.STEP.fit(*_readings(training_data))


@DefaultV1Recipe.register(ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(_Classifier):
    """Gives the intent of the message and of each part."""

    STEP = classifiers.IntentClassifier


@DefaultV1Recipe.register(ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CategoryClassifier(_Classifier):
    """Gives the category, where the training data has categories."""

    STEP = classifiers.CategoryClassifier


@DefaultV1Recipe.register(ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class UrgencyClassifier(_Classifier):
    """Gives the urgency."""

    STEP = classifiers.UrgencyClassifier


@DefaultV1Recipe.register(ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Conclusion(_Component):
    """Draws the result and writes it where Rasa shows it."""

    STEP = conclusion.Conclusion

    def _read(self, message: Message, reading: Reading) -> None:
        self.step.read(reading)
        result = reading.result
        if result is None:
            return
        shown = result.to_dict()
        message.set(
            INTENT,
            {"name": result.intent.name, "confidence": result.intent.confidence},
            add_to_output=True,
        )
        ranking = reading.whole.intent.ranking if reading.whole.intent else ()
        message.set(
            "intent_ranking",
            [{"name": name, "confidence": confidence} for name, confidence in ranking[:10]],
            add_to_output=True,
        )
        found = [{**entity, "extractor": "nlu"} for entity in shown["entities"]]
        message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        for name in ("sure", "category", "category_top3", "urgency", "urgency_words", "acts"):
            message.set(name, shown[name], add_to_output=True)
