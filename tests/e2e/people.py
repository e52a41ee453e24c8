"""People who talk to a real server over the fake messengers, and wait for its answers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from PIL import Image

from tests.fakes.telegram import PATIENCE, FakeTelegram
from tests.fakes.telegram_api import Sent
from tests.fakes.telegram_updates import TelegramPerson, Update
from tests.fakes.zalo import FakeZalo
from tests.fakes.zalo import Sent as ZaloSent
from tests.fakes.zalo_events import Event, ZaloPerson

TICKET_CODE = re.compile(r"PA-[0-9A-Z-]{5,9}")
CAMERA, GPS = 0x010F, 0x8825


def photo(colour: tuple[int, int, int] = (90, 60, 30)) -> bytes:
    """A JPEG that tells with which camera and where it was taken."""
    image = Image.new("RGB", (400, 300), colour)
    exif = image.getexif()
    exif[CAMERA] = "Máy của tôi"
    exif.get_ifd(GPS)[1] = "N"
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def exif_of(content: bytes) -> dict[int, Any]:
    with Image.open(io.BytesIO(content)) as image:
        return dict(image.getexif())


def code_in(text: str) -> str:
    found = TICKET_CODE.search(text)
    assert found is not None, text
    return found[0]


class TelegramChat:
    """A chat of the bot on Telegram: somebody does things in it, and reads what the bot says."""

    def __init__(self, telegram: FakeTelegram, person: TelegramPerson) -> None:
        self.telegram, self.person = telegram, person
        self.chat_id = person.group or person.id
        self._read = 0

    def does(self, *updates: Update) -> None:
        self.telegram.push(*updates)

    def says(self, text: str) -> None:
        self.does(self.person.says(text))

    def presses(self, sent: Sent, action: str) -> None:
        """Press the button under a message whose payload has this in it."""
        assert sent.reply_markup is not None, sent
        buttons = [b for row in sent.reply_markup["inline_keyboard"] for b in row]
        payload = next(b["callback_data"] for b in buttons if action in b.get("callback_data", ""))
        self.does(self.person.presses(payload, sent.message_id, sent.text))

    def replies(self, sent: Sent, text: str, **content: Any) -> None:
        """Reply to a message of the bot, with a text or with other content."""
        content = content or {"text": text}
        self.does(self.person.message(**content, **self.reply_to(sent)))

    def reply_to(self, sent: Sent) -> dict[str, Any]:
        words = "caption" if sent.method != "sendMessage" else "text"
        return {
            "reply_to_message": {
                "message_id": sent.message_id,
                "date": 1_780_000_000,
                "chat": {"id": self.chat_id, "type": "group", "title": "Tổ trực"},
                "from": {"id": 42, "is_bot": True, "first_name": "Cầu Nối"},
                words: sent.text,
            }
        }

    async def hears(self, *parts: str) -> Sent:
        """The next message of the bot that has all these parts in it.

        Raises:
            TimeoutError: it did not come; with what came instead.
        """
        found: list[int] = []

        def happened() -> bool:
            sent = self.telegram.sent(self.chat_id)
            found.extend(
                n
                for n in range(self._read, len(sent))
                if all(part in sent[n].text for part in parts)
            )
            return bool(found)

        await self.sees(happened, f"{parts} in {self.chat_id}")
        self._read = found[0] + 1
        return self.telegram.sent(self.chat_id)[found[0]]

    async def sees(self, happened: Callable[[], bool], what: str = "it") -> None:
        try:
            await self.telegram.until(happened)
        except TimeoutError:
            heard = self.telegram.texts(self.chat_id)[self._read :]
            raise TimeoutError(f"{what} did not come within {PATIENCE} s, but {heard}") from None


class ZaloChat:
    """The same for a citizen on Zalo."""

    def __init__(self, zalo: FakeZalo, person: ZaloPerson) -> None:
        self.zalo, self.person = zalo, person
        self._read = 0

    def does(self, *events: Event) -> None:
        self.zalo.push(*events)

    def says(self, text: str) -> None:
        self.does(self.person.says(text))

    def presses(self, sent: ZaloSent, action: str) -> None:
        buttons = sent.message["attachment"]["payload"]["buttons"]
        payload = next(str(b["payload"]) for b in buttons if action in str(b["payload"]))
        self.does(self.person.presses(payload.removeprefix("#p:")))

    async def hears(self, *parts: str) -> ZaloSent:
        """The next message of the bot that has all these parts in it.

        Raises:
            TimeoutError: it did not come; with what came instead.
        """
        found: list[int] = []

        def happened() -> bool:
            sent = self.zalo.sent(self.person.id)
            found.extend(
                n
                for n in range(self._read, len(sent))
                if all(part in sent[n].text for part in parts)
            )
            return bool(found)

        try:
            await self.zalo.until(happened)
        except TimeoutError:
            heard = self.zalo.texts(self.person.id)[self._read :]
            raise TimeoutError(f"{parts} did not come, but {heard}") from None
        self._read = found[0] + 1
        return self.zalo.sent(self.person.id)[found[0]]
