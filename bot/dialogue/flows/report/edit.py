"""Correcting any part of a report before it is sent."""

from __future__ import annotations

from bot.dialogue.flows.report import contact, summary, where
from bot.dialogue.flows.report.draft import draft_of, editing
from bot.dialogue.heard import Heard, Mention
from bot.dialogue.phrases import Correction, control_of, words_of
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

OFFERED_CATEGORIES = 3
COMMON_CATEGORIES = ("traffic", "environment", "drainage", "power_lighting")
"""Offered when the text gave no idea of its own."""


def ask_menu(talk: Talk, frame: Frame) -> None:
    talk.ask(frame, "utter_report_edit")


def take_menu(talk: Talk, frame: Frame, heard: Heard) -> bool:
    if heard.control in ("no", "skip", "yes"):
        frame.step = ""
        return True
    return summary.take_more(talk, frame, heard)


def ask_what(talk: Talk, frame: Frame) -> None:
    talk.ask(frame, "utter_report_edit_what")


def take_what(talk: Talk, frame: Frame, heard: Heard) -> bool:
    if not heard.text.strip():
        return False
    frame.step = ""
    if leaves_it(heard):
        return True
    with editing(frame) as draft:
        kept = draft.category
        draft.describe(heard)
        if heard.category is None:
            draft.category = kept
        draft.category_settled = True
        if not draft.has_place and where.place_named(draft, heard, whole_answer=False):
            draft.where_settled = False
    return True


def leaves_it(heard: Heard) -> bool:
    """Whether the answer is no new wording but that the old one may stand: "thôi", "gửi đi"."""
    return heard.control in ("no", "skip") or control_of(heard.text) == "yes"


def ask_where(talk: Talk, frame: Frame) -> None:
    talk.ask(frame, "utter_report_edit_where")


def take_where(talk: Talk, frame: Frame, heard: Heard) -> bool:
    if not heard.text.strip():
        return False
    frame.step = ""
    if not leaves_it(heard) and heard.control != "unknown":
        with editing(frame) as draft:
            draft.where_settled = False
            where.place_named(draft, heard, whole_answer=True)
    return True


def offered_categories(frame: Frame) -> list[str]:
    draft = draft_of(frame)
    names = [name for name in draft.rivals if name != draft.category]
    fill = [name for name in COMMON_CATEGORIES if name != draft.category]
    return list(dict.fromkeys([*names, *fill]))[:OFFERED_CATEGORIES]


def ask_category(talk: Talk, frame: Frame) -> None:
    fields: dict[str, str] = {}
    for number, name in enumerate(offered_categories(frame), 1):
        fields |= {f"name{number}": name, f"label{number}": talk.local.category_label(name)}
    talk.ask(frame, "utter_report_edit_category", **fields)


def ask_close_categories(talk: Talk, frame: Frame) -> None:
    """Two categories are about as likely: the person knows."""
    first, second = draft_of(frame).rivals[:2]
    talk.ask(
        frame,
        "utter_report_ask_category",
        name1=first,
        name2=second,
        label1=talk.local.category_label(first),
        label2=talk.local.category_label(second),
    )


def take_category(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """A category named by its label, or described; anything else leaves the one there is."""
    if not heard.text.strip():
        return False
    frame.step = ""
    named = _category_named(talk, heard.text) or heard.category
    with editing(frame) as draft:
        draft.category_settled = True
        if named is not None and heard.control is None:
            draft.category = named
    return True


def _category_named(talk: Talk, text: str) -> str | None:
    words = words_of(text)
    if not words:
        return None
    labels = talk.local.category_labels.items()
    return next((name for name, label in labels if words in words_of(label)), None)


def apply(talk: Talk, frame: Frame, correction: Correction, heard: Heard) -> bool:
    """Carry out "sửa địa điểm", "đổi lại là chợ Rạch Sỏi"; False when it is none for a report."""
    value = heard.model_copy(
        update={"text": correction.value, "mentions": _within(heard, correction)}
    )
    part = correction.part
    if part is None and not correction.value:
        frame.step = "edit"
        ask_menu(talk, frame)
        return True
    if part is None:
        if value.first("place") is None:
            return False
        part = "where"
    if not correction.value or part in ("photos", "phone"):
        open_part(talk, frame, part, value)
        return True
    if part == "where":
        return take_where(talk, frame, value)
    if part == "category":
        return take_category(talk, frame, value)
    with editing(frame) as draft:
        draft.what = correction.value
        if heard.category is not None and heard.intent in ("report", "petition", "emergency"):
            draft.category, draft.category_settled = heard.category, True
    frame.step = ""
    return True


def open_part(talk: Talk, frame: Frame, part: str, value: Heard) -> None:
    """Ask for a part anew, or change it at once where there is nothing to ask."""
    if part == "photos":
        drop_photos(talk, frame)
    elif part == "phone":
        frame.step = "consent" if draft_of(frame).consent_id is None else "phone"
        with editing(frame) as draft:
            draft.phone = contact.phone_in(value.text) if draft.consent_id is not None else None
        if frame.step == "phone" and draft_of(frame).phone is not None:
            frame.step = ""
        elif frame.step == "phone":
            contact.ask_phone(talk, frame)
        else:
            contact.ask_consent(talk, frame)
    else:
        frame.step = f"edit_{part}"
        {"what": ask_what, "where": ask_where, "category": ask_category}[part](talk, frame)


def drop_photos(talk: Talk, frame: Frame) -> None:
    with editing(frame) as draft:
        had = bool(draft.attachments)
        draft.attachments = []
    frame.step = ""
    talk.say("utter_report_photos_dropped" if had else "utter_report_no_photos")


def _within(heard: Heard, correction: Correction) -> list[Mention]:
    """The names that stand in the correction's value, with offsets into it."""
    start = heard.text.find(correction.value) if correction.value else -1
    if start < 0:
        return heard.mentions
    moved = []
    for mention in heard.mentions:
        if mention.start >= start:
            by = {"start": mention.start - start, "end": mention.end - start}
            moved.append(mention.model_copy(update=by))
    return moved
