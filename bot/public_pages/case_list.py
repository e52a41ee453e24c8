"""What somebody wants to see of the released cases, as it stands in an address."""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from actions import ticket_code
from actions.local_facts import LocalFacts
from actions.public_cases import STATES, Wanted
from bot.clock import LOCAL_ZONE, midnight

CASES = "/phan-anh"

DAYS: Mapping[str, int] = {"30": 30, "90": 90, "365": 365}
"""The periods that can be chosen, by their names in an address."""


@dataclass(frozen=True)
class Filter:
    """What is wanted; an empty string means no limit."""

    category: str = ""
    commune: str = ""
    state: str = ""
    period: str = ""
    after: str = ""
    """The code of the case after which the page begins."""

    @classmethod
    def read(cls, query: Mapping[str, str], local: LocalFacts) -> Filter:
        """From the query of an address; what makes no sense there counts as not given."""

        def one_of(known: Container[str], name: str) -> str:
            return typed if (typed := query.get(name, "")) in known else ""

        return cls(
            category=one_of(local.category_labels, "category"),
            commune=one_of(local.communes, "commune"),
            state=one_of(STATES, "state"),
            period=one_of(DAYS, "period"),
            after=_code(query.get("after", "")),
        )

    def wanted(self, now: datetime) -> Wanted:
        return Wanted(
            category=self.category,
            commune=self.commune,
            state=self.state,
            since=self.since(now),
            after=self.after,
        )

    def first_day(self, now: datetime) -> date | None:
        """The first day of the period; None for all the time there is."""
        if not self.period:
            return None
        return midnight(now).date() - timedelta(days=DAYS[self.period] - 1)

    def since(self, now: datetime) -> datetime | None:
        """From when on cases count: from the beginning of that day."""
        first = self.first_day(now)
        return datetime.combine(first, time(), LOCAL_ZONE) if first else None

    def address(self, **changed: str) -> str:
        """The address of this list with something else; from its beginning if not told."""
        values = {k: v for k, v in vars(replace(self, **{"after": ""} | changed)).items() if v}
        return CASES + (f"?{urlencode(values)}" if values else "")

    @property
    def narrowed(self) -> bool:
        return replace(self, after="") != Filter()


def _code(typed: str) -> str:
    with suppress(ticket_code.TicketCodeUnreadable):
        return ticket_code.read(typed)
    return ""
