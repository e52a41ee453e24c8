"""Usage: python -m scripts.compare_models [NAME ...] [--examples N] [--held-out N] [--epochs N]

Our classifiers beside others, all trained on the same examples and asked the same messages:

ours        the pipeline of config.yml, fitted without Rasa
rasa-lr     Rasa's LogisticRegressionClassifier on counts of words and of letters
rasa-diet   Rasa's DIETClassifier on the same counts
words       a support vector machine on words as underthesea segments them (scikit-learn)
syllables   the same on syllables

Examples that are alike stand all in the training half or all in the other. The others learn every
example twice, as typed and without diacritics, as ours does. Each is trained and asked in processes
of its own, so that memory is its own. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from nlu.letters import strip_diacritics
from nlu.training_data import Example, read_examples

ROOT = Path(__file__).resolve().parents[1]
SEED = "20261124"
EVERYDAY = Path("data", "test", "everyday.jsonl")
# Times are of messages of at most so many characters.
ORDINARY = 300

# An answer: the intent, and the category where the candidate knows one.
Answer = tuple[str, "str | None"]
Parse = Callable[[str], Answer]
Figures = dict[str, Any]

RASA_COUNTS: list[Figures] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]


def split(examples: Sequence[Example], learnt: int, held_out: int) -> tuple[list[int], list[int]]:
    """Which examples are learnt and which held out, each intent with its share of both."""
    from scripts.nlu_report.cross_validation import groups_of_alike

    members: dict[int, list[int]] = {}
    for number, group in enumerate(groups_of_alike([example.text for example in examples])):
        members.setdefault(group, []).append(number)
    # As good as drawn by lot, and the same whatever stands before an example in the data.
    alike = sorted(members.values(), key=lambda some: _lot(examples[some[0]].text))
    total = Counter(example.intent for example in examples)
    room = {
        intent: [round(held_out * n / len(examples)), round(learnt * n / len(examples))]
        for intent, n in total.items()
    }
    halves: tuple[list[int], list[int]] = ([], [])
    for group_members in alike:
        left = room[examples[group_members[0]].intent]
        half = 0 if len(group_members) <= left[0] else 1
        taken = group_members[: left[half]]
        left[half] -= len(taken)
        halves[half].extend(taken)
    return sorted(halves[1]), sorted(halves[0])


def twice(examples: Sequence[Example]) -> list[Example]:
    """Every example as typed and, where that differs, without diacritics."""
    out = list(examples)
    for example in examples:
        plain = strip_diacritics(example.text)
        if plain != example.text:
            out.append(Example(plain, example.intent, example.category, example.urgency))
    return out


def _lot(text: str) -> bytes:
    return blake2b(f"{SEED} {text}".encode()).digest()


def on_one_line(example: Example) -> Example:
    text = " ".join(example.text.split())
    return Example(text, example.intent, example.category, example.urgency)


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

    def __init__(self, classifier: Figures) -> None:
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


NAMES = ("ours", "rasa-lr", "rasa-diet", "words", "syllables")


def work(name: str, epochs: int, folder: Path, *, train: bool) -> None:
    """One half of the work on one candidate, in a process of its own."""
    given = json.loads((folder.parent / "given.json").read_text(encoding="utf-8"))
    chosen = candidate(name, epochs)
    wall, processor = time.perf_counter(), time.process_time()
    if train:
        chosen.train([Example(*fields) for fields in given["learnt"]], folder)
        figures = {
            "train_seconds": round(time.perf_counter() - wall),
            "train_processor_seconds": round(time.process_time() - processor),
        }
    else:
        figures = asked(chosen, given["asked"], folder)
    (folder / f"{'train' if train else 'ask'}.json").write_text(json.dumps(figures), "utf-8")


def asked(
    chosen: Ours | Rasa | Machine, sets: dict[str, list[list[str | None]]], folder: Path
) -> Figures:
    from scripts.nlu_report.speed import percentile, resident_mb

    before = resident_mb()
    parse = chosen.load(folder)
    parse("đường ngập quá")
    figures: Figures = {
        "memory_mb": round(resident_mb() - before),
        "disk_mb": round(sum(f.stat().st_size for f in folder.glob("model.*")) / 1e6, 1),
    }
    times: list[float] = []
    for name, messages in sets.items():
        for way, typed in (("typed", str), ("stripped", strip_diacritics)):
            answers: list[Answer] = []
            for text, _, _ in messages:
                began = time.perf_counter()
                answers.append(parse(typed(str(text))))
                if len(str(text)) <= ORDINARY and way == "typed":
                    times.append((time.perf_counter() - began) * 1000)
            figures[f"{name} {way}"] = _accuracy(messages, answers)
    return {**figures, "p50_ms": percentile(times, 0.5), "p99_ms": percentile(times, 0.99)}


def _accuracy(messages: list[list[str | None]], answers: list[Answer]) -> Figures:
    """Percents; no category is a wrong one, unless the candidate never gives any."""
    intents = [
        answer[0] == intent for (_, intent, _), answer in zip(messages, answers, strict=True)
    ]
    categories = [
        answer[1] == category
        for (_, _, category), answer in zip(messages, answers, strict=True)
        if category is not None
    ]
    knows = any(answer[1] is not None for answer in answers)
    return {
        "intent": round(100 * sum(intents) / len(intents), 1),
        "category": round(100 * sum(categories) / len(categories), 1) if knows else None,
    }


def compare(names: Sequence[str], epochs: int, folder: Path) -> dict[str, Figures]:
    """The figures of each candidate; `folder` holds what they are given and what they leave."""
    from scripts.setup.rasa import QUIET

    environment = {**os.environ, **QUIET, "PYTHONWARNINGS": "ignore", "RASA_CACHE_DIRECTORY": ""}
    found: dict[str, Figures] = {}
    for name in names:
        home = folder / name
        home.mkdir()
        environment["RASA_CACHE_DIRECTORY"] = str(home / "cache")
        of_rasa = name.startswith("rasa-")
        python = ROOT / ".venv-rasa" / "bin" / "python" if of_rasa else Path(sys.executable)
        if not python.exists():
            print(f"compare-models: no {python.parents[1].name}, so no {name}", file=sys.stderr)
            continue
        figures: Figures = {}
        for half in ("train", "ask"):
            print(f"compare-models: {name}, {half}", file=sys.stderr, flush=True)
            arguments = [name, "--epochs", str(epochs), "--half", half, "--folder", home]
            subprocess.run(
                [python, "-m", "scripts.compare_models", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=sys.stderr,
                check=True,
            )
            figures |= json.loads((home / f"{half}.json").read_text(encoding="utf-8"))
        found[name] = figures
    return found


def table(found: dict[str, Figures], sets: Sequence[str]) -> str:
    """Accuracies are typed / without diacritics, in percent."""
    heads = [f"{name}: {what}" for name in sets for what in ("intent", "category")]
    heads += ["p50", "p99", "memory added", "on disk", "training, processor time"]
    lines = ["| candidate | " + " | ".join(heads) + " |", "| --- " * (len(heads) + 1) + "|"]
    for name, figures in found.items():
        cells = [name]
        for of_set in sets:
            typed, stripped = figures[f"{of_set} typed"], figures[f"{of_set} stripped"]
            for what in ("intent", "category"):
                known = typed[what] is not None
                cells.append(f"{typed[what]} / {stripped[what]}" if known else "–")
        cells += [
            f"{figures['p50_ms']} ms",
            f"{figures['p99_ms']} ms",
            f"{figures['memory_mb']} MB",
            f"{figures['disk_mb']} MB",
            f"{figures['train_processor_seconds']} s",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.compare_models")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--examples", type=int, default=4000, help="how many are learnt")
    parser.add_argument("--held-out", type=int, default=1000, help="how many are asked")
    parser.add_argument("--epochs", type=int, default=20, help="of DIET")
    parser.add_argument("--half", choices=("train", "ask"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="where the models stay; else they are deleted")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(NAMES)):
        parser.error(f"there is no candidate {', '.join(unknown)}")
    if options.half:
        work(options.names[0], options.epochs, options.folder, train=options.half == "train")
        return
    examples = [on_one_line(example) for example in read_examples(ROOT / "data" / "nlu")]
    learnt, held_out = split(examples, options.examples, options.held_out)
    lines = (ROOT / EVERYDAY).read_text(encoding="utf-8").splitlines()
    everyday = [json.loads(line) for line in lines if line.strip()]
    sets = {
        "held out": [
            [examples[i].text, examples[i].intent, examples[i].category] for i in held_out
        ],
        "everyday": [[item["text"], item["intent"], item["category"]] for item in everyday],
    }
    given = {
        "learnt": [
            [e.text, e.intent, e.category, e.urgency] for e in (examples[i] for i in learnt)
        ],
        "asked": sets,
    }
    with tempfile.TemporaryDirectory(prefix="compare-models-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
        found = compare(options.names or NAMES, options.epochs, folder)
    sizes = ", ".join(f"{name} {len(messages)}" for name, messages in sets.items())
    print(f"{len(learnt)} of {len(examples)} examples learnt; asked: {sizes}\n")
    print(table(found, list(sets)))


if __name__ == "__main__":
    main()
