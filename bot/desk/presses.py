"""Buttons of the staff's groups. Each may be pressed twice, by two at once, or on an old card."""

from __future__ import annotations

from actions import cases, correspondence, handoff, rights, ticket_code
from actions.cases import Given
from actions.moves import Move
from actions.rights import Right
from actions.tickets import TicketNotFound, find_by_code
from bot.desk import asks, citizen_news, notices, reporter, suggestions
from bot.desk.cards import PRESS_PREFIX
from bot.desk.group import group_of
from bot.desk.posting import answer
from bot.desk.refusals import REFUSED
from bot.desk.renewal import Place
from bot.desk.subjects import NOTE
from bot.messages import Outgoing
from bot.storable import number
from bot.turn import Turn
from store.staff import Officer
from store.tickets import Ticket, TicketState

_WORDS = frozenset({"answer", "text", "reason"})


def press(turn: Turn, officer: Officer) -> Ticket | None:
    """A button: `s:<action>:<ticket code or chat number>`, then perhaps `:<what was chosen>`.

    Returns the ticket that it was about.
    """
    payload = turn.incoming.payload or ""
    action, _, rest = payload.removeprefix(PRESS_PREFIX).partition(":")
    argument, _, choice = rest.partition(":")
    if not payload.startswith(PRESS_PREFIX):
        return None
    if action in ("talk", "back"):
        if number(argument):
            _press_about_chat(turn, action, number(argument), officer)
        return None
    ticket = cases.locked(turn.session, argument)
    try:
        _press_about_ticket(turn, ticket, officer, action, choice)
    except cases.MoveNotAllowed as refusal:
        _show_what_is_so(turn, ticket, choice)
        if not _done_already(ticket, refusal.move, officer):
            raise
    except REFUSED:
        _show_what_is_so(turn, ticket, choice)
        raise
    return ticket


def _press_about_chat(turn: Turn, action: str, number: int, officer: Officer) -> None:
    if not rights.has(officer, Right.CHAT):
        raise cases.MoveForbidden
    chat = handoff.locked_chat(turn.session, number)
    if action == "talk":
        citizen_news.take_chat(turn, chat, officer)
    else:
        citizen_news.give_back(turn, chat, officer)


def _press_about_ticket(
    turn: Turn, ticket: Ticket, officer: Officer, action: str, choice: str
) -> None:
    move = turn.services.local.moves.moves.get(action)
    if move is not None:
        must_be_allowed(turn, ticket, move, officer)
        _begin(turn, ticket, officer, move, choice)
        return
    if not cases.may_act(ticket, cases.by_officer(officer)):
        raise cases.MoveForbidden(ticket.code)
    if action == "reply":
        if ticket.state == TicketState.WITHDRAWN:
            raise correspondence.NobodyWaits(ticket.code)
        asks.for_a_reply(turn, ticket, officer)
    elif action == NOTE:
        asks.for_words(turn, ticket, officer, NOTE)
    elif action == "suggest":
        suggestions.post(turn, ticket, officer)
    elif action == "phone":
        reporter.tell_number(turn, ticket, officer)
    else:
        # The card of an earlier version of this programme: its place is taken by one of today.
        notices.renew_cards(turn, ticket, pressed=_pressed(turn))


def must_be_allowed(turn: Turn, ticket: Ticket, move: Move, officer: Officer) -> None:
    """See, before anything is asked for, that the move can be made.

    Raises:
        MoveNotAllowed, MoveForbidden: see `cases.move`.
    """
    if ticket.state not in move.origins:
        raise cases.MoveNotAllowed(ticket, move)
    if move not in cases.allowed(ticket, cases.by_officer(officer), turn.services.local):
        raise cases.MoveForbidden(ticket.code)


def _begin(turn: Turn, ticket: Ticket, officer: Officer, move: Move, choice: str) -> None:
    """Make the move, or ask for what it needs first."""
    page = number(choice[1:]) if choice[:1] == asks.PAGE else 0
    if "officer" in move.needs:
        if page or not choice:
            asks.for_an_officer(turn, ticket, page)
        else:
            _assign(turn, ticket, officer, choice)
    elif "agency" in move.needs:
        if page or not choice:
            asks.for_an_agency(turn, ticket, page)
        else:
            asks.for_words(turn, ticket, officer, move.name, choice)
    elif "target" in move.needs:
        if choice:
            merge(turn, ticket, officer, choice)
            _close_list(turn, ticket)
        else:
            asks.for_a_target(turn, ticket, officer)
    elif move.needs & _WORDS:
        asks.for_words(turn, ticket, officer, move.name)
    else:
        citizen_news.move(turn, ticket, move.name, officer)
        notices.renew_forgotten_card(turn, ticket, _pressed(turn))


def _assign(turn: Turn, ticket: Ticket, officer: Officer, choice: str) -> None:
    chosen = turn.session.get(Officer, number(choice)) if number(choice) else None
    if chosen is not None and ticket.officer_id == chosen.id:
        return  # pressed twice
    citizen_news.move(turn, ticket, "assign", officer, Given(officer=chosen))
    _close_list(turn, ticket)


def merge(turn: Turn, ticket: Ticket, officer: Officer, typed: str) -> None:
    """Merge a ticket into the one whose code was chosen or typed.

    Raises:
        TargetUnfit: there is no such ticket, or it is not one that can be merged into.
    """
    try:
        found = find_by_code(turn.session, ticket_code.read(typed))
        target = rights.in_sight(officer, found)
    except (ticket_code.TicketCodeUnreadable, TicketNotFound):
        raise cases.TargetUnfit from None
    citizen_news.move(turn, ticket, "merge", officer, Given(target=target))


def _close_list(turn: Turn, ticket: Ticket) -> None:
    """A list from which somebody has chosen needs no more presses."""
    said = turn.responses.text("utter_staff_chosen", code=ticket.code)
    pressed = _pressed(turn)
    if pressed is not None:
        answer(turn, Outgoing(text=said, edit=pressed[1]), ticket=ticket)


def _show_what_is_so(turn: Turn, ticket: Ticket, choice: str) -> None:
    """The card shows what is so now; a list of choices is no card, nor is one of another agency."""
    is_card = not choice and group_of(turn, ticket) == turn.conversation
    notices.renew_cards(turn, ticket, pressed=_pressed(turn) if is_card else None)


def _done_already(ticket: Ticket, move: Move, officer: Officer) -> bool:
    """Whether this very move of this very officer is what happened last: a second press."""
    last = ticket.events[-1] if ticket.events else None
    return last is not None and (last.kind, last.officer_id) == (move.name, officer.id)


def _pressed(turn: Turn) -> Place | None:
    """The message whose button it was."""
    group = turn.incoming.group
    if group is None or group.message_id is None:
        return None
    return turn.conversation.id, group.message_id
