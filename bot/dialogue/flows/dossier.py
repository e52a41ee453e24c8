"""Dossiers: a code gives the state; the last four digits give the details."""

from __future__ import annotations

import re
from datetime import date
from typing import ClassVar

from actions import dossiers
from actions.dossiers import DossierCodeUnreadable, DossierRecord, TooManyAttempts
from bot.dialogue.flow import Flow, Step
from bot.dialogue.heard import Heard
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk
from bot.dossier_sources import DossierSourceUnavailable

_FOUR_DIGITS = re.compile(r"(?<!\d)\d{4}(?!\d)")
_WHOLE_NUMBER = re.compile(r"(?<!\d)\d{9,12}(?!\d)")

NO_DATE_STATES = frozenset({3, 7, 8, 9, 10})
"""States in which nothing is being worked on any more, so that no due date is told."""


def code_in(heard: Heard) -> str | None:
    """The dossier code of a message, or None."""
    mention = heard.first("dossier_code")
    try:
        return dossiers.read_code(mention.value if mention else heard.text)
    except DossierCodeUnreadable:
        return None


class DossierFlow(Flow):
    """Ask for the code, tell the state; on wish ask for four digits, tell the details."""

    name: ClassVar[str] = "dossier"

    def __init__(self) -> None:
        self.steps = (
            Step("code", self._ask_code, self._take_code, missing=_missing_code),
            Step("factor", self._ask_factor, self._take_factor),
        )

    def begin(self, talk: Talk, heard: Heard) -> None:
        if heard.intent == "follow_dossier":
            talk.say("utter_dossier_follow")
        if (code := code_in(heard)) is not None:
            self._tell_state(talk, code)
        elif heard.intent != "follow_dossier":
            frame = talk.open(self.name)
            if dossiers.looks_like_a_code(heard.text):
                frame.soft = True
                self._unreadable(talk, frame)
            else:
                self.advance(talk, frame)

    def _ask_code(self, talk: Talk, frame: Frame) -> None:
        talk.ask(frame, "utter_dossier_ask_code")

    def _take_code(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        if heard.control in ("unknown", "no", "skip"):
            talk.close_frame(frame)
            talk.say("utter_dossier_no_code")
            return True
        code = code_in(heard)
        if code is not None:
            talk.close_frame(frame)
            self._tell_state(talk, code)
            return True
        if any(letter.isdigit() for letter in heard.text):
            self._unreadable(talk, frame)
            return True
        return False

    def _unreadable(self, talk: Talk, frame: Frame) -> None:
        frame.step = "code"
        talk.ask(frame, "utter_dossier_unreadable")

    def _find(self, talk: Talk, code: str) -> DossierRecord | None:
        """Look into the local table, or ask the other source outside the transaction.

        Raises:
            DossierSourceUnavailable: it did not answer.
        """
        source = talk.turn.services.dossiers
        if source is None:
            return dossiers.find(talk.session, code)

        async def look_up() -> object:
            try:
                return await source.find(code)
            except DossierSourceUnavailable as error:
                return error

        found = talk.turn.fact(f"dossier:{code}", look_up)
        if isinstance(found, DossierSourceUnavailable):
            raise found
        return found if isinstance(found, DossierRecord) else None

    def _look_up(self, talk: Talk, code: str) -> DossierRecord | None:
        """The dossier; when there is none to be had the person has been told why."""
        try:
            dossiers.check_may_look_up(talk.session, talk.conversation, now=talk.now)
            record = self._find(talk, code)
        except TooManyAttempts:
            talk.say("utter_dossier_too_many_codes")
            return None
        except DossierSourceUnavailable:
            talk.say("utter_dossier_unavailable")
            return None
        if record is None:
            dossiers.record_attempt(talk.session, talk.conversation, code, "code", now=talk.now)
            talk.say("utter_dossier_unknown", code=code)
            if not talk.busy:
                frame = talk.open(self.name)
                frame.step, frame.soft = "code", True
        return record

    def _tell_state(self, talk: Talk, code: str) -> None:
        record = self._look_up(talk, code)
        if record is None:
            return
        state, meaning, following = talk.local.dossier_state(record.state)
        sample = talk.text("utter_part_dossier_sample") if record.sample else ""
        talk.say(
            "utter_dossier_state",
            code=record.code,
            state=state,
            meaning=meaning,
            next=following,
            due=_due_line(talk, record),
            sample=f"\n{sample}" if sample else "",
        )
        if not talk.busy:
            frame = talk.open(self.name)
            frame.step, frame.soft = "factor", True
            frame.slots = {"code": code}

    def _ask_factor(self, talk: Talk, frame: Frame) -> None:
        talk.ask(frame, "utter_dossier_ask_factor", code=frame.slots["code"])

    def _take_factor(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        if not frame.soft and heard.control in ("no", "skip", "unknown"):
            talk.close_frame(frame)
            talk.say("utter_dossier_details_left")
            return True
        if heard.control == "yes" and frame.soft:
            self._open_details(talk, frame.slots["code"])
            return True
        if code_in(heard) is not None:
            return False
        match = _FOUR_DIGITS.search(heard.text) or _WHOLE_NUMBER.search(heard.text)
        if match is None:
            if frame.soft or not any(letter.isdigit() for letter in heard.text):
                return False
            talk.ask(frame, "utter_dossier_factor_unreadable")
            return True
        self._check_factor(talk, frame, match.group()[-4:])
        return True

    def _check_factor(self, talk: Talk, frame: Frame, digits: str) -> None:
        code = str(frame.slots["code"])
        try:
            dossiers.check_may_open(talk.session, talk.conversation, code, now=talk.now)
            record = self._find(talk, code)
        except TooManyAttempts:
            talk.close_frame(frame)
            talk.say("utter_dossier_too_many_factors")
            return
        except DossierSourceUnavailable:
            talk.close_frame(frame)
            talk.say("utter_dossier_unavailable")
            return
        if record is None:
            talk.close_frame(frame)
            talk.say("utter_dossier_unknown", code=code)
        elif dossiers.opens(record, digits):
            talk.close_frame(frame)
            _tell_details(talk, record)
        else:
            dossiers.record_attempt(talk.session, talk.conversation, code, "factor", now=talk.now)
            frame.soft = False
            talk.ask(frame, "utter_dossier_factor_wrong")

    def _open_details(self, talk: Talk, code: str) -> None:
        for old in [f for f in talk.state.frames if f.flow == self.name]:
            talk.close_frame(old)
        try:
            dossiers.check_may_open(talk.session, talk.conversation, code, now=talk.now)
        except TooManyAttempts:
            talk.say("utter_dossier_too_many_factors")
            return
        frame = talk.open(self.name)
        frame.slots = {"code": code}
        self.enter(talk, frame, "factor")

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        if action != "details":
            return False
        self._open_details(talk, argument)
        return True


def _missing_code(frame: Frame) -> bool:
    return "code" not in frame.slots


def _due_line(talk: Talk, record: DossierRecord) -> str:
    if record.state in NO_DATE_STATES:
        return ""
    if record.due_on is None:
        return "\n" + talk.text("utter_part_dossier_no_due")
    return "\n" + talk.text("utter_part_dossier_due", due=in_words(record.due_on))


def in_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _tell_details(talk: Talk, record: DossierRecord) -> None:
    state, _, following = talk.local.dossier_state(record.state)
    note = talk.text("utter_part_dossier_note", note=record.note) if record.note else ""
    talk.say(
        "utter_dossier_details",
        code=record.code,
        applicant=record.applicant,
        procedure=record.procedure,
        agency=record.agency,
        received=in_words(record.received_on),
        state=state,
        next=following,
        due=_due_line(talk, record),
        note=f"\n{note}" if note else "",
    )
