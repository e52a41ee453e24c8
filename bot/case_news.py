"""Tells of a step of a ticket: its reporter and followers, and the groups of the staff.

Called after every move, by whoever made it. Citizens hear at once of answers and questions, of
other steps together with what follows closely, and of nothing at night that can wait till morning.
"""

from __future__ import annotations

from collections.abc import Sequence

from actions import following, news
from actions.cases import Moved
from bot.clock import shown
from bot.desk import notices
from bot.messages import Outgoing, StoredMedia
from bot.work import UnitOfWork
from store.cases import CitizenNews
from store.messages import Author, Conversation
from store.tickets import Ticket, TicketEvent, TicketState

Media = tuple[StoredMedia, ...]

STAFF_HEAR = frozenset({"agency", "officer", "above"})

ALONE = frozenset({"ask", "resolve", "reject"})
"""Moves that are told at once, and each in a message of its own."""

SAYS_WHY = ALONE | {"reply", "transfer"}
"""Events whose words are told in any case, also when something newer is told with them."""


def tell(work: UnitOfWork, moved: Moved, *, media: Media = (), to_reporter: bool = True) -> None:
    """Tell everybody whom the table names of a move that was made; cards are renewed.

    Args:
        media: what goes with the news to the citizen.
        to_reporter: off where what the citizen reads says it already.
    """
    ticket, move = moved.ticket, moved.move
    alone = move.name in ALONE
    if "reporter" in move.tells and to_reporter:
        said = _said(work, f"utter_news_{move.name}", moved)
        _hear(work, ticket.conversation, moved.event, ticket, said, media, alone=alone)
    followers = following.followers(work.session, ticket) if "followers" in move.tells else ()
    if followers:
        said = _said(work, f"utter_news_follow_{move.name}", moved)
        for chat in followers:
            _hear(work, chat, moved.event, ticket, said, (), alone=alone)
    if move.tells & STAFF_HEAR:
        notices.announce_move(work, moved)
    notices.renew_cards(work, ticket)


def write(
    work: UnitOfWork,
    ticket: Ticket,
    event: TicketEvent,
    said: Outgoing,
    *,
    media: Media = (),
) -> None:
    """Say something about a ticket to the citizen who sent it, because of an event of it."""
    _hear(work, ticket.conversation, event, ticket, said, media, alone=True)


def tell_waiting(work: UnitOfWork, chat: Conversation) -> None:
    """Tell a chat what it is to hear now.

    Of several steps of one ticket that were to be told together, only the last is.
    """
    told = news.take(work.session, chat, now=work.now)
    for item in _without_the_outdated(work, told):
        _post(work, chat, item.ticket_id, _event(work, item), Outgoing.model_validate(item.message))


def _hear(
    work: UnitOfWork,
    chat: Conversation,
    event: TicketEvent,
    ticket: Ticket,
    said: Outgoing,
    media: Media,
    *,
    alone: bool,
) -> None:
    message = said.model_copy(update={"media": media})
    due_at = news.due(chat, ticket, alone=alone, now=work.now)
    at_once = due_at <= work.now
    first = at_once and not news.any_unheard(work.session, chat)
    kept = news.put(
        work.session,
        chat,
        ticket,
        event,
        message.model_dump(mode="json", exclude_defaults=True),
        due_at=due_at,
        told_at=work.now if first else None,
        now=work.now,
    )
    if kept and first:
        _post(work, chat, ticket.id, event, message)
    elif kept and at_once:
        tell_waiting(work, chat)


def _without_the_outdated(work: UnitOfWork, told: Sequence[CitizenNews]) -> list[CitizenNews]:
    """Of what was to be told together the last, and nothing once the ticket is taken back."""
    last = {item.ticket_id: item.id for item in told}
    return [
        item
        for item in told
        if _event(work, item).kind in SAYS_WHY
        or (item.id == last[item.ticket_id] and not _is_taken_back(work, item))
    ]


def _is_taken_back(work: UnitOfWork, item: CitizenNews) -> bool:
    """Whether the ticket has been withdrawn since, so that nobody waits for this news."""
    ticket = work.session.get_one(Ticket, item.ticket_id)
    return ticket.state == TicketState.WITHDRAWN and _event(work, item).kind != "withdraw"


def _post(
    work: UnitOfWork, chat: Conversation, ticket_id: int, event: TicketEvent, said: Outgoing
) -> None:
    work.post(
        chat,
        said,
        author=Author.OFFICER if event.officer_id else Author.SYSTEM,
        ticket_id=ticket_id,
        officer_id=event.officer_id,
    )


def _event(work: UnitOfWork, item: CitizenNews) -> TicketEvent:
    return work.session.get_one(TicketEvent, item.event_id)


def _said(work: UnitOfWork, response: str, moved: Moved) -> Outgoing:
    ticket, given = moved.ticket, moved.given
    return work.responses.say(
        response,
        code=ticket.code,
        agency=ticket.agency_name,
        deadline=shown(ticket.deadline_at),
        text=given.text.strip(),
        target=given.target.code if given.target else "",
        days=work.services.local.moves.days_to_confirm,
    )
