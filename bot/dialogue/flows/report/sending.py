"""A finished report becomes a ticket, once."""

from __future__ import annotations

from random import SystemRandom

from actions import tickets
from bot.clock import shown
from bot.desk import notices
from bot.dialogue.flows.report import contact
from bot.dialogue.flows.report.draft import draft_of
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk


def send(talk: Talk, frame: Frame, *, with_contact: bool) -> None:
    """Make the ticket, say its code, tell the staff; the frame is closed and remembered."""
    if not with_contact:
        contact.refuse(talk, frame)
    draft = draft_of(frame)
    text = draft.what
    if draft.consent_id is None:
        text = contact.without_own_phone(text, talk.text("utter_part_phone_left_out"))
    ticket = tickets.create(
        talk.session,
        conversation=talk.conversation,
        draft=tickets.TicketDraft(
            intent=draft.intent,
            category=draft.category,
            urgency=draft.urgency,
            urgency_words=tuple(draft.urgency_words),
            text=text,
            place_text=draft.place_text,
            commune_code=draft.commune_code,
            latitude=draft.latitude,
            longitude=draft.longitude,
            contact_phone=draft.phone,
            consent_id=draft.consent_id,
            attachment_ids=tuple(draft.attachments),
        ),
        local=talk.local,
        now=talk.now,
        random=SystemRandom(),
    )
    talk.state.remember_sent(frame, ticket.code)
    talk.close_frame(frame)
    talk.say(
        "utter_report_sent",
        code=ticket.code,
        agency=ticket.agency_name,
        deadline=shown(ticket.deadline_at),
    )
    notices.announce_ticket(talk.turn, ticket)
