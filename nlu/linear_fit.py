"""Fits a `LinearModel`: the only module that needs scikit-learn and scipy, and only in training.

One-against-rest support vector machines on L2-scaled, idf-weighted binary features. Margins of
held-out folds give the scale of the softmax (calibration) and the threshold of being sure.
Everything is deterministic: the same examples in any order give the same arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nlu.features import Hashes, are_letters
from nlu.linear import Floats, LinearModel, Scale, softmax, weigh

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FOLDS = 4
# A feature seen in fewer examples says nothing; runs of letters are many, so they must earn it.
MIN_EXAMPLES = 2
MIN_EXAMPLES_LETTERS = 3
TOLERANCE = 0.01  # weights of about 2 then differ by 0.004 at most, in two thirds of the time
ABSENT = -1.5  # the margin of a class that a fold has never seen


@dataclass(frozen=True)
class Sample:
    """One example: its label and its variants (as typed, without diacritics …)."""

    label: str
    variants: tuple[Hashes, ...]


@dataclass(frozen=True)
class Fitted:
    """The model, and what held-out folds say of it: one confidence and verdict per example."""

    model: LinearModel
    confidences: Floats
    correct: npt.NDArray[np.bool_]

    def held_out(self, sure_from: float = 0.0) -> dict[str, float]:
        """Of the held-out folds: the share answered right, and how it is among the sure answers."""
        sure = self.confidences >= sure_from
        return {
            "accuracy": round(float(self.correct.mean()), 4),
            "sure": round(float(sure.mean()), 4),
            "wrong_when_sure": round(float((~self.correct[sure]).mean()) if sure.any() else 0.0, 4),
        }


@dataclass(frozen=True)
class Tuning:
    """What is chosen for each kind of label by cross-validation.

    `strength` is the C of the support vector machines; `balanced` makes rare labels count as much
    as frequent ones; `idf_power` above 1 makes rare words count more.
    """

    strength: float = 0.5
    balanced: bool = False
    idf_power: float = 1.0


DEFAULT = Tuning()


def fit(samples: Sequence[Sample], tuning: Tuning = DEFAULT) -> Fitted:
    """Fit on samples of one or more labels."""
    samples = sorted(samples, key=lambda s: (s.label, len(s.variants[0]), s.variants[0].tobytes()))
    classes = tuple(sorted({sample.label for sample in samples}))
    if len(classes) < 2:
        ones = np.ones(len(samples))
        return Fitted(LinearModel.constant(classes[0]), ones, ones.astype(bool))
    vocabulary, idf = _vocabulary(samples, tuning.idf_power)
    rows = [variant for sample in samples for variant in sample.variants]
    owner = np.repeat(np.arange(len(samples)), [len(sample.variants) for sample in samples])
    target = np.array([classes.index(sample.label) for sample in samples])
    matrix = _matrix(rows, vocabulary, idf)
    machine = _Machine(len(classes), tuning)
    held_out = _held_out_margins(machine, matrix, owner, target)
    known = np.diff(matrix.indptr)
    scale = _best_scale(held_out, known, target[owner])
    weights, bias = machine.fit(matrix, target[owner])
    model = LinearModel(
        classes,
        vocabulary,
        idf,
        weights.astype(np.float16),
        bias.astype(np.float32),
        scale,
    )
    probabilities = softmax(held_out * _factors(scale, known))
    return Fitted(
        model,
        probabilities.max(axis=1),
        probabilities.argmax(axis=1) == target[owner],
    )


def sure_threshold(fitted: Fitted, price: float = 2.0) -> float:
    """The confidence from which acting on held-out answers pays best.

    An answer acted on gains one when it is right and costs `price` when it is wrong; one that is
    not acted on (the bot asks back) gains and costs nothing.
    """
    order = np.argsort(-fitted.confidences, kind="stable")
    gains = np.cumsum(np.where(fitted.correct[order], 1.0, -price))
    return round(float(np.clip(fitted.confidences[order][gains.argmax()], 0.4, 0.9)), 4)


def _vocabulary(
    samples: Sequence[Sample], idf_power: float
) -> tuple[Hashes, npt.NDArray[np.float32]]:
    """Features of enough examples (variants of one count once), and their idf."""
    per_sample = [np.unique(np.concatenate(sample.variants)) for sample in samples]
    hashes, counts = np.unique(np.concatenate(per_sample), return_counts=True)
    kept = counts >= np.where(are_letters(hashes), MIN_EXAMPLES_LETTERS, MIN_EXAMPLES)
    idf = (np.log((1 + len(samples)) / (1 + counts[kept])) + 1) ** idf_power
    return hashes[kept], idf.astype(np.float32)


def _matrix(rows: Sequence[Hashes], vocabulary: Hashes, idf: npt.NDArray[np.float32]) -> csr_matrix:
    from scipy.sparse import csr_matrix

    weighed = [weigh(row, vocabulary, idf) for row in rows]
    pointers = np.cumsum([0, *(len(columns) for columns, _ in weighed)])
    return csr_matrix(
        (
            np.concatenate([values for _, values in weighed]),
            np.concatenate([columns for columns, _ in weighed]),
            pointers,
        ),
        shape=(len(rows), len(vocabulary)),
    )


@dataclass(frozen=True)
class _Machine:
    """One-against-rest support vector machines for labels numbered from 0."""

    classes: int
    tuning: Tuning

    def fit(self, matrix: Any, target: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Weights (features x classes) and bias; labels without an example get ABSENT."""
        from sklearn.svm import LinearSVC

        weights = np.zeros((matrix.shape[1], self.classes))
        bias = np.full(self.classes, ABSENT)
        present = np.unique(target)
        if len(present) == 1:
            bias[present[0]] = 1.0
            return weights, bias
        svc = LinearSVC(
            C=self.tuning.strength,
            tol=TOLERANCE,
            random_state=0,
            class_weight="balanced" if self.tuning.balanced else None,
        ).fit(matrix, target)
        if len(present) == 2:  # scikit-learn keeps one column for two classes
            weights[:, present] = np.stack([-svc.coef_[0], svc.coef_[0]], axis=1)
            bias[present] = [-svc.intercept_[0], svc.intercept_[0]]
        else:
            weights[:, present] = svc.coef_.T
            bias[present] = svc.intercept_
        return weights, bias


def _held_out_margins(
    machine: _Machine,
    matrix: Any,
    owner: npt.NDArray[np.intp],
    target: npt.NDArray[np.intp],
) -> Floats:
    """Margins for every row from machines that saw no variant of its example."""
    fold = np.zeros(len(target), dtype=int)
    for label in range(machine.classes):
        members = np.flatnonzero(target == label)
        fold[members] = (np.arange(len(members)) + label) % FOLDS
    margins = np.zeros((len(owner), machine.classes))
    for k in range(FOLDS):
        out = fold[owner] == k
        if out.all() or not out.any():
            continue
        weights, bias = machine.fit(matrix[~out], target[owner][~out])
        margins[out] = matrix[out] @ weights + bias
    return margins


def _factors(scale: Scale, known: npt.NDArray[np.intp]) -> Floats:
    return np.asarray(scale.factor * (np.maximum(known, 1) / 100) ** scale.power)[:, None]


def _best_scale(
    margins: Floats, known: npt.NDArray[np.intp], target: npt.NDArray[np.intp]
) -> Scale:
    """The scale with the highest likelihood of the held-out labels."""
    rows = np.arange(len(target))
    margins = margins.astype(np.float32)  # half the time, and the digits lost do not count here

    def loss(scale: Scale) -> float:
        chosen = softmax(margins * _factors(scale, known).astype(np.float32))[rows, target]
        return float(-np.log(np.maximum(chosen, 1e-12)).mean())

    coarse = min((Scale(1.5**step, 0.0) for step in range(-1, 9)), key=loss)
    fine = [
        Scale(round(coarse.factor * 1.1**step, 4), power / 10)
        for step in range(-4, 5)
        for power in range(-2, 9, 2)
    ]
    return min(fine, key=loss)
