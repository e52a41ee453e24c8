"""What is known of a message while the steps of the pipeline work on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from nlu.concepts import Concepts
from nlu.entities.folded import Folded, fold
from nlu.features import features
from nlu.masking import mask
from nlu.normalizer import NormalizedText
from nlu.tokenizer import Word, segment
from nlu.understanding import Entity, Understanding

if TYPE_CHECKING:
    from nlu.linear import Known, LinearModel, Weighed

# Messages are read up to here; Telegram's own limit is 4096, and nobody's point comes later.
READ_LIMIT = 4000

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """The text, as long, without code points that no encoding can carry."""
    return _LONE_SURROGATES.sub("\ufffd", text)


@dataclass(frozen=True)
class Labels:
    """Probabilities over names, best first."""

    ranking: tuple[tuple[str, float], ...]

    @property
    def best(self) -> str:
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        return self.ranking[0][1]

    def of(self, name: str) -> float:
        return next((p for n, p in self.ranking if n == name), 0.0)


# How the beginning of a part shows: words that open another matter, words that may, a sentence that
# asks after one that tells, one that tells after one that asks, the end of a greeting.
PLAIN, FAINT, ASKS, TELLS, COURTESY = "plain", "faint", "asks", "tells", "courtesy"


@dataclass
class Part:
    """A stretch of the normalised text that is classified by itself."""

    start: int
    end: int
    intent: Labels | None = None
    category: Labels | None = None
    urgency: Labels | None = None
    opened: str = PLAIN


@dataclass
class Reading:
    """The working state of one message; every step adds to it.

    `text` is the original. `whole` is the message as one part. `parts` are the stretches that may
    be acts of their own; there are none when the message does one thing. `sure_from` is the
    confidence from which an intent counts as sure, `intents_with_category` the intents that have
    categories at all: both come from training. The models are lent by their classifiers, to tell
    afterwards which words decided.
    """

    text: str
    normalized: NormalizedText
    entities: list[Entity] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    concepts: Concepts | None = None
    sure_from: float = 0.5
    intents_with_category: frozenset[str] = frozenset()
    intent_model: LinearModel | None = None
    urgency_model: LinearModel | None = None
    result: Understanding | None = None

    def __post_init__(self) -> None:
        self.whole = Part(0, len(self.normalized.text))
        self._weighed: dict[str, tuple[Known, Weighed]] = {}

    @cached_property
    def folded(self) -> Folded:
        """The view that patterns are looked for in."""
        return fold(self.text)

    @cached_property
    def words(self) -> list[Word]:
        """Segmented words; their offsets point into the normalised text."""
        return segment(self.normalized.text)

    @property
    def classified(self) -> list[Part]:
        """Everything that the classifiers must give labels to."""
        return [self.whole, *self.parts]

    def masked(self, part: Part) -> str:
        """The part as the classifiers see it: what entities cover is hidden."""
        return mask(self.normalized, self.entities, part.start, part.end)

    def weighed(self, part: Part, known: Known) -> Weighed:
        """What a model knows a part by, once for all models that know the same features."""
        text = self.masked(part)
        by, weighed = self._weighed.get(text, (None, None))
        if weighed is None or by is not known:
            weighed = known.weigh(features(text, self.concepts))
            self._weighed[text] = (known, weighed)
        return weighed

    def fingerprint(self) -> str:
        """For Rasa, which hashes what messages carry between the nodes of its graph."""
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()
