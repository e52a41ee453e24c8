"""What staff publish is what the bot tells whoever asks, with the way to the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from actions import publications
from actions.publications import Draft
from bot.bootstrap import newest_model
from bot.settings import ROOT, Settings
from bot.turn import Services
from nlu import archive
from store.desk import Publication
from store.engine import Database
from store.migrate import migrate
from store.staff import Officer
from tests.case_room import LOCAL
from tests.integration.chat_room import (
    EVERYTHING,
    MONDAY_MORNING,
    ChatRoom,
    RecordingResponses,
)

NEWS = "có thông báo gì mới không bạn"


@pytest.fixture
def room(database_url: str) -> Iterator[ChatRoom]:
    database = Database(database_url)
    migrate(database)
    services = Services(
        settings=Settings(_env_file=None, public_url="https://caunoi.example"),
        responses=RecordingResponses.load(ROOT / "domain.yml"),
        local=LOCAL,
        capabilities={"web": EVERYTHING},
        dossiers=None,
    )
    yield ChatRoom(database, services, archive.load(newest_model()).parse)
    database.dispose()


def publish(room: ChatRoom, title: str, *, kind: str = "notice", days: int = 1) -> int:
    with room.database.write() as session:
        officer = session.query(Officer).first()
        if officer is None:
            officer = Officer(username="lan", name="Lan", created_at=MONDAY_MORNING)
            session.add(officer)
            session.flush()
        draft = Draft(kind, title, "Thứ hai, 8 đến 11 giờ.", room.now + timedelta(days=days))
        return publications.publish(session, officer, draft, now=room.now).id


def test_what_staff_published_is_told_before_the_file_and_until_it_ends(room: ChatRoom) -> None:
    publish(room, "Lịch cúp điện xã An Biên")
    told = room.says(NEWS)
    assert "Lịch cúp điện xã An Biên: Thứ hai, 8 đến 11 giờ." in told.text
    assert LOCAL.notices[0].title not in told.text
    assert "https://caunoi.example/thong-bao" in told.text
    room.now += timedelta(days=2)
    assert LOCAL.notices[0].title in room.says(NEWS).text


def test_a_question_that_a_notice_answers_gets_that_notice(room: ChatRoom) -> None:
    publish(room, "Lịch cúp điện xã An Biên")
    publish(room, "Bắn pháo hoa đêm giao thừa")
    told = room.says("Ngày mai có cúp điện ở An Biên không?")
    assert told.responses == ["utter_info_related"]
    assert "Lịch cúp điện xã An Biên" in told.text
    assert "pháo hoa" not in told.text


def test_figures_come_first_for_whoever_asks_for_figures(room: ChatRoom) -> None:
    publish(room, "Lịch cúp điện xã An Biên")
    publish(room, "Phản ánh tháng 2", kind="figure")
    told = room.says("số liệu xử lý phản ánh của tỉnh")
    assert told.text.index("Phản ánh tháng 2") < told.text.index("Lịch cúp điện")


def test_what_was_taken_back_is_told_no_more(room: ChatRoom) -> None:
    number = publish(room, "Lịch cúp điện xã An Biên")
    with room.database.write() as session:
        row = session.get_one(Publication, number)
        publications.withdraw(row, now=room.now)
    assert "cúp điện" not in room.says(NEWS).text


def test_a_citizen_hears_where_the_public_page_of_a_report_is(room: ChatRoom) -> None:
    room.says("ổ gà to tướng trước trường Lê Lợi, p. Vĩnh Thanh, Rạch Giá, nguy hiểm quá")
    sent = room.presses("Gửi ẩn danh")
    assert "utter_report_sent" in sent.responses
    assert "https://caunoi.example/phan-anh/PA-" in sent.text
