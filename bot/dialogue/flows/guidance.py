"""Khiếu nại and tố cáo: explained, never ticketed; a denunciation leaves no trace."""

from __future__ import annotations

from typing import ClassVar

from bot.dialogue.flow import Flow
from bot.dialogue.flows import clarify
from bot.dialogue.heard import Heard
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

CLEAR_FROM = 0.9
"""Below this the model may have taken a report for a complaint: the person can say so."""


class ComplaintFlow(Flow):
    """How to complain about a decision that harmed oneself."""

    name: ClassVar[str] = "complaint"

    def begin(self, talk: Talk, heard: Heard) -> None:
        guidance = talk.local.guidance("complaint")
        clarify.answer(
            talk,
            heard,
            "utter_complaint",
            or_report=bool(heard.text) and heard.confidence < CLEAR_FROM,
            # The first step and the place that helps; the steps after it come with its decision.
            where="\n• ".join((guidance.where[0], guidance.where[-1])),
            write="; ".join(guidance.write),
            days=guidance.days_to_complain,
            decide=guidance.days_to_decide,
            decide_complex=guidance.days_to_decide_if_complex,
            law=guidance.law,
        )


class DenunciationFlow(Flow):
    """How to denounce safely. Nothing that was written is kept anywhere."""

    name: ClassVar[str] = "denunciation"

    def begin(self, talk: Talk, heard: Heard) -> None:
        talk.keep_secret()
        guidance = talk.local.guidance("denunciation")
        talk.say(
            "utter_denunciation",
            protected="\n• ".join(guidance.protected),
            where="\n• ".join(guidance.where),
            decide=guidance.days_to_decide,
            law=guidance.law,
        )

    def more(self, talk: Talk) -> None:
        """More words or pictures that may belong to the denunciation."""
        talk.keep_secret()
        talk.say("utter_denunciation_more")

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        """ "It is a report after all": it is told anew, for what was written is gone."""
        if action != "is_report":
            return False
        talk.state.sensitive_until = None
        talk.say("utter_denunciation_is_report")
        talk.flows["report"].begin(talk, Heard(intent="report"))
        return True
