"""Draws the result from what the steps found: acts, and the top level by the taxonomy's ties."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from nlu import urgency_words
from nlu.reading import ASKS, COURTESY, FAINT, PLAIN, Labels, Part, Reading
from nlu.understanding import Act, Label, Understanding

NORMAL, URGENT = "normal", "urgent"
EMERGENCY = "emergency"
# From this chance on danger leads, likeliest or not: missing it costs what four false alarms do.
EMERGENCY_FROM = 0.2
# Acts that need no work: they lead only when nothing else was said.
COURTESIES = frozenset({"greet", "thank", "goodbye"})
# Intents that run into each other within one story.
MATTER, DOSSIER = "matter", "dossier"
KINDS = {
    "report": MATTER,
    "petition": MATTER,
    "complaint": MATTER,
    "denunciation": MATTER,
    "check_dossier": DOSSIER,
    "follow_dossier": DOSSIER,
}
# Below this chance of a common category two parts of one kind are two matters.
SAME_MATTER = 0.1


@dataclass(frozen=True)
class Needed:
    """What it takes to call a part an act of its own.

    Both sides must have their kind with the chance `kind` or, being of one kind, their categories
    with the chance `category`; the chance of a common category is at most `overlap`, and the whole
    message is of neither kind with more than the chance `whole`.
    """

    kind: float
    category: float = 2.0
    overlap: float = 1.0
    whole: float = 1.0


# Who asks often tells first why: telling before a question is the hardest to take for a matter.
OPENED = Needed(kind=0.5, category=0.6)
OPENED_TO_THE_RARE = Needed(kind=0.8)
HARDLY_OPENED = Needed(kind=0.8, category=0.9, overlap=0.3)
ASKED_THEN_TOLD = Needed(kind=0.6, overlap=0.2)
TOLD_THEN_ASKED = Needed(kind=0.95, overlap=0.1, whole=0.9)
TOLD_THEN = {
    DOSSIER: Needed(kind=0.8, overlap=0.1, whole=0.99),
    "ask_procedure": TOLD_THEN_ASKED,
    "ask_info": TOLD_THEN_ASKED,
}

QUESTIONS = frozenset({DOSSIER, "check_ticket", "ask_procedure", "ask_info"})
ORDINARY = QUESTIONS | {MATTER, EMERGENCY}
WORKING = ORDINARY | {
    "praise", "talk_to_human", "privacy_request", "add_to_ticket",
    "withdraw_ticket", "reopen_ticket", "rate",
}  # fmt: skip
# Below the first chance that the message has a category at all, none is offered; from the second
# one on the best is named even where the likeliest intent has none.
CATEGORY_CHANCE, CATEGORY_NAMED_FROM = 0.05, 0.35
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
        name = _intent(lead)
        confidence = intent.of(name)
        reading.result = Understanding(
            text=reading.text,
            intent=Label(name, confidence),
            sure=confidence >= reading.sure_from,
            category=category,
            category_top3=top3,
            urgency=_urgency(lead),
            acts=tuple(_act(reading, part) for part in acts),
            entities=tuple(reading.entities),
            urgency_words=urgency_words.deciding(reading, lead),
        )

    def save(self, folder: Path) -> None:
        """Nothing is learnt."""

    @classmethod
    def load(cls, folder: Path) -> Conclusion:
        return cls()


def _acts(reading: Reading) -> list[Part]:
    """The parts, those of one matter joined; the whole where one is left."""
    whole = reading.whole
    if not reading.parts or not reading.intents_with_category:
        return [whole]
    if _intent(whole) == EMERGENCY and all(_intent(part) != EMERGENCY for part in reading.parts):
        return [whole]  # danger shows in the whole: nothing is gained by taking it apart
    acts: list[Part] = []
    for part in reading.parts:
        if not acts or _is_another(reading, acts[-1], part):
            acts.append(part)
        else:
            acts[-1] = _joined(acts[-1], part)
        if _comes_back(acts):
            acts[-3:] = [_joined(_joined(acts[-3], acts[-2]), acts[-1])]
    working = [part for part in acts if _intent(part) not in COURTESIES]
    if len(working) == 1 and _intent(whole) not in COURTESIES:
        # Only courtesies beside it: the whole message knows more than the part.
        only = working[0]
        acts[acts.index(only)] = replace(whole, start=only.start, end=only.end, opened=only.opened)
    return acts if len(acts) > 1 else [whole]


def _is_another(reading: Reading, first: Part, second: Part) -> bool:
    """Whether the second part is a matter of its own, seen from how it is opened."""
    if first.intent is None or second.intent is None:
        return False
    if second.opened == COURTESY:
        return _intent(first) != _intent(second) and (
            second.intent.confidence >= reading.sure_from / 2
        )
    kinds = _kind(_intent(first)), _kind(_intent(second))
    needed = _needed(second.opened, *kinds)
    if needed is None or not WORKING.issuperset(kinds):
        return False
    if kinds[0] == kinds[1]:
        sure = min(_best_category(first), _best_category(second)) >= needed.category
        return kinds[0] == MATTER and sure and _overlap(first, second) <= SAME_MATTER
    return (
        min(_chance(first, kinds[0]), _chance(second, kinds[1])) >= needed.kind
        and _overlap(first, second) <= needed.overlap
        and max(_chance(reading.whole, kind) for kind in kinds) <= needed.whole
    )


def _needed(opened: str, first: str, second: str) -> Needed | None:
    """What a part needs that is opened so and follows one of that kind; None: it cannot be."""
    if opened == PLAIN:
        return OPENED if second in ORDINARY else OPENED_TO_THE_RARE
    if opened == FAINT:
        return TOLD_THEN_ASKED if first == MATTER and second in QUESTIONS else HARDLY_OPENED
    if opened == ASKS:
        return TOLD_THEN.get(second) if first == MATTER else None
    return ASKED_THEN_TOLD if first in QUESTIONS and second == MATTER else None


def _best_category(part: Part) -> float:
    return part.category.confidence if part.category else 0.0


def _kind(intent: str) -> str:
    """Intents that run into each other within one story count as one kind."""
    return KINDS.get(intent, intent)


def _chance(part: Part, kind: str) -> float:
    if part.intent is None:
        return 0.0
    return sum(chance for name, chance in part.intent.ranking if _kind(name) == kind)


def _overlap(first: Part, second: Part) -> float:
    """How likely both parts have the same category."""
    if first.category is None or second.category is None:
        return 0.0
    return sum(chance * second.category.of(name) for name, chance in first.category.ranking)


def _comes_back(acts: list[Part]) -> bool:
    """A story that goes on after a question: what stood between belongs to it."""
    if len(acts) < 3 or acts[-1].opened == PLAIN:
        return False
    first, last = acts[-3], acts[-1]
    return _kind(_intent(first)) == _kind(_intent(last)) and _overlap(first, last) > SAME_MATTER


def _joined(first: Part, second: Part) -> Part:
    """Both as one, each counting by its length."""
    weight = (first.end - first.start) / max(1, second.end - first.start)
    return Part(
        first.start,
        second.end,
        _mixed(first.intent, second.intent, weight),
        _mixed(first.category, second.category, weight),
        _mixed(first.urgency, second.urgency, weight),
        first.opened,
    )


def _mixed(first: Labels | None, second: Labels | None, weight: float) -> Labels | None:
    if first is None or second is None:
        return first or second
    chances = [(n, p * weight + second.of(n) * (1 - weight)) for n, p in first.ranking]
    return Labels(tuple(sorted(chances, key=lambda pair: -pair[1])))


def _intent(part: Part) -> str:
    if part.intent is None:
        return ""
    return EMERGENCY if part.intent.of(EMERGENCY) >= EMERGENCY_FROM else part.intent.best


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
    chance = sum(p for name, p in part.intent.ranking if name in reading.intents_with_category)
    named = _intent(part) in reading.intents_with_category or chance >= CATEGORY_NAMED_FROM
    if not named and chance < CATEGORY_CHANCE:
        return None, ()
    return (ranking[0] if named else None), tuple(ranking)


def _urgency(lead: Part) -> Label:
    labels = lead.urgency or Labels(((NORMAL, 1.0),))
    if _intent(lead) == EMERGENCY and lead.intent is not None:
        return Label(URGENT, max(labels.of(URGENT), lead.intent.of(EMERGENCY)))
    return Label(labels.best, labels.confidence)


def _act(reading: Reading, part: Part) -> Act:
    text = reading.normalized.text[part.start : part.end]
    left = len(text) - len(text.lstrip())
    right = len(text.rstrip())
    start, end = reading.normalized.span(part.start + left, part.start + max(right, left + 1))
    has_one = _intent(part) in reading.intents_with_category and part.category is not None
    return Act(_intent(part), part.category.best if has_one and part.category else None, start, end)
