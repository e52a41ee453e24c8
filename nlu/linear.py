"""A linear model over hashed features: what is kept of training, and how it predicts."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlu.features import Hashes, kinds
from nlu.reading import Labels

Floats = npt.NDArray[np.float64]


# How much words, runs of letters, concepts, words with their diacritics and pairs of words count
# beside each other. Letters help where a word is misspelt, concepts where no example has it, pairs
# where other words came between.
KIND_WEIGHTS = np.array([1.0, 0.6, 0.2, 0.35, 0.5])
ARRAYS = ("vocabulary", "idf", "weights", "bias")


@dataclass(frozen=True)
class Scale:
    """What margins are multiplied with before the softmax (the inverse of its temperature).

    Few words give large margins, for a short message is scaled to the same length as a long one;
    so the factor depends on how many features of the message are known.
    """

    factor: float
    power: float

    def of(self, known: int) -> float:
        return float(self.factor * (max(known, 1) / 100) ** self.power)


@dataclass(frozen=True)
class LinearModel:
    """One row of weights per known feature, one column per class.

    `vocabulary` is sorted, so a message's features are found by bisection. `idf` weighs features
    before the message is scaled to length one. `scale` turns margins into calibrated
    probabilities.
    """

    classes: tuple[str, ...]
    vocabulary: Hashes
    idf: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float16]
    bias: npt.NDArray[np.float32]
    scale: Scale

    @classmethod
    def constant(cls, name: str) -> LinearModel:
        """The model of data with a single class."""
        return cls(
            (name,),
            np.zeros(0, np.uint64),
            np.zeros(0, np.float32),
            np.zeros((0, 1), np.float16),
            np.zeros(1, np.float32),
            Scale(1.0, 0.0),
        )

    def labels(self, features: Hashes) -> Labels:
        """All classes with their probabilities, best first; ties in order of name."""
        rows, values = weigh(features, self.vocabulary, self.idf)
        margins = values @ self.weights[rows].astype(np.float64) + self.bias
        probabilities = softmax(margins * self.scale.of(len(rows)))
        order = np.argsort(-probabilities, kind="stable")
        return Labels(tuple((self.classes[i], float(probabilities[i])) for i in order))

    def save(self, folder: Path) -> None:
        arrays = {name: getattr(self, name) for name in ARRAYS}
        # A column is of one label, and like numbers side by side pack better.
        arrays["weights"] = np.asfortranarray(self.weights)
        # Packed quickly here: Rasa packs the whole archive once more, thoroughly and slowly.
        with zipfile.ZipFile(
            folder / "arrays.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1
        ) as packed:
            for name, array in arrays.items():
                with packed.open(f"{name}.npy", "w") as file:
                    np.lib.format.write_array(file, array, allow_pickle=False)
        about = {"classes": list(self.classes), "scale": asdict(self.scale)}
        (folder / "model.json").write_text(
            json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "arrays.npz", allow_pickle=False) as packed:
            arrays = {name: np.ascontiguousarray(packed[name]) for name in ARRAYS}
        return cls(tuple(about["classes"]), scale=Scale(**about["scale"]), **arrays)


def rounded(weights: Floats) -> npt.NDArray[np.float16]:
    """Weights with seven binary digits, which is enough, so that they pack well."""
    bits = weights.astype(np.float16).view(np.uint16)
    return ((bits + np.uint16(8)) & np.uint16(0xFFF0)).view(np.float16)


def weigh(
    features: Hashes, vocabulary: Hashes, idf: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.intp], Floats]:
    """Rows of the known features and their weights; each kind by itself is scaled to one."""
    if not len(vocabulary):
        return np.zeros(0, np.intp), np.zeros(0)
    rows = np.minimum(np.searchsorted(vocabulary, features), len(vocabulary) - 1)
    rows = rows[vocabulary[rows] == features]
    values = idf[rows].astype(np.float64)
    kind = kinds(vocabulary[rows])
    lengths = np.sqrt(np.bincount(kind, values * values, minlength=len(KIND_WEIGHTS)))
    return rows, values * (KIND_WEIGHTS / np.maximum(lengths, 1e-9))[kind]


def softmax(scores: Floats) -> Floats:
    """Probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
