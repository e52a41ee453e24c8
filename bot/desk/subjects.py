"""How a reply in the group finds the citizen: what each of our messages there is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from bot.work import UnitOfWork
from store.messages import Conversation, OutboxMessage
from store.tickets import Ticket

FINISH_MARK = "#xong"
"""Stands before the code in the message whose reply closes a ticket."""

_TICKET = re.compile(r"PA-[0-9A-Z]{5,9}")
_CHAT = re.compile(r"#chat_(\d{1,15})")
_FINISHES = re.compile(rf"{FINISH_MARK} {_TICKET.pattern}")


@dataclass(frozen=True)
class Subject:
    """What a message of ours is about: a ticket by its code, a citizen's chat, or neither."""

    code: str | None = None
    chat: int | None = None
    finishing: bool = False
    """A reply to this message is the final answer."""


def subject_of(
    work: UnitOfWork, group: Conversation, message_id: str, text: str | None
) -> Subject | None:
    """What a message in the group is about; None when it is not one of ours.

    By the id under which it was sent. Where that is not known (a crash came between sending and
    noting it; the group had another id then), by the code or chat number in its first line: only
    the first, for what follows may be a citizen's own words.

    Args:
        message_id: the message's id in the group.
        text: its text or caption, if a bot wrote it.
    """
    row = work.session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.conversation_id == group.id, OutboxMessage.external_id == message_id)
        .limit(1)
    )
    if row is None:
        return _by_mark(text) if text is not None else None
    if row.ticket_id is not None:
        ticket = work.session.get_one(Ticket, row.ticket_id)
        finishing = _by_mark(str(row.payload.get("text", ""))).finishing
        return Subject(code=ticket.code, finishing=finishing)
    return Subject(chat=row.about_conversation_id)


def _by_mark(text: str) -> Subject:
    line = text.partition("\n")[0]
    if code := _TICKET.search(line):
        return Subject(code=code.group(), finishing=bool(_FINISHES.search(line)))
    number = _CHAT.search(line)
    return Subject(chat=int(number.group(1)) if number else None)
