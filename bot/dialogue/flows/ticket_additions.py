"""Words and pictures of a citizen on a ticket, and that staff hear of them."""

from __future__ import annotations

from actions import additions, cases, tickets
from actions.additions import Said
from bot import case_news
from bot.desk import notices
from bot.desk.cards import stored
from bot.dialogue.talk import Talk
from store.tickets import Ticket


def to_work_on(talk: Talk, code: str) -> Ticket:
    """The ticket of a code; one's own is locked, for officers may be at it too.

    Raises:
        TicketNotFound: there is none.
    """
    ticket = tickets.find_by_code(talk.session, code)
    own = ticket.conversation_id == talk.conversation.id
    return cases.locked(talk.session, code) if own else ticket


def put_on(talk: Talk, ticket: Ticket, words: Said) -> bool:
    """Put them on the ticket; whether staff had been waiting for them."""
    added = additions.add(
        talk.session, ticket, talk.conversation, words, local=talk.local, now=talk.now
    )
    pictures = tuple(stored(picture) for picture in added.pictures)
    if added.moved is not None:
        case_news.tell(talk.turn, added.moved, media=pictures)
    else:
        notices.announce_addition(talk.turn, ticket, words.text, pictures)
    return added.moved is not None
