"""Cases from report to answer, over a database that already holds very many.

A case is created (likely duplicates are looked for, and the citizen's chat, the ticket, its clocks
and its history written), assigned, replied to, resolved and searched for, each step in a
transaction of its own, through `actions/` and with the news to the citizen as rows of the outbox.
"""

from __future__ import annotations

import multiprocessing
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

from actions import cases, correspondence, duplicates, inbox, tickets
from actions.cases import Given, by_officer
from actions.inbox import View, Wanted
from actions.local_facts import LocalFacts
from bot import case_news
from bot.channels.web.channel import WebChannel
from bot.responses import Responses
from bot.settings import ROOT, Settings
from bot.work import Services, UnitOfWork
from store.engine import Database
from store.messages import Conversation
from store.migrate import migrate
from store.staff import Officer
from tests.bench.filling import ANSWER, SEED, WORDS, fill
from tests.bench.plans import plans

SIZES = (0, 100_000, 1_000_000)
PROCESSES = 2

STEPS = ("create", "assign", "answer", "resolve", "search")


def measure_cases(url: str, *, seconds: float, sizes: tuple[int, ...] = SIZES) -> dict[str, object]:
    """Cases a second and the time of each step, for each number of tickets that are there before.

    Args:
        url: an empty PostgreSQL database.
        seconds: how long to measure at each size.
    """
    database = Database(url)
    migrate(database)
    results: dict[str, object] = {"processes": PROCESSES, "seconds": seconds}
    there = 0
    for size in sizes:
        fill(database, there, size)
        there = size
        results[str(size)] = _measure(url, seconds, SEED + size)
    results["plans"] = plans(database, LocalFacts.load(ROOT / "data" / "local" / "an_giang"))
    database.dispose()
    return results


def _measure(url: str, seconds: float, seed: int) -> dict[str, object]:
    """With a seed of its own for each size: the codes of another size's cases are given."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=spawn) as pool:
        runs = [pool.submit(_work, url, seconds, seed * 10 + number) for number in range(PROCESSES)]
        times = [run.result() for run in runs]
    taken = {step: sorted(t for run in times for t in run[step]) for step in STEPS}
    done = len(taken[STEPS[-1]])
    every = sorted(t for some in taken.values() for t in some)
    return {
        "cases_per_second": round(done / seconds, 1),
        "steps_per_second": round(done * len(STEPS) / seconds, 1),
        "p95_ms": _ms(every, 0.95),
        "by_step": {
            step: {"p50_ms": _ms(taken[step], 0.5), "p95_ms": _ms(taken[step], 0.95)}
            for step in STEPS
        },
    }


def _ms(times: list[float], share: float) -> float:
    return round(1000 * times[min(len(times) - 1, int(len(times) * share))], 1)


def _work(url: str, seconds: float, seed: int) -> dict[str, list[float]]:
    """One process's cases, until the time is over; seconds of each step."""
    desk = _Desk(url, Random(seed))
    taken: dict[str, list[float]] = {step: [] for step in STEPS}
    desk.case(taken)  # the first one compiles statements
    taken = {step: [] for step in STEPS}
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        desk.case(taken)
    desk.database.dispose()
    return taken


class _Desk:
    """A citizen, and an officer who works."""

    def __init__(self, url: str, random: Random) -> None:
        self.database = Database(url)
        self.local = LocalFacts.load(ROOT / "data" / "local" / "an_giang")
        self.services = Services(
            settings=Settings(_env_file=None, data_dir=Path("unused")),
            responses=Responses.load(ROOT / "domain.yml"),
            local=self.local,
            capabilities={WebChannel.name: WebChannel.capabilities},
            dossiers=None,
        )
        self.random = random
        self.communes = list(self.local.communes.values())

    def case(self, taken: dict[str, list[float]]) -> None:
        code = self._timed(taken, "create", self._create)
        self._timed(taken, "assign", lambda work: self._move(work, code, "assign"))
        self._timed(taken, "answer", lambda work: self._answer(work, code))
        self._timed(taken, "resolve", lambda work: self._move(work, code, "resolve"))
        self._timed(taken, "search", self._search)

    def _timed(
        self, taken: dict[str, list[float]], step: str, do: Callable[[UnitOfWork], str]
    ) -> str:
        began = time.perf_counter()
        with self.database.write() as session:
            result = do(UnitOfWork(self.services, session, datetime.now(UTC)))
        taken[step].append(time.perf_counter() - began)
        return result

    def _create(self, work: UnitOfWork) -> str:
        commune = self.random.choice(self.communes)
        chat = Conversation(channel=WebChannel.name, chat_id=uuid.uuid4().hex, created_at=work.now)
        work.session.add(chat)
        work.session.flush()
        draft = tickets.TicketDraft(
            "report",
            self.random.choice(list(self.local.category_labels)),
            "normal",
            " ".join(self.random.choices(WORDS, k=18)),
            commune_code=commune.code,
            latitude=commune.lat + self.random.uniform(-0.02, 0.02),
            longitude=commune.lon + self.random.uniform(-0.02, 0.02),
        )
        duplicates.likely(work.session, draft, local=self.local, now=work.now)
        ticket = tickets.create(
            work.session,
            conversation=chat,
            draft=draft,
            local=self.local,
            now=work.now,
            random=self.random,
        )
        return ticket.code

    def _officer(self, session: Session) -> Officer:
        return session.get_one(Officer, 1)

    def _move(self, work: UnitOfWork, code: str, name: str) -> str:
        ticket, officer = cases.locked(work.session, code), self._officer(work.session)
        moved = cases.move(
            work.session,
            ticket,
            name,
            by=by_officer(officer),
            given=Given(text=ANSWER, photos=1, officer=officer if name == "assign" else None),
            local=self.local,
            now=work.now,
        )
        case_news.tell(work, moved)
        return code

    def _answer(self, work: UnitOfWork, code: str) -> str:
        ticket, officer = cases.locked(work.session, code), self._officer(work.session)
        written = correspondence.reply(
            work.session, ticket, officer, ANSWER, local=self.local, now=work.now
        )
        said = work.responses.say(
            "utter_ticket_reply", code=code, agency=ticket.agency_name, text=ANSWER
        )
        case_news.write(work, ticket, written.event, said)
        return code

    def _search(self, work: UnitOfWork) -> str:
        words = " ".join(self.random.choices(WORDS, k=3))
        wanted = Wanted(view=View.ALL, search=words)
        page = inbox.page(work.session, wanted, self._officer(work.session), work.now)
        return str(len(page.rows))
