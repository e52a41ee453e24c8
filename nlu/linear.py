"""A linear model over hashed features: what is kept of training, and how it predicts."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

from nlu.features import Hashes, kinds
from nlu.reading import Labels

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]


# How much words, runs of letters, concepts, words with their diacritics and pairs of words count
# beside each other. Letters help where a word is misspelt, concepts where no example has it, pairs
# where other words came between.
KIND_WEIGHTS = np.array([1.0, 0.6, 0.2, 0.35, 0.5])
ARRAYS = ("vocabulary", "idf", "steps", "bias")


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
class Weighed:
    """The known features of a text: their rows, and what each weighs."""

    rows: Rows
    values: Floats


@dataclass(frozen=True)
class Known:
    """The features that training has seen, sorted, so that those of a message are found by
    bisection; `idf` weighs each before the message is scaled to length one."""

    hashes: Hashes
    idf: npt.NDArray[np.float32]

    @classmethod
    def loaded(cls, hashes: Hashes, idf: npt.NDArray[np.float32]) -> Known:
        """The same object for the same features: models of one training share it in memory."""
        key = blake2b(hashes.tobytes(), digest_size=16)
        key.update(idf.tobytes())
        return _KNOWN.setdefault(key.digest(), cls(hashes, idf))

    def weigh(self, features: Hashes) -> Weighed:
        """Those of the features that are known; each kind by itself is scaled to one."""
        if not len(self.hashes):
            return Weighed(np.zeros(0, np.intp), np.zeros(0))
        rows = np.minimum(np.searchsorted(self.hashes, features), len(self.hashes) - 1)
        found = self.hashes[rows] == features
        rows = rows[found]
        values = self.idf[rows].astype(np.float64)
        kind = kinds(features[found])
        lengths = np.sqrt(np.bincount(kind, values * values, minlength=len(KIND_WEIGHTS)))
        return Weighed(rows, values * (KIND_WEIGHTS / np.maximum(lengths, 1e-9))[kind])


_KNOWN: WeakValueDictionary[bytes, Known] = WeakValueDictionary()


# Weights are kept in steps that grow with the weight, as sound is in telephony (the mu-law of
# ITU-T G.711): 127 steps up, 127 down, each about 4 % from the next where weights are large.
_FINE = 100.0
_LAST_STEP = 127
_SIZES = np.expm1(np.arange(_LAST_STEP + 1) / _LAST_STEP * np.log1p(_FINE)) / _FINE
# By the step read as an unsigned number: 0 to 127, then (128 to 255) -128 to -1.
_OF_STEP = np.concatenate([_SIZES, [-1.0], -_SIZES[:0:-1]])


@dataclass(frozen=True)
class Weights:
    """A row for each known feature, a column for each class, in one byte each.

    `steps` are shares of the largest weight, `peak`, on a logarithmic scale.
    """

    steps: npt.NDArray[np.uint8]
    peak: float

    @classmethod
    def of(cls, weights: Floats) -> Weights:
        peak = float(np.abs(weights).max(initial=0.0)) or 1.0
        share = np.log1p(_FINE / peak * np.abs(weights)) / np.log1p(_FINE)
        steps = np.rint(np.copysign(share, weights) * _LAST_STEP).astype(np.int8)
        return cls(steps.view(np.uint8), peak)

    def rows(self, rows: Rows) -> Floats:
        return np.asarray(_OF_STEP.take(self.steps[rows])) * self.peak


@dataclass(frozen=True)
class LinearModel:
    """Weights of known features by class; `scale` turns margins into calibrated probabilities."""

    classes: tuple[str, ...]
    known: Known
    weights: Weights
    bias: npt.NDArray[np.float32]
    scale: Scale

    @classmethod
    def constant(cls, name: str) -> LinearModel:
        """The model of data with a single class."""
        return cls(
            (name,),
            Known(np.zeros(0, np.uint64), np.zeros(0, np.float32)),
            Weights.of(np.zeros((0, 1))),
            np.zeros(1, np.float32),
            Scale(1.0, 0.0),
        )

    def labels(self, text: Weighed) -> Labels:
        """All classes with their probabilities, best first; ties in order of name."""
        margins = text.values @ self.weights.rows(text.rows) + self.bias
        probabilities = softmax(margins * self.scale.of(len(text.rows)))
        order = np.argsort(-probabilities, kind="stable").tolist()
        chances = probabilities.tolist()
        return Labels(tuple((self.classes[i], chances[i]) for i in order))

    def save(self, folder: Path) -> None:
        # A column is of one label, and like numbers side by side pack better.
        steps = np.asfortranarray(self.weights.steps)
        arrays: tuple[npt.NDArray[Any], ...] = (self.known.hashes, self.known.idf, steps, self.bias)
        # Packed quickly here: Rasa packs the whole archive once more, thoroughly and slowly.
        with zipfile.ZipFile(
            folder / "arrays.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1
        ) as packed:
            for name, array in zip(ARRAYS, arrays, strict=True):
                with packed.open(f"{name}.npy", "w") as file:
                    np.lib.format.write_array(file, array, allow_pickle=False)
        about = {
            "classes": list(self.classes),
            "peak": self.weights.peak,
            "scale": asdict(self.scale),
        }
        (folder / "model.json").write_text(
            json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8"
        )

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "arrays.npz", allow_pickle=False) as packed:
            hashes, idf, steps, bias = (np.ascontiguousarray(packed[name]) for name in ARRAYS)
        return cls(
            tuple(about["classes"]),
            Known.loaded(hashes, idf),
            Weights(steps, float(about["peak"])),
            bias,
            Scale(**about["scale"]),
        )


def softmax(scores: Floats) -> Floats:
    """Probabilities along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
