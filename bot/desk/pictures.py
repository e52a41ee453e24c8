"""Photos and videos that officers send: kept with the ticket as well as sent on."""

from __future__ import annotations

from bot.messages import StoredMedia
from bot.work import UnitOfWork
from store.tickets import Attachment, Ticket

Media = tuple[StoredMedia, ...]

AFTER = "after"
"""What staff show the citizen, and everybody who reads the ticket: what has been done."""

INTERNAL = "note"
"""Beside an internal note: for colleagues only."""

FROM_CITIZENS = frozenset({"report", "added"})


def keep(work: UnitOfWork, ticket: Ticket, media: Media, purpose: str) -> tuple[int, ...]:
    """Keep them as the ticket's; returns the numbers of their rows."""
    rows = [
        Attachment(
            conversation_id=ticket.conversation_id,
            ticket_id=ticket.id,
            kind=item.kind,
            mime=item.mime,
            size=item.size,
            look=item.look,
            path=item.path,
            purpose=purpose,
            created_at=work.now,
        )
        for item in media
    ]
    work.session.add_all(rows)
    work.session.flush()
    return tuple(row.id for row in rows)


def photos_in(media: Media) -> int:
    """How many of them are photos."""
    return sum(item.kind == "photo" for item in media)
