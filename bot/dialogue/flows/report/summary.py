"""The summary before sending, and what the person may say to it."""

from __future__ import annotations

from bot.dialogue.flows.report import contact, where
from bot.dialogue.flows.report.draft import draft_of, editing
from bot.dialogue.flows.report.sending import send
from bot.dialogue.heard import Heard
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

WHAT_SHOWN = 300
"""Characters of the description that the summary repeats; the ticket holds all of it."""

MOSTLY_PLACE = 0.6
"""A text of whose letters more than this share names a place is a place."""

FEWEST_WORDS = 3
"""A text of fewer words is no report of its own."""


def ask_summary(talk: Talk, frame: Frame) -> None:
    draft = draft_of(frame)
    count = len(draft.attachments)
    photos = talk.text("utter_part_photos", count=count) if count else ""
    fields = {
        "what": shortened(draft.what, WHAT_SHOWN),
        "place": where.place_line(talk, draft),
        "category": talk.local.category_label(draft.category),
        "photos": f"\n{photos}" if photos else "",
    }
    if draft.phone and draft.consent_id:
        talk.ask(frame, "utter_report_summary_with_contact", phone=draft.phone, **fields)
    elif draft.urgency == "urgent":
        talk.ask(frame, "utter_report_summary_urgent", **fields)
    else:
        talk.ask(frame, "utter_report_summary", **fields)


def shortened(text: str, limit: int) -> str:
    """The text on one line, cut at a word when it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + "…"


def take_summary(talk: Talk, frame: Frame, heard: Heard) -> bool:
    draft = draft_of(frame)
    if heard.control == "yes":
        send(talk, frame, with_contact=draft.phone is not None)
        return True
    if heard.control in ("unknown", "skip"):
        return True  # nothing was asked that one could not know: the summary comes again
    if heard.control == "no":
        frame.step = "edit"
        talk.ask(frame, "utter_report_edit")
        return True
    return take_more(talk, frame, heard)


def take_more(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """Words that answer no question: a place, a number to call, more of the matter, or another."""
    if mostly_place(heard):
        with editing(frame) as draft:
            where.place_named(draft, heard, whole_answer=True)
        frame.step = ""
        return True
    if heard.word_count <= FEWEST_WORDS and contact.phone_in(heard.text):
        frame.step = "consent"
        contact.ask_consent(talk, frame)
        return True
    if heard.word_count < FEWEST_WORDS:
        return False
    urgent = draft_of(frame).urgency == "urgent"
    if urgent and not (heard.sure and heard.intent in ("report", "petition")):
        # Nobody in danger is asked whether "tới lẹ đi" is a matter of its own.
        with editing(frame) as draft:
            draft.what = f"{draft.what}\n{heard.text.strip()}"
        frame.step = ""
        return True
    offer_second(talk, frame, heard)
    return True


def mostly_place(heard: Heard) -> bool:
    """Whether the text is a place and little more: "à ở chợ Rạch Sỏi"."""
    if where.names_only_a_place(heard):
        return True
    named = sum(place.end - place.start for place in heard.all("place") if not place.words)
    return named > MOSTLY_PLACE * len(heard.text.strip())


def offer_second(talk: Talk, frame: Frame, heard: Heard) -> None:
    """Ask whether a message is a report of its own or belongs to this one; never guess."""
    with editing(frame) as draft:
        draft.other = heard
    frame.step = "second"
    ask_second(talk, frame)


def ask_second(talk: Talk, frame: Frame) -> None:
    other = draft_of(frame).other
    talk.ask(frame, "utter_report_second", other=shortened(other.text if other else "", 120))


def take_second(talk: Talk, frame: Frame, heard: Heard) -> bool:
    if heard.control == "yes":
        keep_apart(talk, frame)
        return True
    if heard.control in ("no", "skip"):
        _take_other(frame)
        return True
    if heard.control is None and heard.word_count >= FEWEST_WORDS and _tells_on(heard):
        with editing(frame) as draft:
            if draft.other is not None:
                draft.other.text = f"{draft.other.text}\n{heard.text.strip()}"
        ask_second(talk, frame)
        return True
    return False


def _tells_on(heard: Heard) -> bool:
    """Whether it may go on with what was just said, rather than be something else that is asked."""
    return heard.intent in ("report", "petition", "add_to_ticket") or not heard.sure


def keep_apart(talk: Talk, frame: Frame) -> None:
    """The other message waits until this report is sent."""
    other = _take_other(frame)
    if other is not None:
        talk.state.pending.append(other)
        talk.say("utter_report_second_kept")


def join(talk: Talk, frame: Frame) -> None:
    """The other message belongs to this report."""
    other = _take_other(frame)
    if other is None:
        return
    with editing(frame) as draft:
        draft.what = f"{draft.what}\n{other.text}"
        draft.note(other)
        if not draft.has_place:
            where.place_named(draft, other, whole_answer=False)


def _take_other(frame: Frame) -> Heard | None:
    with editing(frame) as draft:
        other, draft.other = draft.other, None
    frame.step = ""
    return other
