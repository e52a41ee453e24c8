"""The list of released cases, one case by its code, and its photos."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import PurePosixPath
from urllib.parse import quote

from aiohttp import ETag, hdrs, web

from actions import public_cases
from actions.public_cases import (
    PAGE_SIZE,
    STATES,
    Case,
    CaseNotFound,
    CommuneCount,
    Figures,
)
from bot.channels.web.limits import Limiter, Rate
from bot.public_pages.case_list import CASES, DAYS, Filter
from bot.public_pages.photos import smaller
from bot.public_pages.remembered import Remembered
from bot.public_pages.site import PublicSite, cached, counted_address
from bot.web_security import content_security_policy, origin_of

WRONG_CODES_OF_ADDRESS = Rate(burst=20, per_second=1 / 60)
"""Enough for typing errors. There are 28 million codes: at this rate trying finds none in years."""


class Cases:
    """The pages at /phan-anh."""

    def __init__(self, site: PublicSite) -> None:
        self._site = site
        self._wrong = Limiter(WRONG_CODES_OF_ADDRESS, site.seconds)
        self._figures = Remembered[tuple[Figures, Figures]](site.seconds)
        self._communes = Remembered[list[CommuneCount]](site.seconds)

    def routes(self) -> list[web.RouteDef]:
        limited = self._site.limited
        return [
            web.get(CASES, limited(self._list)),
            web.get(f"{CASES}/{{code}}", limited(self._show)),
            web.get(rf"{CASES}/{{code}}/anh/{{number:\d{{1,9}}}}", limited(self._photo)),
        ]

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if typed := request.query.get("code", "").strip():
            return web.Response(
                status=303, headers={hdrs.LOCATION: f"{CASES}/{quote(typed[:40], safe='')}"}
            )
        local, settings = self._site.local, self._site.runtime.settings
        wanted = Filter.read(request.query, local)
        now = self._site.now
        asked = wanted.wanted(now)
        rows = await self._site.look(
            lambda session: public_cases.listed(session, asked, limit=PAGE_SIZE + 1)
        )
        communes = await self._communes.value(
            replace(wanted, commune="").address(),
            lambda: self._site.look(lambda session: public_cases.by_commune(session, asked)),
        )
        every, released = await self._figures.value(
            wanted.period,
            lambda: self._site.look(
                lambda session: public_cases.figures(session, wanted.first_day(now), now)
            ),
        )
        answer = self._site.page(
            request,
            "cases.html",
            wanted=wanted,
            rows=rows[:PAGE_SIZE],
            more=rows[PAGE_SIZE - 1].code if len(rows) > PAGE_SIZE else "",
            communes=communes,
            every=every,
            released=released,
            categories=local.category_labels,
            units=sorted(local.communes.values(), key=lambda unit: unit.name),
            states=STATES,
            labels=local.moves.states,
            days=DAYS,
            tiles=settings.map_tiles,
            attribution=settings.map_attribution,
        )
        policy = content_security_policy(images=(origin_of(settings.map_tiles),))
        answer.headers["Content-Security-Policy"] = policy
        return answer

    async def _show(self, request: web.Request) -> web.StreamResponse:
        address = counted_address(request)
        wait = self._wrong.take(address)
        case = await self._find(request.match_info["code"])
        if wait and (case is None or case.released is None):
            return self._site.slow_down(wait)  # a case that is in the list anyway is still shown
        if case is None:
            return self._site.missing()
        if not wait:
            self._wrong.give_back(address)
        local = self._site.local
        return self._site.page(
            request,
            "case.html",
            case=case,
            category=local.category_labels.get(case.category, case.category),
            labels=local.moves.states,
        )

    async def _find(self, typed: str) -> Case | None:
        agencies = self._site.local.agencies
        try:
            return await self._site.look(
                lambda session: public_cases.find(session, typed, agencies)
            )
        except CaseNotFound:
            return None

    async def _photo(self, request: web.Request) -> web.StreamResponse:
        typed, number = request.match_info["code"], int(request.match_info["number"])
        store = self._site.runtime.media_store
        try:
            path = await self._site.look(lambda session: public_cases.photo(session, typed, number))
            file = await asyncio.to_thread(store.path, path)
        except (CaseNotFound, FileNotFoundError):
            return self._site.missing()
        answer = cached(request, ETag(PurePosixPath(path).stem))
        if answer.status == web.HTTPOk.status_code:
            answer.body = await asyncio.to_thread(smaller, file)
            answer.content_type = "image/jpeg"
        return answer
