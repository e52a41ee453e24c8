"""How a reply in the group finds the citizen: what each of our messages there is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from bot.work import UnitOfWork
from store.messages import Conversation, OutboxMessage
from store.tickets import Ticket

CHOOSE = "choose"
"""A list of buttons asks for a press; a reply to it reaches nobody."""

NOTE = "note"

MARKS = {
    "xong": "resolve",
    "hoi": "ask",
    "traviec": "release",
    "khongxuly": "reject",
    "chuyen": "transfer",
    "gop": "merge",
    "ghichu": NOTE,
    "chon": CHOOSE,
}
"""What stands, after a #, before the code in a message that asks for words: what they are for."""

_TICKET = re.compile(r"PA-[0-9A-Z]{5,9}")
_CHAT = re.compile(r"#chat_(\d{1,15})")
_ASKS = re.compile(rf"#({'|'.join(MARKS)}) {_TICKET.pattern}(?: ([a-z0-9-]{{1,40}}))?")


@dataclass(frozen=True)
class Subject:
    """What a message of ours is about: a ticket by its code, a citizen's chat, or neither."""

    code: str | None = None
    chat: int | None = None
    asked: str | None = None
    """What a reply to this message is for: a move, an internal note; else it is for the citizen."""
    argument: str | None = None
    """What was chosen before: the agency that a ticket is to go to."""


def mark(asked: str, code: str, argument: str | None = None) -> str:
    """What a message that asks for words must hold in its first line."""
    name = next(name for name, what in MARKS.items() if what == asked)
    return " ".join(part for part in (f"#{name}", code, argument) if part)


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
        .order_by(OutboxMessage.id.desc())  # as it was last edited
        .limit(1)
    )
    if row is None:
        return _by_mark(text) if text is not None else None
    if row.ticket_id is not None:
        ticket = work.session.get_one(Ticket, row.ticket_id)
        marked = _by_mark(str(row.payload.get("text", "")))
        return Subject(code=ticket.code, asked=marked.asked, argument=marked.argument)
    return Subject(chat=row.about_conversation_id)


def _by_mark(text: str) -> Subject:
    line = text.partition("\n")[0]
    if code := _TICKET.search(line):
        asks = _ASKS.search(line)
        if asks is None:
            return Subject(code=code.group())
        return Subject(code=code.group(), asked=MARKS[asks.group(1)], argument=asks.group(2))
    number = _CHAT.search(line)
    return Subject(chat=int(number.group(1)) if number else None)
