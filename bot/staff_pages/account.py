"""An officer's own account: the password, the second factor."""

from __future__ import annotations

from io import BytesIO

import segno
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from actions import login_attempts, second_factor, staff, staff_sessions
from actions.login_attempts import TooManyFailures
from actions.sealing import SealBroken
from actions.second_factor import AlreadyOn, CodeWrong
from actions.staff_sessions import LoginRefused
from bot.staff_pages.access import Access, FormHandler, Visitor
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.passwords import MAX_PASSWORD
from bot.staff_pages.site import HOME, Site, go_to
from bot.web_security import client_address
from bot.work import UnitOfWork
from store.staff import Officer

PASSWORD = f"{HOME}/password"
SECOND = f"{HOME}/second-factor"

QR_SCALE = 5
"""Pixels of each of the image's squares."""


class Account:
    """The pages of one's own account."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        def form(take: FormHandler) -> Handler:
            return self._access.form(take, limit=SMALL_FORM)

        page = self._access.page
        return [
            web.get(PASSWORD, page(self._show_password)),
            web.post(PASSWORD, form(self._change_password)),
            web.get(SECOND, page(self._show_second)),
            web.get(f"{SECOND}/qr.svg", page(self._show_qr)),
            web.post(f"{SECOND}/begin", form(self._begin_second)),
            web.post(f"{SECOND}/on", form(self._switch_on)),
            web.post(f"{SECOND}/off", form(self._switch_off)),
        ]

    async def _show_password(self, request: web.Request, visitor: Visitor) -> web.Response:
        said = request.query.get("said", "")
        return self._password_page(visitor, problem="", said=said, status=200)

    def _password_page(
        self,
        visitor: Visitor,
        *,
        problem: str,
        said: str = "",
        minutes: int = 0,
        status: int = 400,
    ) -> web.Response:
        return self._site.page(
            "password.html",
            status=status,
            visitor=visitor,
            here="account",
            problem=problem,
            said=said,
            minutes=minutes,
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
        try:
            await self._access.passwords.ask(visitor.officer.username, old, client_address(request))
        except TooManyFailures as error:
            return self._password_page(visitor, problem="locked", minutes=error.minutes, status=429)
        except LoginRefused:
            return self._password_page(visitor, problem="wrong")
        await self._site.act(lambda work: _set_password(work, visitor, new))
        return go_to(f"{PASSWORD}?said=changed")

    async def _show_second(self, request: web.Request, visitor: Visitor) -> web.Response:
        return self._second_page(visitor, said=request.query.get("said", ""))

    def _second_page(
        self,
        visitor: Visitor,
        *,
        problem: str = "",
        said: str = "",
        minutes: int = 0,
        status: int = 200,
    ) -> web.Response:
        officer = visitor.officer
        return self._site.page(
            "second_factor.html",
            status=status,
            visitor=visitor,
            here="account",
            on=second_factor.is_on(officer),
            secret=second_factor.unproven_secret(officer, self._site.runtime.seal),
            problem=problem,
            said=said,
            minutes=minutes,
            longest=MAX_PASSWORD,
        )

    async def _show_qr(self, _request: web.Request, visitor: Visitor) -> web.Response:
        """The secret as an image, while it waits for its first code."""
        secret = second_factor.unproven_secret(visitor.officer, self._site.runtime.seal)
        if secret is None:
            raise web.HTTPNotFound
        image = BytesIO()
        address = second_factor.address(visitor.officer.username, secret)
        code = segno.make(address, micro=False)
        code.save(image, kind="svg", scale=QR_SCALE)
        return web.Response(
            body=image.getvalue(),
            content_type="image/svg+xml",
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )

    async def _begin_second(
        self, _request: web.Request, visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        seal = self._site.runtime.seal
        try:
            await self._site.act(lambda work: second_factor.begin(_own_row(work, visitor), seal))
        except AlreadyOn:
            return self._second_page(visitor, problem="on_already", status=409)
        return go_to(SECOND)

    async def _switch_on(
        self, _request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        seal = self._site.runtime.seal

        def do(work: UnitOfWork) -> None:
            officer = _own_row(work, visitor)
            if second_factor.is_on(officer):
                raise AlreadyOn
            second_factor.take(officer, form.text("code"), seal, now=work.now)
            staff_sessions.end_other_sessions(work.session, officer, kept=visitor.token_hash)

        try:
            await self._site.act(do)
        except AlreadyOn:
            return self._second_page(visitor, problem="on_already", status=409)
        except (CodeWrong, SealBroken):
            return self._second_page(visitor, problem="code", status=400)
        return go_to(f"{SECOND}?said=on")

    async def _switch_off(
        self, request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        username, password = visitor.officer.username, form.texts.get("password", "")
        try:
            await self._access.passwords.ask(username, password, client_address(request))
        except TooManyFailures as error:
            return self._second_page(visitor, problem="locked", minutes=error.minutes, status=429)
        except LoginRefused:
            return self._second_page(visitor, problem="wrong", status=400)

        def do(work: UnitOfWork) -> None:
            second_factor.switch_off(_own_row(work, visitor))
            login_attempts.forget(work.session, username)

        await self._site.act(do)
        return go_to(f"{SECOND}?said=off")


def _set_password(work: UnitOfWork, visitor: Visitor, new: str) -> None:
    officer = _own_row(work, visitor)
    staff.set_password(officer, new)
    staff_sessions.end_other_sessions(work.session, officer, kept=visitor.token_hash)
    login_attempts.forget(work.session, officer.username)


def _own_row(work: UnitOfWork, visitor: Visitor) -> Officer:
    return work.session.get_one(Officer, visitor.officer.id, with_for_update={"key_share": True})
