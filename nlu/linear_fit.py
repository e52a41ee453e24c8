"""Fits a `LinearModel`: the only module that needs scikit-learn and scipy, and only in training.

One-against-rest support vector machines on L2-scaled, idf-weighted binary features, with a little
naive Bayes on top where that helps. The margins of examples held out give the scale of the softmax
(calibration) and the threshold of being sure. Everything is deterministic: the same examples in any
order give the same arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from nlu.beside import beside
from nlu.features import LETTERS, Hashes, kinds
from nlu.linear import KIND_WEIGHTS, Floats, LinearModel, Scale, softmax

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# One example in so many of each label is held out.
HELD_OUT = 3
# Runs of letters are many, so they must be seen in this many examples; words in one.
MIN_EXAMPLES_LETTERS = 2
TOLERANCE = 0.3
ABSENT = -1.5  # the margin of a class without an example
BAYES_SMOOTHING = 0.02


@dataclass(frozen=True)
class Sample:
    """One example: its label, its variants (as typed, without diacritics), and spoilt copies.

    What is known of features, and how sure the model may be, comes from the variants alone.
    """

    label: str
    variants: tuple[Hashes, ...]
    spoilt: tuple[Hashes, ...] = ()


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

    `strength` is the C of the support vector machines; `balanced` makes rare labels count as much
    as frequent ones; `idf_power` above 1 makes rare words count more; `bayes` is how much the
    logarithms of naive Bayes count beside the machines.
    """

    strength: float = 0.5
    balanced: bool = False
    idf_power: float = 1.0
    bayes: float = 0.0


DEFAULT = Tuning()


def fit(samples: Sequence[Sample], tuning: Tuning = DEFAULT) -> Fitted:
    """Fit on samples of one or more labels."""
    samples = sorted(samples, key=_order)
    classes = tuple(sorted({sample.label for sample in samples}))
    if len(classes) < 2:
        ones = np.ones(len(samples))
        return Fitted(LinearModel.constant(classes[0]), ones, ones.astype(bool))
    rows = [row for sample in samples for row in (*sample.variants, *sample.spoilt)]
    sizes = [(len(sample.variants), len(sample.spoilt)) for sample in samples]
    clean = np.concatenate([[True] * variants + [False] * spoilt for variants, spoilt in sizes])
    owner = np.repeat(np.arange(len(samples)), [sum(size) for size in sizes])
    target = np.array([classes.index(sample.label) for sample in samples])
    table = _Table.of(rows, owner, clean)
    machine = _Machine(len(classes), tuning)
    out = _held_out(target)[owner]
    trial = beside(lambda: _margins(table, out & clean, *machine.learn(table, target[owner], ~out)))
    idf, weights, bias = machine.learn(table, target[owner], np.ones(len(rows), bool))
    margins, known = trial()
    truth = target[owner][out & clean]
    scale = _best_scale(margins, known, truth)
    kept = idf > 0
    model = LinearModel(
        classes,
        table.hashes[kept],
        idf[kept].astype(np.float32),
        weights[kept].astype(np.float16),
        bias.astype(np.float32),
        scale,
    )
    probabilities = softmax(margins * _factors(scale, known))
    return Fitted(
        model,
        probabilities.max(axis=1),
        probabilities.argmax(axis=1) == truth,
    )


def _order(sample: Sample) -> tuple[str, list[bytes]]:
    """An order of samples that does not depend on the order they came in."""
    return sample.label, [row.tobytes() for row in (*sample.variants, *sample.spoilt)]


def sure_threshold(fitted: Fitted, price: float = 2.5) -> float:
    """The confidence from which acting on held-out answers pays best.

    An answer acted on gains one when it is right and costs `price` when it is wrong; one that is
    not acted on (the bot asks back) gains and costs nothing.
    """
    order = np.argsort(-fitted.confidences, kind="stable")
    gains = np.cumsum(np.where(fitted.correct[order], 1.0, -price))
    return round(float(np.clip(fitted.confidences[order][gains.argmax()], 0.4, 0.9)), 4)


@dataclass(frozen=True)
class _Table:
    """Which row has which features: `present` is 1 or 0, rows by all features there are.

    `owner` is the number of a row's example; rows that are not `clean` are spoilt copies.
    """

    hashes: Hashes
    present: csr_matrix
    owner: npt.NDArray[np.intp]
    clean: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls, rows: Sequence[Hashes], owner: npt.NDArray[np.intp], clean: npt.NDArray[np.bool_]
    ) -> _Table:
        from scipy.sparse import csr_matrix

        hashes, columns = np.unique(np.concatenate(rows), return_inverse=True)
        pointers = np.cumsum([0, *(len(row) for row in rows)])
        shape = (len(rows), len(hashes))
        return cls(
            hashes, csr_matrix((np.ones(len(columns)), columns, pointers), shape), owner, clean
        )

    def idf(self, seen: npt.NDArray[np.bool_], power: float) -> Floats:
        """How much each feature weighs by the rows that were seen; 0 where it is not known.

        Features are counted by example, variants of one counting once.
        """
        from scipy.sparse import csr_matrix

        rows = np.flatnonzero(seen & self.clean)
        examples, number = np.unique(self.owner[rows], return_inverse=True)
        joined = csr_matrix(
            (np.ones(len(rows)), (number, np.arange(len(rows)))), (len(examples), len(rows))
        )
        counts = np.bincount((joined @ self.present[rows]).indices, minlength=len(self.hashes))
        kept = counts >= np.where(kinds(self.hashes) == LETTERS, MIN_EXAMPLES_LETTERS, 1)
        idf = (np.log((1 + len(examples)) / (1 + counts)) + 1) ** power
        return np.where(kept, idf, 0.0)

    def weighed(self, idf: Floats) -> csr_matrix:
        """All rows as `nlu.linear.weigh` gives them."""
        matrix = self.present.copy()
        matrix.data = idf[matrix.indices]
        matrix.eliminate_zeros()
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        cell = row * len(KIND_WEIGHTS) + kinds(self.hashes)[matrix.indices]
        squares = np.bincount(cell, matrix.data**2, matrix.shape[0] * len(KIND_WEIGHTS))
        lengths = np.maximum(np.sqrt(squares), 1e-9)
        matrix.data *= np.tile(KIND_WEIGHTS, matrix.shape[0])[cell] / lengths[cell]
        return matrix


@dataclass(frozen=True)
class _Machine:
    """One-against-rest support vector machines for labels numbered from 0."""

    classes: int
    tuning: Tuning

    def learn(
        self, table: _Table, target: npt.NDArray[np.intp], rows: npt.NDArray[np.bool_]
    ) -> tuple[Floats, Floats, Floats]:
        """Learn from some rows: idf, weights (features x classes; 0 where idf is 0), bias."""
        idf = table.idf(rows, self.tuning.idf_power)
        matrix = table.weighed(idf)[rows]
        weights, bias = self._fit(matrix, target[rows])
        if self.tuning.bayes:
            weights += self.tuning.bayes * self._bayes(matrix, target[rows])
        weights[idf == 0] = 0.0
        return idf, weights, bias

    def _fit(self, matrix: Any, target: npt.NDArray[np.intp]) -> tuple[Floats, Floats]:
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

    def _bayes(self, matrix: Any, target: npt.NDArray[np.intp]) -> Floats:
        """How much likelier each feature is with each label than with the average one."""
        from scipy.sparse import csr_matrix

        shape = (self.classes, len(target))
        rows_of = csr_matrix((np.ones(len(target)), (target, np.arange(len(target)))), shape)
        mass = (rows_of @ matrix).toarray().T + BAYES_SMOOTHING
        logs = np.log(mass / mass.sum(axis=0))
        return np.asarray(logs - logs.mean(axis=1, keepdims=True))


def _held_out(target: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
    """Which examples are held out: one in HELD_OUT of each label, of the first labels the first."""
    held = np.zeros(len(target), bool)
    for label in np.unique(target):
        members = np.flatnonzero(target == label)
        held[members] = (np.arange(len(members)) + label) % HELD_OUT == 0
    if held.all() or not held.any():
        held[:] = np.arange(len(target)) % 2 == 0
    return held


def _margins(
    table: _Table, rows: npt.NDArray[np.bool_], idf: Floats, weights: Floats, bias: Floats
) -> tuple[Floats, npt.NDArray[np.intp]]:
    """The margins of some rows, and how many of their features are known."""
    matrix = table.weighed(idf)[rows]
    return np.asarray(matrix @ weights + bias), np.diff(matrix.indptr)


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
