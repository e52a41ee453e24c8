"""A finished report becomes a ticket, once."""

from __future__ import annotations

from random import SystemRandom

from actions import abuse, additions, tickets
from bot.clock import shown
from bot.desk import notices
from bot.dialogue import public_links
from bot.dialogue.flows import ticket_additions
from bot.dialogue.flows.report import contact
from bot.dialogue.flows.report.draft import draft_of
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk


def send(talk: Talk, frame: Frame, *, with_contact: bool) -> None:
    """Make the ticket, say its code, tell the staff; the frame is closed and remembered."""
    if not with_contact:
        contact.refuse(talk, frame)
    draft = ticket_draft(talk, frame)
    if sent_before(talk, frame, draft) or _too_many(talk, frame, draft):
        return
    ticket = tickets.create(
        talk.session,
        conversation=talk.conversation,
        draft=draft,
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
        link=public_links.case(talk, ticket),
    )
    notices.announce_ticket(talk.turn, ticket)


def sent_before(talk: Talk, frame: Frame, draft: tickets.TicketDraft) -> bool:
    """Whether the same words are on an open ticket of this chat already; its pictures go there."""
    ticket = abuse.sent_before(talk.session, talk.conversation, draft.text, talk.now)
    if ticket is None or not talk.local.moves.is_open(ticket):
        return False
    talk.state.remember_sent(frame, ticket.code)
    talk.close_frame(frame)
    if draft.attachment_ids:
        ticket_additions.put_on(talk, ticket, additions.Said("", draft.attachment_ids))
    talk.say("utter_report_sent_before", code=ticket.code)
    return True


def _too_many(talk: Talk, frame: Frame, draft: tickets.TicketDraft) -> bool:
    """Whether this chat has sent more lately than a person has to; what it holds is kept."""
    if draft.urgency == "urgent":
        return False
    if not abuse.too_many_tickets(talk.session, talk.conversation, talk.now):
        return False
    frame.step = "summary"
    talk.say("utter_too_many_reports")
    talk.asked = True
    return True


def ticket_draft(talk: Talk, frame: Frame) -> tickets.TicketDraft:
    """The report as a ticket is made of it; without a consent the writer's number is left out."""
    draft = draft_of(frame)

    def kept(words: str) -> str:
        if draft.consent_id is not None:
            return words
        return contact.without_own_phone(words, talk.text("utter_part_phone_left_out"))

    return tickets.TicketDraft(
        intent=draft.intent,
        category=draft.category,
        urgency=draft.urgency,
        urgency_words=tuple(draft.urgency_words),
        text=kept(draft.what),
        place_text=draft.place_text,
        commune_code=draft.commune_code,
        latitude=draft.latitude,
        longitude=draft.longitude,
        contact_phone=draft.phone,
        consent_id=draft.consent_id,
        attachment_ids=tuple(draft.attachments),
        messages={number: kept(words) for number, words in draft.messages.items()},
    )
