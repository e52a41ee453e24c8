"""Whatever people do, in whatever order, the conversation answers and keeps its promises."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from actions import dossiers
from actions.dossiers import DossierRecord
from actions.local_facts import LocalFacts
from bot.dialogue.routing import FLOW_OF_INTENT
from bot.dialogue.state import State
from bot.messages import Button, Kind
from bot.settings import ROOT, Settings
from bot.turn import Services
from nlu.understanding import Act, Entity, Label, Understanding
from store.engine import Database
from store.messages import Conversation, ConversationMode
from store.migrate import migrate
from store.models import Base
from store.tickets import Ticket
from tests.integration.chat_room import (
    EVERYTHING,
    MONDAY_MORNING,
    Answer,
    ChatRoom,
    RecordingResponses,
)

LOCAL = LocalFacts.load(ROOT / "data" / "local" / "an_giang")
RESPONSES = RecordingResponses.load(ROOT / "domain.yml")
CODE = "000.07.01.H01-260202-0002"
SECRET = "Bí Mật"

TEXTS = st.one_of(
    st.sampled_from(
        [
            "", " ", "1", "2", "5", "99", "có", "không", "bỏ qua", "hủy", "quay lại", "menu",
            "/start", "không biết", "sửa địa điểm", "đổi lại là chợ Rạch Sỏi", "sửa ảnh",
            "đổi số điện thoại", "0912345678", "0202", "1234", CODE, "PA-123456", "gửi ẩn danh",
            "tôi muốn phản ánh", "chợ Rạch Sỏi", "đèn đường trước nhà hư cả tuần", "x" * 10_000,
        ]
    ),
    st.text(max_size=60),
)  # fmt: skip


@st.composite
def understandings(draw: st.DrawFn, text: str) -> Understanding:
    """Any reading of a text, also a wrong one."""
    intents = st.sampled_from(sorted(FLOW_OF_INTENT))
    categories = st.sampled_from(sorted(LOCAL.category_labels))
    intent = draw(intents)
    category = draw(st.one_of(st.none(), categories))
    middle = draw(st.integers(0, len(text)))
    entities: tuple[Entity, ...] = ()
    if text and draw(st.booleans()):
        kind = draw(st.sampled_from(["place", "dossier_code", "ticket_code", "phone", "time"]))
        extra = {"code": "30742", "commune": "Phường Rạch Giá", "confidence": 0.9}
        extras = extra if kind == "place" and draw(st.booleans()) else {}
        entities = (Entity(kind, text[:20], 0, min(20, len(text)), extras),)
    return Understanding(
        text=text,
        intent=Label(intent, draw(st.floats(0, 1))),
        sure=draw(st.booleans()),
        category=Label(category, 0.5) if category else None,
        category_top3=(Label(category, 0.5), Label("other", 0.4)) if category else (),
        urgency=Label(draw(st.sampled_from(["urgent", "high", "normal"])), 0.9),
        acts=(
            Act(intent, category, 0, middle),
            Act(draw(intents), draw(categories), middle, len(text)),
        ),
        entities=entities,
    )


def _room(folder: Path) -> ChatRoom:
    database = Database(f"sqlite:///{folder / 'caunoi.db'}")
    migrate(database)
    with database.write() as session:
        record = DossierRecord(CODE, "Kết hôn", "UBND", "Mẫu B", 4, date(2026, 2, 2))
        dossiers.save(session, record, now=MONDAY_MORNING)
    services = Services(
        settings=Settings(_env_file=None),
        responses=RESPONSES,
        local=LOCAL,
        capabilities={"web": EVERYTHING},
        dossiers=None,
    )
    return ChatRoom(database, services, lambda text: None)


def _something(room: ChatRoom, data: st.DataObject, pressed: list[Button]) -> Answer:
    """One event of any kind."""
    kind = data.draw(
        st.sampled_from(["text"] * 5 + ["press"] * 4 + ["media", "place", "phone", "odd"])
    )
    if kind == "text":
        text = data.draw(TEXTS)
        return room.says(text, data.draw(understandings(text)))
    if kind == "press":
        payloads = [button.payload for button in pressed if button.payload] or ["d:menu:report"]
        odd = st.sampled_from(
            ["", "d:", "d:report", "d:x:y", "d:report:send:77", "d:tickets:status:x"]
        )
        return room.send(Kind.PRESS, payload=data.draw(st.one_of(st.sampled_from(payloads), odd)))
    if kind == "media":
        return room.sends_photos(data.draw(st.integers(1, 3)), failed=data.draw(st.integers(0, 1)))
    if kind == "place":
        return room.shares_location(*data.draw(st.sampled_from([(10.01, 105.08), (21.0, 105.8)])))
    if kind == "phone":
        return room.shares_contact("84912345678", own=data.draw(st.booleans()))
    odd_kinds = [Kind.OPENED, Kind.UNSUPPORTED, Kind.ERASE]
    return room.send(data.draw(st.sampled_from(odd_kinds)))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_conversation_is_answered_and_its_state_stays_readable(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        room = _room(Path(folder))
        pressed: list[Button] = []
        mode = ConversationMode.BOT
        for _ in range(data.draw(st.integers(1, 14))):
            answer = _something(room, data, pressed)
            pressed += answer.buttons
            assert answer.messages or mode == ConversationMode.HUMAN
            with room.database.read() as session:
                chat = session.scalars(select(Conversation)).one()
            mode = ConversationMode(chat.mode)
            state = State.read(chat.state)
            assert state.document() == State.read(state.document()).document()
            assert len({frame.number for frame in state.frames}) == len(state.frames)
            for message in answer.messages:
                assert len(message.buttons) <= EVERYTHING.max_buttons
        with room.database.read() as session:
            assert session.scalar(select(func.count(Ticket.id))) == len(
                set(session.scalars(select(Ticket.code)))
            )
        room.database.dispose()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_denunciation_is_kept_nowhere_whatever_came_before(data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        room = _room(Path(folder))
        pressed: list[Button] = []
        for _ in range(data.draw(st.integers(0, 6))):
            pressed += _something(room, data, pressed).buttons
        with room.database.read() as session:
            chat = session.scalar(select(Conversation))
        if chat is not None and chat.mode == ConversationMode.HUMAN:
            room.send(Kind.PRESS, payload="bot")
        text = f"tôi tố cáo ông {SECRET} nhận hối lộ"
        denounces = Understanding(
            text, Label("denunciation", 0.9), True, None, (), Label("normal", 1.0), (), ()
        )
        room.says(text, denounces)
        with room.database.read() as session:
            kept = [
                str(row)
                for table in Base.metadata.sorted_tables
                for row in session.execute(select(table))
            ]
        assert not any(SECRET in row for row in kept)
        room.database.dispose()
