"""A list of cases as a file: what is filtered, without a word on who sent it unless asked for."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO, Any

import yaml
from aiohttp import hdrs, web
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import cases, inbox, personal_views
from actions.inbox import Row, Wanted
from actions.local_facts import LocalFacts
from actions.personal_views import Seen
from actions.rights import Right
from bot.clock import LOCAL_ZONE
from bot.pages import dotted
from bot.staff_pages import sheets
from bot.staff_pages.access import Access, Visitor
from bot.staff_pages.forms import SMALL_FORM, Form
from bot.staff_pages.list_filter import Filter
from bot.staff_pages.sheets import Value
from bot.staff_pages.site import HOME, Site
from nlu.personal import mask
from store.privacy import Consent
from store.tickets import Ticket, TicketState

EXPORT = f"{HOME}/export"

MOST_ROWS = 50_000
"""Cases of one file; the page and the file say so."""

ROWS_AT_ONCE = 500

SENT_AT_ONCE = 256 * 1024
"""Bytes."""


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    )
    return words


class Export:
    """The form that answers with a file."""

    def __init__(self, site: Site, access: Access) -> None:
        self._site = site
        self._access = access
        self._one_at_a_time = asyncio.Semaphore(1)
        """A file takes the processor for seconds: chats must not wait for two."""

    def routes(self) -> list[web.RouteDef]:
        send = self._access.form(self._send, limit=SMALL_FORM, right=Right.EXPORT)
        return [web.post(EXPORT, send)]

    async def _send(self, request: web.Request, visitor: Visitor, form: Form) -> web.StreamResponse:
        kind = form.text("kind")
        if kind not in sheets.TYPES:
            raise web.HTTPBadRequest
        wanted = Filter.of_query(form.text("filter")).wanted
        identity = bool(form.text("identity")) and visitor.may(Right.REPORTER)
        with tempfile.TemporaryFile() as file:
            async with self._one_at_a_time:
                await asyncio.to_thread(self._write, file, kind, wanted, visitor, identity)
            return await self._stream(request, file, kind)

    def _write(
        self, file: IO[bytes], kind: str, wanted: Wanted, visitor: Visitor, identity: bool
    ) -> None:
        """Fill the file, and note who has seen how many cases before any of it is sent."""
        written = _Written(self._site, wanted, visitor, identity)
        sheets.write(kind, file, written.rows())
        with self._site.runtime.database.write() as session:
            personal_views.note(
                session, visitor.officer, Seen.EXPORT, str(written.number), now=self._site.now
            )

    async def _stream(self, request: web.Request, file: IO[bytes], kind: str) -> web.StreamResponse:
        day = self._site.now.astimezone(LOCAL_ZONE).strftime("%Y%m%d-%H%M")
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: sheets.TYPES[kind],
                hdrs.CONTENT_DISPOSITION: f'attachment; filename="phan-anh-{day}.{kind}"',
                hdrs.CONTENT_LENGTH: str(file.seek(0, 2)),
                hdrs.CACHE_CONTROL: "no-store",
            }
        )
        await response.prepare(request)
        file.seek(0)
        while part := await asyncio.to_thread(file.read, SENT_AT_ONCE):
            await response.write(part)
        await response.write_eof()
        return response


class _Written:
    """The rows of one file; `number` counts the cases among them."""

    def __init__(self, site: Site, wanted: Wanted, visitor: Visitor, identity: bool) -> None:
        self._site = site
        self._local = site.runtime.services.local
        self._wanted = wanted
        self._officer = visitor.officer
        self._identity = identity
        self.number = 0

    def rows(self) -> Iterator[list[Value]]:
        words = _words()
        yield [*words["columns"].values(), *(words["identity"].values() if self._identity else ())]
        start = None
        while self.number < MOST_ROWS:
            with self._site.runtime.database.read() as session:
                page = inbox.page(
                    session,
                    self._wanted,
                    self._officer,
                    self._site.now,
                    start=start,
                    size=min(ROWS_AT_ONCE, MOST_ROWS - self.number),
                )
                rows = self._lines(session, page.rows)
            self.number += len(rows)
            yield from rows
            if page.later is None:
                return
            start = page.later
        yield [words["cut"].format(most=dotted(MOST_ROWS))]

    def _lines(self, session: Session, rows: list[Row]) -> list[list[Value]]:
        if not self._identity:
            return [_line(row, self._local) for row in rows]
        kept = _kept_consents(session, rows)
        return [self._with_identity(row, kept) for row in rows]

    def _with_identity(self, row: Row, kept: set[int]) -> list[Value]:
        """Of a case that is no more the officer's business nobody is named."""
        if cases.may_act(row.ticket, cases.by_officer(self._officer)):
            return [*_line(row, self._local, masked=False), *_who(row.ticket, kept)]
        return [*_line(row, self._local), *("" for _ in _words()["identity"])]


def _line(row: Row, local: LocalFacts, *, masked: bool = True) -> list[Value]:
    """One case, in the order of the columns."""
    ticket, values = row.ticket, _words()["values"]

    def free(text: str | None) -> str:
        return mask(text or "") if masked else text or ""

    return [
        ticket.code,
        values["intent"].get(ticket.intent, ticket.intent),
        local.category_labels.get(ticket.category, ticket.category),
        values["urgency"].get(ticket.urgency, ticket.urgency),
        local.moves.states[TicketState(ticket.state)].label,
        free(ticket.text),
        free(ticket.place_text),
        row.commune,
        ticket.agency_name,
        row.officer,
        ticket.created_at,
        ticket.deadline_at,
        ticket.resolved_at,
        ticket.closed_at,
        free(ticket.answer),
        ticket.rating,
        free(ticket.rating_reason),
    ]


def _who(ticket: Ticket, kept: set[int]) -> list[Value]:
    """Name and number, while the consent to keep them holds."""
    if ticket.consent_id not in kept:
        return ["", ""]
    return [ticket.contact_name, ticket.contact_phone]


def _kept_consents(session: Session, rows: list[Row]) -> set[int]:
    given = {row.ticket.consent_id for row in rows if row.ticket.consent_id}
    holding = select(Consent.id).where(Consent.id.in_(given), Consent.withdrawn_at.is_(None))
    return set(session.scalars(holding))
