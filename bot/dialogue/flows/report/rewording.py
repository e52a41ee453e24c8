"""A message of a report not yet sent was edited: the draft follows it."""

from __future__ import annotations

from bot.dialogue.flows import emergency
from bot.dialogue.flows.report import where
from bot.dialogue.flows.report.draft import Draft, draft_of, editing
from bot.dialogue.heard import Heard
from bot.dialogue.phrases import is_bare_wish
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

ASKED_AGAIN = frozenset({"second", "photos", "consent", "phone"})
"""Questions that stay open; after any other the report goes on from what is missing now."""


def reword(talk: Talk, heard: Heard) -> bool:
    """Put the new words in the place of the old; False when no open draft has that message."""
    for frame in reversed(talk.state.frames):
        if frame.flow == "report" and heard.message_id in draft_of(frame).messages:
            talk.bring_up(frame)
            talk.acting = frame
            _reword(talk, frame, heard)
            return True
    return False


def _reword(talk: Talk, frame: Frame, heard: Heard) -> None:
    with editing(frame) as draft:
        was_urgent = draft.urgency == "urgent"
        old = draft.messages.pop(str(heard.message_id))
        if old in draft.what and not is_bare_wish(heard.text):
            _put_matter(draft, old, heard)
        elif not old and not draft.what:
            draft.describe(heard)
            where.place_named(draft, heard, whole_answer=False)
        elif draft.place_text and draft.place_text in old:
            draft.where_settled = False
            where.place_named(draft, heard, whole_answer=True)
        draft.note(heard)
        danger = draft.urgency == "urgent" and not was_urgent
    if danger:
        emergency.say_numbers(talk, heard)
    talk.bridge = talk.text("utter_part_reworded")
    flow = talk.flows[frame.flow]
    if frame.step in ASKED_AGAIN:
        flow.resume(talk, frame)
    else:
        frame.step = ""
        flow.advance(talk, frame)


def _put_matter(draft: Draft, old: str, heard: Heard) -> None:
    """The whole matter is read anew where the message was all of it."""
    told = draft.what.replace(old, heard.text.strip(), 1)
    if draft.what == old:
        draft.describe(heard)
    elif heard.is_emergency:
        draft.urgency = "urgent"
    draft.what = told
    place = draft.place_text or ""
    lost = bool(place) and place in old
    if not where.place_named(draft, heard, whole_answer=False) and lost:
        if place not in heard.text:
            draft.place_text = draft.commune_code = None
            draft.communes, draft.where_settled = [], False
