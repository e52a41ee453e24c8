"""How a ticket is told: in full to its owner, only its state to anybody else with the code."""

from __future__ import annotations

from actions import tickets
from bot.clock import shown
from bot.dialogue.flows.report.summary import shortened
from bot.dialogue.talk import Talk
from store.tickets import Ticket, TicketState

LISTED = 5
"""Own tickets shown in a list, newest first."""

TEXT_SHOWN = 120
LINE_SHOWN = 50
"""Characters of a ticket's text that are repeated, alone and in a list."""


def list_own(talk: Talk) -> None:
    """The tickets of this chat; a single one is told at once."""
    own = tickets.of_conversation(talk.session, talk.conversation)
    if not own:
        talk.say("utter_ticket_none")
    elif len(own) == 1:
        tell(talk, own[0])
    else:
        lines = [line(talk, ticket) for ticket in own[:LISTED]]
        talk.say("utter_ticket_list", count=len(own), lines="\n".join(lines))


def line(talk: Talk, ticket: Ticket) -> str:
    """One line of a list."""
    return talk.text(
        "utter_part_ticket_line",
        code=ticket.code,
        state=_state(talk, ticket),
        text=shortened(ticket.text, LINE_SHOWN),
    )


def tell(talk: Talk, ticket: Ticket) -> None:
    """Where the ticket stands."""
    fields = {
        "code": ticket.code,
        "state": _state(talk, ticket),
        "deadline": shown(ticket.deadline_at),
    }
    if ticket.conversation_id != talk.conversation.id:
        talk.say("utter_ticket_of_another", **fields)
        return
    own = {
        **fields,
        "agency": ticket.agency_name,
        "text": shortened(ticket.text, TEXT_SHOWN),
        "answer": ticket.answer or "",
    }
    if ticket.state == TicketState.DONE and ticket.answer:
        talk.say("utter_ticket_status_done", **own)
    elif tickets.is_open(ticket):
        talk.say("utter_ticket_open", **own)
    else:
        talk.say("utter_ticket_closed", **own)


def _state(talk: Talk, ticket: Ticket) -> str:
    return talk.text(f"utter_part_ticket_state_{ticket.state}")
