"""Cases from report to answer, over a database that already holds very many.

A case is created (likely duplicates are looked for, and the citizen's chat, the ticket, its clocks
and its history written), assigned, replied to, resolved and searched for, each step in a
transaction of its own, through `actions/` and with the news to the citizen as rows of the outbox.
"""

from __future__ import annotations

import io
import multiprocessing
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import psycopg
from psycopg import sql
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from actions import cases, correspondence, duplicates, search, tickets
from actions.cases import Given, by_officer
from actions.folding import folded
from actions.local_facts import LocalFacts
from bot import case_news
from bot.channels.web.channel import WebChannel
from bot.responses import Responses
from bot.settings import ROOT, Settings
from bot.work import Services, UnitOfWork
from store.cases import DeadlineKind
from store.engine import Database
from store.messages import Conversation
from store.migrate import migrate
from store.staff import Officer, OfficerRole
from tests.bench.plans import plans

SIZES = (0, 100_000, 1_000_000)
PROCESSES = 2
SEED = 20261124

STEPS = ("create", "assign", "answer", "resolve", "search")

WORDS = """
đường ổ gà ngập nước rác hôi đèn tối cống nghẹt xe té trường học chợ cầu gãy hẻm xóm ấp dân kêu
hoài chưa ai sửa mưa lớn tràn vô nhà trẻ em người già đi lại khó khăn nguy hiểm mùi khói bụi xe tải
chạy suốt đêm ồn quán karaoke lấn vỉa hè cột điện nghiêng dây thòng cúp điện nước yếu đục phèn sóng
yếu mạng chậm chó thả rông heo gà ruộng lúa kênh bờ sạt lở biển rạch phường xã khóm tổ trạm y tế
""".split()

ANSWER = "Tổ hạ tầng đã đến kiểm tra, vá xong mặt đường và đặt lại biển báo trong sáng nay"

_COLUMNS = {
    "ticket": (
        "id code conversation_id intent category urgency text search_text commune_code latitude "
        "longitude agency_code agency_name state escalation clock deadline_at created_at "
        "resolved_at closed_at reopened answer"
    ).split(),
    "ticket_event": "ticket_id at kind actor officer_id detail".split(),
    "ticket_deadline": "ticket_id kind budget_s due_at warned next_warning_at".split(),
}


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
        seed(database, there, size)
        there = size
        results[str(size)] = _measure(url, seconds)
    results["plans"] = plans(database, LocalFacts.load(ROOT / "data" / "local" / "an_giang"))
    database.dispose()
    return results


def _measure(url: str, seconds: float) -> dict[str, object]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=spawn) as pool:
        runs = [pool.submit(_work, url, seconds, number) for number in range(PROCESSES)]
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


def _work(url: str, seconds: float, number: int) -> dict[str, list[float]]:
    """One process's cases, until the time is over; seconds of each step."""
    desk = _Desk(url, Random(SEED * 10 + number))
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
        return str(len(search.find(work.session, words)))


def seed(database: Database, there: int, wanted: int) -> None:
    """Bring a database to so many tickets: one in ten under way, each with three events."""
    random = Random(SEED)
    local = LocalFacts.load(ROOT / "data" / "local" / "an_giang")
    with database.write() as session:
        if session.get(Officer, 1) is None:
            session.add(
                Officer(
                    username="bench",
                    name="Bench",
                    role=OfficerRole.ADMIN,
                    created_at=datetime.now(UTC),
                )
            )
            session.add(
                Conversation(channel=WebChannel.name, chat_id="1", created_at=datetime.now(UTC))
            )
    if wanted <= there:
        return
    rows = _Rows(local, random)
    url = make_url(str(database.engine.url.render_as_string(hide_password=False)))
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(False)) as connection:
        for begin in range(there, wanted, 50_000):
            rows.copy(connection, begin + BASE, min(begin + 50_000, wanted) + BASE)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


BASE = 10_000_000
"""Numbers of seeded tickets begin here, clear of those that are measured."""


class _Rows:
    """Makes rows of tickets as they might be after years."""

    def __init__(self, local: LocalFacts, random: Random) -> None:
        self.random = random
        self.communes = list(local.communes.values())
        self.categories = list(local.category_labels)
        self.now = datetime.now(UTC)

    def copy(self, connection: psycopg.Connection, first: int, last: int) -> None:
        """COPY the tickets with these numbers, their clocks and their history."""
        lines = {table: io.StringIO() for table in _COLUMNS}
        for number in range(first, last):
            created = self.now - timedelta(minutes=self.random.uniform(1, 1_000_000))
            answered = self.random.random() < 0.9
            lines["ticket"].write(self._ticket(number, created, answered=answered))
            steps = ("create", "start", "resolve") if answered else ("create", "start", "note")
            for step in steps:
                lines["ticket_event"].write(
                    f"{number}\t{created.isoformat()}\t{step}\tofficer\t1\t{{}}\n"
                )
            if not answered:
                due = (created + timedelta(days=14)).isoformat()
                warning = (self.now + timedelta(days=1)).isoformat()
                for kind in DeadlineKind:
                    lines["ticket_deadline"].write(
                        f"{number}\t{kind}\t864000\t{due}\t0\t{warning}\n"
                    )
        for table, text in lines.items():
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, _COLUMNS[table]))
            )
            with connection.cursor().copy(statement) as copy:
                copy.write(text.getvalue())
        connection.commit()

    def _ticket(self, number: int, created: datetime, *, answered: bool) -> str:
        commune = self.random.choice(self.communes)
        text = " ".join(self.random.choices(WORDS, k=18))
        done = (created + timedelta(days=3)).isoformat() if answered else "\\N"
        fields = (
            number,
            f"PA-{number:X}",
            1,
            "report",
            self.random.choice(self.categories),
            "normal",
            text,
            folded(f"PA-{number:X} {text}"),
            commune.code,
            f"{commune.lat + self.random.uniform(-0.02, 0.02):.5f}",
            f"{commune.lon + self.random.uniform(-0.02, 0.02):.5f}",
            f"kinh-te-{commune.code}",
            "Phòng Kinh tế",
            "closed" if answered else "in_progress",
            0,
            "office",
            (created + timedelta(days=14)).isoformat(),
            created.isoformat(),
            done,
            done,
            0,
            ANSWER if answered else "\\N",
        )
        return "\t".join(map(str, fields)) + "\n"
