"""What the group is shown of tickets and chats: the words of cards and notes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from actions.local_facts import LocalFacts
from bot.clock import shown
from bot.messages import Outgoing, StoredMedia
from bot.rendering import split_text
from bot.work import UnitOfWork
from store.messages import Conversation
from store.staff import Officer
from store.tickets import Attachment, Ticket, TicketState

MAP_LINK = "https://www.openstreetmap.org/?mlat={latitude:.6f}&mlon={longitude:.6f}#map=17"

WORDS_LIMIT = 3000
"""Characters of a citizen in one message of the group; the rest of 4096 is for what stands around.

Longer texts are cut here and not by the rendering: every part must begin with its code.
"""

PLACE_LIMIT = 300

SIGN_LIMIT = 80
"""Characters of one stretch of words that decided the urgency."""

_CARDS = {
    TicketState.NEW: "utter_staff_card_new",
    TicketState.TAKEN: "utter_staff_card_taken",
    TicketState.DONE: "utter_staff_card_done",
    TicketState.WITHDRAWN: "utter_staff_card_withdrawn",
}
"""The response whose buttons are the moves that a ticket's state leaves."""


def ticket_card(work: UnitOfWork, ticket: Ticket) -> Outgoing:
    """The card of a ticket as it stands now; of a long text only the beginning."""
    return work.responses.say(
        _CARDS[TicketState(ticket.state)],
        code=ticket.code,
        urgency=work.responses.text(f"utter_staff_urgency_{ticket.urgency}"),
        category=work.services.local.category_label(ticket.category),
        kind=work.responses.text(f"utter_staff_kind_{ticket.intent}"),
        agency=ticket.agency_name,
        place=place_line(work, ticket),
        signs=urgency_signs(work, ticket),
        text=next(iter(split_text(ticket.text, WORDS_LIMIT)), ""),
        contact=ticket.contact_phone or work.responses.text("utter_staff_anonymous"),
        deadline=shown(ticket.deadline_at),
        state=_state_line(work, ticket),
    )


def rest_of_text(work: UnitOfWork, ticket: Ticket) -> list[Outgoing]:
    """What of a long text did not fit into the card."""
    return [
        work.responses.say("utter_staff_card_more", code=ticket.code, text=part)
        for part in split_text(ticket.text, WORDS_LIMIT)[1:]
    ]


def addition(work: UnitOfWork, ticket: Ticket, text: str) -> list[Outgoing]:
    """More words of a citizen about a ticket."""
    return [
        work.responses.say("utter_staff_addition", code=ticket.code, text=part)
        for part in split_text(text, WORDS_LIMIT) or [""]
    ]


def citizen_words(work: UnitOfWork, chat: Conversation, text: str) -> list[Outgoing]:
    """Words of a citizen whose chat a person has."""
    return [
        work.responses.say("utter_staff_citizen_says", chat=chat.id, text=part)
        for part in split_text(text, WORDS_LIMIT)
    ]


def pictures(label: str, media: Iterable[StoredMedia]) -> list[Outgoing]:
    """Each under the code or number it belongs to, so that a reply to it finds its way as well."""
    return [Outgoing(text=label, media=(item,)) for item in media]


def chat_label(work: UnitOfWork, chat: Conversation) -> str:
    return work.responses.text("utter_staff_chat_name", chat=chat.id)


def channel_label(work: UnitOfWork, chat: Conversation) -> str:
    """The messenger's name as people know it."""
    name = f"utter_staff_channel_{chat.channel}"
    return work.responses.text(name) if name in work.responses.names else chat.channel


def place_line(work: UnitOfWork, ticket: Ticket) -> str:
    """The place in words, the commune, and a link to the map, each where it is known."""
    words = textwrap.shorten(ticket.place_text or "", PLACE_LIMIT, placeholder="…")
    parts = [words, commune_name(work.services.local, ticket.commune_code)]
    line = ", ".join(dict.fromkeys(part for part in parts if part))
    if ticket.latitude is not None and ticket.longitude is not None:
        link = MAP_LINK.format(latitude=ticket.latitude, longitude=ticket.longitude)
        line = f"{line}\n{link}".strip()
    return line or work.responses.text("utter_staff_no_place")


def urgency_signs(work: UnitOfWork, ticket: Ticket) -> str:
    """A line, begun by a line feed, with the words that made the ticket pressing; or nothing."""
    quoted = urgency_quotes(ticket)
    return "\n" + work.responses.text("utter_staff_urgency_signs", words=quoted) if quoted else ""


def urgency_quotes(ticket: Ticket) -> str:
    """The words of the citizen that made the ticket pressing; of long ones the beginning."""
    if ticket.urgency == "normal":
        return ""
    shortened = (
        textwrap.shorten(w, SIGN_LIMIT, placeholder="…") for w in ticket.urgency_words or ()
    )
    return ", ".join(f"“{words}”" for words in shortened)


def commune_name(local: LocalFacts, code: str | None) -> str | None:
    commune = local.commune(code) if code else None
    return commune.name if commune else None


def stored(attachment: Attachment) -> StoredMedia:
    """An attachment as something to be sent."""
    return StoredMedia.model_validate(
        {
            "kind": attachment.kind,
            "path": attachment.path,
            "mime": attachment.mime,
            "size": attachment.size,
        }
    )


def _state_line(work: UnitOfWork, ticket: Ticket) -> str:
    officer = work.session.get(Officer, ticket.officer_id) if ticket.officer_id else None
    return work.responses.text(
        f"utter_staff_state_{ticket.state}", officer=officer.name if officer else ""
    )
