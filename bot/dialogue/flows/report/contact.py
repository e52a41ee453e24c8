"""The phone number: only after an explicit yes, and never kept against a no."""

from __future__ import annotations

import re

from actions import consents
from bot.dialogue.flows.report.draft import Draft, draft_of, editing
from bot.dialogue.heard import Heard
from bot.dialogue.phrases import control_of, fold, words_of
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

WORDS_WITH_A_PHONE = 8
"""A message of at most so many words with a number in it gives the number."""

_PHONE = re.compile(r"(?<!\d)(?:\+?84|0)[\s.\-]?(?:\d[\s.\-]?){9,10}(?!\d)")
_OWN = re.compile(
    r"(?:sdt|so dien thoai|dien thoai|dt|lien he|lh|lien lac"
    r"|goi (?:lai )?(?:cho )?(?:toi|em|minh|tui)|(?:so|zalo) (?:cua )?(?:toi|em|minh|tui))\D{0,25}$"
)
"""What stands before a number that is the writer's own; any other may be what is reported."""


def phone_in(text: str) -> str | None:
    """A Vietnamese phone number in a text as `0xxxxxxxxx`, or None."""
    match = _PHONE.search(text)
    return None if match is None else local_form(match.group())


def local_form(phone: str) -> str | None:
    """`+84 912 345 678` and `84912345678` as `0912345678`; None when it is no phone number."""
    digits = re.sub(r"\D", "", phone)
    if digits.startswith("84") and len(digits) in (11, 12):
        digits = "0" + digits[2:]
    return digits if digits.startswith("0") and len(digits) in (10, 11) else None


def own_phone_in(text: str) -> str | None:
    """A number that the writer gives as the own one."""
    match = _own_match(text)
    return None if match is None else local_form(match.group())


def without_own_phone(text: str, mark: str) -> str:
    """The text with the writer's own numbers replaced: an anonymous report names nobody."""
    while (match := _own_match(text)) is not None:
        text = text[: match.start()] + mark + text[match.end() :]
    return text


def _own_match(text: str) -> re.Match[str] | None:
    folded = fold(text)
    if len(folded) != len(text):
        return None
    for match in _PHONE.finditer(text):
        if _OWN.search(folded[max(0, match.start() - 60) : match.start()]):
            trimmed = match.group().rstrip()
            return re.compile(re.escape(trimmed)).search(text, match.start())
    return None


def ask_consent(talk: Talk, frame: Frame) -> None:
    talk.ask(frame, "utter_consent")


def take_consent(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """Only a clear yes is a consent; a clear no leaves the report anonymous."""
    if control_of(heard.text) == "yes" and words_of(heard.text):
        agree(talk, frame)
        return True
    if heard.control in ("no", "skip"):
        return talk.flows[frame.flow].press(talk, frame, "refuse", "")
    if heard.control == "yes":
        # The model's guess, or a thumb, is no proof of a consent.
        talk.bridge = talk.text("utter_part_consent_clear")
        ask_consent(talk, frame)
        return True
    if phone_in(heard.text) is not None and heard.word_count <= WORDS_WITH_A_PHONE:
        talk.bridge = talk.text("utter_part_consent_first")
        ask_consent(talk, frame)
        return True
    return False


def agree(talk: Talk, frame: Frame) -> None:
    """Store the consent; a number that the person has written already is asked for no more."""
    consent = consents.give(talk.session, talk.conversation, now=talk.now)
    with editing(frame) as draft:
        draft.consent_id = consent.id
        draft.phone = own_phone_in(draft.what)


def refuse(talk: Talk, frame: Frame) -> None:
    """No contact: whatever was kept of it goes, and a consent given before no longer holds."""
    with editing(frame) as draft:
        _forget(talk, draft)


def _forget(talk: Talk, draft: Draft) -> None:
    if draft.consent_id is not None:
        consents.withdraw(talk.session, draft.consent_id, now=talk.now)
    draft.consent_id = None
    draft.phone = None


def ask_phone(talk: Talk, frame: Frame) -> None:
    talk.ask(frame, "utter_report_ask_phone")


def take_phone(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """A number typed or shared; a shared one counts only when it is the person's own."""
    if heard.contact is not None:
        if not heard.contact.own:
            talk.say("utter_report_contact_not_own")
            return True
        phone = local_form(heard.contact.phone)
    elif heard.control in ("no", "skip"):
        refuse(talk, frame)
        return True
    else:
        phone = phone_in(heard.text)
    if phone is None:
        if any(letter.isdigit() for letter in heard.text):
            talk.say("utter_report_phone_unreadable")
            return True
        return False
    with editing(frame) as draft:
        draft.phone = phone
    return True


def wants_phone(frame: Frame) -> bool:
    """A consent without a number yet."""
    draft = draft_of(frame)
    return draft.consent_id is not None and draft.phone is None
