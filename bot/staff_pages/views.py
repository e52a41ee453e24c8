"""Who has looked at what tells who a person is: for administrators to check."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import personal_views
from actions.personal_views import MAX_KEY, Looks, Seen, Wanted
from actions.rights import Right
from bot.clock import LOCAL_ZONE
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.site import HOME, Site
from bot.storable import number, storable
from store.staff import Officer

VIEWS = f"{HOME}/views"


@dataclass(frozen=True)
class Asked:
    """What the page was asked for, as in its address; what makes no sense counts as not given."""

    officer: int = 0
    what: str = ""
    key: str = ""
    first: str = ""
    last: str = ""
    """Days, as 2026-11-02; both count."""
    page: int = 1

    @classmethod
    def read(cls, query: MultiMapping[str]) -> Asked:
        what = query.get("what", "")
        return cls(
            officer=number(query.get("officer", "")),
            what=what if what in set(Seen) else "",
            key=storable(query.get("key", "")).strip()[:MAX_KEY],
            first=_day(query.get("first", "")),
            last=_day(query.get("last", "")),
            page=max(1, number(query.get("page", "1"))),
        )

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            officer_id=self.officer or None,
            what=Seen(self.what) if self.what else None,
            key=self.key,
            since=_midnight(self.first),
            until=_midnight(self.last, days_on=1),
        )

    @property
    def narrowed(self) -> bool:
        return self.wanted != Wanted()

    def address(self, page: int) -> str:
        """The address of another page of the same list."""
        values = {name: value for name, value in vars(self).items() if value and name != "page"}
        return f"{VIEWS}?{urlencode(values | {'page': page})}"


@dataclass(frozen=True)
class _Read:
    looks: Looks
    officers: list[tuple[int, str]] = field(default_factory=list)


class Views:
    """The page of looks."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        return [web.get(VIEWS, self._access.page(self._list, right=Right.ADMINISTER))]

    async def _list(self, request: web.Request, visitor: Visitor) -> web.Response:
        asked = Asked.read(request.query)
        read = await self._site.look(lambda session: _read(session, asked))
        return self._site.page(
            "views.html",
            visitor=visitor,
            here="admin",
            part="views",
            asked=asked,
            looks=read.looks,
            officers=read.officers,
            kinds=list(Seen),
            longest=MAX_KEY,
        )


def _read(session: Session, asked: Asked) -> _Read:
    officers = session.execute(select(Officer.id, Officer.name).order_by(Officer.name))
    return _Read(
        looks=personal_views.find(session, asked.wanted, page=asked.page),
        officers=[(row.id, row.name) for row in officers],
    )


def _day(text: str) -> str:
    with suppress(ValueError):
        return date.fromisoformat(text).isoformat()
    return ""


def _midnight(day: str, *, days_on: int = 0) -> datetime | None:
    """When a day begins here, or one so many days after it; None without one that there is."""
    if not day:
        return None
    with suppress(OverflowError):
        begins = date.fromisoformat(day) + timedelta(days=days_on)
        return datetime.combine(begins, time(), LOCAL_ZONE).astimezone(UTC)
    return None
