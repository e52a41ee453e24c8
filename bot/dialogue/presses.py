"""Buttons, of whatever age, and the choices that were typed instead of pressed."""

from __future__ import annotations

from bot.dialogue import secrecy
from bot.dialogue.talk import Talk


def press(talk: Talk, payload: str) -> None:
    """A button, of whatever age: `d:<flow>:<action>[:<frame number>][:<argument>]`."""
    mark, _, rest = payload.partition(":")
    flow_name, _, rest = rest.partition(":")
    action, _, argument = rest.partition(":")
    flow = talk.flows.get(flow_name)
    if mark != "d" or flow is None:
        talk.say("utter_menu" if payload == "bot" else "utter_old_button")
        return
    frame, number = None, argument.partition(":")[0]
    if number.isdigit():
        argument = argument.partition(":")[2]
        frame = talk.state.frame(number)
        if frame is None or frame.flow != flow_name:
            _pressed_too_late(talk, number)
            return
        talk.bring_up(frame)
        talk.acting = frame
    secrecy.pressed(talk, flow_name)
    talk.state.misunderstood = 0
    if not flow.press(talk, frame, action, argument):
        talk.say("utter_old_button")


def _pressed_too_late(talk: Talk, number: str) -> None:
    code = talk.state.sent.get(number)
    if code is None:
        talk.say("utter_old_button")
    else:
        talk.say("utter_report_already_sent", code=code)
