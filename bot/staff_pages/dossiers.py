"""Looking a dossier up: the whole of it, from where the bot has it, each look noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from actions import dossiers, personal_views
from actions.dossiers import DossierCodeUnreadable, DossierRecord
from actions.local_facts import DossierStateFact
from actions.personal_views import Seen, Wanted
from actions.rights import Right
from bot.dossier_sources import TIMEOUT_SECONDS, DossierSourceUnavailable
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.site import HOME, Site
from bot.work import UnitOfWork
from store.staff import Officer

DOSSIERS = f"{HOME}/dossiers"

LOOKS = 10
LOOKS_WITHIN = timedelta(minutes=1)
"""So many dossiers an officer may look up in so long, those that are not there included."""

LONGEST_CODE = 60


class TooManyLooks(Exception):
    """The officer has looked up as many dossiers as one may for now."""


@dataclass(frozen=True)
class Found:
    """A dossier, and what its state means."""

    record: DossierRecord
    state: DossierStateFact


class Dossiers:
    """The page at /staff/dossiers."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        find = self._access.form(self._find, limit=SMALL_FORM, right=Right.DOSSIERS)
        return [
            web.get(DOSSIERS, self._access.page(self._show, right=Right.DOSSIERS)),
            web.post(DOSSIERS, find),
        ]

    async def _show(self, _request: web.Request, visitor: Visitor) -> web.Response:
        return self._page(visitor)

    async def _find(self, _request: web.Request, visitor: Visitor, form: Form) -> web.Response:
        typed = form.text("code")[:LONGEST_CODE]
        try:
            code = dossiers.read_code(typed)
            await self._site.act(lambda work: _note(work, visitor.officer, code))
            record = await self._look_up(code)
        except DossierCodeUnreadable:
            return self._page(visitor, typed, problem="unreadable", status=400)
        except TooManyLooks:
            return self._page(visitor, typed, problem="too_many", status=429)
        except DossierSourceUnavailable as error:
            problem = "timeout" if error.reason == "timeout" else "unavailable"
            return self._page(visitor, typed, problem=problem, reason=error.reason, status=503)
        if record is None:
            return self._page(visitor, code, problem="unknown", status=404)
        state = self._site.runtime.services.local.dossier_state(record.state)
        return self._page(visitor, record.code, found=Found(record, state))

    async def _look_up(self, code: str) -> DossierRecord | None:
        """From the one-stop system if there is one, else from the local table."""
        source = self._site.runtime.services.dossiers
        if source is not None:
            return await source.find(code)
        return await self._site.look(lambda session: dossiers.find(session, code))

    def _page(
        self,
        visitor: Visitor,
        typed: str = "",
        *,
        found: Found | None = None,
        problem: str = "",
        reason: str = "",
        status: int = 200,
    ) -> web.Response:
        return self._site.page(
            "dossiers.html",
            status=status,
            visitor=visitor,
            here="dossiers",
            typed=typed,
            found=found,
            problem=problem,
            reason=reason,
            looks=LOOKS,
            seconds=round(TIMEOUT_SECONDS),
        )


def _note(work: UnitOfWork, officer: Officer, code: str) -> None:
    """Note the look before it is taken, so that many at once count as many.

    Raises:
        TooManyLooks: there were too many lately.
    """
    session, now = work.session, work.now
    session.get_one(Officer, officer.id, with_for_update={"key_share": True})
    wanted = Wanted(officer_id=officer.id, what=Seen.DOSSIER, since=now - LOOKS_WITHIN)
    if personal_views.find(session, wanted).total >= LOOKS:
        raise TooManyLooks
    personal_views.note(session, officer, Seen.DOSSIER, code, now=now)
