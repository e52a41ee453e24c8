"""Draws the result from what the steps found: acts, and the top level by the taxonomy's ties."""

from __future__ import annotations

from pathlib import Path

from nlu.reading import Labels, Part, Reading
from nlu.understanding import Act, Label, Understanding

NORMAL, URGENT = "normal", "urgent"
EMERGENCY = "emergency"
# Acts that need no work: they lead only when nothing else was said.
COURTESIES = frozenset({"greet", "thank", "goodbye"})
# Below this chance that the message has a category at all, none is offered.
CATEGORY_CHANCE = 0.05
# The intent of a message in which there is nothing to read.
OUT_OF_SCOPE = "out_of_scope"


def nothing_understood(text: str) -> Understanding:
    """What is understood of a blank message."""
    return Understanding(
        text=text,
        intent=Label(OUT_OF_SCOPE, 0.0),
        sure=False,
        category=None,
        category_top3=(),
        urgency=Label(NORMAL, 1.0),
        acts=(Act(OUT_OF_SCOPE, None, 0, len(text)),),
        entities=(),
    )


class Conclusion:
    """The last step: sets `reading.result`."""

    def read(self, reading: Reading) -> None:
        acts = _acts(reading)
        lead = _lead(acts)
        intent = lead.intent
        if intent is None or not reading.normalized.text.strip():
            reading.result = nothing_understood(reading.text)
            return
        category, top3 = _category(reading, lead)
        reading.result = Understanding(
            text=reading.text,
            intent=Label(intent.best, intent.confidence),
            sure=intent.confidence >= reading.sure_from,
            category=category,
            category_top3=top3,
            urgency=_urgency(lead),
            acts=tuple(_act(reading, part) for part in acts),
            entities=tuple(reading.entities),
        )

    def save(self, folder: Path) -> None:
        """Nothing is learnt."""

    @classmethod
    def load(cls, folder: Path) -> Conclusion:
        return cls()


def _acts(reading: Reading) -> list[Part]:
    """The parts, with neighbours that want the same joined; the whole where one is left."""
    whole = reading.whole
    if not reading.parts or not reading.intents_with_category:
        return [whole]
    if _intent(whole) == EMERGENCY and all(_intent(part) != EMERGENCY for part in reading.parts):
        return [whole]  # danger shows in the whole: nothing is gained by taking it apart
    acts: list[Part] = []
    for part in reading.parts:
        if acts and _wants_the_same(reading, acts[-1], part):
            acts[-1] = _joined(acts[-1], part)
        else:
            acts.append(part)
    working = [part for part in acts if _intent(part) not in COURTESIES]
    if len(working) == 1 and _intent(whole) not in COURTESIES:
        # Only courtesies beside it: the whole message knows more than the part.
        only = working[0]
        acts[acts.index(only)] = Part(
            only.start, only.end, whole.intent, whole.category, whole.urgency
        )
    return acts if len(acts) > 1 else [whole]


def _wants_the_same(reading: Reading, first: Part, second: Part) -> bool:
    if _intent(first) != _intent(second):
        # An unsure part is no act of its own.
        return second.intent is not None and second.intent.confidence < reading.sure_from / 2
    if _intent(first) not in reading.intents_with_category:
        return True
    if first.category is None or second.category is None:
        return True
    return first.category.best == second.category.best or second.category.confidence < 0.3


def _joined(first: Part, second: Part) -> Part:
    return Part(first.start, second.end, first.intent, first.category, first.urgency)


def _intent(part: Part) -> str:
    return part.intent.best if part.intent else ""


def _lead(acts: list[Part]) -> Part:
    """The emergency if there is one, else the first act that needs work, else the first."""
    for act in acts:
        if _intent(act) == EMERGENCY:
            return act
    return next((act for act in acts if _intent(act) not in COURTESIES), acts[0])


def _category(reading: Reading, part: Part) -> tuple[Label | None, tuple[Label, ...]]:
    if part.category is None or part.intent is None:
        return None, ()
    ranking = [Label(name, chance) for name, chance in part.category.ranking[:3]]
    has_one = part.intent.best in reading.intents_with_category
    chance = sum(p for name, p in part.intent.ranking if name in reading.intents_with_category)
    if not has_one and chance < CATEGORY_CHANCE:
        return None, ()
    return (ranking[0] if has_one else None), tuple(ranking)


def _urgency(lead: Part) -> Label:
    labels = lead.urgency or Labels(((NORMAL, 1.0),))
    if _intent(lead) == EMERGENCY and lead.intent is not None:
        return Label(URGENT, max(labels.of(URGENT), lead.intent.confidence))
    return Label(labels.best, labels.confidence)


def _act(reading: Reading, part: Part) -> Act:
    text = reading.normalized.text[part.start : part.end]
    left = len(text) - len(text.lstrip())
    right = len(text.rstrip())
    start, end = reading.normalized.span(part.start + left, part.start + max(right, left + 1))
    has_one = _intent(part) in reading.intents_with_category and part.category is not None
    return Act(_intent(part), part.category.best if has_one and part.category else None, start, end)
