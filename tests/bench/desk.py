"""The desk over a database that holds very many cases: how long its inbox takes to answer.

Through the real handlers: login, rights, queries, template. Each kind of request is sent again and
again with other values, by somebody who sees everything and by an officer of one agency.
"""

from __future__ import annotations

import gc
import html
import re
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select

from actions.inbox import View
from bot.clock import utc_now
from store.engine import Database
from store.migrate import migrate
from store.staff import Officer, OfficerRole
from store.tickets import Ticket
from tests.bench import figures
from tests.bench.filling import BASE, SEED, WORDS, agency_of, fill
from tests.case_room import LOCAL
from tests.integration.staff_desk import Browser, Desk

SIZE = 1_000_000
ROUNDS = 20
GOAL_MS = 150

_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_PULSE = re.compile(r'hx-get="(/staff/pulse[^"]*)"')


async def measure_desk(url: str, *, size: int = SIZE, rounds: int = ROUNDS) -> dict[str, object]:
    """Milliseconds of each kind of request, p50 and p95, for each of two officers.

    Args:
        url: a PostgreSQL database, empty or filled by an earlier run.
        size: how many cases it is to hold.
        rounds: how often each kind of request is sent.
    """
    database = Database(url)
    migrate(database)
    fill(database, _there(database), size)
    agency = agency_of(next(iter(LOCAL.communes)))
    results: dict[str, object] = {"cases": size, "goal_p95_ms": GOAL_MS}
    officers: dict[str, dict[str, str]] = {
        "duty officer": {"role": OfficerRole.DUTY},
        "officer of one agency": {"role": OfficerRole.OFFICER, "agency_code": agency},
    }
    for name, values in officers.items():
        async with _browser(database, values) as (_, browser):
            results[name] = await _measure(browser, rounds)
    leads: dict[str, dict[str, str]] = {
        "figures, leader": {"role": OfficerRole.LEADER},
        "figures, lead of one agency": {"role": OfficerRole.LEAD, "agency_code": agency},
    }
    for name, values in leads.items():
        async with _browser(database, values) as (desk, browser):
            figures.keep_counts(database, desk)
            results[name] = await _measure_figures(desk, browser, rounds)
    database.dispose()
    return results


def _there(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(Ticket)).one()


@asynccontextmanager
async def _browser(
    database: Database, values: dict[str, str]
) -> AsyncIterator[tuple[Desk, Browser]]:
    username = values["role"]
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(database, Path(folder), now=utc_now())
        with database.read() as session:
            known = session.scalar(select(Officer.id).where(Officer.username == username))
        if known is None:
            desk.officer(username, **values)
        async with TestClient(TestServer(desk.app())) as client:
            browser = Browser(client)
            await browser.log_in(username)
            gc.freeze()  # as the server does once it is ready
            yield desk, browser


async def _measure(browser: Browser, rounds: int) -> dict[str, object]:
    random = Random(SEED)
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        for kind, path in _requests(random):
            taken.setdefault(kind, []).append(await _timed(browser, path))
        await _pages(browser, taken)
        await _pulse(browser, taken)
    return _summary(taken)


async def _measure_figures(desk: Desk, browser: Browser, rounds: int) -> dict[str, object]:
    random = Random(SEED)
    taken: dict[str, list[float]] = {}
    for _ in range(rounds):
        for kind, path in figures.requests(random, desk):
            taken.setdefault(kind, []).append(await _timed(browser, path))
    return _summary(taken)


def _summary(taken: dict[str, list[float]]) -> dict[str, object]:
    every = sorted(time for times in taken.values() for time in times)
    return {
        "requests": len(every),
        "p50_ms": _ms(every, 0.5),
        "p95_ms": _ms(every, 0.95),
        "by_kind": {
            kind: {"p50_ms": _ms(sorted(times), 0.5), "p95_ms": _ms(sorted(times), 0.95)}
            for kind, times in taken.items()
        },
    }


def _requests(random: Random) -> Iterator[tuple[str, str]]:
    """One request of each kind, with values of its own."""
    for view in View:
        yield f"view {view}", _path(view=view)
    commune = random.choice(list(LOCAL.communes))
    category = random.choice(list(LOCAL.category_labels))
    day = f"2026-{random.randrange(1, 10):02}-{random.randrange(1, 29):02}"
    for view in (View.OPEN, View.CLOSED, View.ALL):
        yield f"commune, {view}", _path(view=view, commune=commune)
        yield f"category, {view}", _path(view=view, category=category)
        yield f"commune and category, {view}", _path(view=view, commune=commune, category=category)
        yield (
            f"agency and urgency, {view}",
            _path(view=view, agency=agency_of(commune), urgency="urgent"),
        )
        yield f"a day, {view}", _path(view=view, **{"from": day, "to": day})
        for words in (1, 2, 3, 4, 5):
            search = " ".join(random.sample(WORDS, k=words))
            yield f"{words} words, {view}", _path(view=view, search=search)
        yield f"a word begun, {view}", _path(view=view, search=random.choice(WORDS)[:2])
        yield f"a code begun, {view}", _path(view=view, search=f"PA-98{random.randrange(16):X}7")
        rare = f"{BASE + random.randrange(SIZE):x}"
        yield (
            f"a rare word and a common one, {view}",
            _path(view=view, search=f"{rare} {random.choice(WORDS)}"),
        )
        yield (
            f"2 words and category, {view}",
            _path(view=view, search=" ".join(random.sample(WORDS, k=2)), category=category),
        )
        yield (
            f"5 words and commune, {view}",
            _path(view=view, search=" ".join(random.sample(WORDS, k=5)), commune=commune),
        )
    yield "no such word", _path(view=View.ALL, search="khongcochunay")


def _path(**query: str) -> str:
    return f"/staff?{urlencode(query)}"


async def _pages(browser: Browser, taken: dict[str, list[float]]) -> None:
    """Ten pages on, one after the other, in the longest list."""
    path = _path(view=View.ALL)
    await _timed(browser, path)
    for _ in range(10):
        found = _NEXT.search(browser.html)
        if found is None:
            return
        taken.setdefault("next page", []).append(
            await _timed(browser, html.unescape(found.group(1)))
        )


async def _pulse(browser: Browser, taken: dict[str, list[float]]) -> None:
    """The question that an open list asks every few seconds: without news, and with."""
    await _timed(browser, "/staff")
    found = _PULSE.search(browser.html)
    assert found is not None, "the list does not ask"
    path = html.unescape(found.group(1))
    taken.setdefault("pulse without news", []).append(await _timed(browser, path))
    changed = re.sub(r"version=\d+", "version=0", path)
    taken.setdefault("pulse with news", []).append(await _timed(browser, changed))


async def _timed(browser: Browser, path: str) -> float:
    """Seconds from the request to the last byte of the answer, over the loopback."""
    began = time.perf_counter()
    async with browser.client.get(path) as response:
        browser.html = await response.text()
        assert response.status in (200, 204), (path, response.status)
    return time.perf_counter() - began


def _ms(times: list[float], share: float) -> float:
    return round(1000 * times[min(len(times) - 1, int(len(times) * share))], 1)
