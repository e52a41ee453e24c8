"""A denunciation leaves no trace: it is told apart before anything of the message is kept."""

from __future__ import annotations

from typing import cast

from sqlalchemy import select

from bot.dialogue.flows.guidance import DenunciationFlow
from bot.dialogue.flows.report.draft import draft_of
from bot.dialogue.heard import Heard
from bot.dialogue.phrases import control_of, denouncing_phrases, fold
from bot.dialogue.routing import SECRET_FROM, SPEAKS_IN_SECRET, WORK
from bot.dialogue.safety import Told
from bot.dialogue.state import State
from bot.dialogue.talk import Talk
from bot.turn import Turn
from nlu.understanding import Understanding
from store.tickets import Attachment

KEEPS_SECRET = frozenset({"denunciation", "handoff", "complaint"})
"""Flows whose buttons do not end the secrecy."""


def is_denunciation(turn: Turn) -> bool:
    """Whether nothing of this event may be kept: it is a denunciation, or follows one."""
    return State.read(turn.conversation.state).is_sensitive(turn.now) or denounces(turn)


def denounces(turn: Turn) -> bool:
    """Whether this event by itself is a denunciation."""
    understood = turn.prepared.understanding
    if understood is None:
        return "to cao" in fold(turn.incoming.text)
    return _denounces(understood, Told(understood.text))


def _denounces(understood: Understanding, told: Told) -> bool:
    if control_of(understood.text) == "anonymous":
        return False  # "giấu tên giùm em": a wish, and no more
    if understood.intent.name == "denunciation":
        return understood.sure or understood.intent.confidence >= SECRET_FROM
    if told.says(denouncing_phrases()):
        return True
    says_so = "to cao" in fold(understood.text)
    return says_so and any(act.intent == "denunciation" for act in understood.acts)


def guard(talk: Talk, heard: Heard, told: Told) -> Heard | None:
    """The message if it may be kept; None when it was secret, and has been answered."""
    flow = cast(DenunciationFlow, talk.flows["denunciation"])
    understood = talk.turn.prepared.understanding
    if understood is not None and heard.text and _denounces(understood, told):
        _forget_photos(talk)
        if talk.state.is_sensitive(talk.now):
            flow.more(talk)
        else:
            flow.begin(talk, heard)
        return None
    if not talk.state.is_sensitive(talk.now):
        talk.state.sensitive_until = None
        return heard
    speaks = heard.is_emergency or (heard.sure and heard.intent in SPEAKS_IN_SECRET)
    if speaks and not talk.turn.prepared.media:
        if heard.intent in WORK and heard.intent != "talk_to_human":
            talk.state.sensitive_until = None
        return heard
    answers = heard.control not in (None, "anonymous")
    if heard.text and answers and not talk.turn.prepared.media:
        return heard
    flow.more(talk)
    return None


def pressed(talk: Talk, flow_name: str) -> None:
    """A button of another flow begins something else: what follows is no denunciation."""
    if flow_name not in KEEPS_SECRET:
        talk.state.sensitive_until = None


def _forget_photos(talk: Talk) -> None:
    """Photos that waited for words belong to what is now known to be a denunciation."""
    for frame in [f for f in talk.state.frames if f.flow == "report"]:
        draft = draft_of(frame)
        if draft.what:
            continue
        talk.close_frame(frame)
        query = select(Attachment).where(
            Attachment.id.in_(draft.attachments), Attachment.ticket_id.is_(None)
        )
        for attachment in talk.session.scalars(query):
            talk.turn.files_to_forget.append(attachment.path)
            talk.session.delete(attachment)
