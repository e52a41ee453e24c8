"""What works at any moment: cancel, back, menu, help, start, a person, a "what?", "sorry"."""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue.heard import Heard
from bot.dialogue.phrases import Control
from bot.dialogue.routing import FLOW_OF_INTENT
from bot.dialogue.talk import Talk


def _cancel(talk: Talk) -> None:
    top = talk.state.top
    if top is None:
        talk.say("utter_nothing_to_cancel")
    else:
        talk.flows[top.flow].cancelled(talk, top)


def _back(talk: Talk) -> None:
    talk.drop_soft()
    top = talk.state.top
    if top is None:
        _menu(talk)
        return
    talk.acting = top
    if not talk.flows[top.flow].back(talk, top):
        talk.flows[top.flow].cancelled(talk, top)


def _menu(talk: Talk) -> None:
    talk.drop_soft()
    talk.say("utter_menu")
    talk.asked = True


def _puzzled(talk: Talk) -> None:
    """The open question once more; with none open, what there is to do here."""
    top = talk.state.top
    if top is None or top.soft:
        talk.say("utter_puzzled")
        talk.asked = True
    else:
        talk.acting = top
        talk.bridge = talk.text("utter_part_once_more")


def _apology(talk: Talk) -> None:
    talk.say("utter_apology")


def _intent(name: str) -> Callable[[Talk], None]:
    def begin(talk: Talk) -> None:
        talk.flows[FLOW_OF_INTENT[name]].begin(talk, Heard(intent=name, sure=True))

    return begin


COMMANDS: dict[Control | None, Callable[[Talk], None]] = {
    "cancel": _cancel,
    "back": _back,
    "menu": _menu,
    "start": _intent("greet"),
    "help": _intent("help"),
    "human": _intent("talk_to_human"),
    "puzzled": _puzzled,
    "apology": _apology,
}
