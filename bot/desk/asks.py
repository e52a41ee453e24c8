"""What the bot asks officers after a press: words, as a reply to a message, or a choice."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from actions import addressees, duplicates, groups, rights
from bot.desk.cards import PRESS_PREFIX
from bot.desk.posting import answer
from bot.desk.subjects import CHOOSE, mark
from bot.messages import Button, Outgoing
from bot.turn import Turn
from store.messages import OutboxMessage
from store.staff import Officer
from store.tickets import Ticket

ASKED_JUST_NOW = timedelta(minutes=1)
"""A button pressed twice within so long asks once."""

LISTED = 8
"""Choices on one page of a list."""

TITLE_LIMIT = 60
"""Characters of a choice that a phone shows."""

PAGE = "@"
"""Stands before the number of a page where else the choice stands."""


def for_words(
    turn: Turn, ticket: Ticket, officer: Officer, asked: str, argument: str | None = None
) -> None:
    """Ask for words as a reply to this very message, once however often the button is pressed."""
    photo = asked == "resolve" and ticket.category in turn.services.local.moves.after_photo_for
    agency = turn.services.local.agencies.get(argument or "")
    said = turn.responses.say(
        f"utter_staff_ask_{asked}" + ("_photo" if photo else ""),
        officer=officer.name,
        agency=agency.name if agency else "",
        mark=mark(asked, ticket.code, argument),
    )
    ask_once(turn, ticket, said)


def for_a_reply(turn: Turn, ticket: Ticket, officer: Officer) -> None:
    """Ask for words to the citizen that move nothing."""
    said = turn.responses.say("utter_staff_ask_reply", officer=officer.name, code=ticket.code)
    ask_once(turn, ticket, said)


def for_an_officer(turn: Turn, ticket: Ticket, page: int) -> None:
    """Offer the officers who can be given the ticket."""
    found = addressees.officers(turn.session, ticket, turn.now)
    if not found:
        said = turn.responses.say("utter_staff_nobody_at_work", agency=ticket.agency_name)
        answer(turn, said)
        return
    gone = groups.gone(turn.session, found, turn.conversation)
    choices = [(str(officer.id), _name(turn, officer, gone)) for officer in found]
    _offer(turn, ticket, "assign", choices, page)


def for_an_agency(turn: Turn, ticket: Ticket, page: int) -> None:
    """Offer the offices that the ticket can go to."""
    choices = [(a.code, a.name) for a in addressees.agencies(turn.services.local, ticket)]
    _offer(turn, ticket, "transfer", choices, page)


def for_a_target(turn: Turn, ticket: Ticket, officer: Officer) -> None:
    """Ask for the code of the ticket that this one is merged into, and offer the likely ones."""
    found = duplicates.of_ticket(turn.session, ticket, local=turn.services.local, now=turn.now)
    likely = [one for one in found if rights.sees(officer, one.ticket)]
    said = turn.responses.say(
        "utter_staff_ask_merge" if likely else "utter_staff_ask_merge_typed",
        officer=officer.name,
        mark=mark("merge", ticket.code),
    )
    choices = [(one.ticket.code, f"{one.ticket.code}: {one.ticket.text}") for one in likely]
    buttons = _buttons(f"{PRESS_PREFIX}merge:{ticket.code}:", choices)
    ask_once(turn, ticket, said.model_copy(update={"buttons": tuple(buttons)}))


def _offer(
    turn: Turn, ticket: Ticket, action: str, choices: Sequence[tuple[str, str]], page: int
) -> None:
    """A list of buttons; another page of it takes the place of the one that was there."""
    pages = -(-len(choices) // LISTED)
    number = min(max(page, 1), pages)
    base = f"{PRESS_PREFIX}{action}:{ticket.code}:"
    shown = choices[(number - 1) * LISTED : number * LISTED]
    buttons = _buttons(base, shown)
    for other, title in ((number - 1, "previous"), (number + 1, "next")):
        if 1 <= other <= pages:
            words = turn.responses.text(f"utter_staff_button_{title}")
            buttons.append(Button(title=words, payload=f"{base}{PAGE}{other}"))
    said = turn.responses.say(f"utter_staff_choose_{action}", mark=mark(CHOOSE, ticket.code))
    said = said.model_copy(update={"buttons": tuple(buttons)})
    if page:
        group = turn.incoming.group
        said = said.model_copy(update={"edit": group.message_id if group else None})
        answer(turn, said, ticket=ticket)
    else:
        ask_once(turn, ticket, said)


def _name(turn: Turn, officer: Officer, gone: frozenset[int]) -> str:
    if officer.id not in gone:
        return officer.name
    return turn.responses.text("utter_staff_choice_gone", officer=officer.name)


def _buttons(base: str, choices: Sequence[tuple[str, str]]) -> list[Button]:
    return [
        Button(title=textwrap.shorten(name, TITLE_LIMIT, placeholder="…"), payload=base + value)
        for value, name in choices
    ]


def ask_once(turn: Turn, ticket: Ticket, said: Outgoing) -> None:
    """Post a question about a ticket, unless it is the last thing said of it, and just now."""
    lately = turn.session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.ticket_id == ticket.id,
            OutboxMessage.conversation_id == turn.conversation.id,
            OutboxMessage.created_at > turn.now - ASKED_JUST_NOW,
        )
        .order_by(OutboxMessage.id.desc())
    )
    newest = next((row for row in lately if "edit" not in row.payload), None)
    if newest is None or newest.payload.get("text") != said.text:
        answer(turn, said, ticket=ticket)
