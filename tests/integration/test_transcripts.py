"""Every conversation in tests/transcripts is held with the bot; see the README there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import cases, dossiers
from actions.cases import Given
from actions.dossiers import DossierRecord
from actions.local_facts import LocalFacts
from bot.bootstrap import newest_model
from bot.desk import citizen_news
from bot.dossier_sources import DossierSource, DossierSourceUnavailable
from bot.messages import Kind, StoredMedia
from bot.settings import ROOT, Settings
from bot.timekeeper import Timekeeper
from bot.turn import Services
from bot.work import UnitOfWork
from nlu import archive
from nlu.understanding import Label, Understanding
from store.engine import Database
from store.messages import Conversation, ConversationMode
from store.migrate import migrate
from store.models import Base
from store.privacy import Consent, PrivacyRequest
from store.staff import Handoff, Officer, OfficerRole
from store.tickets import Attachment, Ticket
from tests.integration.chat_room import (
    EVERYTHING,
    MONDAY_MORNING,
    NO_BUTTONS,
    Answer,
    ChatRoom,
    RecordingResponses,
)

LOCAL = LocalFacts.load(ROOT / "data" / "local" / "an_giang")
RESPONSES = RecordingResponses.load(ROOT / "domain.yml")
FOLDER = Path(__file__).parents[1] / "transcripts"
FILES = sorted(FOLDER.glob("*.yml"))

Reads = Callable[[str], Understanding]

SAMPLE = DossierRecord(
    code="000.07.01.H01-260202-0002",
    procedure="Đăng ký kết hôn",
    agency="Trung tâm Phục vụ hành chính công Phường Rạch Giá",
    applicant="Mẫu Trần Thị B",
    state=4,
    received_on=date(2026, 2, 2),
    due_on=date(2026, 3, 20),
    phone_last4="0202",
    id_last4="1002",
    sample=True,
)


class BrokenSource(DossierSource):
    """A one-stop system that is down."""

    async def find(self, code: str) -> DossierRecord | None:
        raise DossierSourceUnavailable("timeout")


class Stage:
    """Everything a transcript's lines act on."""

    def __init__(self, database: Database, services: Services, reads: Reads) -> None:
        self.database, self.services, self.reads = database, services, reads
        self.rooms: dict[str, ChatRoom] = {}
        with database.write() as session:
            officer = Officer(username="lan", name="Lan", role=OfficerRole.DUTY)
            officer.created_at = MONDAY_MORNING
            session.add(officer)

    def room(self, name: str, channel: str) -> ChatRoom:
        if name not in self.rooms:
            self.rooms[name] = ChatRoom(
                self.database, self.services, self.reads, channel=channel, chat_id=name
            )
        return self.rooms[name]

    @property
    def now(self) -> datetime:
        """What the clock says: every chat looks at the same one."""
        return max((room.now for room in self.rooms.values()), default=MONDAY_MORNING)

    def officer_does(
        self, move: str, text: str, *, photos: int, which: int, target: int | None
    ) -> None:
        """Lan makes a move with a ticket, or writes to its citizen; numbers count the tickets."""
        media = tuple(
            StoredMedia(kind="photo", path=f"ab/after-{n}.jpg", mime="image/jpeg", size=9)
            for n in range(photos)
        )
        with self.database.write() as session:
            work = UnitOfWork(self.services, session, self.now)
            codes = session.scalars(select(Ticket.code).order_by(Ticket.id)).all()
            ticket = cases.locked(session, codes[which])
            lan = session.scalars(select(Officer)).one()
            if move == "reply":
                citizen_news.reply(work, ticket, lan, text, media)
                return
            other = cases.locked(session, codes[target]) if target is not None else None
            citizen_news.move(work, ticket, move, lan, Given(text=text, target=other), media)

    def wait(self, **time: float) -> None:
        """Time passes, and brings what it brings."""
        now = self.now + timedelta(**time)
        for room in self.rooms.values():
            room.now = now
        Timekeeper(
            self.database, lambda: self.services, lambda: now, keep=_always, posted=lambda _: None
        ).look()

    def fill(self, text: str) -> str:
        """`{ticket}` is the newest ticket, `{wrong}` that with a slip, `{ticket1}` the first."""
        with self.database.read() as session:
            codes = session.scalars(select(Ticket.code).order_by(Ticket.id)).all()
        if not codes:
            return text
        newest = codes[-1]
        slip = newest[:-1] + ("7" if newest[-1] != "7" else "8")
        filled = text.replace("{ticket}", newest).replace("{wrong}", slip)
        for number, code in enumerate(codes, 1):
            filled = filled.replace(f"{{ticket{number}}}", code)
        return filled


async def _always(_name: str) -> bool:
    return True


@pytest.fixture(scope="module")
def model() -> Reads:
    """The newest trained model; `make train` makes one."""
    return archive.load(newest_model()).parse


@pytest.fixture
def stage(database_url: str, model: Reads, request: pytest.FixtureRequest) -> Iterator[Stage]:
    document: dict[str, Any] = request.param
    database = Database(database_url)
    migrate(database)
    with database.write() as session:
        dossiers.save(session, SAMPLE, now=MONDAY_MORNING)
    broken = document.get("one_stop_system") == "down"
    services = Services(
        settings=Settings(_env_file=None),
        responses=RESPONSES,
        local=LOCAL,
        capabilities={"web": EVERYTHING, "zalo_bot": NO_BUTTONS},
        dossiers=BrokenSource() if broken else None,
    )
    yield Stage(database, services, model)
    database.dispose()


def _documents() -> list[Any]:
    return [
        pytest.param(yaml.safe_load(path.read_text(encoding="utf-8")), id=path.stem)
        for path in FILES
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "stage" in metafunc.fixturenames and "document" in metafunc.fixturenames:
        values = [(p.values[0], p.values[0]) for p in _documents()]
        ids = [str(p.id) for p in _documents()]
        metafunc.parametrize(("stage", "document"), values, indirect=["stage"], ids=ids)


def test_transcript(stage: Stage, document: dict[str, Any]) -> None:
    for number, line in enumerate(document["chat"], 1):
        where = f"{document['title']!r}, line {number}: {line}"
        channel = line.get("channel", document.get("channel", "web"))
        room = stage.room(str(line.get("who", "citizen")), channel)
        answer = _act(stage, room, line)
        if answer is not None:
            _check_answer(stage, answer, line, where)
    _check_database(stage, document.get("database", {}), document["title"])


def _act(stage: Stage, room: ChatRoom, line: dict[str, Any]) -> Answer | None:
    """Do what the line says somebody does."""
    if "wait" in line or "officer" in line:
        before = room.newest_row()
        if "wait" in line:
            stage.wait(**line["wait"])
        else:
            _officer(stage, line["officer"])
        return room.hears(after=before)
    if "citizen" in line:
        text = stage.fill(str(line["citizen"])) * int(line.get("times", 1))
        return room.says(text, _understood(text, line))
    if "edits" in line:
        return room.edits(stage.fill(str(line["edits"])))
    if "press" in line:
        return room.presses(stage.fill(str(line["press"])))
    if "payload" in line:
        return room.send(Kind.PRESS, payload=stage.fill(str(line["payload"])))
    if "photos" in line:
        return room.sends_photos(
            int(line["photos"]), str(line.get("caption", "")), int(line.get("failed", 0))
        )
    if "location" in line:
        return room.shares_location(*line["location"])
    if "contact" in line:
        return room.shares_contact(str(line["contact"]), own=bool(line.get("own", True)))
    kinds = {"opens": Kind.OPENED, "sticker": Kind.UNSUPPORTED, "erase": Kind.ERASE}
    return room.send(next(kind for name, kind in kinds.items() if name in line))


def _understood(text: str, line: dict[str, Any]) -> Understanding | None:
    """What the transcript says that the model makes of the text; None leaves it to the model."""
    if "understood" not in line:
        return None
    words = line["understood"].split()
    labels = [Label(name, float(p)) for name, p in zip(words[::2], words[1::2], strict=True)]
    intent, *categories = labels
    return Understanding(
        text=text,
        intent=intent,
        sure=False,
        category=categories[0] if categories else None,
        category_top3=tuple(categories),
        urgency=Label("normal", 1.0),
        acts=(),
        entities=(),
    )


def _officer(stage: Stage, does: str | dict[str, Any]) -> None:
    """An officer makes a move with a ticket; words alone are its answer, with a photo."""
    if isinstance(does, str):
        does = {"move": "resolve", "text": does, "photos": 1}
    stage.officer_does(
        does["move"],
        str(does.get("text", "")),
        photos=int(does.get("photos", 0)),
        which=int(does.get("ticket", 0)) - 1,
        target=int(does["target"]) - 1 if "target" in does else None,
    )


def _check_answer(stage: Stage, answer: Answer, line: dict[str, Any], where: str) -> None:
    if "bot" in line:
        expected = [line["bot"]] if isinstance(line["bot"], str) else line["bot"]
        said = [name.removeprefix("utter_") for name in answer.responses]
        assert said == expected, where
    for words in _as_list(line.get("says")):
        assert stage.fill(words) in answer.text, f"{where}\n{answer.text}"
    for words in _as_list(line.get("never_says")):
        assert stage.fill(words) not in answer.text, f"{where}\n{answer.text}"
    if "first_line" in line:
        assert line["first_line"] in answer.text.splitlines()[0], f"{where}\n{answer.text}"
    if "buttons" in line:
        expected = [stage.fill(title) for title in line["buttons"]]
        assert [b.title for b in answer.buttons] == expected, where
    if "silent" in line:
        assert answer.messages == [], where


def _as_list(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


_COUNTED: dict[str, Any] = {
    "tickets": Ticket,
    "consents": Consent,
    "privacy_requests": PrivacyRequest,
    "handoffs": Handoff,
    "pictures": Attachment,
}


def _check_database(stage: Stage, expected: dict[str, Any], title: str) -> None:
    with stage.database.read() as session:
        for name, model in _COUNTED.items():
            if name in expected:
                assert len(session.scalars(select(model)).all()) == expected[name], (title, name)
        for column, value in expected.get("ticket", {}).items():
            _check_ticket(session, column, value, title)
        if "mode" in expected:
            chat = session.scalars(select(Conversation)).first()
            assert chat is not None
            assert chat.mode == ConversationMode(expected["mode"]), title
    kept = _everything_kept(stage.database)
    for words in _as_list(expected.get("kept_nowhere")):
        assert words not in kept, f"{title}: {words!r} is still in the database"


def _check_ticket(session: Session, column: str, value: Any, title: str) -> None:
    newest = session.scalars(select(Ticket).order_by(Ticket.id.desc())).first()
    assert newest is not None, title
    if column == "history":
        assert [event.kind for event in newest.events] == value, title
    elif column == "pictures":
        assert len(newest.attachments) == value, title
    elif column in ("text_has", "place_has"):
        text = newest.text if column == "text_has" else newest.place_text
        assert value in (text or ""), title
    elif column == "open":
        assert LOCAL.moves.is_open(newest) is value, title
    else:
        assert getattr(newest, column) == value, (title, column)


def _everything_kept(database: Database) -> str:
    """Every row of every table as text."""
    with database.read() as session:
        rows = [
            dict(row._mapping)
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
        ]
    return yaml.safe_dump([{k: str(v) for k, v in row.items()} for row in rows], allow_unicode=True)


def test_there_are_enough_transcripts_and_each_has_a_title_of_its_own() -> None:
    titles = [p.values[0]["title"] for p in _documents()]
    assert len(titles) >= 35
    assert len(set(titles)) == len(titles)
