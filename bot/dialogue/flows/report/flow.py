"""The report flow: its steps in the order they are asked, and its buttons."""

from __future__ import annotations

from typing import ClassVar

from bot.dialogue.flow import Flow, Step
from bot.dialogue.flows import emergency
from bot.dialogue.flows.report import alike, contact, edit, summary, where
from bot.dialogue.flows.report.draft import MAX_MEDIA, draft_of, editing
from bot.dialogue.flows.report.sending import send
from bot.dialogue.heard import Heard
from bot.dialogue.phrases import control_of, correction_in, is_bare_wish
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk

TICKET_INTENTS = ("report", "petition", "emergency")

PLAIN_SUBJECT = 0.8
"""A category that is so likely tells what a message is about, whatever it wants."""

SECOND_FROM_WORDS = 4
"""A report in answer to "where" must have so many words to be taken for a second one."""


def _missing_what(frame: Frame) -> bool:
    return not draft_of(frame).what


def _missing_category(frame: Frame) -> bool:
    draft = draft_of(frame)
    unsure = not draft.category_settled and len(draft.rivals) > 1
    return unsure and draft.urgency != "urgent"


def _ask_what(talk: Talk, frame: Frame) -> None:
    draft = draft_of(frame)
    count = len(draft.attachments)
    if not count and draft.has_place:
        place = where.place_line(talk, draft)
        talk.ask(frame, "utter_report_ask_what_here", place=place)
    elif not count:
        talk.ask(frame, "utter_report_ask_what")
    elif latest := next(reversed(talk.state.sent.values()), None):
        talk.ask(frame, "utter_report_ask_what_of_photos_or_ticket", count=count, code=latest)
    else:
        talk.ask(frame, "utter_report_ask_what_of_photos", count=count)


def _take_what(talk: Talk, frame: Frame, heard: Heard) -> bool:
    if heard.control in ("no", "skip"):
        talk.flows[frame.flow].cancelled(talk, frame)
        return True
    if where.names_only_a_place(heard):
        with editing(frame) as draft:
            where.place_named(draft, heard, whole_answer=True)
        return True
    if not heard.text.strip() or heard.control is not None or is_bare_wish(heard.text):
        return False
    if not any(letter.isalpha() for letter in heard.text):
        return True  # "5" or an emoji tells nothing: the question comes again
    with editing(frame) as draft:
        draft.describe(heard)
        if not draft.has_place:
            where.place_named(draft, heard, whole_answer=False)
    if draft_of(frame).urgency == "urgent":
        emergency.say_numbers(talk, heard)
    return True


def _ask_photos(talk: Talk, frame: Frame) -> None:
    talk.ask(frame, "utter_report_ask_photos")


def _take_photos(talk: Talk, frame: Frame, heard: Heard) -> bool:
    frame.step = ""
    return heard.control in ("no", "skip", "yes", "back") or summary.take_more(talk, frame, heard)


def _add_the_matter(frame: Frame, heard: Heard) -> None:
    with editing(frame) as draft:
        draft.what = f"{draft.what}\n{heard.text.strip()}"
        draft.categorise(heard)
        where.place_named(draft, heard, whole_answer=False)


class ReportFlow(Flow):
    """Report, petition, emergency: from the first words to the ticket."""

    name: ClassVar[str] = "report"

    steps = (
        Step("what", _ask_what, _take_what, missing=_missing_what, listens=True),
        Step(
            "where",
            where.ask_place,
            where.take_place,
            missing=where.missing_place,
            listens=True,
            wants_place=True,
        ),
        Step(
            "commune",
            where.ask_commune,
            where.take_commune,
            missing=where.missing_commune,
            listens=True,
            wants_place=True,
        ),
        Step("category", edit.ask_close_categories, edit.take_category, missing=_missing_category),
        Step("phone", contact.ask_phone, contact.take_phone, missing=contact.wants_phone),
        Step("alike", alike.ask, alike.take),
        Step("summary", summary.ask_summary, summary.take_summary, listens=True),
        Step("second", summary.ask_second, summary.take_second),
        Step("photos", _ask_photos, _take_photos, listens=True),
        Step("consent", contact.ask_consent, contact.take_consent),
        Step("edit", edit.ask_menu, edit.take_menu, listens=True),
        Step("edit_what", edit.ask_what, edit.take_what, listens=True),
        Step("edit_where", edit.ask_where, edit.take_where, listens=True, wants_place=True),
        Step("edit_category", edit.ask_category, edit.take_category, listens=True),
    )

    def begin(self, talk: Talk, heard: Heard) -> None:
        frame = talk.open(self.name)
        if control_of(heard.text) == "anonymous":
            talk.bridge = talk.text("utter_part_anonymous")
        with editing(frame) as draft:
            draft.intent = heard.intent if heard.intent in TICKET_INTENTS else "report"
            if heard.text.strip() and not is_bare_wish(heard.text):
                if not where.names_only_a_place(heard):
                    draft.describe(heard)
                where.place_named(draft, heard, whole_answer=False)
            urgent = draft.urgency == "urgent"
        if urgent:
            emergency.say_numbers(talk, heard)
        self._add_media(talk, frame, heard)
        if heard.location is not None:
            where.take_location(talk, frame, heard.location)
        with editing(frame) as draft:
            draft.note(heard)
        self.advance(talk, frame)

    def full(self, talk: Talk, frame: Frame) -> None:
        if not alike.offered(talk, frame):
            frame.step = "summary"
            summary.ask_summary(talk, frame)

    def back(self, talk: Talk, frame: Frame) -> bool:
        """From the place to the matter; from anything after the summary, to the summary."""
        if frame.step in ("where", "commune"):
            self.enter(talk, frame, "edit_what")
        elif frame.step == "summary":
            self.enter(talk, frame, "edit_where")
        elif frame.step == "what":
            return False
        else:
            frame.step = ""
            if contact.wants_phone(frame):
                contact.refuse(talk, frame)
            self.advance(talk, frame)
        return True

    def cancelled(self, talk: Talk, frame: Frame) -> None:
        contact.refuse(talk, frame)
        talk.close_frame(frame)
        talk.say("utter_report_cancelled")

    def take(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        taken = self._take_files_and_shares(talk, frame, heard)
        if not taken or heard.text.strip():
            taken = self._take_text(talk, frame, heard) or taken
        if taken:
            with editing(frame) as draft:
                draft.note(heard)
        if taken and not talk.asked and frame in talk.state.frames:
            self.advance(talk, frame)
        return taken

    def _take_files_and_shares(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        if heard.attachments:
            self._add_media(talk, frame, heard)
        elif heard.location is not None:
            where.take_location(talk, frame, heard.location)
            if frame.step in ("where", "commune", "edit_where"):
                frame.step = ""
        elif heard.contact is not None:
            if draft_of(frame).consent_id is not None:
                contact.take_phone(talk, frame, heard)
            elif _missing_what(frame):
                return False
            else:
                self.enter(talk, frame, "consent")
        else:
            return False
        return True

    def _take_text(self, talk: Talk, frame: Frame, heard: Heard) -> bool:
        if frame.step != "what" and (correction := correction_in(heard.text)) is not None:
            if edit.apply(talk, frame, correction, heard):
                return True
        if control_of(heard.text) == "anonymous":
            self._take_anonymous(talk, frame)
            return True
        if frame.step != "what" and heard.control == "photos":
            self.enter(talk, frame, "photos")
            return True
        if frame.step in ("where", "commune") and self._tells_the_matter(frame, heard):
            _add_the_matter(frame, heard)
            return True
        if frame.step in ("where", "commune") and self._is_another_report(frame, heard):
            summary.offer_second(talk, frame, heard)
            return True
        if frame.step == "where" and self._tells_on(frame, heard):
            with editing(frame) as draft:
                draft.what = f"{draft.what}\n{heard.text.strip()}"
                draft.hurry(heard)
                draft.where_asked += 1
            return True
        return super().take(talk, frame, heard)

    def _take_anonymous(self, talk: Talk, frame: Frame) -> None:
        """Before the summary a wish to be kept in mind; from there on, the way to send."""
        if frame.step in ("summary", "consent", "phone"):
            self.press(talk, frame, "refuse", "")
        else:
            contact.refuse(talk, frame)
            talk.bridge = talk.text("utter_part_anonymous")
            self.resume(talk, frame)

    @staticmethod
    def _tells_the_matter(frame: Frame, heard: Heard) -> bool:
        """The first message had no subject ("báo hoài không ai làm"); this one has."""
        draft = draft_of(frame)
        subject = heard.category_ranking[0][1] if heard.category_ranking else 0.0
        return (
            (draft.category == "other" or draft.category_vague)
            and (heard.sure or subject >= PLAIN_SUBJECT)
            and heard.intent in TICKET_INTENTS
            and heard.category not in (None, "other")
            and heard.word_count >= SECOND_FROM_WORDS
            and not where.names_only_a_place(heard)
        )

    @staticmethod
    def _tells_on(frame: Frame, heard: Heard) -> bool:
        """More of the story instead of a place; asked again, anything is taken for the place."""
        return draft_of(frame).where_asked == 1 and not where.answers_where(heard)

    @staticmethod
    def _is_another_report(frame: Frame, heard: Heard) -> bool:
        return (
            heard.sure
            and heard.intent in TICKET_INTENTS
            and heard.first("place") is None
            and heard.category not in (None, draft_of(frame).category)
            and heard.word_count >= SECOND_FROM_WORDS
        )

    @staticmethod
    def _add_media(talk: Talk, frame: Frame, heard: Heard) -> None:
        if not heard.attachments:
            return
        with editing(frame) as draft:
            room = MAX_MEDIA - len(draft.attachments)
            draft.attachments += heard.attachments[:room]
            total, told = len(draft.attachments), bool(draft.what)
        if len(heard.attachments) > room:
            talk.say("utter_report_photos_full", limit=MAX_MEDIA)
        elif told and frame.step not in ("", "summary", "photos"):
            talk.say("utter_report_photos_added", count=total)
        if frame.step == "photos":
            frame.step = ""

    def press(self, talk: Talk, frame: Frame | None, action: str, argument: str) -> bool:
        if frame is None:
            return False
        if action in ("send", "send_contact"):
            frame.step = ""
            self._send(talk, frame, with_contact=action == "send_contact")
        elif action == "contact":
            self.enter(talk, frame, "consent")
        elif action == "agree":
            contact.agree(talk, frame)
            self.advance(talk, frame)
        elif action == "refuse":
            frame.step = ""
            self._send(talk, frame, with_contact=False)
        elif action == "phone":
            with editing(frame) as draft:
                draft.phone = None
            self.advance(talk, frame)
        elif action == "same":
            return alike.choose(talk, frame, argument)
        elif action in ("photos", "edit", "edit_what", "edit_where", "edit_category"):
            self.enter(talk, frame, action)
        elif action == "drop_photos":
            edit.drop_photos(talk, frame)
            self.advance(talk, frame)
        elif action in ("back", "different"):
            frame.step = ""
            self.advance(talk, frame)
        elif action == "cancel":
            self.cancelled(talk, frame)
        else:
            return self._press_choice(talk, frame, action, argument)
        return True

    def _press_choice(self, talk: Talk, frame: Frame, action: str, argument: str) -> bool:
        if action == "category" and argument in talk.local.category_labels:
            with editing(frame) as draft:
                draft.category, draft.category_settled = argument, True
        elif action == "commune":
            with editing(frame) as draft:
                draft.where_settled = True
                if talk.local.commune(argument) is not None:
                    draft.commune_code = argument
        elif action == "unknown":
            where.place_unknown(frame)
        elif action == "separate":
            summary.keep_apart(talk, frame)
        elif action == "join":
            summary.join(talk, frame)
        else:
            return False
        frame.step = ""
        self.advance(talk, frame)
        return True

    def _send(self, talk: Talk, frame: Frame, *, with_contact: bool) -> None:
        """Send when nothing is missing; a phone that was wanted is asked for first."""
        if not with_contact:
            contact.refuse(talk, frame)
        missing = [step for step in self.steps if step.missing and step.missing(frame)]
        if missing:
            self.advance(talk, frame)
        else:
            send(talk, frame, with_contact=with_contact)
