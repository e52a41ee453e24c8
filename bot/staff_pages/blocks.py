"""Chats that are blocked for a while: who, why, until when; each can be heard again."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from actions import abuse
from actions.rights import Right
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.site import HOME, Site, go_to
from bot.storable import number
from bot.work import UnitOfWork
from store.cases import Block

BLOCKS = f"{HOME}/blocks"

DAYS = (1, 7, 30, 90)
"""For how long an officer may choose to block a chat."""

REASON_LIMIT = 300


class Blocks:
    """The page of blocked chats."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        page = self._access.page(self._list, right=Right.BLOCK)
        add = self._access.form(self._add, limit=SMALL_FORM, right=Right.BLOCK)
        lift = self._access.form(self._lift, limit=SMALL_FORM, right=Right.BLOCK)
        return [
            web.get(BLOCKS, page),
            web.post(BLOCKS, add),
            web.post(rf"{BLOCKS}/{{block:\d{{1,15}}}}/lift", lift),
        ]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        return await self._page(
            visitor,
            said=request.query.get("said", ""),
            chat=request.query.get("chat", ""),
        )

    async def _page(
        self,
        visitor: Visitor,
        *,
        said: str = "",
        problem: str = "",
        chat: str = "",
        reason: str = "",
        status: int = 200,
    ) -> web.Response:
        found = await self._site.look(abuse.blocks)
        now = self._site.now
        standing = [one for one in found if one.block.lifted_at is None and one.block.until > now]
        return self._site.page(
            "blocks.html",
            status=status,
            visitor=visitor,
            here="blocks",
            standing=standing,
            over=[one for one in found if one not in standing],
            days=DAYS,
            said=said,
            problem=problem,
            chat=chat,
            reason=reason,
            longest=REASON_LIMIT,
        )

    async def _add(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        days = form.number("days")

        def do(work: UnitOfWork) -> None:
            abuse.block_by_officer(
                work.session,
                form.number("chat"),
                visitor.officer,
                reason=form.text("reason")[:REASON_LIMIT],
                until=work.now + timedelta(days=days if days in DAYS else 0),
                now=work.now,
            )

        try:
            await self._site.act(do)
        except abuse.BlockedAlready:
            return go_to(f"{BLOCKS}?said=already")
        except tuple(_PROBLEMS) as error:
            return await self._page(
                visitor,
                problem=_PROBLEMS[type(error)],
                chat=form.text("chat"),
                reason=form.text("reason"),
                status=400,
            )
        return go_to(f"{BLOCKS}?said=blocked")

    async def _lift(
        self, request: web.Request, visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        wanted = number(request.match_info["block"])

        def do(work: UnitOfWork) -> None:
            block = work.session.get(Block, wanted, with_for_update=True)
            if block is None:
                raise web.HTTPNotFound
            abuse.lift(block, visitor.officer, now=work.now)

        await self._site.act(do)
        return go_to(f"{BLOCKS}?said=lifted")


_PROBLEMS: dict[type[Exception], str] = {
    abuse.ReasonMissing: "reason",
    abuse.TooLong: "days",
    abuse.NoSuchChat: "chat",
}
"""Why a chat is not blocked, and what the template calls it."""
