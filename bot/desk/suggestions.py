"""What an officer may begin an answer with: canned replies, and answers to like tickets."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from actions import canned, rights, similar
from actions.canned import CannedReply
from bot.clock import shown
from bot.desk import asks
from bot.desk.cards import STAFF, commune_name
from bot.desk.subjects import CHOOSE, mark
from bot.turn import Turn
from bot.work import UnitOfWork
from store.staff import Officer
from store.tickets import Ticket

MOST = 6
"""Canned replies shown in the group at once."""

ANSWER_SHOWN = 600
"""Characters of an answer to a similar ticket."""


@dataclass(frozen=True)
class Suggestion:
    """A canned reply with its fields filled in for a ticket, and what it may be sent as."""

    reply: CannedReply
    text: str
    purposes: dict[str, str]
    """Names of moves, or `canned.REPLY`, each with its label."""


def of_ticket(work: UnitOfWork, ticket: Ticket, officer: Officer) -> list[Suggestion]:
    """The canned replies that fit the ticket and the moves that its state allows."""
    local = work.services.local
    moves = [move for move in local.moves.from_state(ticket.state) if move.who & STAFF]
    labels = {move.name: move.label for move in moves}
    labels[canned.REPLY] = work.responses.text("utter_staff_button_reply")
    commune = commune_name(local, ticket.commune_code)
    fields = {
        "code": ticket.code,
        "agency": ticket.agency_name,
        "place": ticket.place_text or commune or work.responses.text("utter_staff_place_told"),
        "deadline": shown(ticket.deadline_at),
        "officer": officer.name,
    }
    return [
        Suggestion(
            reply,
            reply.filled(fields),
            {name: label for name, label in labels.items() if name in reply.moves},
        )
        for reply in canned.fitting(local.canned, ticket.category, moves=labels)
    ]


def post(turn: Turn, ticket: Ticket, officer: Officer) -> None:
    """Show staff what they may begin with; nothing of it reaches the citizen by itself."""
    lines = [
        turn.responses.text(
            "utter_staff_suggestion",
            title=found.reply.title,
            purposes=", ".join(found.purposes.values()),
            text=found.text,
        )
        for found in of_ticket(turn, ticket, officer)[:MOST]
    ]
    lines += [
        turn.responses.text(
            "utter_staff_similar",
            code=found.ticket.code,
            text=textwrap.shorten(found.ticket.answer or "", ANSWER_SHOWN, placeholder="…"),
        )
        for found in similar.resolved(turn.session, ticket, among=rights.sight(officer))
    ]
    said = turn.responses.say(
        "utter_staff_suggestions", mark=mark(CHOOSE, ticket.code), lines="\n\n".join(lines)
    )
    asks.ask_once(turn, ticket, said)
