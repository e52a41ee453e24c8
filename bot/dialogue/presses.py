"""Buttons, of whatever age, and the choices that were typed instead of pressed."""

from __future__ import annotations

from actions import following, tickets
from bot.dialogue import secrecy
from bot.dialogue.talk import Talk

ABOUT_A_TICKET = "t"
"""`t:<action>:<code>[:<argument>]`: a button under something about a ticket, good at any age."""


def press(talk: Talk, payload: str) -> None:
    """A button, of whatever age: `d:<flow>:<action>[:<frame number>][:<argument>]`."""
    mark, _, rest = payload.partition(":")
    if mark == ABOUT_A_TICKET:
        mark, rest = "d", f"tickets:{rest}"
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
        return
    ticket = tickets.find_by_code(talk.session, code)
    followed = following.follows(talk.session, ticket, talk.conversation)
    talk.say("utter_follow_already" if followed else "utter_report_already_sent", code=code)
