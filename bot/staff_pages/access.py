"""Who is asking: the session cookie, the redirect to the login, the token of every form."""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler
from sqlalchemy.orm import Session

from actions import rights, staff_sessions
from actions.rights import Right
from actions.staff_sessions import SignedIn
from bot.staff_pages import waiting
from bot.staff_pages.forms import SMALL_FORM, Form, read_form
from bot.staff_pages.passwords import Passwords
from bot.staff_pages.site import HOME, Site, go_to
from store.staff import Officer

COOKIE = "caunoi_staff"
LOGIN = f"{HOME}/login"
CSRF_FIELD = "csrf"

_NO_PAGE = (web.HTTPNotFound, web.HTTPGone, web.HTTPBadRequest)
"""What the pages raise where there is nothing to show."""

_OWN_PAGE = re.compile(r"/staff(?:/[A-Za-z0-9_/-]*)?(?:\?[^\s\\]*)?")


@dataclass(frozen=True)
class Visitor:
    """An officer who is logged in, and what the frame of every page shows."""

    officer: Officer
    csrf_token: str
    token_hash: str
    waiting: waiting.Counts

    def may(self, right: str) -> bool:
        """For templates: whether the officer has a right, by its name."""
        return rights.has(self.officer, Right(right))


PageHandler = Callable[[web.Request, Visitor], Awaitable[web.StreamResponse]]
FormHandler = Callable[[web.Request, Visitor, Form], Awaitable[web.StreamResponse]]


class Access:
    """Lets officers through, and nobody else."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.passwords = Passwords(site)

    def page(self, show: PageHandler, *, right: Right | None = None) -> Handler:
        """A page for officers; others are sent to the login, and back here after it.

        Args:
            right: what an officer must have to see it.
        """

        async def handler(request: web.Request) -> web.StreamResponse:
            visitor = await self._visitor(request)
            if visitor is None:
                return _to_login(request)
            try:
                return self._refused(visitor, right) or await show(request, visitor)
            except _NO_PAGE as error:
                return self._no_page(visitor, error)

        return handler

    def form(
        self, take: FormHandler, *, limit: int | None = None, right: Right | None = None
    ) -> Handler:
        """A form of officers; without the session's token it is refused.

        Args:
            limit: bytes of the form; by default the server's own limit.
            right: what an officer must have to send it.
        """

        async def handler(request: web.Request) -> web.StreamResponse:
            visitor = await self._visitor(request)
            if visitor is None:
                return await self._session_over(request)
            try:
                form = await read_form(request, limit=limit)
            except web.HTTPRequestEntityTooLarge:
                return self._site.page(
                    "problem.html", status=413, problem="too_large", visitor=visitor, here=""
                )
            except web.HTTPBadRequest as error:
                return self._no_page(visitor, error)
            if not same(form.texts.get(CSRF_FIELD, ""), visitor.csrf_token):
                return self._site.page(
                    "problem.html", status=403, problem="csrf", visitor=visitor, here=""
                )
            try:
                return self._refused(visitor, right) or await take(request, visitor, form)
            except _NO_PAGE as error:
                return self._no_page(visitor, error)

        return handler

    def nothing_else(self) -> list[web.RouteDef]:
        """The route of every other address below /staff; to be added after all others."""

        async def missing(_request: web.Request, _visitor: Visitor) -> web.StreamResponse:
            raise web.HTTPNotFound

        return [web.get(f"{HOME}/{{rest:.+}}", self.page(missing))]

    def _no_page(self, visitor: Visitor, error: web.HTTPException) -> web.Response:
        """What an officer reads instead of the server's own words."""
        problem = "unreadable" if isinstance(error, web.HTTPBadRequest) else "no_page"
        return self._site.page(
            "problem.html", status=error.status, problem=problem, visitor=visitor, here=""
        )

    def _refused(self, visitor: Visitor, right: Right | None) -> web.Response | None:
        """The page that says so to an officer who has not the right; None to one who has it."""
        if right is None or rights.has(visitor.officer, right):
            return None
        return self._site.page(
            "problem.html", status=403, problem="no_right", visitor=visitor, here=""
        )

    async def _session_over(self, request: web.Request) -> web.StreamResponse:
        """What was typed is shown once more, to be copied; with nothing typed, on to the login.

        Another site could have its own words shown here: only what our pages sent is.
        """
        text = ""
        if request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
            with suppress(web.HTTPRequestEntityTooLarge, web.HTTPBadRequest):
                text = (await read_form(request, limit=SMALL_FORM)).text("text")
        if not text:
            return _to_login(request)
        page = own_page(request.path.rpartition("/")[0])
        return self._site.page("session_over.html", status=401, text=text, login=_login(page))

    async def _visitor(self, request: web.Request) -> Visitor | None:
        token = request.cookies.get(COOKIE, "")
        found = await self._site.look(lambda session: self._find(session, token))
        if found is None:
            return None
        signed_in, counts = found
        key = signed_in.token_hash
        if signed_in.is_stale(self._site.now):
            await self._site.act(
                lambda work: staff_sessions.note_use(work.session, key, now=work.now)
            )
        return Visitor(signed_in.officer, signed_in.csrf_token, key, counts)

    def _find(self, session: Session, token: str) -> tuple[SignedIn, waiting.Counts] | None:
        found = staff_sessions.signed_in(session, token, now=self._site.now) if token else None
        return (found, waiting.counts(session)) if found else None


def _to_login(request: web.Request) -> web.Response:
    if "HX-Request" in request.headers:  # a part of a page: no login form belongs into it
        return web.Response(status=204, headers={"HX-Refresh": "true"})
    back = request.path_qs if request.method in ("GET", "HEAD") else HOME
    return go_to(_login(back))


def _login(back: str) -> str:
    return f"{LOGIN}?next={quote(back, safe='/')}"


def same(given: str, expected: str) -> bool:
    """Compare two secrets in a time that tells nothing about either; an empty one fits nothing."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def own_page(path: str) -> str:
    """The path if it is one of the staff pages, else the first page: no way out to another site."""
    return path if _OWN_PAGE.fullmatch(path) and not path.startswith(LOGIN) else HOME
