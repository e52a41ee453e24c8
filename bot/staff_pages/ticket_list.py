"""The list of tickets: which ones, in which order, how many."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from actions import search, ticket_code
from actions.ratings import SATISFIED_FROM
from bot.clock import midnight
from bot.staff_pages.forms import number
from bot.storable import storable
from store.local import Agency, Commune
from store.staff import Officer
from store.tickets import UNDER_WAY, Ticket, TicketState

PAGE_SIZE = 25
MAX_SEARCH = 100

OPEN = "open"
VIEWS = (
    OPEN,
    "new",
    "mine",
    "unassigned",
    "today",
    "overdue",
    "unhappy",
    "answered",
    "closed",
    "all",
)
"""What the tabs above the list show, in their order."""

_OVER = (TicketState.CLOSED, TicketState.REJECTED, TicketState.MERGED, TicketState.WITHDRAWN)

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


def find(session: Session, wanted: Filter, officer: Officer, now: datetime) -> Page:
    """The tickets: open ones first, among them the most urgent, then the newest."""
    narrowed = _narrowed(session, wanted)
    by_view = {view: _count(session, narrowed, *_in_view(view, officer, now)) for view in VIEWS}
    total = by_view[wanted.view]
    pages = max(1, -(-total // PAGE_SIZE))
    query = (
        select(Ticket, Commune.name, Officer.name)
        .outerjoin(Commune, Commune.code == Ticket.commune_code)
        .outerjoin(Officer, Officer.id == Ticket.officer_id)
        .where(*narrowed, *_in_view(wanted.view, officer, now))
        .order_by(
            case((UNDER_WAY, 0), else_=1),
            case(_URGENCY_RANK, value=Ticket.urgency, else_=len(_URGENCY_RANK)),
            Ticket.id.desc(),
        )
        .limit(PAGE_SIZE)
        .offset((min(wanted.page, pages) - 1) * PAGE_SIZE)
    )
    rows = [Row(ticket, commune, name) for ticket, commune, name in session.execute(query)]
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


def _in_view(view: str, officer: Officer, now: datetime) -> list[ColumnElement[bool]]:
    tomorrow = midnight(now) + timedelta(days=1)
    views: dict[str, list[ColumnElement[bool]]] = {
        OPEN: [UNDER_WAY],
        "new": [Ticket.state == TicketState.NEW],
        "mine": [UNDER_WAY, Ticket.officer_id == officer.id],
        "unassigned": [UNDER_WAY, Ticket.officer_id.is_(None)],
        "today": [UNDER_WAY, Ticket.deadline_at >= now, Ticket.deadline_at < tomorrow],
        "overdue": [UNDER_WAY, Ticket.deadline_at < now],
        "unhappy": [or_(and_(UNDER_WAY, Ticket.reopened > 0), Ticket.rating < SATISFIED_FROM)],
        "answered": [Ticket.state == TicketState.RESOLVED],
        "closed": [Ticket.state.in_(_OVER)],
        "all": [],
    }
    return views[view]


def _narrowed(session: Session, wanted: Filter) -> list[ColumnElement[bool]]:
    equal = {
        Ticket.category: wanted.category,
        Ticket.commune_code: wanted.commune,
        Ticket.agency_code: wanted.agency,
    }
    where: list[ColumnElement[bool]] = [column == v for column, v in equal.items() if v]
    ways = [search.condition(session, wanted.search)]
    with suppress(ticket_code.TicketCodeUnreadable):
        ways.append(Ticket.code == ticket_code.read(wanted.search))
    found = [way for way in ways if way is not None]
    return [*where, or_(*found)] if found else where


def _count(
    session: Session, narrowed: list[ColumnElement[bool]], *more: ColumnElement[bool]
) -> int:
    return session.scalar(select(func.count(Ticket.id)).where(*narrowed, *more)) or 0
