"""Where an officer is logged in; each session can be ended from any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy.orm import Session

from actions import staff_sessions
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.devices import Device
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.site import HOME, Site, go_to
from bot.work import UnitOfWork

SESSIONS = f"{HOME}/sessions"


@dataclass(frozen=True)
class Row:
    """A session; `key` names it in a form and opens nothing."""

    key: str
    device: Device
    since: datetime
    seen_at: datetime | None
    this_one: bool


class Sessions:
    """The page of one's own sessions."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(SESSIONS, self._access.page(self._list)),
            web.post(SESSIONS, self._access.form(self._end, limit=SMALL_FORM)),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        return self._site.page(
            "sessions.html",
            visitor=visitor,
            here="account",
            rows=await self._site.look(lambda session: self._rows(session, visitor)),
            said=request.query.get("said", ""),
        )

    def _rows(self, session: Session, visitor: Visitor) -> list[Row]:
        return [
            Row(
                key=one.token_hash,
                device=Device.of(one.device),
                since=one.created_at,
                seen_at=one.seen_at,
                this_one=one.token_hash == visitor.token_hash,
            )
            for one in staff_sessions.of_officer(session, visitor.officer, now=self._site.now)
        ]

    async def _end(self, _request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        """End the session that the form names; when it names none, all but this very one."""
        key, officer = form.text("session"), visitor.officer

        def do(work: UnitOfWork) -> None:
            if key:
                staff_sessions.end_one(work.session, officer, key)
            else:
                staff_sessions.end_other_sessions(work.session, officer, kept=visitor.token_hash)

        await self._site.act(do)
        return go_to(f"{SESSIONS}?said=ended")
