"""Rights over one's own data: delete, view, correct, withdraw consent."""

from __future__ import annotations

from typing import ClassVar

from actions import privacy
from bot.clock import LOCAL_ZONE
from bot.desk import notices
from bot.dialogue.flow import Flow, Step
from bot.dialogue.heard import Heard
from bot.dialogue.phrases import words_of
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

WORDS_OF_KIND = {
    "withdraw_consent": (
        "rut lai dong y",
        "rut dong y",
        "thu hoi",
        "rut lai su dong y",
    ),
    "delete": ("xoa", "go bo", "huy du lieu", "bo thong tin", "xoa het"),
    "correct": ("sua", "dinh chinh", "cap nhat", "chinh lai", "sai thong tin"),
    "view": ("xem", "biet", "giu gi", "luu gi", "nhung gi", "ban sao", "cung cap", "thong tin nao"),
}
"""Words by which the kind of request is known; the first that fits."""


class PrivacyFlow(Flow):
    """Which right, confirm, file."""

    name: ClassVar[str] = "privacy"

    def __init__(self) -> None:
        self.steps = (
            Step("kind", self._ask_kind, self._take_kind, missing=lambda f: "kind" not in f.slots),
            Step("confirm", self._ask_confirm, self._take_confirm, missing=lambda _: True),
        )

    def begin(self, talk: Talk, heard: Heard) -> None:
        frame = talk.open(self.name)
        if (kind := kind_in(heard.text)) is not None:
            frame.slots = {"kind": kind}
        self.advance(talk, frame)

    def _ask_kind(self, talk: Talk, frame: Frame) -> None:
        talk.ask(frame, "utter_privacy_ask_kind")

    def _take_kind(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        kind = kind_in(heard.text)
        if kind is None:
            return False
        frame.slots = {"kind": kind}
        self.advance(talk, frame)
        return True

    def _ask_confirm(self, talk: Talk, frame: Frame) -> None:
        kind = frame.slots["kind"]
        talk.ask(
            frame,
            f"utter_privacy_confirm_{kind}",
            days=privacy.DAYS_BY_KIND[kind],
        )

    def _take_confirm(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        if heard.control == "yes":
            self._file(talk, frame)
            return True
        if heard.control in ("no", "skip"):
            self._leave(talk, frame)
            return True
        return False

    def _file(self, talk: Talk, frame: Frame) -> None:
        talk.close_frame(frame)
        file_request(talk, str(frame.slots["kind"]))

    def _leave(self, talk: Talk, frame: Frame) -> None:
        talk.close_frame(frame)
        talk.say("utter_privacy_left")

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        if frame is None:
            return False
        if action == "kind" and argument in privacy.DAYS_BY_KIND:
            frame.slots = {"kind": argument}
            self.advance(talk, frame)
        elif action == "yes" and "kind" in frame.slots:
            self._file(talk, frame)
        elif action == "no":
            self._leave(talk, frame)
        else:
            return False
        return True


def kind_in(text: str) -> str | None:
    words = f" {words_of(text)} "
    return next(
        (
            kind
            for kind, phrases in WORDS_OF_KIND.items()
            if any(f" {phrase} " in words for phrase in phrases)
        ),
        None,
    )


def file_request(talk: Talk, kind: str) -> None:
    """File the request, tell the citizen by when, tell the staff."""
    request = privacy.file_request(talk.session, talk.conversation, kind, now=talk.now)
    due = request.due_at.astimezone(LOCAL_ZONE)
    talk.say(
        "utter_privacy_filed",
        kind=talk.text(f"utter_part_privacy_{kind}"),
        acknowledge=privacy.ACKNOWLEDGE_WORKING_DAYS,
        due=f"{due:%d/%m/%Y}",
    )
    notices.announce_privacy_request(talk.turn, request)
