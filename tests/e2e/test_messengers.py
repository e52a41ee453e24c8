"""A citizen's way through the real server, over messengers that behave like the real ones."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.server import Server
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.telegram_updates import TelegramPerson
from tests.fakes.zalo import APP_SECRET, FIRST_REFRESH_TOKEN, OA_SECRET, FakeZalo
from tests.fakes.zalo_events import APP_ID, ZaloPerson

STAFF = -4_001
SECRET = "webhook-secret"
REPORT = "ổ gà to trước trường Lê Lợi, p. Vĩnh Thanh, Rạch Giá"
TICKET_CODE = re.compile(r"PA-[0-9A-Z-]{5,9}")
ORIENTATION = 0x0112


def photo(colour: tuple[int, int, int]) -> bytes:
    """A JPEG that says with which camera it was taken."""
    image = Image.new("RGB", (400, 300), colour)
    exif = image.getexif()
    exif[0x010F] = "Máy của tôi"
    exif[ORIENTATION] = 1
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def code_in(text: str) -> str:
    found = TICKET_CODE.search(text)
    assert found is not None, text
    return found[0]


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as fake:
        yield fake


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZalo]:
    async with FakeZalo() as fake:
        yield fake


@pytest.fixture(params=["webhook", "polling"])
async def telegram_server(
    request: pytest.FixtureRequest, telegram: FakeTelegram, tmp_path: Path
) -> AsyncIterator[Server]:
    server = Server(
        tmp_path / "var",
        TELEGRAM_TOKEN=TOKEN,
        TELEGRAM_API_URL=telegram.url,
        TELEGRAM_MODE=request.param,
        TELEGRAM_WEBHOOK_SECRET=SECRET,
        TELEGRAM_STAFF_CHAT_ID=str(STAFF),
    )
    async with server:
        if request.param == "webhook":
            telegram.webhook = {"url": f"{server.url}/webhooks/telegram", "secret": SECRET}
        yield server


@pytest.fixture
async def zalo_server(zalo: FakeZalo, tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(
        tmp_path / "var",
        ZALO_OA_APP_ID=APP_ID,
        ZALO_OA_APP_SECRET=APP_SECRET,
        ZALO_OA_SECRET_KEY=OA_SECRET,
        ZALO_OA_REFRESH_TOKEN=FIRST_REFRESH_TOKEN,
        ZALO_OPENAPI_URL=zalo.url,
        ZALO_OAUTH_URL=zalo.url,
    )
    zalo.webhook = f"{server.url}/webhooks/zalo-oa"
    async with server:
        yield server


def telegram_payload(markup: dict[str, Any] | None, action: str) -> str:
    """What the button that does this carries."""
    assert markup is not None
    buttons = [button for row in markup["inline_keyboard"] for button in row]
    return next(
        str(b["callback_data"]) for b in buttons if action in str(b.get("callback_data", ""))
    )


def zalo_payload(message: dict[str, Any], action: str) -> str:
    buttons = message["attachment"]["payload"]["buttons"]
    payload = next(str(b["payload"]) for b in buttons if action in str(b["payload"]))
    return payload.removeprefix("#p:")


async def test_a_report_over_telegram_becomes_a_ticket_and_a_card_for_the_staff(
    telegram: FakeTelegram, telegram_server: Server
) -> None:
    lan = TelegramPerson(555)
    telegram.push(lan.says(REPORT))
    await telegram.until(lambda: len(telegram.sent(555)) == 1)
    send = telegram_payload(telegram.sent(555)[0].reply_markup, "d:report:send")
    telegram.push(lan.presses(send, telegram.sent(555)[0].message_id))
    await telegram.until(lambda: len(telegram.sent(555)) > 1 and bool(telegram.sent(STAFF)))
    code = code_in(telegram.texts(555)[1])
    assert code in telegram.texts(STAFF)[0]
    await telegram.until(lambda: telegram.answered_presses == ["press-2"])


async def test_an_album_over_telegram_is_one_answer_and_loses_its_exif(
    telegram: FakeTelegram, telegram_server: Server
) -> None:
    lan = TelegramPerson(555)
    telegram.files = {"a": photo((200, 30, 30)), "b": photo((30, 200, 30))}
    telegram.push(
        lan.photographs("a", caption=REPORT, media_group_id="139"),
        lan.photographs("b", media_group_id="139"),
    )
    await telegram.until(lambda: bool(telegram.sent(555)))
    kept = list((telegram_server.log.parent / "media").rglob("*.*"))
    assert len(kept) == 2
    for path in kept:
        with Image.open(path) as image:
            assert dict(image.getexif()) == {}
    telegram.push(lan.presses(telegram_payload(telegram.sent(555)[0].reply_markup, ":send")))
    await telegram.until(lambda: len(telegram.sent(555)) > 1)
    code_in(telegram.texts(555)[1])


async def test_a_group_that_is_not_the_staffs_is_left(
    telegram: FakeTelegram, telegram_server: Server
) -> None:
    telegram.push(TelegramPerson(9, group=-5_555).says("xin chào bot"))
    await telegram.until(lambda: telegram.left == [-5_555])
    assert telegram.sent() == []


async def test_a_report_over_zalo_with_a_photo_becomes_a_ticket(
    zalo: FakeZalo, zalo_server: Server
) -> None:
    lan = ZaloPerson("880001", count(1))
    zalo.files["f.jpg"] = photo((200, 30, 30))

    async def answered(messages: int) -> dict[str, Any]:
        await zalo.until(lambda: len(zalo.sent(lan.id)) >= messages)
        return zalo.sent(lan.id)[messages - 1].message

    zalo.push(lan.photographs(f"{zalo.url}/files/f.jpg", REPORT))
    summary = await answered(1)
    zalo.push(lan.presses(zalo_payload(summary, "d:report:send")))
    code_in((await answered(2))["text"])
    assert zalo.slowest_answer < 2


async def test_a_place_shared_over_zalo_is_where_the_report_is(
    zalo: FakeZalo, zalo_server: Server
) -> None:
    lan = ZaloPerson("880001")

    def answers(least: int) -> Callable[[], bool]:
        return lambda: len(zalo.sent(lan.id)) >= least

    zalo.push(lan.says("đèn đường tắt cả tuần nay"))
    await zalo.until(answers(1))
    zalo.push(lan.is_at("10.0124", "105.0809"))
    await zalo.until(answers(2))
    assert "Rạch Giá" in zalo.texts(lan.id)[1]


async def test_a_call_that_zalo_did_not_sign_leaves_no_trace(
    zalo: FakeZalo, zalo_server: Server
) -> None:
    zalo.oa_secret = "forged"
    assert await zalo.deliver(ZaloPerson("880001").says(REPORT)) == 403
    assert zalo.sent() == []
