"""Showing a case to the public: the words proposed, edited, released, changed and taken back."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import cases, releases, rights
from actions.releases import NothingToRelease, NotReleased, TooLong, Words
from actions.rights import Right
from actions.tickets import TicketNotFound, find_by_code
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.once import ChangedMeanwhile, SentAlready, see_that_nothing_came
from bot.staff_pages.site import HOME, Site, go_to
from bot.storable import number
from bot.work import UnitOfWork
from nlu import personal
from nlu.personal_words import signs
from store.desk import TicketRelease
from store.local import Commune
from store.tickets import Attachment, Ticket, TicketEvent

RELEASE = rf"{HOME}/releases/{{code:PA-[0-9A-Z]{{1,9}}}}"

_PHOTO = "photo-"
"""Before the number of a photo in the names of the form's ticks."""

PROBLEMS: dict[type[Exception], str] = {
    NothingToRelease: "empty",
    TooLong: "too_long",
    ChangedMeanwhile: "changed",
}
"""Why nothing was released, and what the template calls it."""


class PersonalDataLeft(ValueError):
    """The words still tell who somebody is, and the officer has not said that this is meant."""

    def __init__(self, left: list[str]) -> None:
        super().__init__(f"{len(left)} places")
        self.left = left


@dataclass(frozen=True)
class View:
    """A case beside what the public sees, or is to see, of it."""

    ticket: Ticket
    place: str
    """Of the case itself, with the name of its unit."""
    standing: TicketRelease | None
    words: Words
    photos: list[Attachment]
    version: int
    """The id of the newest event."""


class Releases:
    """The pages at /staff/releases."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        if not self._site.runtime.settings.public_cases_on:
            return []
        page, form = self._access.page, self._access.form
        return [
            web.get(RELEASE, page(self._show, right=Right.RELEASE)),
            web.post(RELEASE, form(self._release, limit=SMALL_FORM, right=Right.RELEASE)),
            web.post(
                f"{RELEASE}/withdraw",
                form(self._withdraw, limit=SMALL_FORM, right=Right.RELEASE),
            ),
        ]

    async def _show(self, request: web.Request, visitor: Visitor) -> web.Response:
        return await self._page(request, visitor)

    async def _page(
        self,
        request: web.Request,
        visitor: Visitor,
        *,
        problem: str = "",
        typed: Words | None = None,
        left: list[str] | None = None,
        status: int = 200,
    ) -> web.Response:
        code = request.match_info["code"]
        try:
            view = await self._site.look(lambda session: _view(session, visitor, code))
        except TicketNotFound:
            return self._problem(visitor, "no_ticket", 404)
        except cases.MoveForbidden:
            return self._problem(visitor, "no_right", 403)
        return self._site.page(
            "release.html",
            status=status,
            visitor=visitor,
            here="tickets",
            view=view,
            words_shown=typed or view.words,
            problem=problem,
            left=left or [],
            longest_text=releases.LONGEST_TEXT,
            longest_place=releases.LONGEST_PLACE,
        )

    def _problem(self, visitor: Visitor, problem: str, status: int) -> web.Response:
        return self._site.page(
            "problem.html", status=status, problem=problem, visitor=visitor, here="tickets"
        )

    async def _release(
        self, request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        code, typed = request.match_info["code"], _words(form)
        here = f"{HOME}/tickets/{code}"

        def do(work: UnitOfWork) -> None:
            ticket = rights.in_sight(visitor.officer, cases.locked(work.session, code))
            _not_twice(work, ticket, visitor, form.number("version"), typed)
            left = _left(typed)
            if left and not form.text("meant"):
                raise PersonalDataLeft(left)
            releases.release(work.session, ticket, visitor.officer, typed, now=work.now)

        try:
            await self._site.act(do)
        except SentAlready:
            return go_to(f"{here}?said=already")
        except PersonalDataLeft as error:
            return await self._page(
                request, visitor, problem="personal", typed=typed, left=error.left, status=400
            )
        except tuple(PROBLEMS) as error:
            return await self._page(
                request, visitor, problem=PROBLEMS[type(error)], typed=typed, status=400
            )
        except (TicketNotFound, cases.MoveForbidden):
            return await self._page(request, visitor)
        return go_to(f"{here}?said={releases.RELEASED}")

    async def _withdraw(
        self, request: web.Request, visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        code = request.match_info["code"]
        here = f"{HOME}/tickets/{code}"

        def do(work: UnitOfWork) -> None:
            ticket = rights.in_sight(visitor.officer, cases.locked(work.session, code))
            releases.withdraw(work.session, ticket, visitor.officer, now=work.now)

        try:
            await self._site.act(do)
        except NotReleased:
            return go_to(f"{here}?said=already")
        except (TicketNotFound, cases.MoveForbidden):
            return await self._page(request, visitor)
        return go_to(f"{here}?said={releases.WITHDRAWN}")


def _view(session: Session, visitor: Visitor, code: str) -> View:
    ticket = rights.in_sight(visitor.officer, find_by_code(session, code))
    if not releases.may_release(visitor.officer, ticket):
        raise cases.MoveForbidden(code)
    unit = session.get(Commune, ticket.commune_code) if ticket.commune_code else None
    commune = unit.name if unit else None
    standing = releases.standing(session, ticket)
    photos = releases.after_photos(ticket)
    if standing is None:
        words = releases.proposal(ticket, commune, lambda text: hidden(text, ticket))
    else:
        words = Words(
            standing.text, standing.place, standing.answer, tuple(standing.attachment_ids)
        )
    return View(
        ticket=ticket,
        place=", ".join(part for part in (ticket.place_text, commune) if part),
        standing=standing,
        words=words,
        photos=photos,
        version=max((event.id for event in ticket.events), default=0),
    )


def hidden(text: str, ticket: Ticket) -> str:
    """A text without what tells who a person is, the name that the reporter left among it."""
    if ticket.contact_name:
        name = re.escape(ticket.contact_name)
        text = re.sub(rf"(?<!\w){name}(?!\w)", signs()["name"], text, flags=re.IGNORECASE)
    return personal.mask(text)


def _left(words: Words) -> list[str]:
    """What of the words still tells who somebody is."""
    return [
        part[span.start : span.end]
        for part in (words.text, words.place, words.answer)
        for span in personal.find(part)
    ]


def _words(form: Form) -> Words:
    numbers = (name.removeprefix(_PHOTO) for name in form.texts if name.startswith(_PHOTO))
    return Words(
        text=form.text("text"),
        place=form.text("place"),
        answer=form.text("answer"),
        attachment_ids=tuple(number(n) for n in numbers),
    )


def _not_twice(
    work: UnitOfWork, ticket: Ticket, visitor: Visitor, version: int, typed: Words
) -> None:
    since = work.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.id > version)
    ).all()
    see_that_nothing_came(since, lambda event: _is_this(event, visitor, typed))


def _is_this(event: TicketEvent, visitor: Visitor, typed: Words) -> bool:
    """Whether an event is this very release; other words or photos are a correction."""
    if (event.kind, event.officer_id) != (releases.RELEASED, visitor.officer.id):
        return False
    kept = event.detail
    return (
        kept.get("text"),
        kept.get("place"),
        kept.get("answer"),
        set(kept.get("attachments", ())),
    ) == (typed.text, typed.place, typed.answer, set(typed.attachment_ids))
