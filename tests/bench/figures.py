"""The leader's view over a database that holds very many cases: how long it takes to answer.

The clock moves on between requests, so that no answer comes from the half minute for which figures
are shown again: each is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from urllib.parse import urlencode

from sqlalchemy import text

from actions.figures import kept
from actions.figures.periods import Preset, day_of
from store.engine import Database
from tests.bench.filling import agency_of
from tests.case_room import LOCAL
from tests.integration.staff_desk import Desk

RANGES = {"10 days": 10, "90 days": 90, "a year": 365}


def keep_counts(database: Database, desk: Desk) -> None:
    """What the timekeeper does in the first minutes after a server with so many cases starts."""
    while kept.forget_and_keep(database, desk.now):
        pass
    # As autovacuum does soon after: filling left a note for each case, all read and removed by now.
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE case_tally, case_tally_stale"))


def requests(random: Random, desk: Desk) -> Iterator[tuple[str, str]]:
    """One request of each kind; the desk's clock moves on before each."""
    today = day_of(desk.now)
    commune = random.choice(list(LOCAL.communes))
    narrowed = {
        "": {},
        "category, ": {"category": random.choice(list(LOCAL.category_labels))},
        "commune, ": {"commune": commune},
        "agency, ": {"agency": agency_of(commune)},
    }
    for name, values in narrowed.items():
        for preset in Preset:
            yield _next(desk, f"{name}{preset}", values | {"period": preset})
        for words, days in RANGES.items():
            last = today - timedelta(days=random.randrange(200))
            yield _next(desk, f"{name}{words}", values | _between(last, days))


def _next(desk: Desk, kind: str, values: dict[str, str]) -> tuple[str, str]:
    desk.now += timedelta(seconds=31)
    return kind, f"/staff/figures?{urlencode(values)}"


def _between(last: date, days: int) -> dict[str, str]:
    first = last - timedelta(days=days - 1)
    return {"from": first.isoformat(), "to": last.isoformat()}
