"""How a ticket is told: in full to its owner, only its state to anybody else with the code."""

from __future__ import annotations

from actions import following, tickets
from bot.clock import shown
from bot.dialogue import public_links
from bot.dialogue.flows.report.summary import shortened
from bot.dialogue.talk import Talk
from store.tickets import Ticket, TicketState

LISTED = 5
"""Own tickets shown in a list, newest first, and as many that are followed."""

TEXT_SHOWN = 120
LINE_SHOWN = 50
"""Characters of a ticket's text that are repeated, alone and in a list."""

_RESPONSES = {
    TicketState.WAITING: "utter_ticket_waiting",
    TicketState.RESOLVED: "utter_ticket_resolved",
    TicketState.CLOSED: "utter_ticket_closed",
    TicketState.REJECTED: "utter_ticket_rejected",
    TicketState.MERGED: "utter_ticket_merged",
    TicketState.WITHDRAWN: "utter_ticket_taken_back",
}
"""How the owner is told; a state without a line of its own is told as open."""


def list_all(talk: Talk) -> None:
    """The tickets of this chat and those it follows; a single one is told at once."""
    own = tickets.of_conversation(talk.session, talk.conversation)
    followed = following.followed_by(talk.session, talk.conversation)
    if len(own) + len(followed) == 1:
        tell(talk, (own + followed)[0])
    elif not own and not followed:
        talk.say("utter_ticket_none")
    elif not followed:
        talk.say("utter_ticket_list", count=len(own), lines=_lines(talk, own))
    elif not own:
        talk.say("utter_ticket_list_followed", followed=_lines(talk, followed))
    else:
        talk.say(
            "utter_ticket_list_both",
            count=len(own),
            lines=_lines(talk, own),
            followed=_lines(talk, followed),
        )


def line(talk: Talk, ticket: Ticket) -> str:
    """One line of a list; of somebody else's ticket nothing is repeated but its matter."""
    own = ticket.conversation_id == talk.conversation.id
    text = ticket.text if own else talk.local.category_label(ticket.category)
    return talk.text(
        "utter_part_ticket_line",
        code=ticket.code,
        state=_state(talk, ticket),
        text=shortened(text, LINE_SHOWN),
    )


def tell(talk: Talk, ticket: Ticket) -> None:
    """Where the ticket stands, and what comes next."""
    fields = {
        "code": ticket.code,
        "state": _state(talk, ticket),
        "next": talk.text(f"utter_part_ticket_next_{ticket.state}"),
        "deadline": shown(ticket.deadline_at),
    }
    if ticket.conversation_id != talk.conversation.id:
        _tell_another(talk, ticket, fields)
        return
    live = following.standing_for(talk.session, ticket)
    talk.say(
        _RESPONSES.get(TicketState(ticket.state), "utter_ticket_open"),
        agency=ticket.agency_name,
        text=shortened(ticket.text, TEXT_SHOWN),
        answer=ticket.answer or "",
        link=public_links.case(talk, ticket),
        question=_question(ticket),
        other=live.code,
        other_state=_state(talk, live),
        other_next=talk.text(f"utter_part_ticket_next_{live.state}"),
        **fields,
    )


def _tell_another(talk: Talk, ticket: Ticket, fields: dict[str, str]) -> None:
    live = following.standing_for(talk.session, ticket)
    if following.follows(talk.session, ticket, talk.conversation):
        talk.say("utter_ticket_followed", **fields)
    elif talk.local.moves.is_open(live):
        talk.say("utter_ticket_of_another", **fields)
    else:
        talk.say("utter_ticket_of_another_ended", **fields)


def _lines(talk: Talk, found: list[Ticket]) -> str:
    return "\n".join(line(talk, ticket) for ticket in found[:LISTED])


def _question(ticket: Ticket) -> str:
    """What staff are waiting to hear."""
    asked = [event for event in ticket.events if event.kind == "ask"]
    return str(asked[-1].detail.get("text", "")) if asked else ""


def _state(talk: Talk, ticket: Ticket) -> str:
    return talk.text(f"utter_part_ticket_state_{ticket.state}")
