"""Fits the pipeline of `config.yml` directly, where Rasa is not to be had.

The classes, the data and the archive are those that `rasa train nlu` uses and makes; only the
graph around them is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nlu import archive
from nlu.acts import ActSegmenter
from nlu.classifiers import CategoryClassifier, IntentClassifier, UrgencyClassifier
from nlu.concepts import Concepts
from nlu.conclusion import Conclusion
from nlu.entities.extractor import PatternEntities
from nlu.normalizer import Normalizer
from nlu.pipeline import NORMALIZER, TOKENIZER, Step, begin
from nlu.place_step import PlaceEntities
from nlu.reading import Reading
from nlu.training_data import Example, read_examples

GAZETTEER = "gazetteer"
# What comes after the features are made: reading the training data on is of no use.
CLASSIFIERS = frozenset(
    {"ActSegmenter", "IntentClassifier", "CategoryClassifier", "UrgencyClassifier", "Conclusion"}
)


class ConfigUnusable(ValueError):
    """`config.yml` cannot be fitted without Rasa."""


class NoTrainingData(ValueError):
    """There is not one labelled sentence to learn from."""


def train(root: Path, config: Path, data: Path, output: Path) -> Path:
    """Fit the pipeline of the config on the data and write the archive.

    Args:
        root: the folder that paths in the config are relative to.
        config: a Rasa `config.yml`.
        data: a file, or a folder of files, of Rasa NLU YAML.
        output: where to write, `….tar.gz`.

    Raises:
        ConfigUnusable: the config names a component that only Rasa has.
        NoTrainingData: the data holds no example.
    """
    return archive.write(output, fit_components(root, _read_pipeline(config), read_examples(data)))


def fit_components(
    root: Path, pipeline: Sequence[dict[str, Any]], examples: Sequence[Example]
) -> list[tuple[str, Step | Normalizer]]:
    """The fitted components in order, each with the name of its class in Rasa."""
    if not examples:
        raise NoTrainingData("the training data holds no example")
    normalizer = Normalizer()
    readings = [begin(normalizer, example.text) for example in examples]
    fitted: list[tuple[str, Step | Normalizer]] = []
    for item in pipeline:
        name = str(item.get("name", "")).rpartition(".")[2]
        if name == NORMALIZER:
            fitted.append((name, normalizer))
        elif name != TOKENIZER:
            fitted.append((name, _fit(name, item, root, readings, examples)))
    return fitted


def _fit(
    name: str,
    item: dict[str, Any],
    root: Path,
    readings: Sequence[Reading],
    examples: Sequence[Example],
) -> Step:
    step = _fitted(name, item, root, readings, examples)
    if name not in CLASSIFIERS:
        for reading in readings:  # the classifiers learn from what the steps before them found
            step.read(reading)
    return step


def _fitted(
    name: str,
    item: dict[str, Any],
    root: Path,
    readings: Sequence[Reading],
    examples: Sequence[Example],
) -> Step:
    match name:
        case "CodeExtractor":
            return PatternEntities()
        case "PlaceExtractor":
            tables = item.get(GAZETTEER)
            return PlaceEntities.from_tables(root / tables if tables else None)
        case "ConceptFinder":
            return Concepts.from_table()
        case "ActSegmenter":
            return ActSegmenter.from_table()
        case "IntentClassifier":
            return IntentClassifier.fit(readings, examples)
        case "CategoryClassifier":
            return CategoryClassifier.fit(readings, examples)
        case "UrgencyClassifier":
            return UrgencyClassifier.fit(readings, examples)
        case "Conclusion":
            return Conclusion()
    raise ConfigUnusable(f"the component {item.get('name')} of the config needs Rasa to be trained")


def _read_pipeline(config: Path) -> list[dict[str, Any]]:
    import yaml

    content = yaml.safe_load(config.read_text(encoding="utf-8"))
    pipeline = content.get("pipeline") if isinstance(content, dict) else None
    if not isinstance(pipeline, list):
        raise ConfigUnusable(f"{config} has no pipeline")
    return pipeline
