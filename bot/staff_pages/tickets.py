"""The list of tickets, a ticket's page, and what an officer does there."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web
from sqlalchemy import select

from actions import ticket_work
from actions.tickets import TicketNotFound
from bot.desk import citizen_news
from bot.media import NotAPicture
from bot.messages import StoredMedia
from bot.staff_pages import ticket_list, ticket_view
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import (
    MAX_FILES,
    MAX_TEXT,
    SMALL_FORM,
    Form,
    TextTooLong,
    TooManyFiles,
    store_files,
    words,
)
from bot.staff_pages.once import ChangedMeanwhile, SentAlready
from bot.staff_pages.site import HOME, Site, go_to
from bot.work import UnitOfWork
from store.staff import Officer
from store.tickets import Ticket, TicketEvent

TICKET = f"{HOME}/tickets/{{code:PA-[0-9A-Z-]{{5,9}}}}"

Move = Callable[[UnitOfWork, Ticket, Officer, str, tuple[StoredMedia, ...]], object]


PROBLEMS: dict[type[Exception], str] = {
    ticket_work.TicketTaken: "taken",
    ticket_work.TicketFinished: "finished",
    ticket_work.TicketWithdrawn: "withdrawn",
    ticket_work.AnswerMissing: "answer_missing",
    citizen_news.VideoNotTaken: "no_video",
    ChangedMeanwhile: "changed",
    TextTooLong: "too_long",
    TooManyFiles: "too_many_files",
    NotAPicture: "not_a_picture",
}
"""Why a form is not taken, and what the template calls it."""

_WRONG_INPUT = (ticket_work.AnswerMissing, TextTooLong, TooManyFiles, NotAPicture)


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
            web.post(f"{TICKET}/take", form(self._take, limit=SMALL_FORM)),
            web.post(f"{TICKET}/reply", form(self._reply)),
            web.post(f"{TICKET}/done", form(self._done)),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        wanted = ticket_list.Filter.read(request.query)
        now = self._site.now
        page, choices = await self._site.look(
            lambda session: (
                ticket_list.find(session, wanted, now),
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
            view = await self._site.look(lambda session: ticket_view.read(session, services, code))
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
            longest=MAX_TEXT,
            most_files=MAX_FILES,
        )

    async def _take(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        return await self._move(request, visitor, form, said="taken", kind="", move=_take)

    async def _reply(
        self, request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        return await self._move(
            request, visitor, form, said="replied", kind="replied", move=citizen_news.reply
        )

    async def _done(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        return await self._move(
            request, visitor, form, said="done", kind="done", move=citizen_news.finish
        )

    async def _move(
        self,
        request: web.Request,
        visitor: Visitor,
        form: Form,
        *,
        said: str,
        kind: str,
        move: Move,
    ) -> web.StreamResponse:
        """Do one thing to the ticket and show it again; on a refusal with what was typed.

        Args:
            kind: the event that the move leaves; empty where doing it twice changes nothing.
        """
        code = request.match_info["code"]
        here = f"{HOME}/tickets/{code}"
        try:
            text = words(form, "text")
            media = await store_files(form, self._site.runtime.media_store)

            def do(work: UnitOfWork) -> None:
                ticket = ticket_work.locked(work.session, code)
                if kind:
                    _not_twice(work, ticket, visitor.officer, form.number("version"), kind, text)
                move(work, ticket, visitor.officer, text, media)

            await self._site.act(do)
        except SentAlready:
            return go_to(f"{here}?said=already")
        except TicketNotFound:
            return await self._page(request, visitor)
        except tuple(PROBLEMS) as error:
            officer = getattr(error, "officer", None)
            return await self._page(
                request,
                visitor,
                problem=PROBLEMS[type(error)],
                other=officer.name if officer else "",
                kept={said: form.text("text")},
                status=400 if isinstance(error, _WRONG_INPUT) else 409,
            )
        return go_to(f"{here}?said={said}")


def _take(work: UnitOfWork, ticket: Ticket, officer: Officer, _text: str, _media: object) -> None:
    citizen_news.take(work, ticket, officer)


def _not_twice(
    work: UnitOfWork, ticket: Ticket, officer: Officer, version: int, kind: str, text: str
) -> None:
    """See that the page showed the ticket as it is.

    Raises:
        SentAlready: what came since is this very message.
        ChangedMeanwhile: something else came.
    """
    since = work.session.scalars(
        select(TicketEvent).where(TicketEvent.ticket_id == ticket.id, TicketEvent.id > version)
    ).all()
    if any(
        event.kind == kind and event.officer_id == officer.id and event.detail.get("text") == text
        for event in since
    ):
        raise SentAlready
    if since:
        raise ChangedMeanwhile
