"""Fits a `LinearModel`: the only module that needs scikit-learn and scipy, and only in training.

One-against-rest support vector machines on L2-scaled, idf-weighted binary features, with a little
naive Bayes on top. The margins of examples held out give the scale of the softmax (calibration)
and the threshold of being sure. Everything is deterministic: the same examples in any order give
the same arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nlu.beside import beside
from nlu.features import Hashes, kinds
from nlu.linear import KIND_WEIGHTS, Floats, Known, LinearModel, Scale, Weights, softmax

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
Places = npt.NDArray[np.intp]

# One example in so many of each label is held out.
HELD_OUT = 3
# How many examples a feature of each kind must be seen in: letters and pairs are many.
MIN_EXAMPLES = np.array([1, 2, 1, 1, 2])
UNLABELLED = -1  # the number of no label
ABSENT = -1.5  # the margin of a class without an example
# Naive Bayes counts the average label in with each one, with this share of its mass: words that a
# rare label was never seen with then speak neither for it nor much against it.
BAYES_SMOOTHING = 0.3
# Thresholds that pay as well as the best but for this share of the examples count as equal.
THRESHOLD_SLACK = 0.001


@dataclass(frozen=True)
class Fitted:
    """The model, and what held-out examples say of it: one confidence and verdict for each."""

    model: LinearModel
    confidences: Floats
    correct: npt.NDArray[np.bool_]

    def held_out(self, sure_from: float = 0.0) -> dict[str, float]:
        """Of what was held out: the share answered right, and how it is among the sure answers."""
        sure = self.confidences >= sure_from
        return {
            "accuracy": round(float(self.correct.mean()), 4),
            "sure": round(float(sure.mean()), 4),
            "wrong_when_sure": round(float((~self.correct[sure]).mean()) if sure.any() else 0.0, 4),
        }


@dataclass(frozen=True)
class Tuning:
    """What is chosen for each kind of label by cross-validation.

    `strength` is the C of the support vector machines; `balance` is how far rare labels count as
    much as frequent ones, from 0 (not) to 1 (as much); `bayes` is how much the logarithms of naive
    Bayes count beside the machines; `tolerance` is how early these stop: what that costs and saves
    stands in docs/nlu.md.
    """

    strength: float = 0.5
    balance: float = 0.0
    bayes: float = 0.0
    tolerance: float = 2.0


DEFAULT = Tuning()


def fit(table: Table, labels: Sequence[str | None], tuning: Tuning = DEFAULT) -> Fitted:
    """Fit on the examples of the table that have a label, of one or more labels.

    What features there are, and how rare each is, the other examples tell as well.
    """
    classes = tuple(sorted({label for label in labels if label is not None}))
    if len(classes) < 2:
        ones = np.ones(len(labels))
        return Fitted(LinearModel.constant(classes[0]), ones, ones.astype(bool))
    number = {label: index for index, label in enumerate(classes)}
    target = np.array([UNLABELLED if label is None else number[label] for label in labels])
    machine = _Machine(len(classes), tuning)
    out = _held_out(target)
    asked = np.flatnonzero(out)
    trial = beside(lambda: machine.learn(table, target, ~out).margins(table, asked))
    learnt = machine.learn(table, target, np.ones(len(target), bool))
    margins, known = trial()
    scale = _best_scale(margins, known, target[asked])
    model = LinearModel(
        classes,
        Known(table.hashes[learnt.known], learnt.idf.astype(np.float32)),
        Weights.of(learnt.weights),
        learnt.bias.astype(np.float32),
        scale,
    )
    probabilities = softmax(margins * _factors(scale, known))
    return Fitted(
        model,
        probabilities.max(axis=1),
        probabilities.argmax(axis=1) == target[asked],
    )


def sure_threshold(fitted: Fitted, price: float = 3.0) -> float:
    """The confidence from which acting on held-out answers pays best.

    An answer acted on gains one when it is right and costs `price` when it is wrong; one that is
    not acted on (the bot asks back) gains and costs nothing. Where many thresholds pay alike the
    middle one is taken, so that a few examples more or less do not move it far.
    """
    order = np.argsort(-fitted.confidences, kind="stable")
    gains = np.cumsum(np.where(fitted.correct[order], 1.0, -price))
    best = gains >= gains.max() - THRESHOLD_SLACK * len(gains)
    return round(float(np.clip(np.median(fitted.confidences[order][best]), 0.4, 0.9)), 4)


@dataclass(frozen=True)
class Table:
    """Which example has which features: `typed` and, of spoilt copies, `spoilt`.

    Both are 1 or 0, a row for each example and a column for each of the `hashes`. What is known of
    features, and how sure the model may be, comes from the texts as typed alone.
    """

    hashes: Hashes
    typed: csr_matrix
    spoilt: csr_matrix

    @classmethod
    def of(cls, typed: Sequence[Hashes], spoilt: Sequence[Hashes]) -> Table:
        from scipy.sparse import csr_matrix

        rows = [*typed, *spoilt]
        hashes, columns = np.unique(np.concatenate(rows), return_inverse=True)
        pointers = np.cumsum([0, *map(len, rows)], dtype=np.int32)
        cells = (np.ones(len(columns)), columns.astype(np.int32), pointers)
        present = csr_matrix(cells, (len(rows), len(hashes)))
        return cls(hashes, present[: len(typed)], present[len(typed) :])

    def idf(self, examples: Places) -> Floats:
        """How much each feature weighs by some examples; 0 where it is not known."""
        counts = np.bincount(self.typed[examples].indices, minlength=len(self.hashes))
        idf = np.log((1 + len(examples)) / (1 + counts)) + 1
        return np.where(counts >= MIN_EXAMPLES[kinds(self.hashes)], idf, 0.0)

    def weighed(self, rows: csr_matrix, known: Places, idf: Floats) -> csr_matrix:
        """Some rows as `nlu.linear.Known.weigh` gives them, by the known features alone."""
        from scipy.sparse import csr_matrix

        column = np.full(len(self.hashes), -1, np.int32)
        column[known] = np.arange(len(known), dtype=np.int32)
        columns = column[rows.indices]
        kept = columns >= 0
        sizes = np.diff(rows.indptr)
        row = np.repeat(np.arange(len(sizes)), sizes)[kept]
        columns = columns[kept]
        values = idf[columns]
        cell = row * len(KIND_WEIGHTS) + kinds(self.hashes[known])[columns]
        squares = np.bincount(cell, values**2, len(sizes) * len(KIND_WEIGHTS))
        factors = np.tile(KIND_WEIGHTS, len(sizes)) / np.maximum(np.sqrt(squares), 1e-9)
        pointers = np.cumsum([0, *np.bincount(row, minlength=len(sizes))], dtype=np.int32)
        return csr_matrix((values * factors[cell], columns, pointers), (len(sizes), len(known)))


@dataclass(frozen=True)
class _Learnt:
    """What a machine learnt: columns of the known features, their idf and weights, and the bias.

    `weights` has a row for each known feature and a column for each label.
    """

    known: Places
    idf: Floats
    weights: Floats
    bias: Floats

    def margins(self, table: Table, examples: Places) -> tuple[Floats, Places]:
        """The margins of some examples as typed, and how many of their features are known."""
        matrix = table.weighed(table.typed[examples], self.known, self.idf)
        return np.asarray(matrix @ self.weights + self.bias), np.diff(matrix.indptr)


@dataclass(frozen=True)
class _Machine:
    """One-against-rest support vector machines for labels numbered from 0."""

    classes: int
    tuning: Tuning

    def learn(self, table: Table, target: Places, seen: npt.NDArray[np.bool_]) -> _Learnt:
        """Learn from the examples seen and their spoilt copies; `target` has the label of each."""
        from scipy.sparse import vstack

        all_idf = table.idf(np.flatnonzero(seen))
        known = np.flatnonzero(all_idf)
        idf = all_idf[known]
        examples = np.flatnonzero(seen & (target != UNLABELLED))
        copied = examples[examples < table.spoilt.shape[0]]
        rows = vstack([table.typed[examples], table.spoilt[copied]], format="csr")
        matrix = table.weighed(rows, known, idf)
        labels = target[np.concatenate([examples, copied])]
        weights, bias = self._fit(matrix, labels)
        if self.tuning.bayes:
            weights += self.tuning.bayes * self._bayes(matrix, labels)
        return _Learnt(known, idf, weights, bias)

    def _fit(self, matrix: Any, target: Places) -> tuple[Floats, Floats]:
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
            tol=self.tuning.tolerance,
            random_state=0,
            class_weight=self._counting(target),
        ).fit(matrix, target)
        if len(present) == 2:  # scikit-learn keeps one column for two classes
            weights[:, present] = np.stack([-svc.coef_[0], svc.coef_[0]], axis=1)
            bias[present] = [-svc.intercept_[0], svc.intercept_[0]]
        else:
            weights[:, present] = svc.coef_.T
            bias[present] = svc.intercept_
        return weights, bias

    def _counting(self, target: Places) -> dict[int, float]:
        """How much an example of each label counts."""
        labels, sizes = np.unique(target, return_counts=True)
        weights = (len(target) / (len(labels) * sizes)) ** self.tuning.balance
        return dict(zip(labels.tolist(), weights.tolist(), strict=True))

    def _bayes(self, matrix: Any, target: Places) -> Floats:
        """How much likelier each feature is with each label than with the average one.

        One that only examples without a label have speaks for none.
        """
        from scipy.sparse import csr_matrix

        shape = (self.classes, len(target))
        rows_of = csr_matrix((np.ones(len(target)), (target, np.arange(len(target)))), shape)
        mass = (rows_of @ matrix).toarray().T
        totals = mass.sum(axis=0)
        smoothing = BAYES_SMOOTHING * totals.mean()
        average = mass.sum(axis=1, keepdims=True) / totals.sum()
        likely = (mass + smoothing * average) / (totals + smoothing)
        ratios: Floats = np.divide(likely, average, out=np.ones_like(likely), where=average > 0)
        return np.log(ratios)


def _held_out(target: Places) -> npt.NDArray[np.bool_]:
    """Which examples are held out: one in HELD_OUT of each label, of the first labels the first."""
    held = np.zeros(len(target), bool)
    for label in np.unique(target[target != UNLABELLED]):
        members = np.flatnonzero(target == label)
        held[members] = (np.arange(len(members)) + label) % HELD_OUT == 0
    labelled = target != UNLABELLED
    if not held.any() or (held == labelled).all():
        held[np.flatnonzero(labelled)] = np.arange(labelled.sum()) % 2 == 0
    return held


def _factors(scale: Scale, known: Places) -> Floats:
    return np.asarray(scale.factor * (np.maximum(known, 1) / 100) ** scale.power)[:, None]


def _best_scale(margins: Floats, known: Places, target: Places) -> Scale:
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
