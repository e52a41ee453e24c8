"""Logging in, with a second step for those who have a second factor, and logging out."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from urllib.parse import quote

from aiohttp import web
from aiohttp.hdrs import USER_AGENT

from actions import login_attempts, staff_sessions
from actions.login_attempts import TooManyFailures
from actions.sealing import SealBroken
from actions.second_factor import CodeWrong
from actions.staff_sessions import LoginRefused, Opened
from bot.staff_pages.access import COOKIE, CSRF_FIELD, LOGIN, Access, Visitor, own_page, same
from bot.staff_pages.forms import SMALL_FORM, Form, read_form
from bot.staff_pages.passwords import MAX_PASSWORD
from bot.staff_pages.site import HOME, Site, go_to
from bot.storable import storable
from bot.web_security import client_address

log = logging.getLogger(__name__)

CODE = f"{LOGIN}/code"

LOGIN_COOKIE = "caunoi_login"
"""Holds the token of the login form, for before the login there is no session to hold one."""

HALF_COOKIE = "caunoi_half"
"""Holds the session that waits for the code of the second factor."""


class Login:
    """The pages before and after a session."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(LOGIN, self._show),
            web.post(LOGIN, self._take),
            web.get(CODE, self._show_code),
            web.post(CODE, self._take_code),
            web.post(f"{HOME}/logout", self._access.form(self._log_out, limit=SMALL_FORM)),
        ]

    async def _show(self, request: web.Request) -> web.Response:
        back = own_page(request.query.get("next", HOME))
        problem = "too_late" if request.query.get("said") == "too_late" else ""
        return self._page(request, "login.html", back=back, username="", problem=problem)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        form = await read_form(request, limit=SMALL_FORM)
        back, username = own_page(form.text("next")), form.text("username")

        def refused(problem: str, status: int, minutes: int = 0) -> web.Response:
            return self._page(
                request,
                "login.html",
                back=back,
                username=username,
                problem=problem,
                minutes=minutes,
                status=status,
            )

        if not _comes_from_the_page(request, form):
            return refused("csrf", 403)
        try:
            opened = await self._log_in(request, username, form.texts.get("password", ""))
        except TooManyFailures as error:
            return refused("locked", 429, error.minutes)
        except LoginRefused:
            return refused("wrong", 401)
        if not opened.awaits_code:
            return await self._begun(request, opened, back)
        response = go_to(f"{CODE}?next={quote(back, safe='/')}")
        self._set(response, request, HALF_COOKIE, opened.token, LOGIN, staff_sessions.CODE_WITHIN)
        return response

    async def _log_in(self, request: web.Request, username: str, password: str) -> Opened:
        attempt = await self._access.passwords.ask(username, password, client_address(request))
        device = storable(request.headers.get(USER_AGENT, ""))
        return await self._site.act(
            lambda work: staff_sessions.open_session(
                work.session, attempt, device=device, now=work.now
            )
        )

    async def _show_code(self, request: web.Request) -> web.StreamResponse:
        if await self._username_of_half(request) is None:
            return go_to(f"{LOGIN}?said=too_late")
        back = own_page(request.query.get("next", HOME))
        return self._page(request, "login_code.html", back=back)

    async def _take_code(self, request: web.Request) -> web.StreamResponse:
        form = await read_form(request, limit=SMALL_FORM)
        back, half = own_page(form.text("next")), request.cookies.get(HALF_COOKIE, "")

        def refused(problem: str, status: int, minutes: int = 0) -> web.Response:
            return self._page(
                request,
                "login_code.html",
                back=back,
                problem=problem,
                minutes=minutes,
                status=status,
            )

        if not _comes_from_the_page(request, form):
            return refused("csrf", 403)
        username = await self._username_of_half(request)
        if username is None:
            return go_to(f"{LOGIN}?said=too_late")
        try:
            # Counted like a password: six digits are guessed sooner.
            await self._site.act(
                lambda work: login_attempts.begin(
                    work.session,
                    username=username,
                    remote=client_address(request),
                    now=work.now,
                )
            )
            opened = await self._site.act(
                lambda work: staff_sessions.finish(
                    work.session,
                    half,
                    form.text("code"),
                    self._site.runtime.seal,
                    now=work.now,
                )
            )
        except TooManyFailures as error:
            return refused("locked", 429, error.minutes)
        except CodeWrong:
            return refused("wrong", 401)
        except SealBroken:
            log.error("a second factor was sealed with another key: see `caunoi doctor`")
            return refused("sealed", 503)
        except LoginRefused:
            return go_to(f"{LOGIN}?said=too_late")
        return await self._begun(request, opened, back)

    async def _username_of_half(self, request: web.Request) -> str | None:
        token = request.cookies.get(HALF_COOKIE, "")
        officer = await self._site.look(
            lambda session: staff_sessions.half_open(session, token, now=self._site.now)
        )
        return officer.username if officer else None

    async def _begun(self, request: web.Request, opened: Opened, back: str) -> web.StreamResponse:
        """The session is new, whatever cookie the browser came with, and the one before is over."""
        former = request.cookies.get(COOKIE, "")
        if former:
            await self._site.act(lambda work: staff_sessions.end_session(work.session, former))
        response = go_to(back)
        # A link in a chat leads here without another login; every form has a token of its own.
        self._set(response, request, COOKIE, opened.token, HOME, staff_sessions.SESSION_LIFE, "Lax")
        response.del_cookie(LOGIN_COOKIE, path=LOGIN)
        response.del_cookie(HALF_COOKIE, path=LOGIN)
        return response

    def _page(
        self,
        request: web.Request,
        template: str,
        *,
        back: str,
        problem: str = "",
        minutes: int = 0,
        status: int = 200,
        **values: object,
    ) -> web.Response:
        token = request.cookies.get(LOGIN_COOKIE, "") or secrets.token_urlsafe(24)
        response = self._site.page(
            template,
            status=status,
            csrf=token,
            back=back,
            problem=problem,
            minutes=minutes,
            longest=MAX_PASSWORD,
            **values,
        )
        self._set(response, request, LOGIN_COOKIE, token, LOGIN)
        return response

    def _set(
        self,
        response: web.Response,
        request: web.Request,
        name: str,
        value: str,
        path: str,
        life: timedelta | None = None,
        samesite: str = "Strict",
    ) -> None:
        response.set_cookie(
            name,
            value,
            path=path,
            max_age=int(life.total_seconds()) if life else None,
            httponly=True,
            samesite=samesite,
            secure=request.secure or self._site.runtime.settings.public_url.startswith("https://"),
        )

    async def _log_out(
        self, request: web.Request, _visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        token = request.cookies.get(COOKIE, "")
        await self._site.act(lambda work: staff_sessions.end_session(work.session, token))
        response = go_to(LOGIN)
        response.del_cookie(COOKIE, path=HOME)
        return response


def _comes_from_the_page(request: web.Request, form: Form) -> bool:
    return same(form.texts.get(CSRF_FIELD, ""), request.cookies.get(LOGIN_COOKIE, ""))
