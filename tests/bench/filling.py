"""Fills a PostgreSQL database with tickets as they might be after years.

As in life a later case has a larger number, though not to the minute, so that cases of one time lie
together in the table.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import psycopg
from psycopg import sql
from sqlalchemy import make_url, select

from actions.folding import folded
from actions.local_facts import LocalFacts
from bot.channels.web.channel import WebChannel
from bot.settings import ROOT
from store.cases import DeadlineKind
from store.engine import Database
from store.local import Agency, Commune
from store.messages import Conversation
from store.staff import Officer, OfficerRole

SEED = 20261124

WORDS = """
đường ổ gà ngập nước rác hôi đèn tối cống nghẹt xe té trường học chợ cầu gãy hẻm xóm ấp dân kêu
hoài chưa ai sửa mưa lớn tràn vô nhà trẻ em người già đi lại khó khăn nguy hiểm mùi khói bụi xe tải
chạy suốt đêm ồn quán karaoke lấn vỉa hè cột điện nghiêng dây thòng cúp điện nước yếu đục phèn sóng
yếu mạng chậm chó thả rông heo gà ruộng lúa kênh bờ sạt lở biển rạch phường xã khóm tổ trạm y tế
""".split()

ANSWER = "Tổ hạ tầng đã đến kiểm tra, vá xong mặt đường và đặt lại biển báo trong sáng nay"

BASE = 10_000_000
"""Numbers of the tickets begin here, clear of those that are measured."""

AT_ONCE = 50_000

YEARS_MINUTES = 1_000_000
"""Over so many minutes the cases are spread, nearly two years."""

ANSWERED = 0.9
"""Of those that are older than `TAKEN`."""
TAKEN = timedelta(days=3)
RATED = 0.3
"""Of those answered."""

OPEN_STATES = ("new", "new", "in_progress", "in_progress", "in_progress", "assigned", "waiting")

_COLUMNS = {
    "ticket": (
        "id code conversation_id intent category urgency text search_text commune_code latitude "
        "longitude agency_code agency_name state officer_id escalation clock deadline_at "
        "created_at resolved_at closed_at reopened answer rating answered_days "
        "first_answer_at first_answer_s"
    ).split(),
    "ticket_event": "ticket_id at kind from_state to_state actor officer_id detail".split(),
    "ticket_deadline": ("ticket_id kind budget_s due_at warned next_warning_at met_at").split(),
}


def agency_of(commune_code: str) -> str:
    """The agency that has the tickets of a commune."""
    return f"kinh-te-{commune_code}"


def fill(database: Database, there: int, wanted: int) -> None:
    """Bring a database to so many tickets: one in ten under way, each with three events.

    The first officer sees everything; after them come one of each commune's agency.
    """
    random = Random(SEED)
    local = LocalFacts.load(ROOT / "data" / "local" / "an_giang")
    officers = _people(database, local)
    if wanted <= there:
        return
    rows = _Rows(local, officers, random, wanted - there)
    url = make_url(str(database.engine.url.render_as_string(hide_password=False)))
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(False)) as connection:
        connection.autocommit = True
        with _without_indexes(connection):
            for begin in range(there, wanted, AT_ONCE):
                rows.copy(connection, begin, min(begin + AT_ONCE, wanted), wanted)
        connection.execute("VACUUM ANALYZE")


@contextmanager
def _without_indexes(connection: psycopg.Connection) -> Iterator[None]:
    """Without those of tickets that no rule needs: made anew they are there sooner."""
    found = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = 'ticket'::regclass AND NOT indisunique"
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    connection.execute("SET maintenance_work_mem = '512MB'")
    for _, definition in found:
        connection.execute(definition)


def _people(database: Database, local: LocalFacts) -> dict[str, int]:
    """The officers, made once; the number of each agency's own."""
    now = datetime.now(UTC)
    with database.write() as session:
        if session.get(Officer, 1) is None:
            session.add(
                Officer(username="bench", name="Bench", role=OfficerRole.ADMIN, created_at=now)
            )
            session.add(Conversation(channel=WebChannel.name, chat_id="1", created_at=now))
            session.flush()
            for place in local.communes.values():
                code = agency_of(place.code)
                session.merge(
                    Commune(
                        code=place.code, name=place.name, latitude=place.lat, longitude=place.lon
                    )
                )
                session.merge(Agency(code=code, name=f"Phòng Kinh tế {place.name}"))
                session.add(
                    Officer(username=code, name=place.name, agency_code=code, created_at=now)
                )
            session.flush()
        rows = session.execute(
            select(Officer.agency_code, Officer.id).where(Officer.agency_code.is_not(None))
        )
        return {str(code): number for code, number in rows}


class _Rows:
    """Makes rows of tickets."""

    def __init__(
        self, local: LocalFacts, officers: dict[str, int], random: Random, number: int
    ) -> None:
        self.random = random
        self.step = YEARS_MINUTES / number
        self.officers = officers
        self.communes = list(local.communes.values())
        self.categories = list(local.category_labels)
        self.now = datetime.now(UTC)

    def copy(self, connection: psycopg.Connection, first: int, last: int, newest: int) -> None:
        """COPY these tickets, their clocks and their history."""
        lines = {table: io.StringIO() for table in _COLUMNS}
        for number in range(first, last):
            self._write(lines, number + BASE, newest - number)
        for table, text in lines.items():
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, _COLUMNS[table]))
            )
            with connection.cursor().copy(statement) as copy:
                copy.write(text.getvalue())

    def _write(self, lines: dict[str, io.StringIO], number: int, newer: int) -> None:
        """One ticket, than which so many are newer."""
        before_now = newer * self.step + self.random.uniform(0, 60)
        created = self.now - timedelta(minutes=before_now)
        done = created + TAKEN
        answered = done < self.now and self.random.random() < ANSWERED
        # What is under way is due from some days ago to some weeks from now.
        due = (
            created + timedelta(days=self.random.uniform(1, 15))
            if answered
            else self.now + timedelta(days=self.random.uniform(-5, 20))
        )
        taken_s = self.random.randrange(600, 90_000) if answered else None
        lines["ticket"].write(self._ticket(number, created, due, taken_s))
        steps = [(created, "create", "\\N", "\\N"), (created, "start", "new", "in_progress")]
        if answered:
            steps.append((done, "resolve", "in_progress", "resolved"))
        for at, kind, before, after in steps:
            lines["ticket_event"].write(
                f"{number}\t{at.isoformat()}\t{kind}\t{before}\t{after}\tofficer\t1\t{{}}\n"
            )
        self._write_deadlines(lines["ticket_deadline"], number, created, due, taken_s)

    def _write_deadlines(
        self,
        lines: io.StringIO,
        number: int,
        created: datetime,
        due: datetime,
        taken_s: int | None,
    ) -> None:
        """Its clocks; `taken_s` until the first answer, None where there is none."""
        if taken_s is not None:
            met = (created + timedelta(seconds=taken_s)).isoformat()
            lines.write(
                f"{number}\t{DeadlineKind.ANSWER}\t86400\t{due.isoformat()}\t0\t\\N\t{met}\n"
            )
            return
        warning = (self.now + timedelta(days=1)).isoformat()
        for kind in DeadlineKind:
            lines.write(f"{number}\t{kind}\t864000\t{due.isoformat()}\t0\t{warning}\t\\N\n")

    def _ticket(self, number: int, created: datetime, due: datetime, taken_s: int | None) -> str:
        random = self.random
        answered = taken_s is not None
        commune = random.choice(self.communes)
        agency = agency_of(commune.code)
        text = " ".join(random.choices(WORDS, k=18))
        state = "closed" if answered else random.choice(OPEN_STATES)
        done = (created + TAKEN).isoformat() if answered else "\\N"
        rated = answered and random.random() < RATED
        fields = (
            number,
            f"PA-{number:07X}",
            1,
            "report",
            random.choice(self.categories),
            random.choices(("normal", "high", "urgent"), (90, 8, 2))[0],
            text,
            folded(f"PA-{number:07X} {text}"),
            commune.code,
            f"{commune.lat + random.uniform(-0.02, 0.02):.5f}",
            f"{commune.lon + random.uniform(-0.02, 0.02):.5f}",
            agency,
            "Phòng Kinh tế",
            state,
            "\\N" if state == "new" else self.officers[agency],
            0,
            "office",
            due.isoformat(),
            created.isoformat(),
            done,
            done,
            0 if answered else random.choices((0, 1), (95, 5))[0],
            ANSWER if answered else "\\N",
            random.choices((1, 2, 3, 4, 5), (6, 6, 10, 28, 50))[0] if rated else "\\N",
            random.randrange(10) if answered else "\\N",
            "\\N" if taken_s is None else (created + timedelta(seconds=taken_s)).isoformat(),
            "\\N" if taken_s is None else taken_s,
        )
        return "\t".join(map(str, fields)) + "\n"
