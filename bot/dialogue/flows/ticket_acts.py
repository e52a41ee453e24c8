"""What a citizen does with a ticket, and who hears of it; the ticket has been found already."""

from __future__ import annotations

from collections.abc import Callable

from actions import additions, cases, following, ratings, tickets
from actions.additions import Said
from actions.cases import CITIZEN, Moved
from bot import case_news
from bot.clock import shown
from bot.desk.cards import stored
from bot.dialogue.flows import ticket_additions, ticket_rating, ticket_views
from bot.dialogue.flows.report.draft import MAX_MEDIA
from bot.dialogue.heard import Heard
from bot.dialogue.talk import Talk
from store.tickets import Ticket, TicketState


def awaiting_a_word(talk: Talk) -> list[Ticket]:
    """Own tickets of which staff want to know whether they are done, newest first."""
    own = tickets.of_conversation(talk.session, talk.conversation)
    return [ticket for ticket in own if ticket.state == TicketState.RESOLVED]


def fitting(talk: Talk, action: str) -> list[Ticket]:
    """The tickets with which something can be done, newest first; own ones before those followed.

    Args:
        action: one of the actions of the tickets' flow.
    """
    if action == "notdone" and (awaiting := awaiting_a_word(talk)):
        return awaiting
    if action == "answer":
        return tickets.asking(talk.session, talk.conversation)
    if action == "unfollow":
        return following.followed_by(talk.session, talk.conversation)
    candidates = tickets.of_conversation(talk.session, talk.conversation)
    if action in ("status", "add"):
        candidates += following.followed_by(talk.session, talk.conversation)
    disputable = talk.local.moves.moves["dispute"].origins
    wanted: dict[str, Callable[[Ticket], bool]] = {
        "status": lambda ticket: True,
        "add": talk.local.moves.is_open,
        "withdraw": talk.local.moves.is_open,
        "done": lambda ticket: ticket.state == TicketState.RESOLVED,
        "notdone": lambda ticket: ticket.state in disputable,
        "rate": ratings.can_rate,
    }
    return [ticket for ticket in candidates if wanted[action](ticket)]


def said(heard: Heard) -> Said:
    """What a message brings for a ticket."""
    return Said(heard.text.strip(), tuple(heard.attachments[:MAX_MEDIA]), heard.message_id)


def add(talk: Talk, ticket: Ticket, words: Said) -> None:
    """Put words and pictures on a ticket; staff who were waiting for them go on."""
    answered = ticket_additions.put_on(talk, ticket, words)
    talk.say("utter_ticket_answered" if answered else "utter_ticket_added", code=ticket.code)


def add_if_open(talk: Talk, ticket: Ticket, words: Said) -> None:
    """Add, or say why it is too late: the ticket may have moved since the question was asked."""
    if (why := refusal(talk, "add", ticket)) is not None:
        talk.say(why, code=ticket.code)
    else:
        add(talk, ticket, words)


def dispute(talk: Talk, ticket: Ticket, words: Said) -> None:
    """The citizen says that it is not done: it is open again at once, and somebody above hears."""
    moved, attached = additions.dispute(
        talk.session, ticket, talk.conversation, words, local=talk.local, now=talk.now
    )
    pictures = tuple(stored(picture) for picture in attached)
    case_news.tell(talk.turn, moved, media=pictures)
    talk.say("utter_ticket_reopened", code=ticket.code, deadline=shown(ticket.deadline_at))


def confirm(talk: Talk, ticket: Ticket) -> None:
    """The citizen says that it is done; then, once, how it was."""
    case_news.tell(talk.turn, _move(talk, ticket, "confirm"))
    ticket_rating.ask_once(talk, ticket)


def withdraw(talk: Talk, ticket: Ticket) -> None:
    """The citizen takes the ticket back."""
    case_news.tell(talk.turn, _move(talk, ticket, "withdraw"))
    talk.say("utter_ticket_withdrawn", code=ticket.code)


def follow(talk: Talk, ticket: Ticket) -> None:
    """Hear of every step of a ticket that somebody else sent."""
    live = following.standing_for(talk.session, ticket)
    if _own(talk, live):
        ticket_views.tell(talk, live)
    elif not _goes_on(talk, live):
        talk.say("utter_follow_too_late", code=live.code)
    elif following.follow(talk.session, live, talk.conversation, now=talk.now):
        talk.say("utter_follow_begun", code=live.code)
    else:
        talk.say("utter_follow_already", code=live.code)


def unfollow(talk: Talk, ticket: Ticket) -> None:
    """Hear of it no more."""
    for one in (ticket, following.standing_for(talk.session, ticket)):
        if following.unfollow(talk.session, one, talk.conversation, now=talk.now):
            talk.say("utter_follow_ended", code=one.code)
            return
    talk.say("utter_follow_none", code=ticket.code)


def may_add(talk: Talk, ticket: Ticket) -> bool:
    """Whoever sent a ticket or follows it has something to say about it."""
    return _own(talk, ticket) or following.follows(talk.session, ticket, talk.conversation)


def refusal(talk: Talk, action: str, ticket: Ticket) -> str | None:
    """Why this cannot be done to the ticket as it is, as the name of a response."""
    moves, state = talk.local.moves, ticket.state
    is_open = moves.is_open(ticket)
    if action in ("add", "answer") and not is_open:
        resolved = state == TicketState.RESOLVED and _own(talk, ticket)
        return "utter_ticket_ask_done" if resolved else "utter_ticket_is_closed"
    if action == "withdraw" and state not in moves.moves["withdraw"].origins:
        return "utter_ticket_is_closed"
    if action in ("done", "notdone") and is_open:
        return "utter_ticket_is_open"
    if action == "done" and state != TicketState.RESOLVED:
        closed = state == TicketState.CLOSED
        return "utter_ticket_done_already" if closed else "utter_ticket_is_closed"
    if action == "notdone" and state not in moves.moves["dispute"].origins:
        return "utter_ticket_is_closed"
    return None


def _move(talk: Talk, ticket: Ticket, name: str) -> Moved:
    return cases.move(talk.session, ticket, name, by=CITIZEN, local=talk.local, now=talk.now)


def _own(talk: Talk, ticket: Ticket) -> bool:
    return ticket.conversation_id == talk.conversation.id


def _goes_on(talk: Talk, ticket: Ticket) -> bool:
    return talk.local.moves.is_open(ticket) or ticket.state == TicketState.RESOLVED
