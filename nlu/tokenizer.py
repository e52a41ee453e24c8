"""Word segmentation by underthesea's CRF: "hồ sơ" is one word of two syllables.

`import underthesea` itself is avoided: its package start imports joblib, requests, tqdm and
huggingface_hub, some 50 MB that parsing never uses. Taken from it are only the trained model files
and `underthesea_core`, the compiled tagger. The features file and the dictionary are pickles of a
list and of a set of strings; they are read with every import refused, so no code can hide there.
"""

from __future__ import annotations

import io
import pickle
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from underthesea_core import CRFFeaturizer, CRFTagger

MODEL = Path("pipeline", "word_tokenize", "models", "ws_crf_vlsp2013_20230727")

# Numbers with their separators stay whole; so do words; every other sign is a token of its own.
_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*|\w+|[^\w\s]", re.UNICODE)

# A sentence longer than this is cut for the tagger, whose memory grows with the length.
_CHUNK = 400


class SegmenterMissing(RuntimeError):
    """underthesea's word segmentation model is not installed."""


@dataclass(frozen=True)
class Word:
    """A segmented word, with offsets into the text that was segmented."""

    text: str
    start: int
    end: int


class _DataUnpickler(pickle.Unpickler):
    """Reads plain containers and refuses everything that would import or call."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"unexpected {module}.{name} in a data file of underthesea")


@lru_cache(maxsize=1)
def _load() -> tuple[CRFFeaturizer, CRFTagger]:
    spec = find_spec("underthesea")  # finds the folder, imports nothing
    if spec is None or spec.origin is None:
        raise SegmenterMissing("underthesea is not installed")
    folder = Path(spec.origin).parent / MODEL
    tagger = CRFTagger()
    tagger.load(str(folder / "models.bin"))
    features = _DataUnpickler(io.BytesIO((folder / "features.bin").read_bytes())).load()
    dictionary = _DataUnpickler(io.BytesIO((folder / "dictionary.bin").read_bytes())).load()
    return CRFFeaturizer(features, dictionary), tagger


def segment(text: str) -> list[Word]:
    """The words of the text in order; joined syllables keep what stood between them."""
    featurizer, tagger = _load()
    tokens = [(match.group(), *match.span()) for match in _TOKEN.finditer(text)]
    words: list[Word] = []
    for at in range(0, len(tokens), _CHUNK):
        chunk = tokens[at : at + _CHUNK]
        tags = tagger.tag(featurizer.process([[[token] for token, _, _ in chunk]])[0])
        for tag, (token, start, end) in zip(tags, chunk, strict=True):
            if tag == "I-W" and words:
                first = words[-1]
                words[-1] = Word(f"{first.text} {token}", first.start, end)
            else:
                words.append(Word(token, start, end))
    return words
