"""Talking with a citizen who asked for a person."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from aiohttp import web
from sqlalchemy import select

from actions import cases, handoff
from bot.desk import citizen_news
from bot.staff_pages import chat_view, forms
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import (
    MAX_FILES,
    MAX_TEXT,
    SMALL_FORM,
    Form,
    number,
    store_files,
    words,
)
from bot.staff_pages.once import ChangedMeanwhile, SentAlready, see_that_nothing_came
from bot.staff_pages.site import HOME, Site, go_to
from bot.work import UnitOfWork
from store.messages import Author, Conversation, OutboxMessage
from store.staff import Officer

CHATS = f"{HOME}/chats"
CHAT = rf"{CHATS}/{{chat:\d{{1,15}}}}"


class ChannelOff(Exception):
    """The citizen cannot be written to: the channel is off here, or has refused the chat."""


PROBLEMS: dict[type[Exception], str] = {
    handoff.TakenByAnother: "taken",
    cases.AnswerMissing: "answer_missing",
    ChannelOff: "channel_off",
    citizen_news.VideoNotTaken: "no_video",
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
        page, form = self._access.page, self._access.form
        return [
            web.get(CHATS, page(self._list)),
            web.get(CHAT, page(self._show)),
            web.get(f"{CHAT}/lines", page(self._show_lines)),
            web.post(f"{CHAT}/take", form(self._take, limit=SMALL_FORM)),
            web.post(f"{CHAT}/reply", form(self._reply)),
            web.post(f"{CHAT}/give-back", form(self._give_back, limit=SMALL_FORM)),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        chats = await self._site.look(chat_view.waiting)
        said = request.query.get("said", "")
        return self._site.page("chats.html", visitor=visitor, here="chats", chats=chats, said=said)

    async def _show(self, request: web.Request, visitor: Visitor) -> web.Response:
        return await self._page(request, visitor, said=request.query.get("said", ""))

    async def _show_lines(self, request: web.Request, _visitor: Visitor) -> web.Response:
        """Only what was said, for the script that keeps an open page up to date."""
        view = await self._read(request)
        if view is None:
            raise web.HTTPGone
        return self._site.page("_chat_lines.html", lines=view.lines)

    async def _read(self, request: web.Request) -> chat_view.ChatView | None:
        services = self._site.runtime.services
        chat_id = number(request.match_info["chat"])
        return await self._site.look(lambda session: chat_view.read(session, services, chat_id))

    async def _page(
        self,
        request: web.Request,
        visitor: Visitor,
        *,
        said: str = "",
        problem: str = "",
        other: str = "",
        kept: str = "",
        status: int = 200,
    ) -> web.Response:
        view = await self._read(request)
        if view is None:
            return self._site.page(
                "problem.html", status=404, problem="no_chat", visitor=visitor, here="chats"
            )
        return self._site.page(
            "chat.html",
            status=status,
            visitor=visitor,
            here="chats",
            view=view,
            said=said,
            problem=problem,
            other=other,
            kept=kept,
            longest=MAX_TEXT,
            most_files=MAX_FILES,
        )

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
            if chat.channel not in work.services.capabilities or chat.unreachable:
                raise ChannelOff
            _not_twice(work, chat, visitor.officer, form.number("version"), text)
            citizen_news.chat_reply(work, chat, visitor.officer, text, media)

        return await self._do(request, visitor, form, do, said="")

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
            status = 400 if isinstance(error, cases.AnswerMissing) else 409
            return await self._refused(request, visitor, form, error, status=status)
        return go_to(f"{CHATS}/{chat_id}" + (f"?said={said}" if said else "") + "#write")

    async def _refused(
        self, request: web.Request, visitor: Visitor, form: Form, error: Exception, *, status: int
    ) -> web.Response:
        officer = getattr(error, "officer", None)
        return await self._page(
            request,
            visitor,
            problem=PROBLEMS[type(error)],
            other=officer.name if officer else "",
            kept=form.text("text"),
            status=status,
        )


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
