"""What officers do, and who hears of it: the same from the group and from the staff page."""

from __future__ import annotations

from actions import handoff, ticket_work
from bot.clock import shown
from bot.desk import notices
from bot.messages import Outgoing, StoredMedia
from bot.work import UnitOfWork
from store.messages import Author, Conversation
from store.staff import Officer
from store.tickets import Ticket, TicketState

Media = tuple[StoredMedia, ...]


class VideoNotTaken(ValueError):
    """The citizen's messenger takes no videos from us: nothing of the message is sent."""


def take(work: UnitOfWork, ticket: Ticket, officer: Officer, *, pressed: str | None = None) -> bool:
    """An officer takes a ticket, and the citizen is told; False when it was theirs already.

    Args:
        pressed: the id of the card whose button did it, if one did.

    Raises:
        TicketTaken, TicketFinished, TicketWithdrawn: see `ticket_work.take`.
    """
    newly = ticket_work.take(work.session, ticket, officer, now=work.now)
    if newly:
        said = work.responses.say(
            "utter_ticket_taken",
            code=ticket.code,
            agency=ticket.agency_name,
            deadline=shown(ticket.deadline_at),
        )
        _tell(work, ticket, said, officer)
    notices.renew_cards(work, ticket, pressed=pressed)
    return newly


def reply(work: UnitOfWork, ticket: Ticket, officer: Officer, text: str, media: Media = ()) -> None:
    """An officer writes to the citizen about a ticket.

    Raises:
        AnswerMissing, TicketWithdrawn: see `ticket_work.reply`.
        VideoNotTaken: there is a video, and the messenger takes none.
    """
    _see_that_it_arrives(work, work.session.get_one(Conversation, ticket.conversation_id), media)
    was_new = ticket.state == TicketState.NEW
    ticket_work.reply(work.session, ticket, officer, text, attachments=len(media), now=work.now)
    said = work.responses.say(
        "utter_ticket_reply", code=ticket.code, agency=ticket.agency_name, text=text
    )
    _tell(work, ticket, said.model_copy(update={"media": media}), officer)
    if was_new:
        notices.renew_cards(work, ticket)


def finish(
    work: UnitOfWork, ticket: Ticket, officer: Officer, answer: str, media: Media = ()
) -> None:
    """An officer closes a ticket, and the citizen gets the answer.

    Raises:
        AnswerMissing, TicketFinished, TicketWithdrawn: see `ticket_work.finish`.
        VideoNotTaken: there is a video, and the messenger takes none.
    """
    _see_that_it_arrives(work, work.session.get_one(Conversation, ticket.conversation_id), media)
    ticket_work.finish(work.session, ticket, officer, answer, attachments=len(media), now=work.now)
    said = work.responses.say(
        "utter_ticket_done", code=ticket.code, agency=ticket.agency_name, text=answer
    )
    _tell(work, ticket, said.model_copy(update={"media": media}), officer)
    notices.renew_cards(work, ticket)


def chat_reply(
    work: UnitOfWork, conversation: Conversation, officer: Officer, text: str, media: Media = ()
) -> None:
    """An officer writes in a chat that was handed over; the first to write has taken it.

    Raises:
        NoOpenHandoff, TakenByAnother: see `handoff.take`.
        AnswerMissing: neither words nor pictures.
        VideoNotTaken: there is a video, and the messenger takes none.
    """
    _see_that_it_arrives(work, conversation, media)
    if not text.strip() and not media:
        raise ticket_work.AnswerMissing
    _take_chat(work, conversation, officer)
    work.post(
        conversation,
        Outgoing(text=text, media=media),
        author=Author.OFFICER,
        officer_id=officer.id,
    )


def take_chat(work: UnitOfWork, conversation: Conversation, officer: Officer) -> None:
    """An officer takes a chat, and the citizen is told that a person is there.

    Raises:
        NoOpenHandoff, TakenByAnother: see `handoff.take`.
    """
    if _take_chat(work, conversation, officer):
        said = work.responses.say("utter_officer_here")
        work.post(conversation, said, author=Author.SYSTEM, officer_id=officer.id)


def give_back(work: UnitOfWork, conversation: Conversation, officer: Officer | None = None) -> None:
    """The bot answers again, and says so; colleagues hear which officer gave the chat back.

    Raises:
        NoOpenHandoff: the bot has it already.
    """
    handoff.give_back(work.session, conversation, now=work.now)
    work.post(conversation, work.responses.say("utter_back_to_bot"), author=Author.SYSTEM)
    if officer is not None:
        notices.announce_chat(work, "utter_staff_chat_back", conversation, officer)


def _take_chat(work: UnitOfWork, conversation: Conversation, officer: Officer) -> bool:
    """Whether the chat is newly this officer's; colleagues are told then."""
    already = handoff.open_handoff(work.session, conversation)
    newly = already is not None and already.officer_id is None
    handoff.take(work.session, conversation, officer, now=work.now)
    if newly:
        notices.announce_chat(work, "utter_staff_chat_taken", conversation, officer)
    return newly


def _see_that_it_arrives(work: UnitOfWork, chat: Conversation, media: Media) -> None:
    can = work.services.capabilities.get(chat.channel)
    if can is not None and not can.sends_video and any(item.kind == "video" for item in media):
        raise VideoNotTaken


def _tell(work: UnitOfWork, ticket: Ticket, said: Outgoing, officer: Officer) -> None:
    chat = work.session.get_one(Conversation, ticket.conversation_id)
    work.post(chat, said, author=Author.OFFICER, ticket_id=ticket.id, officer_id=officer.id)
