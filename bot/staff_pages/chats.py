"""Talking with a citizen who asked for a person, or whom an officer has asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from aiohttp import web
from sqlalchemy import select

from actions import cases, deliveries, handoff, personal_views, presence
from actions.canned import BlankLeft
from actions.personal_views import Seen
from actions.rights import Right
from bot.desk import citizen_news
from bot.desk.refusals import officer_in
from bot.staff_pages import chat_view, forms
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import (
    MAX_FILES,
    MAX_TEXT,
    SMALL_FORM,
    Form,
    store_files,
    words,
)
from bot.staff_pages.once import ChangedMeanwhile, SentAlready, see_that_nothing_came
from bot.staff_pages.site import HOME, Site, go_to
from bot.storable import number
from bot.work import UnitOfWork
from store.messages import Author, Conversation, OutboxMessage
from store.staff import Officer

CHATS = f"{HOME}/chats"
CHAT = rf"{CHATS}/{{chat:\d{{1,15}}}}"


T = TypeVar("T")

STOP_ASKING = 286
"""The status by which HTMX is told to ask no more (htmx.org/docs, "Polling")."""

PROBLEMS: dict[type[Exception], str] = {
    handoff.TakenByAnother: "taken",
    cases.AnswerMissing: "answer_missing",
    BlankLeft: "blank_left",
    deliveries.NotFailed: "not_failed",
    deliveries.NobodyHears: "channel_off",
    citizen_news.ChannelOff: "channel_off",
    citizen_news.VideoNotTaken: "no_video",
    citizen_news.DocumentNotTaken: "document",
    ChangedMeanwhile: "changed",
    **forms.PROBLEMS,
}
"""Why a message is not taken, and what the template calls it."""


class Chats:
    """The pages of chats that a person has."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        page = partial(self._access.page, right=Right.CHAT)
        form = partial(self._access.form, right=Right.CHAT)
        return [
            web.get(CHATS, page(self._list)),
            web.get(CHAT, page(self._show)),
            web.get(f"{CHAT}/news", page(self._show_news)),
            web.post(f"{CHAT}/typing", form(self._typing, limit=SMALL_FORM)),
            web.post(f"{CHAT}/take", form(self._take, limit=SMALL_FORM)),
            web.post(f"{CHAT}/reply", form(self._reply)),
            web.post(f"{CHAT}/resend", form(self._resend, limit=SMALL_FORM)),
            web.post(f"{CHAT}/give-back", form(self._give_back, limit=SMALL_FORM)),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        chats = await self._site.look(chat_view.waiting)
        said = request.query.get("said", "")
        return self._site.page("chats.html", visitor=visitor, here="chats", chats=chats, said=said)

    async def _show(self, request: web.Request, visitor: Visitor) -> web.Response:
        said, canned = request.query.get("said", ""), request.query.get("canned", "")
        return await self._page(request, visitor, said=said, canned=canned)

    async def _show_news(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What changes in an open page, for its script, which asks every few seconds.

        Of a page that shows all there is (`seen` is its stamp) nothing is read but the stamp.
        """
        officer, chat_id = visitor.officer, number(request.match_info["chat"])
        stamp, present = await self._look(
            lambda work: (
                chat_view.stamp(work, chat_id, officer),
                presence.is_noted(work.session, chat_id, officer, work.now),
            )
        )
        if stamp is None:
            return self._site.page("_chat_over.html", status=STOP_ASKING)
        if stamp == request.query.get("seen"):
            if not present:
                await self._site.act(
                    lambda work: presence.note(work.session, chat_id, officer, now=work.now)
                )
            return web.Response(status=204)
        view = await self._read(chat_id, visitor)
        if view is None:
            return self._site.page("_chat_over.html", status=STOP_ASKING)
        return self._site.page("_chat_news.html", visitor=visitor, view=view)

    async def _look(self, read: Callable[[UnitOfWork], T]) -> T:
        services, now = self._site.runtime.services, self._site.now
        return await self._site.look(lambda session: read(UnitOfWork(services, session, now)))

    async def _read(self, chat_id: int, visitor: Visitor) -> chat_view.ChatView | None:
        """The chat; that the officer sees it, and has it open, is noted before it is shown."""
        officer = visitor.officer
        seen = (officer, Seen.CHAT, str(chat_id))

        def note(work: UnitOfWork) -> None:
            presence.note(work.session, chat_id, officer, now=work.now)
            if not personal_views.is_noted(work.session, *seen, now=work.now):
                personal_views.note(work.session, *seen, now=work.now)

        view, noted = await self._look(
            lambda work: (
                chat_view.read(work, chat_id, officer),
                presence.is_noted(work.session, chat_id, officer, work.now)
                and personal_views.is_noted(work.session, *seen, now=work.now),
            )
        )
        if view is not None and not noted:
            await self._site.act(note)
        return view

    async def _page(
        self,
        request: web.Request,
        visitor: Visitor,
        *,
        said: str = "",
        problem: str = "",
        other: str = "",
        kept: str = "",
        canned: str = "",
        status: int = 200,
    ) -> web.Response:
        view = await self._read(number(request.match_info["chat"]), visitor)
        if view is None:
            return self._site.page(
                "problem.html", status=404, problem="no_chat", visitor=visitor, here="chats"
            )
        chosen = next((one.text for one in view.canned if one.reply.name == canned), "")
        return self._site.page(
            "chat.html",
            status=status,
            visitor=visitor,
            here="chats",
            view=view,
            said=said,
            problem=problem,
            other=other,
            kept=kept or chosen,
            longest=MAX_TEXT,
            most_files=MAX_FILES,
        )

    async def _typing(
        self, request: web.Request, visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        """The officer is writing: colleagues who have the page open see it for a moment."""
        officer, chat_id = visitor.officer, number(request.match_info["chat"])

        def worth_a_note(work: UnitOfWork) -> bool:
            chat = work.session.get(Conversation, chat_id)
            return (
                chat is not None
                and handoff.open_handoff(work.session, chat) is not None
                and presence.types(work.session, chat_id, officer, work.now)
            )

        if await self._look(worth_a_note):
            await self._site.act(
                lambda work: presence.note(
                    work.session, chat_id, officer, typing=True, now=work.now
                )
            )
        return web.Response(status=204)

    async def _take(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        def do(work: UnitOfWork, chat: Conversation) -> None:
            citizen_news.take_chat(work, chat, visitor.officer)

        return await self._do(request, visitor, form, do, said="taken")

    async def _reply(
        self, request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        try:
            text = words(form, "text")
            media = await store_files(form, self._site.runtime.media_store)
        except tuple(forms.PROBLEMS) as error:
            return await self._refused(request, visitor, form, error, status=400)

        def do(work: UnitOfWork, chat: Conversation) -> None:
            citizen_news.see_that_it_can_be_reached(work, chat)
            _not_twice(work, chat, visitor.officer, form.number("version"), text)
            citizen_news.chat_reply(work, chat, visitor.officer, text, media)
            presence.note(work.session, chat.id, visitor.officer, typing=False, now=work.now)

        return await self._do(request, visitor, form, do, said="")

    async def _resend(
        self, request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        def do(work: UnitOfWork, chat: Conversation) -> None:
            see_that_it_is_open(work, chat)
            deliveries.send_again(work.session, chat, form.number("message"), now=work.now)

        answer = await self._do(request, visitor, form, do, said="again")
        self._site.runtime.posted({number(request.match_info["chat"])})
        return answer

    async def _give_back(
        self, request: web.Request, visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        chat_id = number(request.match_info["chat"])
        # Given back already, by this press or by somebody else, is as it should be.
        with suppress(handoff.NoOpenHandoff):
            await self._site.act(
                lambda work: citizen_news.give_back(
                    work, handoff.locked_chat(work.session, chat_id), visitor.officer
                )
            )
        return go_to(f"{CHATS}?said=given_back")

    async def _do(
        self,
        request: web.Request,
        visitor: Visitor,
        form: Form,
        do: Callable[[UnitOfWork, Conversation], None],
        *,
        said: str,
    ) -> web.StreamResponse:
        chat_id = number(request.match_info["chat"])
        try:
            await self._site.act(lambda work: do(work, handoff.locked_chat(work.session, chat_id)))
        except SentAlready:
            said = "already"
        except handoff.NoOpenHandoff:
            return await self._page(request, visitor)
        except tuple(PROBLEMS) as error:
            status = 400 if isinstance(error, (cases.AnswerMissing, BlankLeft)) else 409
            return await self._refused(request, visitor, form, error, status=status)
        return go_to(f"{CHATS}/{chat_id}" + (f"?said={said}" if said else "#write"))

    async def _refused(
        self, request: web.Request, visitor: Visitor, form: Form, error: Exception, *, status: int
    ) -> web.Response:
        return await self._page(
            request,
            visitor,
            problem=PROBLEMS[type(error)],
            other=officer_in(error) or getattr(error, "blank", ""),
            kept=form.text("text"),
            status=status,
        )


def see_that_it_is_open(work: UnitOfWork, chat: Conversation) -> None:
    """See that a person has the chat, or is asked for; raises NoOpenHandoff."""
    if handoff.open_handoff(work.session, chat) is None:
        raise handoff.NoOpenHandoff


def _not_twice(
    work: UnitOfWork, chat: Conversation, officer: Officer, version: int, text: str
) -> None:
    """See that the page showed all that staff have written; see `see_that_nothing_came`."""
    since = work.session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.conversation_id == chat.id,
            OutboxMessage.author == Author.OFFICER,
            OutboxMessage.id > version,
        )
    ).all()
    see_that_nothing_came(
        since, lambda row: row.officer_id == officer.id and row.payload.get("text", "") == text
    )
