"""The list of tickets: which ones, in which order, how many."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from actions import ticket_code
from actions.tickets import OPEN_STATES
from bot.staff_pages.forms import number, storable
from store.local import Agency, Commune
from store.staff import Officer
from store.tickets import Ticket, TicketState

PAGE_SIZE = 25
MAX_SEARCH = 100

OPEN, OVERDUE, ALL = "open", "overdue", "all"
VIEWS = (
    OPEN,
    TicketState.NEW.value,
    TicketState.TAKEN.value,
    OVERDUE,
    TicketState.DONE.value,
    TicketState.WITHDRAWN.value,
    ALL,
)
"""What the tabs above the list show, in their order."""

_URGENCY_RANK = {"urgent": 0, "high": 1}


@dataclass(frozen=True)
class Filter:
    """What the officer wants to see; an empty string means no limit."""

    view: str = OPEN
    category: str = ""
    commune: str = ""
    agency: str = ""
    search: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """From the query of an address; what makes no sense there counts as not given."""
        view = query.get("view", OPEN)
        return cls(
            view=view if view in VIEWS else OPEN,
            category=storable(query.get("category", ""))[:30],
            commune=storable(query.get("commune", ""))[:5],
            agency=storable(query.get("agency", ""))[:40],
            search=storable(query.get("search", "")).strip()[:MAX_SEARCH],
            page=max(1, number(query.get("page", "1"))),
        )

    def address(self, *, view: str | None = None, page: int = 1) -> str:
        """The address of this list with another tab or page of it."""
        shown = replace(self, view=self.view if view is None else view, page=page)
        plain = Filter()
        values = {k: v for k, v in vars(shown).items() if v != getattr(plain, k)}
        return "/staff" + (f"?{urlencode(values)}" if values else "")

    @property
    def narrowed(self) -> bool:
        return bool(self.category or self.commune or self.agency or self.search)


@dataclass(frozen=True)
class Choices:
    """What the filters offer, as (value, name)."""

    communes: list[tuple[str, str]]
    agencies: list[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    ticket: Ticket
    commune: str | None
    officer: str | None


@dataclass(frozen=True)
class Page:
    """One page of the list; `total` counts the whole list, `by_view` what each tab would show."""

    rows: list[Row]
    total: int
    pages: int
    by_view: dict[str, int]


def find(session: Session, wanted: Filter, now: datetime) -> Page:
    """The tickets: open ones first, among them the most urgent, then the newest."""
    narrowed = _narrowed(wanted)
    by_view = {view: _count(session, narrowed, *_in_view(view, now)) for view in VIEWS}
    total = by_view[wanted.view]
    pages = max(1, -(-total // PAGE_SIZE))
    query = (
        select(Ticket, Commune.name, Officer.name)
        .outerjoin(Commune, Commune.code == Ticket.commune_code)
        .outerjoin(Officer, Officer.id == Ticket.officer_id)
        .where(*narrowed, *_in_view(wanted.view, now))
        .order_by(
            case((Ticket.state.in_(OPEN_STATES), 0), else_=1),
            case(_URGENCY_RANK, value=Ticket.urgency, else_=len(_URGENCY_RANK)),
            Ticket.id.desc(),
        )
        .limit(PAGE_SIZE)
        .offset((min(wanted.page, pages) - 1) * PAGE_SIZE)
    )
    rows = [Row(ticket, commune, officer) for ticket, commune, officer in session.execute(query)]
    return Page(rows=rows, total=total, pages=pages, by_view=by_view)


def choices(session: Session) -> Choices:
    """Every commune, and of some hundreds of agencies those that have had a ticket, by name."""
    communes = session.execute(select(Commune.code, Commune.name).order_by(Commune.name))
    agencies = session.execute(
        select(Agency.code, Agency.name)
        .where(Agency.code.in_(select(Ticket.agency_code)))
        .order_by(Agency.name)
    )
    return Choices(
        communes=[(code, name) for code, name in communes],
        agencies=[(code, name) for code, name in agencies],
    )


def _in_view(view: str, now: datetime) -> list[ColumnElement[bool]]:
    if view == ALL:
        return []
    if view == OPEN:
        return [Ticket.state.in_(OPEN_STATES)]
    if view == OVERDUE:
        return [Ticket.state.in_(OPEN_STATES), Ticket.deadline_at < now]
    return [Ticket.state == view]


def _narrowed(wanted: Filter) -> list[ColumnElement[bool]]:
    equal = {
        Ticket.category: wanted.category,
        Ticket.commune_code: wanted.commune,
        Ticket.agency_code: wanted.agency,
    }
    where: list[ColumnElement[bool]] = [column == v for column, v in equal.items() if v]
    if wanted.search:
        where.append(_matches(wanted.search))
    return where


def _matches(search: str) -> ColumnElement[bool]:
    """A ticket code however it is typed, or words of the text or of the place."""
    # SQLite folds the case of a to z only: the usual spellings are asked for one by one.
    spellings = dict.fromkeys((search, search.lower(), search.capitalize()))
    ways = [
        column.icontains(spelling, autoescape=True)
        for column in (Ticket.text, Ticket.place_text, Ticket.code)
        for spelling in spellings
    ]
    with suppress(ticket_code.TicketCodeUnreadable):
        ways.append(Ticket.code == ticket_code.read(search))
    return or_(*ways)


def _count(
    session: Session, narrowed: list[ColumnElement[bool]], *more: ColumnElement[bool]
) -> int:
    return session.scalar(select(func.count(Ticket.id)).where(*narrowed, *more)) or 0
