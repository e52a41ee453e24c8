"""Topics that grow: more cases of a category in a commune than chance explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, lgamma, log

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions.figures.periods import day_of
from actions.figures.tally import Where
from actions.happened import Happened, Span
from store.tickets import Ticket

WEEKS_BEFORE = 4
FEWEST = 5
"""Cases in the week; fewer are no topic."""

FACTOR = 1.5
"""So many times the mean of the weeks before: less may be certain, but is not worth a look."""

CHANCE = 0.05
"""How likely it may be that any pair at all is shown by chance alone."""

MOST_SHOWN = 15

_WEEK = timedelta(days=7)
_SHARE = 1 / (WEEKS_BEFORE + 1)


@dataclass(frozen=True)
class Growing:
    """A category in a commune, "" where nobody knows which, and its cases."""

    category: str
    commune: str
    this_week: int
    before: int
    """In the four weeks before."""
    chance: float
    """Of so many or more in this week, if all five weeks were alike."""

    @property
    def mean_before(self) -> float:
        """A week."""
        return self.before / WEEKS_BEFORE


def weeks(now: datetime) -> tuple[Span, Span]:
    """The last seven whole days, and the four weeks before them."""
    last = day_of(now) - timedelta(days=1)
    week = Span.of_days(last - timedelta(days=6), last)
    return week, Span(week.since - WEEKS_BEFORE * _WEEK, week.since)


def growing(session: Session, now: datetime, parts: Sequence[Where] = ((),)) -> list[Growing]:
    """The topics that grow, the surest first.

    If nothing has changed, each of the cases of five weeks falls into the last one with a chance of
    one in five (binomial test). Many pairs are looked at, so each must pass a test that is so many
    times harder (Bonferroni).

    Args:
        parts: conditions of each part of the cases; no case is in two parts.
    """
    counted = _counted(session, now, parts)
    enough = [(pair, total, new) for pair, (total, new) in counted.items() if new >= FEWEST]
    grown = [
        Growing(category, commune, new, total - new, tail(new, total))
        for (category, commune), total, new in enough
        if new * WEEKS_BEFORE >= FACTOR * (total - new)
    ]
    sure = [one for one in grown if one.chance * len(enough) <= CHANCE]
    return sorted(sure, key=lambda one: (one.chance, one.category, one.commune))[:MOST_SHOWN]


def _counted(
    session: Session, now: datetime, parts: Sequence[Where]
) -> dict[tuple[str, str], tuple[int, int]]:
    """Of each category in each commune: cases of the five weeks, and those of the last."""
    week, before = weeks(now)
    pairs = (Ticket.category, Ticket.commune_code)
    fresh = func.count().filter(Ticket.created_at >= week.since)
    inside = Happened(received=Span(before.since, week.until)).conditions()
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for part in parts:
        query = select(*pairs, func.count(), fresh).where(*inside, *part).group_by(*pairs)
        for category, commune, total, new in session.execute(query):
            more, newer = found.get((category, commune or ""), (0, 0))
            found[category, commune or ""] = (more + total, newer + new)
    return found


def tail(at_least: int, total: int, share: float = _SHARE) -> float:
    """The chance that of so many cases at least so many fall into a week, each with this share."""
    whole = lgamma(total + 1)
    return sum(
        exp(
            whole
            - lgamma(number + 1)
            - lgamma(total - number + 1)
            + number * log(share)
            + (total - number) * log(1 - share)
        )
        for number in range(at_least, total + 1)
    )
