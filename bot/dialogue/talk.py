"""One turn of the conversation as flows see it: the state, what to say, which frame is open."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from actions.local_facts import LocalFacts
from bot.dialogue.choices import choices_in
from bot.dialogue.state import SENSITIVE_FOR, Frame, State
from bot.messages import Outgoing, StoredMedia
from bot.turn import Turn
from store.messages import Author, Conversation

if TYPE_CHECKING:
    from bot.dialogue.flow import Flow


class Talk:
    """Collects what is said in a turn; `close` posts it and stores the state."""

    def __init__(self, turn: Turn, flows: Mapping[str, Flow]) -> None:
        self.turn = turn
        self.flows = flows
        self.state = State.read(turn.conversation.state)
        self.asked = False
        """The open frame has put its question in this turn."""
        self.urgent = False
        """Nothing may stand before the first line."""
        self.handed_over = False
        """A person has the chat from now on: this is the last that the bot says."""
        self.bridge = ""
        """Words that lead over to the next message, and stand before it."""
        self.acting: Frame | None = None
        """The frame that this turn's message is for."""
        self._said: list[Outgoing] = []

    @property
    def session(self) -> Session:
        return self.turn.session

    @property
    def conversation(self) -> Conversation:
        return self.turn.conversation

    @property
    def local(self) -> LocalFacts:
        return self.turn.services.local

    @property
    def now(self) -> datetime:
        return self.turn.now

    @property
    def spoke(self) -> bool:
        return bool(self._said)

    def say(self, name: str, /, **fields: object) -> None:
        """Say a response of domain.yml."""
        self.show(name, (), **fields)

    def show(self, name: str, media: tuple[StoredMedia, ...], /, **fields: object) -> None:
        """Say a response of domain.yml with pictures."""
        message = self.turn.responses.say(name, **fields).model_copy(update={"media": media})
        if self.bridge:
            text = f"{self.bridge}\n{message.text}"
            message = message.model_copy(update={"text": text})
            self.bridge = ""
        self._said.append(message)

    def text(self, name: str, /, **fields: object) -> str:
        """A response used as part of another."""
        return self.turn.responses.text(name, **fields)

    def ask(self, frame: Frame, name: str, /, **fields: object) -> None:
        """Put a question of this frame; `{frame}` in its payloads is the frame's number."""
        self.say(name, frame=frame.number, **fields)
        self.asked = True

    def open(self, flow: str) -> Frame:
        """A new frame on top of the stack; soft frames under it are gone."""
        self.drop_soft()
        self.state.last_number += 1
        frame = Frame(number=self.state.last_number, flow=flow)
        self.state.frames.append(frame)
        return frame

    def close_frame(self, frame: Frame) -> None:
        self.state.frames = [other for other in self.state.frames if other is not frame]

    def bring_up(self, frame: Frame) -> None:
        """Put a frame on top of the stack, because one of its buttons was pressed."""
        self.close_frame(frame)
        self.drop_soft()
        self.state.frames.append(frame)

    def drop_soft(self) -> None:
        self.state.frames = [frame for frame in self.state.frames if not frame.soft]

    @property
    def busy(self) -> bool:
        """Something else is waiting to be taken up after the present answer."""
        return bool(self.state.frames or self.state.pending)

    def keep_secret(self) -> None:
        """Treat this message and those that follow as a denunciation: none of it is kept."""
        self.turn.erase_payload()
        self.state.sensitive_until = self.now + SENSITIVE_FOR

    def close(self) -> None:
        """Post what was said, and store the state."""
        if self._said:
            self._introduce()
            self._number_once()
            self.state.choices = choices_in(self._said)
        # What the bot says is withheld while a person has the chat; this must still arrive.
        author = Author.SYSTEM if self.handed_over else Author.BOT
        for message in self._said:
            self.turn.say(message, author=author)
        self.turn.conversation.state = self.state.document()

    def _number_once(self) -> None:
        """Where choices are numbered, only the last message of a turn keeps them: one 1, one 2."""
        can = self.turn.services.capabilities.get(self.conversation.channel)
        if can is None or can.max_buttons > 0:
            return
        having = [place for place, message in enumerate(self._said) if message.buttons]
        for place in having[:-1]:
            self._said[place] = self._said[place].model_copy(update={"buttons": ()})

    def _introduce(self) -> None:
        """Whoever writes for the first time is told that a machine answers, in the same message."""
        if self.state.introduced:
            return
        self.state.introduced = True
        name = "utter_introduction_urgent" if self.urgent else "utter_introduction"
        introduction = self.text(name)
        place, order = (-1, -1) if self.urgent else (0, 1)
        message = self._said[place]
        parts = [introduction, message.text][::order]
        self._said[place] = message.model_copy(update={"text": "\n\n".join(parts)})
