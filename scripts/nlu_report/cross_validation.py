"""Our own cross-validation: examples that are alike stay together, in training or out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nlu.normalizer import Normalizer
from nlu.pipeline import Pipeline
from nlu.training import fit_components
from nlu.training_data import Example
from scripts.nlu_report.robustness import TYPED
from scripts.nlu_report.scores import NORMAL, Answer, Figures, certainty, emergencies, headline
from scripts.nlu_report.sets import Message, Taxonomy

FOLDS = 3
LETTERS = 4
SHARED = 0.5
_CHUNK = 500


def groups_of_alike(texts: Sequence[str]) -> list[int]:
    """A number for each text, the same for texts that share over half of their runs of letters.

    The longer one's runs count, else "không" would be like every message that says it; whoever is
    like one of a group belongs to it.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    number_of: dict[str, int] = {}
    columns: list[int] = []
    pointers = [0]
    for text in texts:
        padded = f" {text.lower()} "
        runs = {padded[i : i + LETTERS] for i in range(max(1, len(padded) - LETTERS + 1))}
        columns += [number_of.setdefault(run, len(number_of)) for run in sorted(runs)]
        pointers.append(len(columns))
    ones = np.ones(len(columns), np.int32)
    has = csr_matrix((ones, columns, pointers), (len(texts), len(number_of)))
    sizes = np.diff(has.indptr)
    left: list[Any] = []
    right: list[Any] = []
    for start in range(0, len(texts), _CHUNK):
        common = (has[start : start + _CHUNK] @ has.T).tocoo()
        rows = common.row + start
        alike = common.data > SHARED * np.maximum(sizes[rows], sizes[common.col])
        left.append(rows[alike])
        right.append(common.col[alike])
    pairs = (np.concatenate(left), np.concatenate(right))
    graph = csr_matrix((np.ones(len(pairs[0])), pairs), (len(texts), len(texts)))
    return [int(group) for group in connected_components(graph, directed=False)[1]]


def folds_of(labels: Sequence[str], groups: Sequence[int], folds: int = FOLDS) -> list[int]:
    """A fold for each example: groups stay whole, labels are spread, folds are of like size."""
    members: dict[int, list[int]] = {}
    for example, group in enumerate(groups):
        members.setdefault(group, []).append(example)
    having = [Counter[str]() for _ in range(folds)]
    sizes = [0] * folds
    fold_of = [0] * len(labels)
    for alike in sorted(members.values(), key=lambda alike: (-len(alike), alike)):
        common = Counter(labels[example] for example in alike).most_common(1)[0][0]
        fold = min(range(folds), key=lambda fold: (having[fold][common], sizes[fold], fold))
        for example in alike:
            fold_of[example] = fold
            having[fold][labels[example]] += 1
            sizes[fold] += 1
    return fold_of


def cross_validate(
    root: Path, examples: Sequence[Example], taxonomy: Taxonomy, folds: int = FOLDS
) -> tuple[Figures, list[Answer]]:
    """The figures of each way of typing, and the answers to what was held out as typed."""
    groups = groups_of_alike([example.text for example in examples])
    labels = [f"{example.intent} {example.category}" for example in examples]
    fold_of = folds_of(labels, groups, folds)
    answers: dict[str, list[Answer]] = {name: [] for name in TYPED}
    for fold in range(folds):
        pairs = list(zip(examples, fold_of, strict=True))
        pipeline = fitted(root, [example for example, its in pairs if its != fold])
        for number, (example, its) in enumerate(pairs):
            if its == fold:
                message = as_message(example, number)
                for name, typed in TYPED.items():
                    answers[name].append(Answer.of(message, pipeline.parse(typed(example.text))))
    figures: Figures = {
        "examples": len(examples),
        "groups": len(set(groups)),
        "largest_group": max(Counter(groups).values()),
        "folds": folds,
    }
    for name in TYPED:
        figures[name] = headline(answers[name], taxonomy) | certainty(answers[name])
    figures["emergencies"] = emergencies(answers["typed"])
    return figures, answers["typed"]


def fitted(root: Path, examples: Sequence[Example]) -> Pipeline:
    """The pipeline of config.yml, fitted on some examples without Rasa."""
    import yaml

    config = yaml.safe_load((root / "config.yml").read_text(encoding="utf-8"))
    components = [step for _, step in fit_components(root, config["pipeline"], examples)]
    normalizer = next(step for step in components if isinstance(step, Normalizer))
    return Pipeline(normalizer, [step for step in components if not isinstance(step, Normalizer)])


def as_message(example: Example, number: int) -> Message:
    return Message(
        id=f"example-{number}",
        text=example.text,
        style="accented",
        intent=example.intent,
        category=example.category,
        alt_intent=None,
        alt_category=None,
        also=None,
        urgency=example.urgency or NORMAL,
        place=None,
        commune=None,
    )
