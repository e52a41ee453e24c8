"""Notices and figures for everybody: write, see how they will look, publish, end, take back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import publications
from actions.local_facts.notices import KINDS
from actions.publications import (
    Draft,
    EndsBeforeItBegins,
    KindUnknown,
    PublishedAlready,
    TextMissing,
    TitleMissing,
)
from actions.rights import Right
from bot.clock import LOCAL_ZONE, midnight
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.site import HOME, Site, go_to
from bot.storable import number
from bot.work import UnitOfWork
from store.desk import Publication
from store.staff import Officer

PUBLICATIONS = f"{HOME}/publications"

PAST_SHOWN = 30
"""Publications that have ended or were taken back, below those that stand."""


class DayUnreadable(ValueError):
    """What was typed is no day."""


PROBLEMS: dict[type[Exception], str] = {
    KindUnknown: "kind",
    TitleMissing: "title",
    TextMissing: "text",
    EndsBeforeItBegins: "ends",
    DayUnreadable: "ends",
}
"""What is wrong with a draft, and what the template calls it."""


@dataclass(frozen=True)
class Typed:
    """What stands in the form; `ends_on` is the last day, as browsers send it."""

    kind: str = KINDS[0]
    title: str = ""
    text: str = ""
    ends_on: str = ""


@dataclass(frozen=True)
class Row:
    publication: Publication
    officer: str


class Publications:
    """The pages at /staff/publications."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        one = rf"{PUBLICATIONS}/{{publication:\d{{1,9}}}}"
        page, form = self._access.page, self._access.form
        right = Right.PUBLISH
        return [
            web.get(PUBLICATIONS, page(self._show, right=right)),
            web.post(PUBLICATIONS, form(self._write, limit=SMALL_FORM, right=right)),
            web.post(f"{one}/end", form(self._end, limit=SMALL_FORM, right=right)),
            web.post(f"{one}/withdraw", form(self._withdraw, limit=SMALL_FORM, right=right)),
        ]

    async def _show(self, request: web.Request, visitor: Visitor) -> web.Response:
        typed = Typed()
        if again := number(request.query.get("again", "")[:9]):
            row = await self._site.look(lambda session: session.get(Publication, again))
            if row is not None:
                typed = Typed(row.kind, row.title, row.text)
        return await self._page(visitor, typed, said=request.query.get("said", ""))

    async def _page(
        self,
        visitor: Visitor,
        typed: Typed,
        *,
        said: str = "",
        problem: str = "",
        preview: Draft | None = None,
        status: int = 200,
    ) -> web.Response:
        now = self._site.now
        standing, past = await self._site.look(lambda session: _rows(session, now))
        return self._site.page(
            "publications.html",
            status=status,
            visitor=visitor,
            here="publications",
            standing=standing,
            past=past,
            typed=typed,
            said=said,
            problem=problem,
            preview=preview,
            kinds=KINDS,
            today=midnight(now).date(),
            longest_title=publications.LONGEST_TITLE,
            longest_text=publications.LONGEST_TEXT,
            last_day=last_day,
        )

    async def _write(
        self, _request: web.Request, visitor: Visitor, form: Form
    ) -> web.StreamResponse:
        """Show how it will look, or publish it."""
        typed = Typed(form.text("kind"), form.text("title"), form.text("text"), form.text("ends"))
        try:
            draft = publications.checked(_draft(typed), self._site.now)
            if form.text("do") != "publish":
                return await self._page(visitor, typed, preview=draft)
            await self._site.act(
                lambda work: publications.publish(
                    work.session, visitor.officer, draft, now=work.now
                )
            )
        except PublishedAlready:
            return go_to(f"{PUBLICATIONS}?said=already")
        except tuple(PROBLEMS) as error:
            return await self._page(visitor, typed, problem=PROBLEMS[type(error)], status=400)
        return go_to(f"{PUBLICATIONS}?said=published")

    async def _end(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        def do(work: UnitOfWork) -> None:
            row = _locked(work.session, request)
            publications.set_end(row, end_of(form.text("ends")), now=work.now)

        try:
            await self._site.act(do)
        except (DayUnreadable, EndsBeforeItBegins):
            return await self._page(visitor, Typed(), problem="ends", status=400)
        return go_to(f"{PUBLICATIONS}?said=ends")

    async def _withdraw(
        self, request: web.Request, _visitor: Visitor, _form: Form
    ) -> web.StreamResponse:
        await self._site.act(
            lambda work: publications.withdraw(_locked(work.session, request), now=work.now)
        )
        return go_to(f"{PUBLICATIONS}?said=withdrawn")


def end_of(day: str) -> datetime | None:
    """The end of a day here; None for no day.

    Raises:
        DayUnreadable: it is not written as `2026-11-30`.
    """
    if not day:
        return None
    with suppress(ValueError, OverflowError):
        begins = datetime.combine(date.fromisoformat(day), datetime.min.time(), LOCAL_ZONE)
        return begins + timedelta(days=1)
    raise DayUnreadable


def last_day(ends_at: datetime) -> date:
    """The last whole day before a moment."""
    return (ends_at.astimezone(LOCAL_ZONE) - timedelta(days=1)).date()


def _draft(typed: Typed) -> Draft:
    return Draft(typed.kind, typed.title, typed.text, end_of(typed.ends_on))


def _locked(session: Session, request: web.Request) -> Publication:
    wanted = number(request.match_info["publication"])
    row = session.get(Publication, wanted, with_for_update=True)
    if row is None:
        raise web.HTTPNotFound
    return row


def _rows(session: Session, now: datetime) -> tuple[list[Row], list[Row]]:
    """Those that stand, and the last that do no more."""
    found = session.execute(
        select(Publication, Officer.name)
        .join(Officer, Officer.id == Publication.officer_id)
        .order_by(Publication.id.desc())
        .limit(publications.MOST_TOLD + PAST_SHOWN)
    )
    rows = [Row(*row) for row in found]
    standing = [row for row in rows if publications.stands(row.publication, now)]
    return standing, [row for row in rows if row not in standing][:PAST_SHOWN]
