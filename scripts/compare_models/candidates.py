"""The candidates: each learns examples into a folder and is loaded from it again.

What only one of them needs is imported where it is needed: Rasa's environment has no scikit-learn
of ours, ours has no Rasa, and memory is measured.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nlu.training_data import Example
from scripts.compare_models.halves import twice

ROOT = Path(__file__).resolve().parents[2]

# An answer: the intent, and the category where the candidate knows one.
Answer = tuple[str, "str | None"]
Parse = Callable[[str], Answer]

RASA_COUNTS: list[dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]

NAMES = ("ours", "rasa-lr", "rasa-diet", "words", "syllables")


class Ours:
    """The pipeline of config.yml."""

    def train(self, examples: Sequence[Example], folder: Path) -> None:
        import yaml

        from nlu import archive
        from nlu.training import fit_components

        pipeline = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
        archive.write(folder / "model.tar.gz", fit_components(ROOT, pipeline, examples))

    def load(self, folder: Path) -> Parse:
        from nlu import archive

        pipeline = archive.load(folder / "model.tar.gz")

        def parse(text: str) -> Answer:
            understood = pipeline.parse(text)
            categories = understood.category_top3
            return understood.intent.name, categories[0].name if categories else None

        return parse


class Rasa:
    """A pipeline of Rasa's own components; it knows intents only."""

    def __init__(self, classifier: dict[str, Any]) -> None:
        self.classifier = classifier

    def train(self, examples: Sequence[Example], folder: Path) -> None:
        import yaml
        from rasa.model_training import train_nlu

        config = {
            "recipe": "default.v1",
            "assistant_id": "comparison",
            "language": "vi",
            "pipeline": [*RASA_COUNTS, self.classifier],
            "policies": [],
        }
        (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        lines = ['version: "3.1"', "nlu:"]
        both = twice(examples)
        for intent in sorted({example.intent for example in examples}):
            lines += [f"- intent: {intent}", "  examples: |"]
            lines += [f"    - {example.text}" for example in both if example.intent == intent]
        (folder / "nlu.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        paths = (str(folder / name) for name in ("config.yml", "nlu.yml", "."))
        train_nlu(*paths, fixed_model_name="model")

    def load(self, folder: Path) -> Parse:
        from rasa.core.agent import Agent
        from rasa.utils.log_utils import configure_structlog

        configure_structlog(logging.ERROR)  # or it prints every message
        agent = Agent.load(str(folder / "model.tar.gz"))
        loop = asyncio.new_event_loop()

        def parse(text: str) -> Answer:
            return str(loop.run_until_complete(agent.parse_message(text))["intent"]["name"]), None

        return parse


class Machine:
    """Support vector machines on runs of one and two tokens, weighed by idf."""

    def __init__(self, tokens: Callable[[str], list[str]]) -> None:
        self.tokens = tokens

    def _vectorizer(self, vocabulary: dict[str, int] | None = None) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer

        return TfidfVectorizer(
            tokenizer=self.tokens,
            token_pattern=None,
            ngram_range=(1, 2),
            sublinear_tf=True,
            vocabulary=vocabulary,
        )

    def train(self, examples: Sequence[Example], folder: Path) -> None:
        import numpy as np
        from sklearn.svm import LinearSVC

        both = twice(examples)
        vectorizer = self._vectorizer()
        matrix = vectorizer.fit_transform([example.text for example in both])
        vocabulary = {token: int(column) for token, column in vectorizer.vocabulary_.items()}
        (folder / "model.json").write_text(json.dumps(vocabulary), encoding="utf-8")
        arrays = {"idf": vectorizer.idf_}
        for name in ("intent", "category"):
            labels = np.array([getattr(example, name) or "" for example in both])
            rows = labels != ""
            fitted = LinearSVC(C=0.5, class_weight="balanced", random_state=0)
            fitted.fit(matrix[rows], labels[rows])
            arrays[f"{name} classes"] = fitted.classes_
            arrays[f"{name} weights"] = fitted.coef_.T.astype(np.float32)
            arrays[f"{name} bias"] = fitted.intercept_
        np.savez_compressed(folder / "model.npz", **arrays)

    def load(self, folder: Path) -> Parse:
        import numpy as np

        vectorizer = self._vectorizer(json.loads((folder / "model.json").read_text("utf-8")))
        with np.load(folder / "model.npz", allow_pickle=False) as stored:
            arrays = dict(stored)
        vectorizer.idf_ = arrays["idf"]

        def parse(text: str) -> Answer:
            row = vectorizer.transform([text]).astype(np.float32)  # or the weights are copied
            intent, category = (
                str(
                    arrays[f"{name} classes"][
                        (row @ arrays[f"{name} weights"] + arrays[f"{name} bias"]).argmax()
                    ]
                )
                for name in ("intent", "category")
            )
            return intent, category

        return parse


def syllables(text: str) -> list[str]:
    from nlu.features import words_of

    return words_of(text)


def words(text: str) -> list[str]:
    from nlu.tokenizer import segment

    return [word.text for word in segment(text)]


def candidate(name: str, epochs: int) -> Ours | Rasa | Machine:
    match name:
        case "rasa-lr":
            return Rasa({"name": "LogisticRegressionClassifier"})
        case "rasa-diet":
            return Rasa(
                {
                    "name": "DIETClassifier",
                    "epochs": epochs,
                    "entity_recognition": False,
                    "constrain_similarities": True,
                    "random_seed": 1,
                }
            )
        case "words":
            return Machine(words)
        case "syllables":
            return Machine(syllables)
    return Ours()
