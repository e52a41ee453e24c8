"""Staff have asked the citizen something: what comes next may be the answer."""

from __future__ import annotations

from bot.dialogue.flows import ticket_acts, ticket_additions
from bot.dialogue.flows.report.summary import shortened
from bot.dialogue.heard import Heard
from bot.dialogue.routing import FLOW_OF_INTENT, WORK
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

MAY_BE_NEW_FROM_WORDS = 4
"""A report in so many words may be a matter of its own: then it is asked about, not guessed."""

TALK = frozenset({"greet", "goodbye", "help", "ask_bot", "insult", "cancel"})
"""What is no answer to a question, when the model is sure of it."""

MAY_ANSWER = frozenset({"report", "petition", "add_to_ticket", "praise", "rate"})
"""What people come for, and what an answer may sound like as well."""

WORDS_SHOWN = 120


def taken_up(talk: Talk, heard: Heard) -> bool:
    """Give a message to the ticket that waits for an answer; False when it is something else."""
    if talk.busy or heard.is_emergency or _is_something_else(heard):
        return False
    waiting = ticket_acts.fitting(talk, "answer")
    if not waiting:
        return False
    told = heard.sure and heard.intent in ("report", "petition")
    frame = talk.open("tickets")
    frame.slots = {"action": "answer", "heard": heard.model_dump(mode="json")}
    if told and not heard.attachments and heard.word_count >= MAY_BE_NEW_FROM_WORDS:
        frame.slots["code"] = waiting[0].code
        frame.step = "answer"
        ask(talk, frame)
    elif len(waiting) > 1:
        talk.flows["tickets"].advance(talk, frame)
    else:
        talk.close_frame(frame)
        ticket = ticket_additions.to_work_on(talk, waiting[0].code)
        ticket_acts.add(talk, ticket, ticket_acts.said(heard))
    return True


def ask(talk: Talk, frame: Frame) -> None:
    """Whether the message answers, or tells of something new."""
    words = shortened(_kept(frame).text, WORDS_SHOWN)
    talk.ask(frame, "utter_ticket_ask_answer", code=frame.slots["code"], words=words)


def take(talk: Talk, frame: Frame, heard: Heard) -> bool:
    if heard.control == "yes":
        return press(talk, frame, "answer")
    if heard.control == "no":
        return press(talk, frame, "new")
    return False


def press(talk: Talk, frame: Frame, action: str) -> bool:
    """The two buttons under the question."""
    if action not in ("answer", "new"):
        return False
    talk.close_frame(frame)
    kept = _kept(frame)
    if action == "new":
        talk.flows[FLOW_OF_INTENT[kept.intent]].begin(talk, kept)
    else:
        ticket = ticket_additions.to_work_on(talk, str(frame.slots["code"]))
        ticket_acts.add_if_open(talk, ticket, ticket_acts.said(kept))
    return True


def _is_something_else(heard: Heard) -> bool:
    if heard.first("ticket_code") is not None or heard.first("dossier_code") is not None:
        return True
    return heard.sure and (heard.intent in TALK or heard.intent in WORK - MAY_ANSWER)


def _kept(frame: Frame) -> Heard:
    return Heard.model_validate(frame.slots["heard"])
