"""Several things in one message: which of them are matters of their own, and in what order."""

from __future__ import annotations

from collections.abc import Sequence

from actions.dossiers import looks_like_a_code
from bot.dialogue.heard import Heard
from bot.dialogue.phrases import control_of, wishes_to_report
from bot.dialogue.routing import WORK
from nlu.understanding import Act

MOST_MATTERS = 3
"""Matters of one message that are taken up; a longer list is one long story."""

FEWEST_WORDS = 3
"""A part of fewer words is no matter of its own, unless it holds a code."""

CODE_AND_LITTLE_ELSE = 4
"""A message of a code and at most so many more words asks for what the code stands for."""

SHORTEST_CODE = 8
"""Characters from which letters, digits and dashes alone are somebody's try at a dossier code."""

_TICKET = frozenset({"report", "petition", "emergency"})


def split_acts(heard: Heard, acts: Sequence[Act]) -> list[Heard]:
    """The matters of a message, the most pressing first; a message with one matter stays whole."""
    matters: list[Heard] = []
    for act in acts:
        part = heard.part(act)
        if part.intent not in WORK or not _stands_alone(part):
            continue
        known = _continued(matters, part)
        if known is None:
            matters.append(part)
        else:
            _tell_on(known, part)
    if len(matters) < 2 or len(matters) > MOST_MATTERS:
        return [heard]
    matters.sort(key=lambda part: part.intent != "emergency")
    matters[0].attachments, matters[0].location = heard.attachments, heard.location
    return matters


def _stands_alone(part: Heard) -> bool:
    code = part.first("dossier_code") or part.first("ticket_code")
    return part.word_count >= FEWEST_WORDS or code is not None


def _continued(matters: list[Heard], part: Heard) -> Heard | None:
    """The matter told on: same intent and category, or a report without a subject."""
    for known in matters:
        if part.intent in _TICKET and known.intent in _TICKET:
            if part.category in (None, known.category):
                return known
        elif part.intent == known.intent:
            return known
    return None


def _tell_on(known: Heard, part: Heard) -> None:
    """Nothing of what was said is lost: the words go to the matter that they belong to."""
    shift = len(known.text) + 1
    moved = [
        m if m.words else m.model_copy(update={"start": m.start + shift, "end": m.end + shift})
        for m in part.mentions
    ]
    # What stands in the matter's own words goes before what was borrowed from the rest.
    known.mentions = sorted([*known.mentions, *moved], key=lambda m: m.words != "")
    known.text = f"{known.text}\n{part.text}"
    if part.intent == "emergency":
        known.intent, known.urgency = part.intent, part.urgency
        known.urgency_words = part.urgency_words


def plainly_meant(heard: Heard) -> Heard:
    """What needs no model: a bare code asks for its state, "tôi muốn phản ánh" is a report.

    What has no letter ("?", "5", an emoji, a phone number) says nothing that a model could know.
    """
    if not heard.text.strip():
        return heard
    coded = heard.first("dossier_code") or heard.first("ticket_code")
    if coded is None and not any(letter.isalpha() for letter in heard.text):
        intent = "affirm" if control_of(heard.text) == "yes" else ""
        return heard.model_copy(update={"intent": intent, "confidence": 0.0, "sure": bool(intent)})
    if wishes_to_report(heard.text) or control_of(heard.text) == "anonymous":
        return heard.model_copy(update={"intent": "report", "sure": True})
    for entity, intent in (("dossier_code", "check_dossier"), ("ticket_code", "check_ticket")):
        mention = heard.first(entity)
        if mention is None:
            continue
        rest = heard.text[: mention.start] + " " + heard.text[mention.end :]
        if len(rest.split()) <= CODE_AND_LITTLE_ELSE and not _is_ticket_work(heard, entity):
            return heard.model_copy(update={"intent": intent, "sure": True})
    if not heard.mentions and len(heard.text) >= SHORTEST_CODE and looks_like_a_code(heard.text):
        return heard.model_copy(update={"intent": "check_dossier", "sure": True})
    return heard


def _is_ticket_work(heard: Heard, entity: str) -> bool:
    others = {"add_to_ticket", "withdraw_ticket", "reopen_ticket", "rate"}
    return entity == "ticket_code" and heard.intent in others
