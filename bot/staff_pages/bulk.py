"""One thing done to many cases: each by the rules of its own, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import addressees, cases, groups, rights
from actions.cases import Given
from actions.local_facts import LocalFacts
from actions.tickets import TicketNotFound, find_by_code
from bot.desk import citizen_news
from bot.desk.refusals import REFUSED, name_of, officer_in
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import MAX_FILES, MAX_TEXT, SMALL_FORM, Form, TextTooLong, words
from bot.staff_pages.list_filter import Filter
from bot.staff_pages.once import SentAlready, is_deed, named_in, see_that_nothing_came
from bot.staff_pages.site import HOME, Site
from bot.work import UnitOfWork
from store.staff import Officer
from store.tickets import TicketEvent

BULK = f"{HOME}/bulk"

NOTE = "note"
MOVES = ("accept", "assign", "transfer")
"""Moves that are made with many cases at once; whatever says something of one case is not."""

MOST_CASES = 100


@dataclass(frozen=True)
class Outcome:
    """What became of one case; `problem` is empty when it went through."""

    code: str
    problem: str = ""
    other: str = ""
    """The colleague, or the blank, that the problem is about."""


def deeds(local: LocalFacts, officer: Officer) -> dict[str, str]:
    """What an officer may do with many cases, by name, and what it is called.

    A note is no move of the table, so that it has no name there: the templates have one.
    """
    ranks = cases.by_officer(officer).ranks
    if not ranks:
        return {}
    may = {name: local.moves.moves[name].label for name in MOVES if _may(local, name, ranks)}
    return may | {NOTE: ""}


def _may(local: LocalFacts, name: str, ranks: frozenset[str]) -> bool:
    return bool(local.moves.moves[name].who & ranks)


def officers(
    session: Session, local: LocalFacts, officer: Officer, now: datetime
) -> tuple[Sequence[Officer], frozenset[int]]:
    """Whom an officer may give cases to; and, by their ids, who of them has left the groups."""
    if "assign" not in deeds(local, officer):
        return (), frozenset()
    found = addressees.colleagues(session, officer, now)
    return found, groups.gone(session, found, None)


class Bulk:
    """The page that says what became of each case."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access

    def routes(self) -> list[web.RouteDef]:
        return [web.post(BULK, self._access.form(self._do, limit=SMALL_FORM))]

    async def _do(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        deed, codes = form.text("deed"), list(dict.fromkeys(form.many("case")))[:MOST_CASES]
        if deed not in deeds(self._site.runtime.services.local, visitor.officer):
            return self._page(visitor, form, problem="no_deed", status=400)
        if not codes:
            return self._page(visitor, form, deed, problem="no_case", status=400)
        try:
            text = words(form, "text") if self._is_said(deed) else ""
        except TextTooLong:
            return self._page(visitor, form, deed, problem="too_long", status=400)
        outcomes = [await self._one(visitor, form, code, deed, text) for code in codes]
        return self._page(visitor, form, deed, outcomes=outcomes)

    def _is_said(self, deed: str) -> bool:
        """Whether the words of the form belong to it."""
        moves = self._site.runtime.services.local.moves.moves
        return deed == NOTE or "reason" in moves[deed].needs

    async def _one(self, visitor: Visitor, form: Form, code: str, deed: str, text: str) -> Outcome:
        officer = visitor.officer
        try:
            await self._site.act(lambda work: _do_once(work, officer, form, code, deed, text))
        except SentAlready:
            return Outcome(code, "already")
        except REFUSED as error:
            refusal = error
        else:
            return Outcome(code)
        problem = await self._site.look(lambda session: _name(session, refusal, officer, code))
        return Outcome(code, problem, officer_in(refusal) or getattr(refusal, "blank", ""))

    def _page(
        self,
        visitor: Visitor,
        form: Form,
        deed: str = "",
        *,
        outcomes: Sequence[Outcome] = (),
        problem: str = "",
        status: int = 200,
    ) -> web.Response:
        return self._site.page(
            "bulk.html",
            status=status,
            visitor=visitor,
            here="tickets",
            deed=deed,
            label=deeds(self._site.runtime.services.local, visitor.officer).get(deed, ""),
            done=[one for one in outcomes if not one.problem],
            left=[one for one in outcomes if one.problem],
            problem=problem,
            text=form.text("text"),
            back=Filter.of_query(form.text("filter")).address(),
            longest=MAX_TEXT,
            most_files=MAX_FILES,
        )


def _do_once(
    work: UnitOfWork, officer: Officer, form: Form, code: str, deed: str, text: str
) -> None:
    ticket = rights.in_sight(officer, cases.locked(work.session, code))
    since = work.session.scalars(
        select(TicketEvent).where(
            TicketEvent.ticket_id == ticket.id, TicketEvent.id > form.number("version")
        )
    ).all()
    named = named_in(form, work.services.local.moves.moves.get(deed))
    see_that_nothing_came(
        since,
        lambda event: is_deed(event, deed, officer, text, named),
        strict=False,
    )
    if deed == NOTE:
        citizen_news.note(work, ticket, officer, text)
        return
    given = _given(work, form, work.services.local.moves.moves[deed].needs, text)
    citizen_news.move(work, ticket, deed, officer, given)


def _given(work: UnitOfWork, form: Form, needs: frozenset[str], text: str) -> Given:
    """What the move needs of the form, which has fields for every move."""
    local, chosen = work.services.local, form.number("officer")
    return Given(
        text=text,
        officer=work.session.get(Officer, chosen) if "officer" in needs else None,
        agency=local.agencies.get(form.text("agency")) if "agency" in needs else None,
    )


def _name(session: Session, refusal: Exception, officer: Officer, code: str) -> str:
    """What the refusal is called; a case that the officer does not see is not told apart."""
    try:
        return name_of(refusal, officer, find_by_code(session, code))
    except TicketNotFound:
        return name_of(refusal, officer, None)
