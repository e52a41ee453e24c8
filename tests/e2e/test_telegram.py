"""A citizen and the staff on Telegram, over the real server: one town, from report to answer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from bot.settings import ROOT
from tests.e2e.people import TelegramChat, code_in, exif_of, photo
from tests.e2e.server import Server
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_updates import TelegramPerson

STAFF = -4_001
SUPERGROUP = -1_004_001_000_000
SECRET = "webhook-secret"
LINK_CODE = re.compile(r"/lienket (\S+)")
ANSWER = "Tổ hạ tầng đã đổ nhựa vá ổ gà sáng nay và đặt lại biển báo"
SLOPPY = "o ga to tuong giua duong nguy hiem qua tr oi, xe te hoai"


@dataclass
class Town:
    """A server with its fake Telegram, a citizen, and an officer in the staff group."""

    telegram: FakeTelegram
    server: Server
    ids: count[int]
    webhook: bool

    def __post_init__(self) -> None:
        self.citizen = self.chat(555, name="Lan")
        self.officer = self.chat(71, name="Minh", group=STAFF)
        self.stranger = self.chat(99, name="Ai đó", group=STAFF)

    def chat(self, person: int, *, name: str, group: int | None = None) -> TelegramChat:
        return TelegramChat(self.telegram, TelegramPerson(person, self.ids, name=name, group=group))

    async def start(self) -> None:
        await self.server.start()
        if self.webhook:
            self.telegram.webhook = {
                "url": f"{self.server.url}/webhooks/telegram",
                "secret": SECRET,
            }

    async def report(self, words: str = SLOPPY) -> str:
        """The citizen reports with a photo and a shared place; returns the ticket's code."""
        self.telegram.files["hole"] = photo()
        self.citizen.does(self.citizen.person.photographs("hole", words))
        await self.citizen.hears("ở đâu")
        self.citizen.does(self.citizen.person.is_at(10.0124, 105.0809))
        summary = await self.citizen.hears("Rạch Giá")
        self.citizen.presses(summary, "report:send:")
        return code_in((await self.citizen.hears("Mã của bạn")).text)

    async def link_officer(self) -> None:
        """The officer of the group sends the one-time code in a private chat."""
        printed = await self.server.run("staff", "add", "minh", "--name", "Trần Minh")
        found = LINK_CODE.search(printed)
        assert found is not None, printed
        private = self.chat(self.officer.person.id, name="Minh")
        private.says(f"/lienket {found[1]}")
        await private.hears("Trần Minh", "đã được liên kết")


@pytest_asyncio.fixture(loop_scope="session", params=["webhook"])
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    async with FakeTelegram() as telegram:
        server = Server(
            tmp_path / "var",
            TELEGRAM_TOKEN=TOKEN,
            TELEGRAM_API_URL=telegram.url,
            TELEGRAM_MODE=request.param,
            TELEGRAM_WEBHOOK_SECRET=SECRET,
            TELEGRAM_STAFF_CHAT_ID=str(STAFF),
        )
        town = Town(telegram, server, count(1), request.param == "webhook")
        try:
            await town.start()
            yield town
        finally:
            await server.stop()


@pytest.mark.parametrize("town", ["webhook", "polling"], indirect=True)
async def test_a_report_is_taken_answered_and_closed_in_the_group(town: Town) -> None:
    code = await town.report()
    card = await town.officer.hears(code, "Giao thông", "openstreetmap.org", "ẩn danh")
    picture = await town.officer.hears(code)
    assert picture.method == "sendPhoto"
    assert exif_of(photo()) != {}
    assert exif_of(town.telegram.uploads[picture.message_id]) == {}

    town.stranger.presses(card, "s:start:")
    town.stranger.replies(card, "tôi trả lời thử")
    await town.link_officer()
    town.officer.presses(card, "s:start:")
    await town.officer.sees(lambda: "Đang xử lý – Trần Minh" in card.text)
    assert not any("trả lời thử" in text for text in town.telegram.texts(555))

    town.officer.replies(card, "Mai tổ thi công ra vá.")
    await town.citizen.hears(code, "Mai tổ thi công ra vá.")
    await town.officer.hears("Đã gửi cho người dân")

    town.officer.presses(card, "s:resolve:")
    prompt = await town.officer.hears("#xong", code)
    town.telegram.files["mended"] = photo((10, 90, 10))
    mended = town.officer.person.photographs("mended", ANSWER, **town.officer.reply_to(prompt))
    town.officer.does(mended)
    picture = await town.citizen.hears("")
    answer = await town.citizen.hears(code, ANSWER)
    assert picture.method == "sendPhoto"
    await town.officer.sees(lambda: "Đã trả lời – Trần Minh" in card.text)

    town.citizen.says(code)
    await town.citizen.hears("đã có kết quả", ANSWER)
    town.citizen.presses(answer, "t:notdone:")
    await town.citizen.hears("còn vướng chỗ nào")


async def test_a_citizen_and_an_officer_talk_and_the_bot_stays_silent(town: Town) -> None:
    await town.link_officer()
    town.citizen.says("cho tôi gặp cán bộ")
    handed_over = await town.citizen.hears("Mình đã chuyển cuộc trò chuyện cho cán bộ")
    request = await town.officer.hears("#chat_", "muốn gặp cán bộ")
    town.officer.presses(request, "s:talk:")
    await town.citizen.hears("Cán bộ đã vào")
    town.citizen.says("ổ gà trước chợ Rạch Sỏi có ai biết chưa")
    words = await town.officer.hears("#chat_", "chợ Rạch Sỏi")
    town.officer.replies(words, "Bên mình đã nhận tin rồi.")
    await town.citizen.hears("Bên mình đã nhận tin rồi.")
    heard = len(town.telegram.sent(555))
    town.citizen.says("cảm ơn nha")
    words = await town.officer.hears("cảm ơn nha")
    assert len(town.telegram.sent(555)) == heard

    town.officer.replies(words, "/bot")
    await town.citizen.hears("Mình là trợ lý tự động")
    town.citizen.says("cho tôi gặp cán bộ")
    await town.citizen.hears("Mình đã chuyển")
    town.citizen.presses(handed_over, "bot")
    await town.citizen.hears("Mình là trợ lý tự động")
    await town.officer.hears("người dân đã quay lại")


async def test_a_denunciation_never_reaches_the_group_nor_the_disk(town: Town) -> None:
    secret = "toi to cao ong Ba Xuyen o phuong nhan hoi lo 50 trieu"
    town.citizen.says(secret)
    answer = await town.citizen.hears("giữ kín danh tính")
    town.citizen.presses(answer, "handoff:denunciation")
    await town.citizen.hears("Bạn đừng kể sự việc ở đây")
    await town.officer.hears("giữ kín")
    town.citizen.says("tôi tố cáo ông Ba Xuyến nhận hối lộ")
    await town.citizen.hears("không lưu lại")
    await town.officer.hears("không chuyển vào nhóm")
    assert not any("uy" in text and "Ba X" in text for text in town.telegram.texts(STAFF))
    await town.server.stop()
    data = b"".join(
        path.read_bytes() for path in town.server.log.parent.rglob("*") if path.is_file()
    )
    assert b"Ba Xuy" not in data
    assert "Ba Xuyến".encode() not in data


async def test_the_group_is_followed_when_it_becomes_a_supergroup(town: Town) -> None:
    await town.link_officer()
    first = await town.report()
    old_card = await town.officer.hears(first)
    town.telegram.migrated[STAFF] = SUPERGROUP
    group = town.chat(71, name="Minh", group=SUPERGROUP)
    town.officer.does(town.officer.person.message(migrate_to_chat_id=SUPERGROUP))
    group.does(group.person.message(migrate_from_chat_id=STAFF))
    second = await town.report("rac do day bo kenh hoi qua, ko ai don")
    await group.hears(second)
    group.replies(old_card, "Mai vá.")
    await town.citizen.hears(first, "Mai vá.")
    await town.server.kill()
    await town.start()
    third = await town.report("den duong hu toi thui ca tuan nay")
    await group.hears(third)
    assert town.telegram.left == []


async def test_a_migration_that_nobody_told_of_is_found_out_by_sending(town: Town) -> None:
    town.telegram.migrated[STAFF] = SUPERGROUP
    code = await town.report()
    group = town.chat(71, name="Minh", group=SUPERGROUP)
    await group.hears(code, "Giao thông")


async def test_a_group_that_nobody_knows_is_left(town: Town) -> None:
    elsewhere = town.chat(9, name="Tư", group=-5_555)
    elsewhere.does(elsewhere.person.changes_membership("left", "member"))
    await elsewhere.sees(lambda: town.telegram.left == [-5_555])
    assert town.telegram.sent(-5_555) == []


async def test_a_restart_in_the_middle_of_a_report_forgets_nothing(town: Town) -> None:
    town.citizen.says("cây ngã đổ chắn ngang đường")
    await town.citizen.hears("ở đâu")
    await town.server.kill()
    town.citizen.says("ngay chợ Rạch Sỏi")
    await town.start()
    summary = await town.citizen.hears("cây ngã đổ chắn ngang đường", "Rạch Sỏi")
    town.citizen.presses(summary, "report:send:")
    code = code_in((await town.citizen.hears("Mã của bạn")).text)
    await town.officer.hears(code)


async def test_a_dossier_code_gives_its_state_and_the_second_factor_its_details(
    town: Town,
) -> None:
    samples = ROOT / "data" / "samples" / "dossiers.csv"
    await town.server.run("import", "dossiers", str(samples))
    town.citizen.says("ho so h01.07 261102 0001 toi dau roi")
    state = await town.citizen.hears("H01.07-261102-0001", "Mới đăng ký")
    assert "Nguyễn Văn A" not in state.text
    town.citizen.presses(state, "dossier:details")
    await town.citizen.hears("4 số cuối")
    town.citizen.says("9999")
    await town.citizen.hears("không khớp")
    town.citizen.says("0101")
    await town.citizen.hears("Nguyễn Văn A", "Đăng ký khai sinh")


async def test_words_of_an_officer_that_do_not_arrive_are_told_to_the_group(town: Town) -> None:
    await town.link_officer()
    code = await town.report()
    card = await town.officer.hears(code)
    town.telegram.blocked.add(555)
    town.officer.replies(card, "Mai vá.")
    await town.officer.hears(code, "chưa đến được người dân", "đã chặn")


async def test_an_album_is_one_answer_and_every_picture_reaches_the_card(town: Town) -> None:
    town.telegram.files |= {"a": photo((200, 30, 30)), "b": photo((30, 200, 30))}
    place = "ổ gà to trước trường Lê Lợi, p. Vĩnh Thanh, Rạch Giá"
    lan = town.citizen.person
    town.citizen.does(
        lan.photographs("a", place, media_group_id="139"),
        lan.photographs("b", media_group_id="139"),
    )
    summary = await town.citizen.hears("Rạch Giá")
    town.citizen.presses(summary, "report:send:")
    code = code_in((await town.citizen.hears("Mã của bạn")).text)
    await town.officer.hears(code, "Giao thông")
    pictures = [await town.officer.hears(code) for _ in range(2)]
    assert [picture.method for picture in pictures] == ["sendPhoto", "sendPhoto"]
    assert len(town.telegram.sent(555)) == 2
