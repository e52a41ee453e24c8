"""The people of the staff: adding, changing and retiring them, passwords, codes, sessions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from aiohttp import web
from sqlalchemy.orm import Session

from actions import leaving, second_factor, staff, staff_sessions
from actions.administration import changes, people
from actions.administration.changes import ChangedMeanwhile
from actions.administration.people import (
    Changed,
    FieldInvalid,
    LastAdministrator,
    NoSuchOfficer,
    Person,
)
from bot import case_news
from bot.staff_pages.access import Visitor
from bot.staff_pages.admin.frame import (
    ADMIN,
    Frame,
    Problem,
    Values,
    changed_meanwhile,
    not_found,
    said,
)
from bot.staff_pages.forms import Form
from bot.staff_pages.site import HOME, go_to
from bot.storable import number, storable
from bot.work import UnitOfWork
from store.staff import Officer, OfficerRole

PEOPLE = f"{ADMIN}/people"
ONE = rf"{PEOPLE}/{{officer:\d{{1,15}}}}"

OWN_PASSWORD = f"{HOME}/password"
OWN_SECOND_FACTOR = f"{HOME}/second-factor"
"""Where one's own are changed, with the password asked for first."""

MAX_SEARCH = 100

T = TypeVar("T")

Errors = (FieldInvalid, LastAdministrator, ChangedMeanwhile)


class People(Frame):
    """The pages of the people."""

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(PEOPLE, self.page(self._list)),
            web.get(f"{PEOPLE}/new", self.page(self._new)),
            web.post(f"{PEOPLE}/new", self.form(self._add)),
            web.get(ONE, self.page(self._one)),
            web.post(ONE, self.form(self._save)),
            web.get(f"{ONE}/retire", self.page(self._ask_retire)),
            web.post(f"{ONE}/retire", self.form(self._retire)),
            web.post(f"{ONE}/return", self.form(self._bring_back)),
            web.post(f"{ONE}/password", self.form(self._reset_password)),
            web.post(f"{ONE}/link-code", self.form(self._link_code)),
            web.post(f"{ONE}/sessions", self.form(self._end_sessions)),
            web.post(f"{ONE}/second-factor", self.form(self._switch_second_factor_off)),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        words = storable(request.query.get("search", "")).strip()[:MAX_SEARCH]
        active = request.query.get("view") != "retired"
        page = max(1, number(request.query.get("page", "1")))
        found = await self.site.look(
            lambda session: people.find(session, words=words, active=active, page=page)
        )
        return self.show(
            "people.html",
            visitor,
            part="people",
            found=found,
            search=words,
            active=active,
            number=min(page, found.pages),
            local=self.local,
            second_factor=second_factor.is_on,
        )

    async def _new(self, _request: web.Request, visitor: Visitor) -> web.Response:
        person = Person("", OfficerRole.OFFICER, None, None, None)
        return self._form_of_new(visitor, "", person, {})

    def _form_of_new(
        self, visitor: Visitor, username: str, person: Person, problem: Problem, status: int = 200
    ) -> web.Response:
        return self.show(
            "person_new.html",
            visitor,
            part="people",
            status=status,
            username=username,
            person=person,
            problem=problem,
            roles=tuple(OfficerRole),
            local=self.local,
        )

    async def _add(self, _request: web.Request, visitor: Visitor, form: Form) -> web.Response:
        username = form.text("username").lower()
        person = _person(form, active=True)

        def do(work: UnitOfWork) -> tuple[Officer, str, str]:
            local = work.services.local
            _see_that_the_day_was_read(form)
            officer, password = people.add(
                work.session,
                visitor.officer,
                username=username,
                person=person,
                local=local,
                now=work.now,
            )
            return officer, password, staff.new_link_code(officer, now=work.now)

        try:
            officer, password, code = await self.site.act(do)
        except FieldInvalid as error:
            return self._form_of_new(visitor, username, person, _problem(error), status=400)
        return self._secret(visitor, officer, password=password, code=code)

    async def _one(self, request: web.Request, visitor: Visitor) -> web.Response:
        wanted = number(request.match_info["officer"])
        return await self._form_of_one(visitor, wanted, said=request.query.get("said", ""))

    async def _form_of_one(
        self,
        visitor: Visitor,
        wanted: int,
        *,
        said: str = "",
        person: Person | None = None,
        problem: Problem | None = None,
        status: int = 200,
    ) -> web.Response:
        now = self.site.now

        def read(session: Session) -> Values:
            officer = session.get(Officer, wanted)
            if officer is None:
                not_found()
            return {
                "officer": officer,
                "person": person or Person.of(officer),
                "version": changes.version(session, changes.OFFICER, officer.username),
                "cases": leaving.in_hand(session, officer),
                "sessions": len(staff_sessions.of_officer(session, officer, now=now)),
                "has_second_factor": second_factor.is_on(officer),
                "log": changes.find(
                    session, changes.Wanted(subject=changes.OFFICER, key=officer.username)
                ).rows[:5],
            }

        return self.show(
            "person.html",
            visitor,
            part="people",
            status=status,
            said=said,
            problem=problem or {},
            roles=tuple(OfficerRole),
            local=self.local,
            **await self.site.look(read),
        )

    async def _save(self, request: web.Request, visitor: Visitor, form: Form) -> web.Response:
        wanted = number(request.match_info["officer"])
        person = _person(form, active=True)

        def do(work: UnitOfWork) -> None:
            _see_that_the_day_was_read(form)
            officer = people.of_number(work.session, wanted)
            _change(
                work,
                visitor,
                wanted,
                Person(**{**vars(person), "active": officer.active}),
                seen=form.number("version"),
            )

        try:
            await self.site.act(do)
        except NoSuchOfficer:
            not_found()
        except Errors as error:
            return await self._form_of_one(
                visitor, wanted, person=person, problem=_problem(error), status=_status(error)
            )
        return said(f"{PEOPLE}/{wanted}", "saved")

    async def _ask_retire(self, request: web.Request, visitor: Visitor) -> web.Response:
        return await self._retire_page(visitor, number(request.match_info["officer"]), {})

    async def _retire_page(
        self, visitor: Visitor, wanted: int, problem: Problem, status: int = 200
    ) -> web.Response:
        now = self.site.now

        def read(session: Session) -> Values:
            officer = session.get(Officer, wanted)
            if officer is None or not officer.active:
                not_found()
            return {
                "officer": officer,
                "version": changes.version(session, changes.OFFICER, officer.username),
                "last": people.is_last_administrator(session, officer),
                "cases": leaving.in_hand(session, officer),
                "chats": len(leaving.chats_in_hand(session, officer)),
                "sessions": len(staff_sessions.of_officer(session, officer, now=now)),
            }

        facts = await self.site.look(read)
        return self.show(
            "retire.html", visitor, part="people", status=status, problem=problem, **facts
        )

    async def _retire(self, request: web.Request, visitor: Visitor, form: Form) -> web.Response:
        wanted = number(request.match_info["officer"])
        try:
            await self._set_active(visitor, wanted, active=False, seen=form.number("version"))
        except Errors as error:
            return await self._retire_page(visitor, wanted, _problem(error), _status(error))
        return said(f"{PEOPLE}/{wanted}", "retired")

    async def _bring_back(self, request: web.Request, visitor: Visitor, form: Form) -> web.Response:
        wanted = number(request.match_info["officer"])
        try:
            await self._set_active(visitor, wanted, active=True, seen=form.number("version"))
        except Errors as error:
            return await self._form_of_one(
                visitor, wanted, problem=_problem(error), status=_status(error)
            )
        return said(f"{PEOPLE}/{wanted}", "returned")

    async def _set_active(self, visitor: Visitor, wanted: int, *, active: bool, seen: int) -> None:
        def do(work: UnitOfWork) -> None:
            officer = people.of_number(work.session, wanted)
            person = Person(**{**vars(Person.of(officer)), "active": active})
            _change(work, visitor, wanted, person, seen=seen)

        try:
            await self.site.act(do)
        except NoSuchOfficer:
            not_found()

    async def _reset_password(
        self, request: web.Request, visitor: Visitor, _form: Form
    ) -> web.Response:
        wanted = number(request.match_info["officer"])
        if wanted == visitor.officer.id:
            return go_to(OWN_PASSWORD)

        def do(work: UnitOfWork) -> tuple[Officer, str]:
            password = people.reset_password(work.session, visitor.officer, wanted, now=work.now)
            return people.of_number(work.session, wanted), password

        officer, password = await self._act_on_one(do)
        return self._secret(visitor, officer, password=password, code="")

    async def _link_code(self, request: web.Request, visitor: Visitor, _form: Form) -> web.Response:
        wanted = number(request.match_info["officer"])

        def do(work: UnitOfWork) -> tuple[Officer, str]:
            code = people.new_link_code(work.session, visitor.officer, wanted, now=work.now)
            return people.of_number(work.session, wanted), code

        officer, code = await self._act_on_one(do)
        return self._secret(visitor, officer, password="", code=code)

    async def _end_sessions(
        self, request: web.Request, visitor: Visitor, _form: Form
    ) -> web.Response:
        wanted = number(request.match_info["officer"])

        def do(work: UnitOfWork) -> None:
            people.end_sessions(work.session, visitor.officer, wanted, now=work.now)

        await self._act_on_one(do)
        return said(f"{PEOPLE}/{wanted}", "sessions")

    async def _switch_second_factor_off(
        self, request: web.Request, visitor: Visitor, _form: Form
    ) -> web.Response:
        wanted = number(request.match_info["officer"])
        if wanted == visitor.officer.id:
            return go_to(OWN_SECOND_FACTOR)

        def do(work: UnitOfWork) -> None:
            people.switch_second_factor_off(work.session, visitor.officer, wanted, now=work.now)

        await self._act_on_one(do)
        return said(f"{PEOPLE}/{wanted}", "second_factor")

    async def _act_on_one(self, do: Callable[[UnitOfWork], T]) -> T:
        try:
            return await self.site.act(do)
        except NoSuchOfficer:
            not_found()

    def _secret(
        self, visitor: Visitor, officer: Officer, *, password: str, code: str
    ) -> web.Response:
        """The one page on which a new password or code is ever shown."""
        return self.show(
            "person_secret.html",
            visitor,
            part="people",
            officer=officer,
            password=password,
            code=code,
            hours=int(staff.LINK_CODE_LIFE.total_seconds() // 3600),
        )


def tell_of(work: UnitOfWork, changed: Changed) -> None:
    """Tell colleagues of the cases that went back to their queue."""
    for moved in changed.moved:
        case_news.tell(work, moved)


def reason_of(work: UnitOfWork, officer: Officer) -> str:
    """Why these cases went back, for their history."""
    return work.responses.text("utter_staff_leaves", officer=officer.name)


def _change(work: UnitOfWork, visitor: Visitor, wanted: int, person: Person, *, seen: int) -> None:
    officer = people.of_number(work.session, wanted)
    changed = people.change(
        work.session,
        visitor.officer,
        wanted,
        person,
        reason=reason_of(work, officer),
        local=work.services.local,
        now=work.now,
        seen=seen,
    )
    tell_of(work, changed)


def _person(form: Form, *, active: bool) -> Person:
    return Person(
        name=form.text("name"),
        role=form.text("role"),
        agency=form.text("agency") or None,
        team=form.text("team") or None,
        away=_day(form),
        active=active,
    )


def _day(form: Form) -> date | None:
    try:
        return date.fromisoformat(form.text("away"))
    except ValueError:
        return None


def _see_that_the_day_was_read(form: Form) -> None:
    if form.text("away") and _day(form) is None:
        raise FieldInvalid("away", "unreadable")


def _problem(error: Exception) -> Problem:
    if isinstance(error, FieldInvalid):
        return {"kind": "field", "column": error.column, "problem": error.problem}
    if isinstance(error, ChangedMeanwhile):
        return changed_meanwhile(error)
    return {"kind": "last_administrator"}


def _status(error: Exception) -> int:
    return 409 if isinstance(error, ChangedMeanwhile) else 400
