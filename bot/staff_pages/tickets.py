"""The list of tickets, a ticket's page, and what an officer does there."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import select

from actions import cases, ticket_code
from actions.canned import BlankLeft
from actions.cases import Given
from actions.tickets import TicketNotFound, find_by_code
from bot.desk import citizen_news
from bot.desk.refusals import REFUSED, name_of, officer_in
from bot.messages import StoredMedia
from bot.staff_pages import forms, ticket_list, ticket_view
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import MAX_FILES, MAX_TEXT, Form, store_files, words
from bot.staff_pages.once import ChangedMeanwhile, SentAlready, see_that_nothing_came
from bot.staff_pages.site import HOME, Site, go_to
from bot.work import UnitOfWork
from store.staff import Officer
from store.tickets import Ticket, TicketEvent

TICKET = f"{HOME}/tickets/{{code:PA-[0-9A-Z-]{{5,9}}}}"

REPLY, NOTE = "reply", "note"
"""What an officer does that moves nothing, beside the moves of the table."""

WORDS = frozenset({"answer", "text", "reason"})
"""Needs of a move that are met by writing something."""

PROBLEMS: dict[type[Exception], str] = {ChangedMeanwhile: "changed", **forms.PROBLEMS}
"""Why a form is not taken, beside the refusals of the case, and what the template calls it."""

_WRONG_INPUT: tuple[type[Exception], ...] = (
    cases.SomethingMissing,
    BlankLeft,
    *forms.PROBLEMS,
)


class Tickets:
    """The pages of tickets."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        page, form = self._access.page, self._access.form
        return [
            web.get(HOME, page(self._list)),
            web.get(f"{HOME}/", page(self._list)),
            web.get(TICKET, page(self._show)),
            web.post(f"{TICKET}/{{deed:[a-z_]+}}", form(self._do)),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        wanted = ticket_list.Filter.read(request.query)
        now = self._site.now
        page, choices = await self._site.look(
            lambda session: (
                ticket_list.find(session, wanted, visitor.officer, now),
                ticket_list.choices(session),
            )
        )
        return self._site.page(
            "tickets.html",
            visitor=visitor,
            here="tickets",
            wanted=wanted,
            number=min(wanted.page, page.pages),
            cleared=ticket_list.Filter(view=wanted.view).address(),
            page=page,
            choices=choices,
            categories=self._site.runtime.services.local.category_labels,
            states=self._site.runtime.services.local.moves.states,
        )

    async def _show(self, request: web.Request, visitor: Visitor) -> web.Response:
        return await self._page(request, visitor, said=request.query.get("said", ""))

    async def _page(
        self,
        request: web.Request,
        visitor: Visitor,
        *,
        said: str = "",
        problem: str = "",
        other: str = "",
        kept: dict[str, str] | None = None,
        status: int = 200,
    ) -> web.Response:
        code = request.match_info["code"]
        services = self._site.runtime.services
        try:
            view = await self._site.look(
                lambda session: ticket_view.read(
                    UnitOfWork(services, session, self._site.now), code, visitor.officer
                )
            )
        except TicketNotFound:
            return self._site.page(
                "problem.html", status=404, problem="no_ticket", visitor=visitor, here="tickets"
            )
        return self._site.page(
            "ticket.html",
            status=status,
            visitor=visitor,
            here="tickets",
            view=view,
            categories=services.local.category_labels,
            said=said,
            problem=problem,
            other=other,
            kept=kept or {},
            words_needed=WORDS,
            longest=MAX_TEXT,
            most_files=MAX_FILES,
        )

    async def _do(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        """Do one thing to the ticket and show it again; on a refusal with what was typed."""
        code, deed = request.match_info["code"], request.match_info["deed"]
        local = self._site.runtime.services.local
        if deed not in (REPLY, NOTE) and deed not in local.moves.moves:
            raise web.HTTPNotFound
        here = f"{HOME}/tickets/{code}"
        try:
            text = words(form, "text")
            media = await store_files(form, self._site.runtime.media_store)
            await self._site.act(
                lambda work: _do_once(work, visitor, code, deed, form, text, media)
            )
        except SentAlready:
            return go_to(f"{here}?said=already")
        except TicketNotFound:
            return await self._page(request, visitor)
        except (*REFUSED, *PROBLEMS) as error:
            ticket = await self._site.look(lambda session: find_by_code(session, code))
            name = PROBLEMS.get(type(error)) or name_of(error, visitor.officer, ticket)
            return await self._page(
                request,
                visitor,
                problem=name,
                other=officer_in(error) or getattr(error, "blank", ""),
                kept={deed: form.text("text")},
                status=400 if isinstance(error, _WRONG_INPUT) else 409,
            )
        return go_to(f"{here}?said={deed}")


def _do_once(
    work: UnitOfWork,
    visitor: Visitor,
    code: str,
    deed: str,
    form: Form,
    text: str,
    media: tuple[StoredMedia, ...],
) -> None:
    """What a form asks for, unless this officer has just done it."""
    ticket = cases.locked(work.session, code)
    officer = visitor.officer
    _not_twice(work, ticket, officer, form.number("version"), deed, text)
    if deed == REPLY:
        citizen_news.reply(work, ticket, officer, text, media)
    elif deed == NOTE:
        citizen_news.note(work, ticket, officer, text, media)
    else:
        given = _given(work, form, text)
        citizen_news.move(work, ticket, deed, officer, given, media)


def _given(work: UnitOfWork, form: Form, text: str) -> Given:
    """What a form names; whoever or whatever there is none of counts as not given."""
    target = None
    typed = form.text("target")
    try:
        target = find_by_code(work.session, ticket_code.read(typed)) if typed else None
    except (ticket_code.TicketCodeUnreadable, TicketNotFound):
        raise cases.TargetUnfit from None
    return Given(
        text=text,
        officer=work.session.get(Officer, form.number("officer")),
        agency=work.services.local.agencies.get(form.text("agency")),
        target=target,
    )


def _not_twice(
    work: UnitOfWork, ticket: Ticket, officer: Officer, version: int, deed: str, text: str
) -> None:
    """See that it was not done just now and, where words are sent, that the page is up to date."""
    since = work.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.id > version)
    ).all()
    done = (deed, officer.id, text)
    see_that_nothing_came(
        since,
        lambda event: (event.kind, event.officer_id, event.detail.get("text", "")) == done,
        strict=bool(text),
    )
