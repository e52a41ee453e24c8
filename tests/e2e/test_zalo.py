"""A citizen on Zalo and the staff on Telegram, over the real server."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest_asyncio

from tests.e2e.people import TelegramChat, ZaloChat, code_in, exif_of, photo
from tests.e2e.server import Server
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_updates import TelegramPerson
from tests.fakes.zalo import APP_SECRET, FIRST_REFRESH_TOKEN, OA_SECRET, FakeZalo
from tests.fakes.zalo_events import APP_ID, ZaloPerson

STAFF = -4_001
ANSWER = "Tổ vệ sinh đã dọn sạch rác dọc bờ đường sáng nay"
SLOPPY = "rac thai do day duong hoi ham qua, ko ai don het tron"


@dataclass
class Town:
    """A server with both messengers: a citizen on Zalo, the staff group on Telegram."""

    zalo: FakeZalo
    telegram: FakeTelegram
    server: Server

    def __post_init__(self) -> None:
        self.citizen = ZaloChat(self.zalo, ZaloPerson("880001", count(1)))
        self.group = TelegramChat(
            self.telegram, TelegramPerson(71, count(1), name="Minh", group=STAFF)
        )

    async def link_officer(self) -> None:
        printed = await self.server.run("staff", "add", "minh", "--name", "Trần Minh")
        private = TelegramChat(self.telegram, TelegramPerson(71, count(5000), name="Minh"))
        private.says(next(line.strip() for line in printed.splitlines() if "/lienket" in line))
        await private.hears("đã được liên kết")

    def tickets(self) -> int:
        database = self.server.log.parent / "caunoi.db"
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            (number,) = connection.execute("SELECT count(*) FROM ticket").fetchone()
        return int(number)


@pytest_asyncio.fixture(loop_scope="session")
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with FakeZalo() as zalo, FakeTelegram() as telegram:
        server = Server(
            tmp_path / "var",
            ZALO_OA_APP_ID=APP_ID,
            ZALO_OA_APP_SECRET=APP_SECRET,
            ZALO_OA_SECRET_KEY=OA_SECRET,
            ZALO_OA_REFRESH_TOKEN=FIRST_REFRESH_TOKEN,
            ZALO_OPENAPI_URL=zalo.url,
            ZALO_OAUTH_URL=zalo.url,
            TELEGRAM_TOKEN=TOKEN,
            TELEGRAM_API_URL=telegram.url,
            TELEGRAM_MODE="polling",
            TELEGRAM_STAFF_CHAT_ID=str(STAFF),
        )
        zalo.webhook = f"{server.url}/webhooks/zalo-oa"
        async with server:
            yield Town(zalo, telegram, server)


async def test_a_report_with_photo_and_place_is_answered_by_the_staff(town: Town) -> None:
    citizen, zalo = town.citizen, town.zalo
    zalo.files["rubbish.jpg"] = photo()
    citizen.does(citizen.person.photographs(f"{zalo.url}/files/rubbish.jpg", SLOPPY))
    await citizen.hears("ở đâu")
    citizen.does(citizen.person.is_at("10.0124", "105.0809"))
    summary = await citizen.hears("Rạch Giá", "Môi trường")
    assert len(summary.message["attachment"]["payload"]["buttons"]) == 5
    citizen.presses(summary, "report:send:")
    code = code_in((await citizen.hears("Mã của bạn")).text)
    assert zalo.slowest_answer < 2

    card = await town.group.hears(code, "Môi trường", "mlat=10.0124")
    picture = await town.group.hears(code)
    assert exif_of(town.telegram.uploads[picture.message_id]) == {}
    await town.link_officer()
    town.group.replies(card, "Tổ vệ sinh đang tới.")
    await citizen.hears(code, "Tổ vệ sinh đang tới.")
    town.group.presses(card, "s:resolve:")
    prompt = await town.group.hears("#xong", code)
    town.telegram.files["clean"] = photo((10, 90, 10))
    clean = town.group.person.photographs("clean", ANSWER, **town.group.reply_to(prompt))
    town.group.does(clean)
    answer = await citizen.hears(code, ANSWER)
    assert len(zalo.uploads) == 1
    citizen.presses(answer, "t:notdone:")
    await citizen.hears("còn vướng chỗ nào")


async def test_numbers_typed_instead_of_buttons_are_understood(town: Town) -> None:
    citizen = town.citizen
    citizen.says("rác đổ đầy trước chợ Rạch Sỏi")
    summary = await citizen.hears("chợ Rạch Sỏi")
    titles = [b["title"] for b in summary.message["attachment"]["payload"]["buttons"]]
    citizen.says(str(titles.index("Gửi ẩn danh") + 1))
    code_in((await citizen.hears("Mã của bạn")).text)


async def test_an_event_delivered_again_makes_no_second_ticket(town: Town) -> None:
    citizen = town.citizen
    report = citizen.person.says("rác đổ đầy trước chợ Rạch Sỏi")
    assert [await town.zalo.deliver(report, retry=n) for n in range(3)] == [200, 200, 200]
    summary = await citizen.hears("chợ Rạch Sỏi")
    payload = next(
        b["payload"].removeprefix("#p:")
        for b in summary.message["attachment"]["payload"]["buttons"]
        if "report:send:" in b["payload"]
    )
    press = citizen.person.presses(payload)
    assert [await town.zalo.deliver(press, retry=n) for n in range(3)] == [200, 200, 200]
    await citizen.hears("Mã của bạn")
    citizen.does(citizen.person.presses(payload))
    await citizen.hears("Phản ánh này đã được gửi rồi")
    assert town.tickets() == 1


async def test_a_forged_call_is_refused_and_leaves_no_trace(town: Town) -> None:
    town.zalo.oa_secret = "forged"
    assert await town.zalo.deliver(town.citizen.person.says(SLOPPY)) == 403
    town.zalo.oa_secret = OA_SECRET
    town.citizen.says("xin chào")
    await town.citizen.hears("Cầu Nối")
    assert len(town.zalo.sent()) == 1


async def test_a_token_that_zalo_no_longer_takes_is_renewed_and_nothing_is_lost(
    town: Town,
) -> None:
    town.citizen.says("xin chào")
    await town.citizen.hears("Cầu Nối")
    town.zalo.access_tokens.clear()
    town.citizen.says("gặp cán bộ")
    await town.citizen.hears("Mình đã chuyển")
    assert town.zalo.calls["oauth"] == 2
    assert ("message", -216) in town.zalo.refusals


async def test_the_bot_is_silent_while_an_officer_answers_in_zalos_console(town: Town) -> None:
    citizen = town.citizen
    citizen.says("xin chào")
    await citizen.hears("Cầu Nối")
    citizen.does(citizen.person.is_answered("Chào bạn, mình là cán bộ.", admin_id="1"))
    note = await town.group.hears("trang quản lý Zalo")
    citizen.says("dạ em hỏi giấy hẹn")
    await town.zalo.all_taken()
    await town.link_officer()
    town.group.presses(note, "s:back:")
    await citizen.hears("Mình là trợ lý tự động")
    assert len(town.zalo.sent(citizen.person.id)) == 2
    assert not any("giấy hẹn" in text for text in town.telegram.texts(STAFF))
