"""Requests of citizens about their personal data, with the days by which law wants them done."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import privacy
from actions.rights import Right
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.site import HOME, Site, go_to
from bot.storable import number
from bot.work import UnitOfWork
from store.messages import Conversation
from store.privacy import PrivacyRequest
from store.staff import Officer
from store.tickets import Ticket

PRIVACY = f"{HOME}/privacy"

DONE_SHOWN = 30
"""Requests already done that stay in the list below the open ones."""


@dataclass(frozen=True)
class Row:
    request: PrivacyRequest
    channel: str
    officer: str | None
    codes: list[str]
    """The tickets of the same citizen."""


class Privacy:
    """The page of privacy requests."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        done = self._access.form(self._done, limit=SMALL_FORM, right=Right.PRIVACY)
        return [
            web.get(PRIVACY, self._access.page(self._list, right=Right.PRIVACY)),
            web.post(rf"{PRIVACY}/{{request:\d{{1,15}}}}/done", done),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        waiting, done = await self._site.look(_rows)
        return self._site.page(
            "privacy.html",
            visitor=visitor,
            here="privacy",
            waiting=waiting,
            done=done,
            said=request.query.get("said", ""),
        )

    async def _done(
        self, request: web.Request, visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        wanted = number(request.match_info["request"])

        def do(work: UnitOfWork) -> None:
            found = work.session.get(PrivacyRequest, wanted, with_for_update=True)
            if found is None:
                raise web.HTTPNotFound
            privacy.finish(found, visitor.officer, now=work.now)

        await self._site.act(do)
        return go_to(f"{PRIVACY}?said=done")


def _rows(session: Session) -> tuple[list[Row], list[Row]]:
    found = (
        select(PrivacyRequest, Conversation, Officer.name)
        .join(Conversation, Conversation.id == PrivacyRequest.conversation_id)
        .outerjoin(Officer, Officer.id == PrivacyRequest.officer_id)
    )
    waiting = found.where(PrivacyRequest.done_at.is_(None)).order_by(PrivacyRequest.due_at)
    done = found.where(PrivacyRequest.done_at.is_not(None)).order_by(PrivacyRequest.done_at.desc())
    return (
        [_row(session, *row) for row in session.execute(waiting)],
        [_row(session, *row) for row in session.execute(done.limit(DONE_SHOWN))],
    )


def _row(session: Session, request: PrivacyRequest, chat: Conversation, officer: str | None) -> Row:
    codes = session.scalars(
        select(Ticket.code).where(Ticket.conversation_id == chat.id).order_by(Ticket.id)
    )
    return Row(request, chat.channel, officer, list(codes))
