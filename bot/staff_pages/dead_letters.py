"""Events that could not be handled: seen without a word of what they say, and tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.rights import Right
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.site import HOME, Site, go_to
from bot.storable import number
from store.messages import Conversation, InboxEvent, InboxStatus

DEAD_LETTERS = f"{HOME}/dead-letters"
SHOWN = 200


class NotReplayable(Exception):
    """The event is not dead any more, or has been erased."""


@dataclass(frozen=True)
class Row:
    """What may be known of a dead event; nothing of what it says."""

    id: int
    channel: str
    role: str
    received_at: datetime
    attempts: int
    error: str
    erased: bool


class DeadLetters:
    """The page of dead letters."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        replay = self._access.form(self._replay, limit=SMALL_FORM, right=Right.LETTERS)
        return [
            web.get(DEAD_LETTERS, self._access.page(self._list, right=Right.LETTERS)),
            web.post(rf"{DEAD_LETTERS}/{{event:\d{{1,15}}}}/replay", replay),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        return self._site.page(
            "dead_letters.html",
            visitor=visitor,
            here="dead_letters",
            rows=await self._site.look(_rows),
            said=request.query.get("said", ""),
        )

    async def _replay(
        self, request: web.Request, _visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        wanted = number(request.match_info["event"])
        try:
            chat_id = await self._site.act(lambda work: replay(work.session, wanted, now=work.now))
        except NotReplayable:
            return go_to(f"{DEAD_LETTERS}?said=not_replayable")
        self._site.runtime.worker.wake(chat_id)
        return go_to(f"{DEAD_LETTERS}?said=replayed")


def replay(session: Session, event_id: int, *, now: datetime) -> int:
    """Put a dead event back into the inbox, an album with all its parts; returns its chat's id.

    Raises:
        NotReplayable: it is not dead any more, or nothing of it is left.
    """
    event = session.get(InboxEvent, event_id)
    if event is None:
        raise NotReplayable
    chat = select(Conversation.id).where(Conversation.id == event.conversation_id)
    session.execute(chat.with_for_update(key_share=True))
    dead = select(InboxEvent).where(
        InboxEvent.conversation_id == event.conversation_id,
        InboxEvent.status == InboxStatus.DEAD,
        InboxEvent.id == event_id
        if event.group_key is None
        else InboxEvent.group_key == event.group_key,
    )
    parts = session.scalars(dead).all()
    if not parts or not all(part.payload for part in parts):
        raise NotReplayable
    for part in parts:
        part.status, part.attempts, part.error = InboxStatus.WAITING, 0, None
        part.ready_at, part.done_at = now, None
    return event.conversation_id


def _rows(session: Session) -> list[Row]:
    found = session.execute(
        select(InboxEvent, Conversation.role)
        .join(Conversation, Conversation.id == InboxEvent.conversation_id)
        .where(InboxEvent.status == InboxStatus.DEAD)
        .order_by(InboxEvent.id.desc())
        .limit(SHOWN)
    )
    return [
        Row(
            id=event.id,
            channel=event.channel,
            role=role,
            received_at=event.received_at,
            attempts=event.attempts,
            error=event.error or "",
            erased=not event.payload,
        )
        for event, role in found
    ]
