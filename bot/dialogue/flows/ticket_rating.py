"""How it was: 1 to 5 stars, asked once, and why when it was not good."""

from __future__ import annotations

from actions import ratings, tickets
from actions.additions import Said
from actions.ratings import RatingFinal, TicketUnanswered
from bot.desk import notices
from bot.dialogue.flows import ticket_additions
from bot.dialogue.heard import Heard
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk
from bot.dialogue.ticket_words import stars_in
from store.tickets import Ticket, TicketState

FLOW = "tickets"

ASKS_WHY_TO = 3
"""Stars up to which the reason is asked for."""

WORDS_OF_A_REASON = 4
"""A rating in so many words gives its reason itself."""

REASON_LIMIT = 1000
"""Characters of a reason that are kept."""


def ask_once(talk: Talk, ticket: Ticket) -> None:
    """Thank for the word that it is done, and ask for stars unless that was done before."""
    talk.session.expire(ticket, ["events"])
    confirmed = sum(event.kind == "confirm" for event in ticket.events)
    if ticket.rating is None and confirmed <= 1:
        _open(talk, ticket, "stars", "utter_ticket_confirmed_ask_stars")
    else:
        talk.say("utter_ticket_confirmed", code=ticket.code)


def begin(talk: Talk, ticket: Ticket, heard: Heard) -> None:
    """The person came to rate, perhaps with the stars in the message."""
    stars = stars_in(heard.text)
    if not ratings.can_rate(ticket):
        talk.say("utter_rating_too_early", code=ticket.code)
    elif stars is None:
        _open(talk, ticket, "stars", "utter_rating_ask_stars")
    else:
        reason = heard.text.strip() if heard.word_count >= WORDS_OF_A_REASON else None
        give(talk, ticket, stars, reason)


def give(talk: Talk, ticket: Ticket, stars: int, reason: str | None) -> None:
    """Keep the rating; for a bad one without a reason ask for it, in one question."""
    talk.drop_soft()
    fields = {"code": ticket.code, "stars": stars}
    wanted = reason if stars <= ASKS_WHY_TO else None
    try:
        new = ratings.rate(talk.session, ticket, stars, _kept(wanted), talk.now)
    except RatingFinal:
        talk.say("utter_rating_final", **fields)
        return
    if not new:
        talk.say("utter_rating_already", **fields)
    elif stars <= ASKS_WHY_TO and ticket.rating_reason is None:
        _open(talk, ticket, "why", "utter_rating_ask_why", stars=stars)
    else:
        _thank(talk, ticket)


def take_stars(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """The answer to how it was; anything else makes the offer go away silently."""
    if heard.control in ("no", "skip"):
        talk.close_frame(frame)
        talk.say("utter_rating_left")
        return True
    if stars_in(heard.text) is None:
        return False
    talk.close_frame(frame)
    begin(talk, _ticket(talk, frame), heard)
    return True


def ask_stars(talk: Talk, frame: Frame) -> None:
    talk.ask(frame, "utter_rating_ask_stars", code=frame.slots["code"])


def ask_why(talk: Talk, frame: Frame) -> None:
    talk.ask(frame, "utter_rating_ask_why", **frame.slots)


def take_why(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """Any words are a reason; a no or a skip is heard as one."""
    if not heard.text.strip():
        return False
    ticket = _ticket(talk, frame)
    talk.close_frame(frame)
    if heard.control not in ("no", "skip"):
        stars = int(frame.slots["stars"])
        try:
            ratings.rate(talk.session, ticket, stars, _kept(heard.text.strip()), talk.now)
        except RatingFinal:
            talk.say("utter_rating_final", code=ticket.code, stars=stars)
            return True
        except TicketUnanswered:
            # It was opened again meanwhile: the words are for those who work on it.
            words = Said(heard.text.strip(), (), heard.message_id)
            ticket_additions.put_on(talk, ticket_additions.to_work_on(talk, ticket.code), words)
            talk.say("utter_ticket_added", code=ticket.code)
            return True
    _thank(talk, ticket)
    return True


def skip_why(talk: Talk, frame: Frame) -> None:
    """The button under the question why."""
    talk.close_frame(frame)
    _thank(talk, _ticket(talk, frame))


def _thank(talk: Talk, ticket: Ticket) -> None:
    """Staff hear of what was not good; who has not said yet whether it is done is asked."""
    if ticket.rating is not None and ticket.rating <= ASKS_WHY_TO:
        told = talk.text(
            "utter_part_staff_rated", stars=ticket.rating, reason=ticket.rating_reason or ""
        )
        notices.announce_addition(talk.turn, ticket, told, ())
    resolved = ticket.state == TicketState.RESOLVED
    name = "utter_rating_thanks_ask_done" if resolved else "utter_rating_thanks"
    talk.say(name, code=ticket.code)


def _kept(reason: str | None) -> str | None:
    return reason[:REASON_LIMIT] if reason else None


def _open(talk: Talk, ticket: Ticket, step: str, response: str, **slots: int) -> None:
    frame = talk.open(FLOW)
    frame.step, frame.soft = step, step == "stars"
    frame.slots = {"code": ticket.code, **slots}
    talk.ask(frame, response, **frame.slots)


def _ticket(talk: Talk, frame: Frame) -> Ticket:
    return tickets.find_by_code(talk.session, str(frame.slots["code"]))
