"""The leader's view: figures of a period, each a link to the cases that it counts."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import hdrs, web
from sqlalchemy.orm import Session

from actions import inbox, rights
from actions.figures import growth, view
from actions.figures.periods import MOST_DAYS, Period, PeriodInvalid, Preset
from actions.figures.shapes import FEWEST_ANSWERS, Asked, Figures
from actions.inbox import Choices, Wanted
from actions.ratings import GOAL
from actions.rights import Right
from bot.clock import LOCAL_ZONE
from bot.staff_pages import figures_file, sheets, ticket_map
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.list_filter import Filter
from bot.staff_pages.site import HOME, Site
from bot.storable import storable
from store.staff import Officer

FIGURES = f"{HOME}/figures"

KEPT_FOR = timedelta(seconds=30)
"""So long the same figures are shown to whoever asks the same."""

MOST_KEPT = 200
COMMUNES_SHOWN = 10
"""Lines of the table of communes; the others are behind a button."""


@dataclass(frozen=True)
class _Query:
    """What an address asks for; `problem` names what of it makes no sense."""

    asked: Asked
    problem: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], now: datetime) -> _Query:
        period, problem = _period(query, now)
        asked = Asked(
            period,
            agency=storable(query.get("agency", ""))[:40],
            category=storable(query.get("category", ""))[:30],
            commune=storable(query.get("commune", ""))[:5],
        )
        return cls(asked, problem)


class FiguresPage:
    """The page, and its tables as files."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access
        self._kept: dict[object, Figures] = {}

    def routes(self) -> list[web.RouteDef]:
        page = self._access.page
        return [
            web.get(FIGURES, page(self._show, right=Right.FIGURES)),
            web.get(f"{FIGURES}/file", page(self._send, right=Right.FIGURES)),
        ]

    async def _show(self, request: web.Request, visitor: Visitor) -> web.Response:
        query = _Query.read(request.query, self._site.now)
        figures, choices = await self._site.look(
            lambda session: (
                self._figures(session, query.asked, visitor.officer),
                inbox.choices(session, visitor.officer),
            )
        )
        services = self._site.runtime.services
        labels = services.local.category_labels
        response = self._site.page(
            "figures.html",
            status=400 if query.problem else 200,
            visitor=visitor,
            here="figures",
            problem=query.problem,
            most_days=MOST_DAYS,
            figures=figures,
            asked=query.asked,
            choices=choices,
            categories=labels,
            address=_address_of_cases,
            of_period=lambda preset: _address(query.asked, preset),
            file=lambda kind: f"{FIGURES}/file?{_values(query.asked, kind=kind)}",
            presets=[preset.value for preset in Preset],
            communes_shown=COMMUNES_SHOWN,
            goal=GOAL,
            growth=growth,
            fewest_answers=FEWEST_ANSWERS,
            drawing=_drawing(figures, choices, labels),
            tiles=services.settings.map_tiles,
            attribution=services.settings.map_attribution,
        )
        response.headers["Content-Security-Policy"] = ticket_map.page_policy(services.settings)
        return response

    async def _send(self, request: web.Request, visitor: Visitor) -> web.Response:
        kind = request.query.get("kind", "")
        query = _Query.read(request.query, self._site.now)
        if kind not in sheets.TYPES or query.problem:
            raise web.HTTPBadRequest
        figures = await self._site.look(
            lambda session: self._figures(session, query.asked, visitor.officer)
        )
        labels = self._site.runtime.services.local.category_labels
        file = io.BytesIO()
        await asyncio.to_thread(sheets.write, kind, file, figures_file.rows(figures, labels))
        day = figures.counted_at.astimezone(LOCAL_ZONE).strftime("%Y%m%d-%H%M")
        return web.Response(
            body=file.getvalue(),
            headers={
                hdrs.CONTENT_TYPE: sheets.TYPES[kind],
                hdrs.CONTENT_DISPOSITION: f'attachment; filename="so-lieu-{day}.{kind}"',
                hdrs.CACHE_CONTROL: "no-store",
            },
        )

    def _figures(self, session: Session, asked: Asked, officer: Officer) -> Figures:
        """Counted now, or a moment ago for somebody who sees the same."""
        now = self._site.now
        who = None if rights.sees_all(officer) else (officer.agency_code, officer.id)
        kept = self._kept.get((asked, who))
        if kept is not None and timedelta(0) <= now - kept.counted_at < KEPT_FOR:
            return kept
        figures = view.read(session, asked, officer, now)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[asked, who] = figures
        return figures


def _period(query: Mapping[str, str], now: datetime) -> tuple[Period, str]:
    """The period that is asked for, else the last seven days; and what is wrong with it."""
    usual = Period.of(Preset.SEVEN_DAYS, now)
    name, first, last = (query.get(key, "") for key in ("period", "from", "to"))
    if name in set(Preset):
        return Period.of(Preset(name), now), ""
    if not first and not last:
        return usual, ""
    with suppress(ValueError):
        days = [date.fromisoformat(text or other) for text, other in ((first, last), (last, first))]
        if all(2000 <= day.year < 2100 for day in days):
            try:
                return Period.between(*days), ""
            except PeriodInvalid:
                return usual, "period"
    return usual, "day"


def _values(asked: Asked, **more: str) -> str:
    period = asked.period
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    values = {
        **({"period": period.preset.value} if period.preset else days),
        "agency": asked.agency,
        "category": asked.category,
        "commune": asked.commune,
        **more,
    }
    return urlencode({name: value for name, value in values.items() if value})


def _address(asked: Asked, preset: str) -> str:
    """The same for another period."""
    values = {"period": preset, "agency": asked.agency, "category": asked.category}
    values["commune"] = asked.commune
    return f"{FIGURES}?{urlencode({name: value for name, value in values.items() if value})}"


def _address_of_cases(wanted: Wanted) -> str:
    return f"{HOME}?{Filter(wanted).query}"


def _drawing(figures: Figures, choices: Choices, labels: Mapping[str, str]) -> dict[str, Any]:
    """What the script draws: bars of the days and categories, circles of the communes."""
    return {
        "steps": [
            {
                "first": step.first.isoformat(),
                "last": step.last.isoformat(),
                "received": step.received.value,
                "on_time": step.on_time.value,
                "late": step.late.value,
                "address": _address_of_cases(step.received.wanted),
            }
            for step in figures.steps
        ],
        "categories": [
            {
                "name": labels.get(line.key, line.key),
                "received": line.received.value,
                "late": line.late.value,
                "address": _address_of_cases(line.received.wanted),
            }
            for line in figures.categories
        ],
        "places": [
            {
                "name": place.line.name,
                "latitude": place.latitude,
                "longitude": place.longitude,
                "received": place.line.received.value,
                "address": _address_of_cases(place.line.received.wanted),
            }
            for place in figures.places
        ],
        "points": [list(point) for point in figures.points],
    }
