"""A person is asked for: the chat is handed over, and the bot is silent from then on."""

from __future__ import annotations

from typing import ClassVar, cast

from actions import handoff
from bot.desk import notices
from bot.dialogue.flow import Flow
from bot.dialogue.flows.clarify import ClarifyFlow
from bot.dialogue.heard import Heard
from bot.dialogue.phrases import asks_for_a_person
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

SURE_FROM = 0.95
"""Below this, a message without words for a person is asked about: after a hand-over the bot is
silent, so that one by mistake leaves the citizen without an answer."""


class HandoffFlow(Flow):
    """Hands over at once when a person is plainly asked for."""

    name: ClassVar[str] = "handoff"

    def begin(self, talk: Talk, heard: Heard) -> None:
        secret = talk.state.is_sensitive(talk.now)
        if not secret and heard.text and heard.confidence < SURE_FROM:
            if not asks_for_a_person(heard.text):
                self._make_sure(talk, heard)
                return
        self._hand_over(talk, "not_understood" if talk.state.misunderstood > 1 else "asked")

    @staticmethod
    def _make_sure(talk: Talk, heard: Heard) -> None:
        if talk.busy:
            talk.say("utter_handoff_offer")
        else:
            cast(ClarifyFlow, talk.flows["clarify"]).keep(talk, heard, "utter_handoff_sure")

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        if action not in ("asked", "not_understood", "complaint", "denunciation"):
            return False
        self._hand_over(talk, action)
        return True

    def _hand_over(self, talk: Talk, reason: str) -> None:
        """After a denunciation the reason says so, and nothing of its words goes along."""
        if talk.state.is_sensitive(talk.now):
            reason = "denunciation"
            talk.turn.erase_payload()
        request = handoff.request(talk.session, talk.conversation, reason=reason, now=talk.now)
        talk.state.misunderstood = 0
        talk.handed_over = True
        talk.say("utter_handoff_secret" if reason == "denunciation" else "utter_handoff_requested")
        notices.announce_handoff(talk.turn, request)
