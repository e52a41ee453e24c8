"""Logging in and out, and one's own password."""

from __future__ import annotations

import asyncio
import secrets

from aiohttp import web

from actions import staff, staff_sessions
from actions.staff_sessions import LoginRefused, TooManyFailures
from bot.staff_pages.access import COOKIE, CSRF_FIELD, LOGIN, Access, Visitor, own_page, same
from bot.staff_pages.forms import SMALL_FORM, Form, read_form
from bot.staff_pages.site import HOME, Site, go_to
from bot.web_security import client_address
from bot.work import UnitOfWork

LOGIN_COOKIE = "caunoi_login"
"""Holds the token of the login form, for before the login there is no session to hold one."""

PARALLEL_HASHES = 2
"""Each takes 64 MB for its moment: more at once could be made to fill the memory."""

MAX_PASSWORD = 200
PASSWORD = f"{HOME}/password"


class Login:
    """The pages around the session."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access
        self._hashing = asyncio.Semaphore(PARALLEL_HASHES)

    def routes(self) -> list[web.RouteDef]:
        page, form = self._access.page, self._access.form
        return [
            web.get(LOGIN, self._show),
            web.post(LOGIN, self._take),
            web.post(f"{HOME}/logout", form(self._log_out, limit=SMALL_FORM)),
            web.get(PASSWORD, page(self._show_password)),
            web.post(PASSWORD, form(self._change_password, limit=SMALL_FORM)),
        ]

    async def _show(self, request: web.Request) -> web.Response:
        back = own_page(request.query.get("next", HOME))
        return self._page(request, back=back, username="", problem="")

    async def _take(self, request: web.Request) -> web.StreamResponse:
        form = await read_form(request, limit=SMALL_FORM)
        back = own_page(form.text("next"))
        username, password = form.text("username"), form.texts.get("password", "")
        if not same(form.texts.get(CSRF_FIELD, ""), request.cookies.get(LOGIN_COOKIE, "")):
            return self._page(request, back=back, username=username, problem="csrf", status=403)
        try:
            token = await self._log_in(username, password, client_address(request))
        except TooManyFailures:
            return self._page(request, back=back, username=username, problem="locked", status=429)
        except LoginRefused:
            return self._page(request, back=back, username=username, problem="wrong", status=401)
        former = request.cookies.get(COOKIE, "")
        if former:
            await self._site.act(lambda work: staff_sessions.end_session(work.session, former))
        response = go_to(back)
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(staff_sessions.SESSION_LIFE.total_seconds()),
            path=HOME,
            httponly=True,
            # A link in a chat leads here without another login; every form has a token of its own.
            samesite="Lax",
            secure=self._secure(request),
        )
        response.del_cookie(LOGIN_COOKIE, path=LOGIN)
        return response

    async def _log_in(self, username: str, password: str, remote: str) -> str:
        attempt = await self._site.act(
            lambda work: staff_sessions.begin(
                work.session, username=username, remote=remote, now=work.now
            )
        )
        if not await self._fits(attempt.password_hash, password):
            raise LoginRefused
        return await self._site.act(
            lambda work: staff_sessions.open_session(work.session, attempt, now=work.now)
        )

    async def _fits(self, password_hash: str, password: str) -> bool:
        async with self._hashing:
            return await asyncio.to_thread(
                staff_sessions.password_fits, password_hash, password[:MAX_PASSWORD]
            )

    def _page(
        self, request: web.Request, *, back: str, username: str, problem: str, status: int = 200
    ) -> web.Response:
        token = request.cookies.get(LOGIN_COOKIE, "") or secrets.token_urlsafe(24)
        response = self._site.page(
            "login.html",
            status=status,
            csrf=token,
            back=back,
            username=username,
            problem=problem,
            minutes=int(staff_sessions.ATTEMPT_WINDOW.total_seconds() // 60),
        )
        response.set_cookie(
            LOGIN_COOKIE,
            token,
            path=LOGIN,
            httponly=True,
            samesite="Strict",
            secure=self._secure(request),
        )
        return response

    def _secure(self, request: web.Request) -> bool:
        return request.secure or self._site.runtime.settings.public_url.startswith("https://")

    async def _log_out(
        self, request: web.Request, _visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        token = request.cookies.get(COOKIE, "")
        await self._site.act(lambda work: staff_sessions.end_session(work.session, token))
        response = go_to(LOGIN)
        response.del_cookie(COOKIE, path=HOME)
        return response

    async def _show_password(self, request: web.Request, visitor: Visitor) -> web.Response:
        said = request.query.get("said", "")
        return self._password_page(visitor, problem="", said=said, status=200)

    def _password_page(
        self, visitor: Visitor, *, problem: str, said: str = "", status: int = 400
    ) -> web.Response:
        return self._site.page(
            "password.html",
            status=status,
            visitor=visitor,
            here="password",
            problem=problem,
            said=said,
            shortest=staff.MIN_PASSWORD,
            longest=MAX_PASSWORD,
        )

    async def _change_password(
        self, request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        old, new = form.texts.get("old", ""), form.texts.get("new", "")
        if new != form.texts.get("again", ""):
            return self._password_page(visitor, problem="different")
        if not staff.MIN_PASSWORD <= len(new) <= MAX_PASSWORD:
            return self._password_page(visitor, problem="length")
        username, remote = visitor.officer.username, client_address(request)
        try:
            # Counted like a login: whoever finds an open page must not guess the password here.
            attempt = await self._site.act(
                lambda work: staff_sessions.begin(
                    work.session, username=username, remote=remote, now=work.now
                )
            )
        except TooManyFailures:
            return self._password_page(visitor, problem="locked", status=429)
        if not await self._fits(attempt.password_hash, old):
            return self._password_page(visitor, problem="wrong")
        await self._site.act(lambda work: _set_password(work, visitor, new))
        return go_to(f"{PASSWORD}?said=changed")


def _set_password(work: UnitOfWork, visitor: Visitor, new: str) -> None:
    officer = staff.find(work.session, visitor.officer.username)
    if officer is None:
        raise web.HTTPNotFound
    staff.set_password(officer, new)
    staff_sessions.end_other_sessions(work.session, officer, kept=visitor.token_hash)
    staff_sessions.forget_failures(work.session, officer.username)
