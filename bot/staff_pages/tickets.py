"""A ticket's page, and what an officer does there."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import select

from actions import cases, deliveries, handoff, personal_views, rights, ticket_code
from actions.canned import BlankLeft
from actions.cases import Given
from actions.personal_views import Seen
from actions.rights import Right
from actions.tickets import TicketNotFound, find_by_code
from bot.desk import citizen_news
from bot.desk.refusals import REFUSED, name_of, officer_in
from bot.messages import StoredMedia
from bot.staff_pages import forms, ticket_forms, ticket_map, ticket_view
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import MAX_FILES, MAX_TEXT, SMALL_FORM, Form, store_files, words
from bot.staff_pages.once import (
    ChangedMeanwhile,
    SentAlready,
    is_deed,
    named_in,
    see_that_nothing_came,
)
from bot.staff_pages.site import HOME, Site, go_to
from bot.staff_pages.ticket_forms import NOTE, REPLY, Typed
from bot.work import UnitOfWork
from store.staff import Officer
from store.tickets import Ticket, TicketEvent

TICKET = f"{HOME}/tickets/{{code:PA-[0-9A-Z-]{{5,9}}}}"

SENT_ON = "sent_on"
"""What the list says after a move by which the ticket has left the officer's sight."""

PROBLEMS: dict[type[Exception], str] = {
    ChangedMeanwhile: "changed",
    deliveries.NotFailed: "not_failed",
    deliveries.NobodyHears: "not_now",
    citizen_news.ChannelOff: "not_now",
    handoff.NotToBeOpened: "not_now",
    handoff.TalkTooLate: "talk_too_late",
    **forms.PROBLEMS,
}
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
            web.get(TICKET, page(self._show)),
            web.post(
                f"{TICKET}/reporter", form(self._reporter, limit=SMALL_FORM, right=Right.REPORTER)
            ),
            web.post(f"{TICKET}/talk", form(self._talk, limit=SMALL_FORM, right=Right.CHAT)),
            web.post(f"{TICKET}/resend", form(self._resend, limit=SMALL_FORM)),
            web.post(f"{TICKET}/{{deed:[a-z_]+}}", form(self._do)),
        ]

    async def _show(self, request: web.Request, visitor: Visitor) -> web.Response:
        return await self._page(request, visitor, said=request.query.get("said", ""))

    async def _page(
        self,
        request: web.Request,
        visitor: Visitor,
        *,
        said: str = "",
        typed: Typed | None = None,
        with_reporter: bool = False,
        status: int = 200,
    ) -> web.Response:
        code = request.match_info["code"]
        services = self._site.runtime.services
        try:
            view = await self._site.look(
                lambda session: ticket_view.read(
                    UnitOfWork(services, session, self._site.now),
                    code,
                    visitor.officer,
                    with_reporter=with_reporter,
                )
            )
        except TicketNotFound:
            return self._site.page(
                "problem.html", status=404, problem="no_ticket", visitor=visitor, here="tickets"
            )
        response = self._site.page(
            "ticket.html",
            status=status,
            visitor=visitor,
            here="tickets",
            view=view,
            categories=services.local.category_labels,
            said=said,
            typed=typed or ticket_forms.begun(view, request.query),
            words_needed=ticket_forms.WORDS,
            longest=MAX_TEXT,
            most_files=MAX_FILES,
        )
        response.headers["Content-Security-Policy"] = ticket_map.page_policy(services.settings)
        return response

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
            still_seen = await self._site.act(
                lambda work: _do_once(work, visitor, code, deed, form, text, media)
            )
        except SentAlready:
            return go_to(f"{here}?said=already")
        except TicketNotFound:
            return await self._page(request, visitor)
        except (*REFUSED, *PROBLEMS) as error:
            return await self._refused(request, visitor, form, error, deed)
        return go_to(f"{here}?said={deed}" if still_seen else f"{HOME}?said={SENT_ON}")

    async def _refused(
        self, request: web.Request, visitor: Visitor, form: Form, error: Exception, deed: str
    ) -> web.Response:
        """The page once more, with what was typed and, beside its field, what is wrong."""
        code = request.match_info["code"]
        ticket = await self._site.look(lambda session: find_by_code(session, code))
        typed = Typed.of(
            form,
            deed,
            problem=PROBLEMS.get(type(error)) or name_of(error, visitor.officer, ticket),
            other=officer_in(error) or getattr(error, "blank", ""),
        )
        return await self._page(request, visitor, typed=typed, status=_status(error))

    async def _reporter(
        self, request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        """The page with who sent the ticket; that it was looked at is noted before it is shown."""
        code, officer = request.match_info["code"], visitor.officer

        def do(work: UnitOfWork) -> None:
            ticket = rights.in_sight(officer, find_by_code(work.session, code))
            if not cases.may_act(ticket, cases.by_officer(officer)):
                raise cases.MoveForbidden(code)
            personal_views.note(work.session, officer, Seen.REPORTER, code, now=work.now)

        try:
            await self._site.act(do)
        except TicketNotFound:
            return await self._page(request, visitor)
        except cases.MoveForbidden as error:
            return await self._refused(request, visitor, form, error, "reporter")
        return await self._page(request, visitor, with_reporter=True)

    async def _talk(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        """Begin to talk with the citizen who sent the ticket."""
        code, officer = request.match_info["code"], visitor.officer

        def do(work: UnitOfWork) -> int:
            ticket = rights.in_sight(officer, cases.locked(work.session, code))
            return citizen_news.open_chat(work, ticket, officer).id

        try:
            chat = await self._site.act(do)
        except TicketNotFound:
            return await self._page(request, visitor)
        except (*REFUSED, *PROBLEMS) as error:
            return await self._refused(request, visitor, form, error, "talk")
        return go_to(f"{HOME}/chats/{chat}?said=opened")

    async def _resend(
        self, request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        """Send again what did not reach the citizen."""
        code, officer = request.match_info["code"], visitor.officer

        def do(work: UnitOfWork) -> int:
            ticket = rights.in_sight(officer, cases.locked(work.session, code))
            by = cases.by_officer(officer)
            if not cases.may_act(ticket, by):
                raise cases.MoveForbidden(code)
            chat, number = ticket.conversation, form.number("message")
            deliveries.send_again(work.session, chat, number, ticket=ticket, now=work.now)
            cases.record(work.session, ticket, "resend", by=by, now=work.now)
            return chat.id

        try:
            chat = await self._site.act(do)
        except TicketNotFound:
            return await self._page(request, visitor)
        except (*REFUSED, *PROBLEMS) as error:
            return await self._refused(request, visitor, form, error, "resend")
        self._site.runtime.posted({chat})
        return go_to(f"{HOME}/tickets/{code}?said=resend#messages")


def _do_once(
    work: UnitOfWork,
    visitor: Visitor,
    code: str,
    deed: str,
    form: Form,
    text: str,
    media: tuple[StoredMedia, ...],
) -> bool:
    """What a form asks for, unless this officer has just done it.

    Returns whether the officer may read the ticket afterwards: not one sent to another agency.
    """
    officer = visitor.officer
    ticket = rights.in_sight(officer, cases.locked(work.session, code))
    _not_twice(work, ticket, officer, form, deed, text)
    if deed == REPLY:
        citizen_news.reply(work, ticket, officer, text, media)
    elif deed == NOTE:
        citizen_news.note(work, ticket, officer, text, media)
    else:
        given = _given(work, officer, form, text)
        citizen_news.move(work, ticket, deed, officer, given, media)
    return rights.sees(officer, ticket)


def _status(refusal: Exception) -> int:
    if isinstance(refusal, cases.MoveForbidden):
        return 403
    return 400 if isinstance(refusal, _WRONG_INPUT) else 409


def _given(work: UnitOfWork, officer: Officer, form: Form, text: str) -> Given:
    """What a form names; whoever or whatever there is none of counts as not given."""
    target = None
    typed = form.text("target")
    try:
        if typed:
            target = find_by_code(work.session, ticket_code.read(typed))
            rights.in_sight(officer, target)
    except (ticket_code.TicketCodeUnreadable, TicketNotFound):
        raise cases.TargetUnfit from None
    return Given(
        text=text,
        officer=work.session.get(Officer, form.number("officer")),
        agency=work.services.local.agencies.get(form.text("agency")),
        target=target,
    )


def _not_twice(
    work: UnitOfWork, ticket: Ticket, officer: Officer, form: Form, deed: str, text: str
) -> None:
    """See that it was not done just now and, where words are sent, that the page is up to date."""
    since = work.session.scalars(
        select(TicketEvent).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.id > form.number("version")
        )
    ).all()
    named = named_in(form, work.services.local.moves.moves.get(deed))
    see_that_nothing_came(
        since,
        lambda event: is_deed(event, deed, officer, text, named),
        strict=bool(text),
    )
