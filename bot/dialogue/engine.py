"""The conversation: takes one turn, finds the flow it is for, and comes back to what was open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from bot.dialogue import edits, secrecy
from bot.dialogue.acts import plainly_meant, split_acts
from bot.dialogue.choices import chosen
from bot.dialogue.commands import COMMANDS
from bot.dialogue.flow import Flow
from bot.dialogue.flows import clarify, emergency
from bot.dialogue.flows.dossier import DossierFlow
from bot.dialogue.flows.guidance import ComplaintFlow, DenunciationFlow
from bot.dialogue.flows.handoff import HandoffFlow
from bot.dialogue.flows.information import InformationFlow, asks_news, is_hotline
from bot.dialogue.flows.privacy import PrivacyFlow, file_request
from bot.dialogue.flows.report import ReportFlow
from bot.dialogue.flows.report.contact import phone_in
from bot.dialogue.flows.report.summary import shortened
from bot.dialogue.flows.report.where import names_only_a_place
from bot.dialogue.flows.small_talk import MenuFlow, SmallTalkFlow
from bot.dialogue.flows.tickets import TicketsFlow
from bot.dialogue.heard import Heard
from bot.dialogue.phrases import control_of, is_english
from bot.dialogue.presses import press
from bot.dialogue.routing import (
    FLOW_OF_INTENT,
    GUESS_WORDS,
    GUESS_WORDS_ELSE,
    GUESSED_FROM,
    GUESSED_FROM_ELSE,
    INTERRUPTS,
    is_question,
)
from bot.dialogue.safety import Told, raised
from bot.dialogue.secrecy import is_denunciation
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk
from bot.dialogue.ticket_words import wish_in
from bot.messages import Kind
from bot.turn import Turn
from nlu.understanding import Act
from store.tickets import Attachment

__all__ = ["FLOWS", "handle", "is_denunciation"]

FLOWS: dict[str, Flow] = {
    flow.name: flow
    for flow in (
        ReportFlow(),
        DossierFlow(),
        TicketsFlow(),
        InformationFlow(),
        ComplaintFlow(),
        DenunciationFlow(),
        HandoffFlow(),
        PrivacyFlow(),
        SmallTalkFlow(),
        MenuFlow(),
        clarify.ClarifyFlow(),
    )
}

PENDING_SHOWN = 80
"""Characters of a waiting matter that are repeated when its turn comes."""

OFFERS_PERSON_AFTER = 2
"""So many messages not understood in a row, and a person is offered."""


def handle(turn: Turn) -> None:
    """Answer one event of a citizen's chat, and keep the state."""
    talk = Talk(turn, FLOWS)
    _HANDLERS[turn.incoming.kind](talk)
    _go_on(talk)
    talk.close()


def _go_on(talk: Talk) -> None:
    """Come back to the question that is still open, or take up the next thing that waits."""
    while not talk.handed_over:
        top = talk.state.top
        if top is not None:
            if not talk.asked and not top.soft:
                _bridge(talk, top)
                talk.flows[top.flow].resume(talk, top)
            return
        if not talk.state.pending:
            return
        waiting = talk.state.pending.pop(0)
        talk.bridge = talk.text("utter_next_matter", matter=shortened(waiting.text, PENDING_SHOWN))
        talk.flows[FLOW_OF_INTENT[waiting.intent]].begin(talk, waiting)


def _bridge(talk: Talk, top: Frame) -> None:
    if talk.spoke and top.flow == "report" and top is not talk.acting:
        talk.bridge = talk.text("utter_part_back_to_report")


def _on_text(talk: Talk) -> None:
    text = talk.turn.incoming.text
    if not text.strip():
        talk.say("utter_empty")
        return
    edited = talk.turn.incoming.edited
    payload = None if edited else chosen(talk.state.choices, text)
    if payload is not None:
        press(talk, payload)
        return
    told = Told(text)
    heard = secrecy.guard(talk, Heard.whole(text, talk.turn.prepared.understanding), told)
    if heard is not None:
        _listen(talk, heard, told)


def _on_media(talk: Talk) -> None:
    """Photos and videos, perhaps with a caption; an album is one event and gets one answer."""
    prepared, text = talk.turn.prepared, talk.turn.incoming.text
    told = Told(text)
    heard = secrecy.guard(talk, Heard.whole(text, prepared.understanding), told)
    if heard is None:
        return
    if prepared.failed_media:
        talk.say("utter_media_failed", count=prepared.failed_media)
    heard.attachments = _keep_media(talk)
    if heard.attachments or text.strip():
        _listen(talk, heard, told)


def _keep_media(talk: Talk) -> list[int]:
    rows = [
        Attachment(
            conversation_id=talk.conversation.id,
            kind=media.kind,
            mime=media.mime,
            size=media.size,
            look=media.look,
            path=media.path,
            created_at=talk.now,
        )
        for media in talk.turn.prepared.media
    ]
    talk.session.add_all(rows)
    talk.session.flush()
    return [row.id for row in rows]


def _on_location(talk: Talk) -> None:
    heard = secrecy.guard(talk, Heard(location=talk.turn.incoming.location), Told(""))
    if heard is not None and not _offer_to_frames(talk, heard):
        FLOWS["report"].begin(talk, heard)


def _on_contact(talk: Talk) -> None:
    heard = secrecy.guard(talk, Heard(contact=talk.turn.incoming.contact), Told(""))
    if heard is not None and not _offer_to_frames(talk, heard):
        talk.say("utter_contact_unneeded")


def _on_press(talk: Talk) -> None:
    press(talk, talk.turn.incoming.payload or "")


def _on_opened(talk: Talk) -> None:
    talk.state.introduced = True
    talk.say("utter_greet")


def _on_erase(talk: Talk) -> None:
    file_request(talk, "delete")


def _on_unsupported(talk: Talk) -> None:
    talk.say("utter_unsupported")


def _on_nothing(talk: Talk) -> None:
    """An event that is not for the citizen's conversation."""


def _listen(talk: Talk, heard: Heard, told: Told) -> None:
    """Text or pictures: for the open frame, or the beginning of something."""
    heard = plainly_meant(raised(heard, told))
    heard.message_id = talk.turn.incoming.message_id
    if talk.turn.incoming.edited and edits.taken(talk, heard, told):
        return
    control = control_of(heard.text)
    if control is None and heard.control == "cancel":
        control = "cancel"
    if told.despairs:
        emergency.comfort(talk, heard)
        talk.asked = True
    elif control in COMMANDS and not heard.attachments and not _asks_when(talk, heard):
        COMMANDS[control](talk)
    elif _interrupts(talk, heard) or not _offer_to_frames(talk, heard):
        _begin(talk, heard)


def _asks_when(talk: Talk, heard: Heard) -> bool:
    """With no question open "sao rồi?" asks about a ticket; under one it says that the question was
    not understood.
    """
    top = talk.state.top
    return (top is None or top.soft) and wish_in(heard) == "status"


def _offer_to_frames(talk: Talk, heard: Heard) -> bool:
    """Give a message to the frame on top; frames with only an offer open make way silently."""
    while (top := talk.state.top) is not None:
        talk.acting = top
        if talk.flows[top.flow].take(talk, top, heard):
            talk.state.misunderstood = 0
            return True
        talk.acting = None
        if not top.soft:
            return False
        talk.close_frame(top)
    return False


def _interrupts(talk: Talk, heard: Heard) -> bool:
    """Whether a message is something else than the answer that free text would be taken for."""
    top = talk.state.top
    step = talk.flows[top.flow].step(top) if top else None
    if top is None or step is None:
        return False
    if heard.is_emergency:
        told_already = step.name == "what" or top.slots.get("urgency") == "urgent"
        return top.flow != "report" or not told_already
    if top.flow == "report" and wish_in(heard) == "status":
        return True
    if not step.listens:
        return False
    if not heard.sure or heard.intent not in INTERRUPTS or heard.control is not None:
        return False
    if heard.intent == "ask_procedure" and top.flow == FLOW_OF_INTENT["ask_procedure"]:
        return False
    if not step.wants_place or heard.first("place") is None:
        return True
    coded = heard.first("dossier_code") or heard.first("ticket_code")
    return coded is not None or is_question(heard.folded)


def _begin(talk: Talk, heard: Heard) -> None:
    """Open the flow that a message is the beginning of; several acts are taken one by one."""
    if cast(TicketsFlow, FLOWS["tickets"]).takes_up(talk, heard):
        return
    first, *rest = split_acts(heard, _acts(talk, heard))
    if not heard.text.strip() or names_only_a_place(heard):
        first = heard.model_copy(update={"intent": "report", "sure": True})
    elif is_english(heard.text) and not talk.busy:
        _answer_in_english(talk, heard)
        return
    elif is_hotline(talk, heard) or asks_news(heard):
        first = heard.model_copy(update={"intent": "ask_info", "sure": True})
    elif not _understood(talk, first):
        _not_understood(talk, heard)
        return
    talk.state.misunderstood = 0
    if rest:
        talk.state.pending.extend(rest)
        if first.intent != "emergency":  # there the number to call stands before everything
            talk.bridge = talk.text("utter_several")
    talk.flows[FLOW_OF_INTENT[first.intent]].begin(talk, first)


def _acts(talk: Talk, heard: Heard) -> Sequence[Act]:
    """The acts that the model found; none when it missed the danger that leads now."""
    understanding = talk.turn.prepared.understanding
    acts = understanding.acts if understanding else ()
    missed = heard.is_emergency and all(act.intent != "emergency" for act in acts)
    return () if missed else acts


def _answer_in_english(talk: Talk, heard: Heard) -> None:
    talk.state.introduced = True
    numbers = {hotline.kind: hotline.number for hotline in talk.local.hotlines}
    cast(clarify.ClarifyFlow, FLOWS["clarify"]).keep(talk, heard, "utter_english", **numbers)


def _understood(talk: Talk, heard: Heard) -> bool:
    if heard.intent not in FLOW_OF_INTENT:
        return False
    if heard.sure:
        return True
    if heard.intent == "ask_procedure" and talk.local.find_procedure(heard.text) is not None:
        return True
    enough_words = heard.word_count >= GUESS_WORDS.get(heard.intent, GUESS_WORDS_ELSE)
    likely = heard.confidence >= GUESSED_FROM.get(heard.intent, GUESSED_FROM_ELSE)
    return likely and enough_words


def _not_understood(talk: Talk, heard: Heard) -> None:
    """Ask to say it otherwise; the second time offer a person and the menu."""
    if heard.attachments and talk.state.top is None:
        FLOWS["report"].begin(talk, heard)
        return
    if phone_in(heard.text) is not None and not any(letter.isalpha() for letter in heard.text):
        talk.say("utter_contact_unneeded")
        return
    talk.state.misunderstood += 1
    if talk.state.misunderstood >= OFFERS_PERSON_AFTER:
        talk.say("utter_not_understood_twice")
        talk.asked = True
    elif heard.word_count >= clarify.FEWEST_WORDS and talk.state.top is None:
        FLOWS["clarify"].begin(talk, heard)
    else:
        talk.say("utter_not_understood")


_HANDLERS: dict[Kind, Callable[[Talk], None]] = {
    Kind.TEXT: _on_text,
    Kind.PRESS: _on_press,
    Kind.MEDIA: _on_media,
    Kind.LOCATION: _on_location,
    Kind.CONTACT: _on_contact,
    Kind.OPENED: _on_opened,
    Kind.ERASE: _on_erase,
    Kind.UNSUPPORTED: _on_unsupported,
    Kind.TAKEN_OVER: _on_nothing,
    Kind.MEMBERSHIP: _on_nothing,
}
