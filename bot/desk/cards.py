"""What the group is shown of tickets and chats: the words of cards and notes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select

from actions import consents
from actions.local_facts import LocalFacts
from bot.desk.deadline_words import deadline_lines
from bot.messages import Button, Outgoing, StoredMedia
from bot.rendering import split_text
from bot.work import UnitOfWork
from store.cases import TicketFollower
from store.messages import Conversation
from store.staff import Officer
from store.tickets import Attachment, Ticket, TicketState

STAFF = frozenset({"officer", "lead", "duty"})
"""Of those whom the table of moves names, the ones who press buttons here."""

MAP_LINK = "https://www.openstreetmap.org/?mlat={latitude:.6f}&mlon={longitude:.6f}#map=17"

WORDS_LIMIT = 3000
"""Characters of a citizen in one message of the group; the rest of 4096 is for what stands around.

Longer texts are cut here and not by the rendering: every part must begin with its code.
"""

PLACE_LIMIT = 300

SIGN_LIMIT = 80
"""Characters of one stretch of words that decided the urgency."""

PRESS_PREFIX = "s:"
"""What the payloads of the staff's buttons begin with."""


def ticket_card(work: UnitOfWork, ticket: Ticket, *, here: bool = True) -> Outgoing:
    """The card of a ticket as it stands now; of a long text only the beginning.

    Args:
        here: off for a group whose agency had the ticket: nothing can be done with it there.
    """
    said = work.responses.say(
        "utter_staff_card",
        code=ticket.code,
        urgency=work.responses.text(f"utter_staff_urgency_{ticket.urgency}"),
        category=work.services.local.category_label(ticket.category),
        kind=work.responses.text(f"utter_staff_kind_{ticket.intent}"),
        agency=agency_line(work.services.local, ticket),
        place=place_line(work, ticket),
        signs=urgency_signs(work, ticket),
        text=next(iter(split_text(ticket.text, WORDS_LIMIT)), ""),
        contact=work.responses.text(
            "utter_staff_has_phone" if _has_phone(work, ticket) else "utter_staff_anonymous"
        ),
        deadlines="\n".join(deadline_lines(work, ticket)),
        state=state_line(work, ticket),
        others=_other_people(work, ticket),
    )
    return said.model_copy(update={"buttons": _buttons(work, ticket) if here else ()})


def is_card(payload: Mapping[str, Any]) -> bool:
    """Whether a message about a ticket, as it was posted, is a card: its buttons name no choice."""
    buttons = payload.get("buttons") or ()
    return any(str(button.get("payload", "")).count(":") == 2 for button in buttons)


def _buttons(work: UnitOfWork, ticket: Ticket) -> tuple[Button, ...]:
    """What staff may do with the ticket as it is: the moves of the table, then what moves nothing.

    Whoever presses may not be allowed to; that is said then, for a card is everybody's.
    """
    moves = [
        (move.name, move.label)
        for move in work.services.local.moves.from_state(ticket.state)
        if move.who & STAFF
    ]
    is_there = {
        "reply": ticket.state != TicketState.WITHDRAWN,
        "suggest": ticket.state != TicketState.WITHDRAWN,
        "note": True,
        "phone": _has_phone(work, ticket),
    }
    more = [
        (action, work.responses.text(f"utter_staff_button_{action}"))
        for action, there in is_there.items()
        if there
    ]
    return tuple(
        Button(title=title, payload=f"{PRESS_PREFIX}{action}:{ticket.code}")
        for action, title in moves + more
    )


def _has_phone(work: UnitOfWork, ticket: Ticket) -> bool:
    """Whether there is a number to be shown: to one officer who asks, never in a group."""
    return bool(ticket.contact_phone) and consents.contact_may_be_shown(work.session, ticket)


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


def agency_line(local: LocalFacts, ticket: Ticket) -> str:
    """The agency that has the ticket, and its team."""
    team = local.teams.get(ticket.team_code or "")
    return f"{ticket.agency_name}, {team}" if team else ticket.agency_name


def merged_codes(work: UnitOfWork, ticket: Ticket) -> list[str]:
    """The tickets that were merged into this one."""
    query = select(Ticket.code).where(Ticket.merged_into_id == ticket.id)
    return list(work.session.scalars(query.order_by(Ticket.id)))


def state_line(work: UnitOfWork, ticket: Ticket) -> str:
    """Where a ticket stands, and with whom."""
    label = work.services.local.moves.states[TicketState(ticket.state)].label
    officer = work.session.get(Officer, ticket.officer_id) if ticket.officer_id else None
    target = work.session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None
    if target is not None:
        return work.responses.text("utter_staff_state_merged", state=label, target=target.code)
    if officer is not None:
        return work.responses.text("utter_staff_state_with", state=label, officer=officer.name)
    if work.services.local.moves.is_open(ticket):
        return work.responses.text("utter_staff_state_nobody", state=label)
    return label


def _other_people(work: UnitOfWork, ticket: Ticket) -> str:
    """Lines, each begun by a line feed: who else waits for it, and what was merged into it."""
    lines = []
    followers = work.session.scalar(
        select(func.count())
        .select_from(TicketFollower)
        .where(TicketFollower.ticket_id == ticket.id, TicketFollower.ended_at.is_(None))
    )
    if followers:
        lines.append(work.responses.text("utter_staff_followers", count=followers))
    if merged := merged_codes(work, ticket):
        lines.append(work.responses.text("utter_staff_merged_here", codes=", ".join(merged)))
    if ticket.reopened:
        lines.append(work.responses.text("utter_staff_reopened_times", count=ticket.reopened))
    return "".join(f"\n{line}" for line in lines)
