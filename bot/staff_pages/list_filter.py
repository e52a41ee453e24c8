"""The list of cases in an address: which ones, in which order, from where on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from actions.happened import Answered, Happened, Rated, Span, SpanUnreadable
from actions.inbox import Order, Place, View, Wanted
from bot.staff_pages.site import HOME
from bot.storable import number, storable

MAX_SEARCH = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Filter:
    """What an officer wants to see, and where in it the page begins."""

    wanted: Wanted = field(default_factory=Wanted)
    start: Place | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """From the query of an address; what makes no sense there counts as not given."""
        view, order = query.get("view", ""), query.get("sort", "")
        wanted = Wanted(
            view=View(view) if view in set(View) else View.OPEN,
            agency=storable(query.get("agency", ""))[:40],
            category=storable(query.get("category", ""))[:30],
            commune=storable(query.get("commune", ""))[:5],
            urgency=storable(query.get("urgency", ""))[:10],
            since=_day(query.get("from", "")),
            until=_day(query.get("to", "")),
            search=storable(query.get("search", "")).strip()[:MAX_SEARCH],
            order=Order(order) if order in set(Order) else None,
            happened=_happened(query),
        )
        if wanted.order is replace(wanted, order=None).ordered:
            wanted = replace(wanted, order=None)
        return cls(wanted, _place(query))

    @classmethod
    def of_query(cls, query: str) -> Filter:
        """From a query as `query` gives it."""
        return cls.read(dict(parse_qsl(query)))

    @property
    def query(self) -> str:
        """The list as the query of an address, without a place in it; empty for the first list."""
        parts = (urlencode(_own_values(self.wanted)), _happened_query(self.wanted.happened))
        return "&".join(part for part in parts if part)

    def address(self, start: Place | None = None, *, said: str = "", **changes: Any) -> str:
        """The address of this list from a place on, or of one that differs in some fields.

        Args:
            said: what the page is to say has been done.
        """
        values = _values(replace(self.wanted, **changes)) | _place_values(start)
        values |= {"said": said} if said else {}
        return HOME + (f"?{urlencode(values)}" if values else "")

    @property
    def here(self) -> str:
        """The address of this very page."""
        return self.address(self.start)

    @property
    def here_query(self) -> str:
        """The same as the query of an address."""
        return urlencode(_values(self.wanted) | _place_values(self.start))

    @property
    def happened(self) -> dict[str, str]:
        """What must have happened to its cases, for the form that narrows them further."""
        return _happened_values(self.wanted.happened)

    @property
    def cleared(self) -> str:
        """The address of its view alone."""
        return Filter(Wanted(view=self.wanted.view, order=self.wanted.order)).address()


def _values(wanted: Wanted) -> dict[str, str]:
    return _own_values(wanted) | _happened_values(wanted.happened)


def _own_values(wanted: Wanted) -> dict[str, str]:
    """Without what must have happened."""
    values = {
        "view": "" if wanted.view is View.OPEN else wanted.view,
        "agency": wanted.agency,
        "category": wanted.category,
        "commune": wanted.commune,
        "urgency": wanted.urgency,
        "from": wanted.since.isoformat() if wanted.since else "",
        "to": wanted.until.isoformat() if wanted.until else "",
        "search": wanted.search,
        "sort": wanted.order or "",
    }
    return {name: value for name, value in values.items() if value}


@lru_cache(maxsize=256)  # a page of figures has hundreds of links with the same few of them
def _happened_query(happened: Happened) -> str:
    return urlencode(_happened_values(happened))


def _happened_values(happened: Happened) -> dict[str, str]:
    values = {name: str(span) for name, span in happened.spans.items()}
    values |= {"in_time": happened.in_time or "", "rated": happened.rated or ""}
    return {name: value for name, value in values.items() if value}


def _happened(query: Mapping[str, str]) -> Happened:
    in_time, rated = query.get("in_time", ""), query.get("rated", "")
    return Happened(
        received=_span(query.get("received", "")),
        answered=_span(query.get("answered", "")),
        closed=_span(query.get("closed", "")),
        reopened=_span(query.get("reopened", "")),
        in_time=Answered(in_time) if in_time in set(Answered) else None,
        rated=Rated(rated) if rated in set(Rated) else None,
    )


def _span(text: str) -> Span | None:
    with suppress(SpanUnreadable):
        return Span.read(text)
    return None


def _day(text: str) -> date | None:
    """A day of this century as browsers send it; both databases can count with it."""
    with suppress(ValueError):
        day = date.fromisoformat(text)
        return day if 2000 <= day.year < 2100 else None
    return None


_LATEST = 2**53
"""Microseconds that are read; a later place there is not."""


def _place(query: Mapping[str, str]) -> Place | None:
    for name, backwards in (("after", False), ("before", True)):
        microseconds, _, ticket_id = query.get(name, "").partition("-")
        if number(ticket_id):
            with suppress(OverflowError):
                at = _EPOCH + number(microseconds, _LATEST) * _MICROSECOND
                return Place(at, number(ticket_id), backwards)
    return None


def _place_values(place: Place | None) -> dict[str, str]:
    if place is None:
        return {}
    microseconds = (place.at - _EPOCH) // _MICROSECOND
    return {"before" if place.backwards else "after": f"{microseconds}-{place.ticket_id}"}
