"""What officers do, and who hears of it: the same from the group and from the staff page."""

from __future__ import annotations

from dataclasses import replace

from actions import canned, cases, correspondence, duplicates, handoff
from actions.cases import NOTHING, Actor, Given, Moved
from bot import case_news
from bot.channels.base import Capabilities
from bot.desk import notices, pictures, topics
from bot.messages import Outgoing
from bot.work import UnitOfWork
from store.messages import Author, Conversation
from store.staff import Officer
from store.tickets import Ticket, TicketState

Media = pictures.Media


class ChannelOff(Exception):
    """The citizen cannot be written to: the channel is off here, or has refused the chat."""


class VideoNotTaken(ValueError):
    """The citizen's messenger takes no videos from us: nothing of the message is sent."""


class DocumentNotTaken(ValueError):
    """It takes no documents of this kind or size from us: nothing of the message is sent."""


def move(
    work: UnitOfWork,
    ticket: Ticket,
    name: str,
    officer: Officer,
    given: Given = NOTHING,
    media: Media = (),
) -> Moved:
    """An officer makes a move with a ticket that is locked, and everybody concerned is told.

    Args:
        media: photos, videos and documents, kept with the ticket; the citizen gets them where the
            table says that the citizen hears of this move.

    Raises:
        What `cases.move` raises; nothing is kept then.
        BlankLeft: a blank of a canned reply was not filled in.
        VideoNotTaken, DocumentNotTaken: there is one that the messenger does not take.
    """
    told = "reporter" in work.services.local.moves.moves[name].tells
    if told:
        _see_that_it_can_go(work, ticket.conversation, given.text, media)
    purpose = pictures.AFTER if told else pictures.INTERNAL
    with work.session.begin_nested():
        given = replace(
            given,
            attachment_ids=pictures.keep(work, ticket, media, purpose),
            photos=pictures.photos_in(media),
        )
        moved = _made(work, ticket, name, cases.by_officer(officer), given)
    case_news.tell(work, moved, media=media)
    return moved


def _made(work: UnitOfWork, ticket: Ticket, name: str, by: Actor, given: Given) -> Moved:
    """The move; two moves also change who hears of which ticket."""
    session, local, now = work.session, work.services.local, work.now
    if name == "merge" and given.target is not None:
        return duplicates.merge(session, ticket, given.target, by=by, local=local, now=now)
    if name == "unmerge":
        return duplicates.unmerge(session, ticket, by=by, local=local, now=now)
    return cases.move(session, ticket, name, by=by, given=given, local=local, now=now)


def reply(work: UnitOfWork, ticket: Ticket, officer: Officer, text: str, media: Media = ()) -> None:
    """An officer writes to the citizen about a ticket that is locked.

    Raises:
        AnswerMissing, MoveForbidden, NobodyWaits: see `correspondence.reply`.
        BlankLeft: a blank of a canned reply was not filled in.
        VideoNotTaken, DocumentNotTaken: there is one that the messenger does not take.
    """
    _see_that_it_can_go(work, ticket.conversation, text, media)
    with work.session.begin_nested():
        written = correspondence.reply(
            work.session,
            ticket,
            officer,
            text,
            attachment_ids=pictures.keep(work, ticket, media, pictures.AFTER),
            local=work.services.local,
            now=work.now,
        )
    said = work.responses.say(
        "utter_ticket_reply", code=ticket.code, agency=ticket.agency_name, text=text.strip()
    )
    case_news.write(work, ticket, written.event, said, media=media)
    if written.started is not None:
        case_news.tell(work, written.started, to_reporter=False)
    else:
        notices.renew_cards(work, ticket)  # the deadline of an answer is met


def note(work: UnitOfWork, ticket: Ticket, officer: Officer, text: str, media: Media = ()) -> None:
    """An officer puts something down for colleagues; no citizen ever sees it.

    Raises:
        AnswerMissing, MoveForbidden: see `correspondence.note`.
    """
    with work.session.begin_nested():
        correspondence.note(
            work.session,
            ticket,
            officer,
            text,
            attachment_ids=pictures.keep(work, ticket, media, pictures.INTERNAL),
            now=work.now,
        )


def chat_reply(
    work: UnitOfWork, conversation: Conversation, officer: Officer, text: str, media: Media = ()
) -> None:
    """An officer writes in a chat that was handed over; the first to write has taken it.

    Raises:
        NoOpenHandoff, TakenByAnother: see `handoff.take`.
        AnswerMissing: neither words nor pictures.
        BlankLeft: a blank of a canned reply was not filled in.
        VideoNotTaken, DocumentNotTaken: there is one that the messenger does not take.
    """
    _see_that_it_can_go(work, conversation, text, media)
    if not text.strip() and not media:
        raise cases.AnswerMissing
    _take_chat(work, conversation, officer)
    work.post(
        conversation,
        Outgoing(text=text, media=media),
        author=Author.OFFICER,
        officer_id=officer.id,
    )


def open_chat(work: UnitOfWork, ticket: Ticket, officer: Officer) -> Conversation:
    """An officer begins to talk with the citizen who sent a ticket that is locked.

    The citizen is told that a person is there, and how to have the automatic assistant back. A chat
    that waits for a person anyway is taken.

    Raises:
        MoveForbidden: the ticket is not this officer's business.
        NobodyWaits: the citizen has taken it back.
        ChannelOff: nothing can be sent to this citizen.
        TakenByAnother, TalkTooLate: see `handoff.begin`.
        NotToBeOpened: the chat is about something that must not be tied to a ticket.
    """
    if not cases.may_act(ticket, cases.by_officer(officer)):
        raise cases.MoveForbidden(ticket.code)
    if ticket.state == TicketState.WITHDRAWN:
        raise correspondence.NobodyWaits(ticket.code)
    chat = ticket.conversation
    can = see_that_it_can_be_reached(work, chat)
    under_way = handoff.open_handoff(work.session, chat)
    if under_way is not None and handoff.is_secret(under_way):
        raise handoff.NotToBeOpened
    if under_way is not None:
        take_chat(work, chat, officer)
        return chat
    handoff.begin(work.session, chat, officer, within=can.talk_within, now=work.now)
    cases.record(work.session, ticket, "talk", by=cases.by_officer(officer), now=work.now)
    said = work.responses.say("utter_officer_opens", code=ticket.code, agency=ticket.agency_name)
    work.post(chat, said, author=Author.SYSTEM, officer_id=officer.id, ticket_id=ticket.id)
    topics.chat_begins(work, chat)
    notices.announce_chat(work, "utter_staff_chat_opened", chat, officer)
    return chat


def see_that_it_can_be_reached(work: UnitOfWork, chat: Conversation) -> Capabilities:
    """What the citizen's messenger can do.

    Raises:
        ChannelOff: it is off here, or has refused the chat.
    """
    can = work.services.capabilities.get(chat.channel)
    if can is None or chat.unreachable:
        raise ChannelOff
    return can


def take_chat(work: UnitOfWork, conversation: Conversation, officer: Officer) -> None:
    """An officer takes a chat, and the citizen is told that a person is there.

    Raises:
        NoOpenHandoff, TakenByAnother: see `handoff.take`.
    """
    if _take_chat(work, conversation, officer):
        said = work.responses.say("utter_officer_here")
        work.post(conversation, said, author=Author.SYSTEM, officer_id=officer.id)


def give_back(
    work: UnitOfWork,
    conversation: Conversation,
    officer: Officer | None = None,
    *,
    by_citizen: bool = False,
) -> None:
    """The bot answers again, and says so; colleagues hear who gave the chat back.

    Raises:
        NoOpenHandoff: the bot has it already.
    """
    handoff.give_back(work.session, conversation, now=work.now)
    work.post(conversation, work.responses.say("utter_back_to_bot"), author=Author.SYSTEM)
    if officer is not None:
        notices.announce_chat(work, "utter_staff_chat_back", conversation, officer)
    elif by_citizen:
        notices.announce_chat(work, "utter_staff_citizen_returned", conversation)
    topics.chat_is_over(work, conversation)


def _take_chat(work: UnitOfWork, conversation: Conversation, officer: Officer) -> bool:
    """Whether the chat is newly this officer's; colleagues are told then."""
    already = handoff.open_handoff(work.session, conversation)
    newly = already is not None and already.officer_id is None
    handoff.take(work.session, conversation, officer, now=work.now)
    if newly:
        notices.announce_chat(work, "utter_staff_chat_taken", conversation, officer)
    return newly


def _see_that_it_can_go(work: UnitOfWork, chat: Conversation, text: str, media: Media) -> None:
    canned.see_that_no_blank_is_left(work.services.local.canned, text)
    can = work.services.capabilities.get(chat.channel)
    if can is None:
        return
    if not can.sends_video and any(item.kind == "video" for item in media):
        raise VideoNotTaken
    documents = [item for item in media if item.kind == "file"]
    if any(one.suffix not in can.documents or one.size > can.document_limit for one in documents):
        raise DocumentNotTaken
