"""Procedures and other information: from the local facts, or an honest "I do not know"."""

from __future__ import annotations

from itertools import pairwise
from typing import ClassVar

from actions import publications
from actions.local_facts import Procedure
from bot.dialogue import public_links
from bot.dialogue.flow import Flow, Step
from bot.dialogue.flows import clarify
from bot.dialogue.flows.report.summary import shortened
from bot.dialogue.heard import Heard, Mention
from bot.dialogue.phrases import names_a_report, words_of
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

_ASKS_NUMBER = (
    "so dien thoai",
    "sdt",
    "so dt",
    "so phone",
    "duong day nong",
    "hotline",
    "tong dai",
    "goi so",
)


_PROCEDURE_WORDS = ("thu tuc", "giay to", "ho so", "dang ky", "cap", "lam giay", "xin")
"""Words of somebody who wants a procedure, whether as a question or not."""

_CONTESTS = "khieu nai"
"""Asking how to complain is answered like a complaint, whatever procedure it is about."""

_ASKS_COMMUNE = ("phuong nao", "xa nao", "dac khu nao", "sap nhap")

_ASKS_FIGURES = ("so lieu", "thong ke", "con so")

_ASKS_NEWS = ("thong bao", "tin tuc", "tin moi", "tin gi moi", *_ASKS_FIGURES)
"""Words of somebody who wants to know what is new, or how much of something there is."""

_NEWS_ALONE = ("thong bao gi", "thong bao nao", "thong bao moi", "thong bao cua", "tin tuc",
               "tin gi moi", "so lieu")  # fmt: skip
"""In a short message these ask for it, whatever the model takes it for."""

LONGEST_ASKING = 8
"""Words of a short message."""

_PARTS = {
    "time": ("bao lau", "bao nhieu ngay", "may ngay", "may bua", "may tuan", "lau khong",
             "lau ko", "lau hong", "lau k", "bao gio co", "bao gio xong", "khi nao co",
             "khi nao xong", "chung nao co", "chung nao xong"),
    "fee": ("bao nhieu tien", "het bao nhieu", "ton bao nhieu", "mat bao nhieu", "gia bao nhieu",
            "bao nhieu vay", "may tien", "le phi", "phi", "mat tien", "ton tien", "dong tien"),
    "where": ("o dau", "cho nao", "dau vay", "den dau", "toi dau", "nop dau", "ra dau",
              "noi nao"),
    "bring": ("can gi", "mang gi", "mang theo", "dem gi", "dem theo", "giay to gi", "giay gi",
              "gom gi", "nhung gi", "chuan bi gi"),
}  # fmt: skip
"""Which part of a procedure that was just told somebody asks for once more, in few words."""

PAIRS_SHARED = 2

NEWS_TOLD = 3
NEWS_SHOWN = 200
"""Notices told at once, and characters of each; the page has the whole of all."""

REPORT_FROM_WORDS = 4
"""A statement of so many words for which there is no procedure may be a report."""


class InformationFlow(Flow):
    """Answers at once; asks only which procedure when none was named. What was told last is kept
    in mind for as long as nothing else is spoken of: "bao lâu có?" is about that.
    """

    name: ClassVar[str] = "information"

    def __init__(self) -> None:
        self.steps = (
            Step("procedure", self._ask, self._take, missing=lambda _: True, listens=True),
            Step("told", self._ask, self._take_further),
        )

    def begin(self, talk: Talk, heard: Heard) -> None:
        if _CONTESTS in words_of(heard.text):
            talk.flows["complaint"].begin(talk, heard)
        elif heard.intent == "ask_info":
            _tell_information(talk, heard)
        elif heard.text.strip():
            _tell_procedure(talk, heard)
        else:
            self.advance(talk, talk.open(self.name))

    def _ask(self, talk: Talk, frame: Frame) -> None:
        talk.ask(frame, "utter_procedure_ask")

    def _take(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        if not heard.text.strip() or heard.control is not None:
            return False
        talk.close_frame(frame)
        _tell_procedure(talk, heard)
        return True

    def _take_further(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        """A short question about a part of what was told; anything else is something new."""
        procedure = talk.local.procedure(frame.slots["procedure"])
        asked = _part_asked(heard)
        if procedure is None or asked is None or talk.local.find_procedure(heard.text) is not None:
            return False
        talk.say(f"utter_procedure_{asked}", **_fields(talk, procedure))
        return True


def _tell_procedure(talk: Talk, heard: Heard) -> None:
    """What the tables say of the procedure; what they do not say is asked at the counter."""
    procedure = talk.local.find_procedure(heard.text)
    if procedure is None and names_a_report(heard.text) and not talk.busy:
        clarify.offer_report(talk, heard, "utter_procedure_unknown_or_report")
        return
    if procedure is None:
        told = heard.word_count >= REPORT_FROM_WORDS and not _names_a_procedure(heard)
        clarify.answer(talk, heard, "utter_procedure_unknown", or_report=told)
        return
    source = f"\n{_source(talk, procedure)}" if procedure.law else ""
    talk.say("utter_procedure", source=source, **_fields(talk, procedure))
    if not talk.busy:
        frame = talk.open(InformationFlow.name)
        frame.soft, frame.step, frame.slots = True, "told", {"procedure": procedure.id}


def _fields(talk: Talk, procedure: Procedure) -> dict[str, str]:
    ask = talk.text("utter_part_ask_counter")
    return {
        "title": procedure.name,
        "where": procedure.where,
        "bring": ", ".join(procedure.bring),
        "time": procedure.time or ask,
        "fee": procedure.fee or ask,
    }


def _part_asked(heard: Heard) -> str | None:
    """The part of a procedure that a short question is about, by the first words that fit."""
    if heard.word_count > LONGEST_ASKING or heard.mentions or heard.is_emergency:
        return None
    words = f" {words_of(heard.text)} "
    return next((part for part, phrases in _PARTS.items() if _holds(words, phrases)), None)


def is_hotline(talk: Talk, heard: Heard) -> bool:
    """Whether somebody typed a number to call instead of calling it: "113"."""
    return any(heard.text.strip() == hotline.number for hotline in talk.local.hotlines)


def _place_asked_about(heard: Heard, words: str) -> Mention | None:
    """The place whose unit of today is asked for: "p. Vĩnh Hiệp cũ giờ thuộc phường nào"."""
    if not _holds(words, _ASKS_COMMUNE):
        return None
    return next((place for place in heard.all("place") if place.extra.get("commune")), None)


def _names_a_procedure(heard: Heard) -> bool:
    return _holds(f" {words_of(heard.text)} ", _PROCEDURE_WORDS)


def _source(talk: Talk, procedure: Procedure) -> str:
    if procedure.checked_on is None:
        return talk.text("utter_part_law_unchecked", law=procedure.law)
    checked = f"{procedure.checked_on:%d/%m/%Y}"
    return talk.text("utter_part_law", law=procedure.law, checked=checked)


def _tell_information(talk: Talk, heard: Heard) -> None:
    """Numbers to call when a number was asked for; anything else a person must know."""
    words = f" {words_of(heard.text)} "
    if _holds(words, _ASKS_NUMBER) or is_hotline(talk, heard):
        lines = [
            talk.text("utter_part_hotline_line", number=h.number, holder=h.name, when=h.when)
            for h in talk.local.hotlines
        ]
        talk.say("utter_info_hotlines", lines="\n".join(lines))
    elif (place := _place_asked_about(heard, words)) is not None:
        talk.say("utter_info_commune", place=heard.words(place), commune=place.extra["commune"])
    elif not _tells_news(talk, words):
        clarify.answer(talk, heard, "utter_info_unknown", or_report=bool(heard.text.strip()))


def asks_news(heard: Heard) -> bool:
    """Whether a short message asks in set words for what staff tell everybody."""
    if heard.is_emergency or heard.word_count > LONGEST_ASKING:
        return False
    return _holds(f" {words_of(heard.text)} ", _NEWS_ALONE)


def _tells_news(talk: Talk, words: str) -> bool:
    """Whether staff tell everybody what somebody asks for, and it was told here too."""
    told = publications.told(talk.session, talk.local, talk.now)
    response = "utter_info_news"
    if not _holds(words, _ASKS_NEWS):
        response = "utter_info_related"
        told = [one for one in told if _is_about(words, one.title)]
    elif _holds(words, _ASKS_FIGURES):
        told.sort(key=lambda one: one.kind)  # figures before notices
    lines = [
        talk.text("utter_part_news_line", title=one.title, text=shortened(one.text, NEWS_SHOWN))
        for one in told[:NEWS_TOLD]
    ]
    if lines:
        talk.say(response, lines="\n".join(lines), link=public_links.notices(talk))
    return bool(lines)


def _is_about(words: str, title: str) -> bool:
    """Whether a question names what a title names: two of its pairs of words, as "cúp điện"."""
    named = words_of(title).split()
    shared = {pair for pair in pairwise(named) if f" {' '.join(pair)} " in words}
    return len(shared) >= PAIRS_SHARED


def _holds(padded: str, phrases: tuple[str, ...]) -> bool:
    return any(f" {phrase} " in padded for phrase in phrases)
