"""What was understood beside what should have been: plain counting, nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nlu.understanding import Understanding
from scripts.nlu_report.sets import Message, Taxonomy

EMERGENCY = "emergency"
NORMAL = "normal"
# Intents that lead to a right of the citizen; a missed one is a right not told.
LEGAL = ("complaint", "denunciation")
BINS = 10

Figures = dict[str, object]


@dataclass(frozen=True)
class Answer:
    """What was understood of one message.

    `categories` are those offered, best first, whatever the intent; `communes` all that are named.
    """

    message: Message
    intent: str
    confidence: float
    sure: bool
    categories: tuple[str, ...]
    urgency: str
    communes: frozenset[str]

    @classmethod
    def of(cls, message: Message, understood: Understanding) -> Answer:
        communes = (entity.extra.get("commune") for entity in understood.entities)
        return cls(
            message,
            understood.intent.name,
            understood.intent.confidence,
            understood.sure,
            tuple(label.name for label in understood.category_top3),
            understood.urgency.name,
            frozenset(str(commune) for commune in communes if commune),
        )

    @property
    def intent_right(self) -> bool:
        return self.intent == self.message.intent

    @property
    def intent_accepted(self) -> bool:
        return self.intent in (self.message.intent, self.message.alt_intent)

    @property
    def category_right(self) -> bool:
        return self.categories[:1] == (self.message.category,)

    @property
    def category_accepted(self) -> bool:
        wanted = {self.message.category, self.message.alt_category}
        return any(category in wanted for category in self.categories[:1])


def share(right: Iterable[object]) -> float | None:
    """The share of those that hold, or None where there are none."""
    verdicts = [bool(verdict) for verdict in right]
    return round(sum(verdicts) / len(verdicts), 4) if verdicts else None


def headline(answers: Sequence[Answer], taxonomy: Taxonomy) -> Figures:
    """Intent and category, each strict and with the second label accepted."""
    requests = [a for a in answers if a.message.intent in taxonomy.requests]
    labelled = [a for a in answers if a.message.category]
    return {
        "messages": len(answers),
        "intent": share(a.intent_right for a in answers),
        "intent_or_second": share(a.intent_accepted for a in answers),
        "request_messages": len(requests),
        "request_intent": share(a.intent_right for a in requests),
        "request_intent_or_second": share(a.intent_accepted for a in requests),
        "category_messages": len(labelled),
        "category": share(a.category_right for a in labelled),
        "category_or_second": share(a.category_accepted for a in labelled),
        "category_top3": share(a.message.category in a.categories[:3] for a in labelled),
        "category_top3_or_second": share(
            {a.message.category, a.message.alt_category} & set(a.categories[:3]) for a in labelled
        ),
        "intent_and_category": share(a.intent_right and a.category_right for a in labelled),
    }


def certainty(answers: Sequence[Answer]) -> Figures:
    """How many intents count as sure, and how many of those are wrong."""
    sure = [a for a in answers if a.sure]
    return {
        "sure": share(a.sure for a in answers),
        "wrong_when_sure": share(not a.intent_right for a in sure),
        "wrong_when_sure_or_second": share(not a.intent_accepted for a in sure),
    }


def emergencies(answers: Sequence[Answer]) -> Figures:
    """How many emergencies are seen, and how often one is seen where there is none.

    A message whose second label says emergency counts as none when strict, and is left out of the
    false alarms otherwise.
    """
    real = [a for a in answers if a.message.intent == EMERGENCY]
    other = [a for a in answers if a.message.intent != EMERGENCY]
    clear = [a for a in other if a.message.alt_intent != EMERGENCY]
    return {
        "emergencies": len(real),
        "recall": share(a.intent == EMERGENCY for a in real),
        "recall_or_second": share(a.intent_accepted for a in real),
        "others": len(other),
        "false_alarms": share(a.intent == EMERGENCY for a in other),
        "false_alarms_or_second": share(a.intent == EMERGENCY for a in clear),
    }


def recalls(answers: Sequence[Answer], intents: Sequence[str]) -> dict[str, Figures]:
    """Of each intent: how many there are, and how many were seen."""
    out: dict[str, Figures] = {}
    for intent in intents:
        of_it = [a for a in answers if a.message.intent == intent]
        out[intent] = {
            "messages": len(of_it),
            "recall": share(a.intent_right for a in of_it),
            "recall_or_second": share(a.intent_accepted for a in of_it),
        }
    return out


def urgency(answers: Sequence[Answer]) -> Figures:
    pressing = [a for a in answers if a.message.urgency != NORMAL]
    calm = [a for a in answers if a.message.urgency == NORMAL]
    return {
        "right": share(a.urgency == a.message.urgency for a in answers),
        "pressing_messages": len(pressing),
        "pressing_seen": share(a.urgency != NORMAL for a in pressing),
        "calm_messages": len(calm),
        "calm_taken_for_pressing": share(a.urgency != NORMAL for a in calm),
    }


def communes(answers: Sequence[Answer]) -> Figures:
    """Of messages whose commune is known: is it among those found, and how many found are it."""
    labelled = [a for a in answers if a.message.commune]
    right = sum(a.message.commune in a.communes for a in labelled)
    found = sum(len(a.communes) for a in labelled)
    return {
        "messages": len(labelled),
        "recall": round(right / len(labelled), 4) if labelled else None,
        "precision": round(right / found, 4) if found else None,
    }


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> list[Figures]:
    """Answers in bins of confidence: how many, how confident, how many right."""
    bins: list[Figures] = []
    for number in range(BINS):
        low, high = number / BINS, (number + 1) / BINS
        inside = [
            (confidence, verdict)
            for confidence, verdict in zip(confidences, right, strict=True)
            if low <= confidence < high or (number == BINS - 1 and confidence == 1)
        ]
        if inside:
            mean = sum(confidence for confidence, _ in inside) / len(inside)
            accuracy = share(verdict for _, verdict in inside)
            bins.append(
                {"answers": len(inside), "confidence": round(mean, 4), "accuracy": accuracy}
            )
    return bins


def calibration_error(bins: Sequence[Figures]) -> float:
    """The mean distance between confidence and accuracy (ECE)."""
    total = sum(_number(b["answers"]) for b in bins)
    apart = sum(
        _number(b["answers"]) * abs(_number(b["confidence"]) - _number(b["accuracy"])) for b in bins
    )
    return round(apart / max(total, 1), 4)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def confusion(pairs: Iterable[tuple[str, str]], names: Sequence[str]) -> list[list[int]]:
    """Counts: a row for each label, a column for each answer, both in the order of the names."""
    counts = Counter(pairs)
    return [[counts[label, answer] for answer in names] for label in names]


def worst(answers: Sequence[Answer], most: int = 20) -> list[Figures]:
    """The wrong intents that were the most confident; a second label is not wrong."""
    wrong = [a for a in answers if not a.intent_accepted]
    wrong.sort(key=lambda a: (-a.confidence, a.message.id))
    return [
        {
            "id": a.message.id,
            "text": a.message.text,
            "intent": a.message.intent,
            "understood": a.intent,
            "confidence": round(a.confidence, 4),
        }
        for a in wrong[:most]
    ]


def by(
    answers: Sequence[Answer],
    key: Callable[[Answer], str],
    figures: Callable[[list[Answer]], Figures],
) -> dict[str, Figures]:
    """Figures of each group of answers, in order of its name."""
    groups: dict[str, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(key(answer), []).append(answer)
    return {name: figures(groups[name]) for name in sorted(groups)}
