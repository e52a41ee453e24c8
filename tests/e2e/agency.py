"""A province on a working day: its groups, its officers, and citizens who remember what they heard.

Everybody writes down what must come of what they do; at the end of the day it is compared with what
came.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from yarl import URL

from tests.e2e.people import TelegramChat, code_in
from tests.fakes.telegram import PATIENCE, FakeTelegram
from tests.fakes.telegram_api import Sent
from tests.fakes.telegram_groups import Topic
from tests.fakes.telegram_updates import TelegramPerson
from tests.fakes.web_chat_page import Line, Visitor

LOOK_EVERY = 0.05
"""Seconds between looks for something that must come."""

ALIKE = "có vẻ cùng một việc"
"""What the bot asks when open tickets may be about the same as a report."""

PHOTO = "(ảnh)"
"""What stands for a picture in what a citizen has heard."""


async def comes(happened: Callable[[], bool], what: str, within: float = 3 * PATIENCE) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it was not, with what should have been.
    """
    try:
        async with asyncio.timeout(within):
            while not happened():
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise TimeoutError(f"{what} did not come within {within} s") from None


@dataclass
class Heard:
    """One message of the bot: its words, and by which button what is pressed."""

    text: str
    buttons: dict[str, str]
    sent: Sent | None = None

    def payload(self, part: str) -> str:
        return next(payload for payload in self.buttons.values() if part in payload)


class Chat(Protocol):
    """A citizen's chat on some messenger."""

    def heard(self) -> list[Heard]:
        """All that the bot has said, oldest first."""

    async def says(self, text: str) -> None: ...

    async def presses(self, on: Heard, part: str) -> None:
        """Press the button whose payload has this part in it."""


class OnTelegram:
    """A citizen's private chat with the bot."""

    def __init__(self, telegram: FakeTelegram, person: TelegramPerson) -> None:
        self.chat = TelegramChat(telegram, person)
        self.telegram, self.person = telegram, person

    def heard(self) -> list[Heard]:
        return [
            Heard(one.text or PHOTO, _buttons(one.reply_markup), one)
            for one in self.telegram.sent(self.person.id)
        ]

    async def says(self, text: str) -> None:
        self.chat.says(text)

    async def presses(self, on: Heard, part: str) -> None:
        assert on.sent is not None
        self.chat.presses(on.sent, part)


class OnTheWeb:
    """A citizen on the chat page; what is shown is acknowledged as the page does."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._shown: dict[int, dict[str, Any]] = {}

    def heard(self) -> list[Heard]:
        return [
            Heard(
                item.get("text") or PHOTO,
                {b["title"]: b["payload"] for b in item.get("buttons", ()) if b.get("payload")},
            )
            for _, item in sorted(self._shown.items())
        ]

    async def says(self, text: str) -> None:
        await self._line.text(text)

    async def presses(self, on: Heard, part: str) -> None:
        payload = on.payload(part)
        title = next(title for title, one in on.buttons.items() if one == payload)
        await self._line.press(payload, title)

    async def read(self) -> None:
        """Take in what the server sends, until cancelled."""
        while True:
            frame = await self._line.receive()
            if frame["type"] == "message":
                self._shown[frame["id"]] = frame
                await self._line.send(type="seen", ids=[frame["id"]])


class _Address:
    """Where a server is, in the words of aiohttp's test server."""

    def __init__(self, url: str) -> None:
        self._url = URL(url)

    def make_url(self, path: str) -> URL:
        return self._url.join(URL(path)) if path else self._url


@asynccontextmanager
async def on_the_web(url: str) -> AsyncIterator[OnTheWeb]:
    """A new person with a new browser on the chat page of a server."""
    jar = aiohttp.CookieJar(unsafe=True)  # loopback addresses are no names
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        visitor = Visitor(_Address(url), session)
        await visitor.open_page()
        async with visitor.line() as line:
            chat = OnTheWeb(line)
            reading = asyncio.create_task(chat.read())
            try:
                yield chat
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)


class Citizen:
    """Somebody who reports and is told, and notes what must have been said in the end."""

    def __init__(self, name: str, chat: Chat) -> None:
        self.name, self.chat = name, chat
        self.must_hear: list[tuple[str, ...]] = []
        self.may_hear: list[tuple[str, ...]] = []
        """News that a later step makes needless, unless that step comes minutes after."""
        self.may_talk = asyncio.Lock()
        """A person types one thing after the other."""

    async def hears(self, *parts: str) -> Heard:
        """The message with all these parts, which is then one that must have come, once."""
        self.must_hear.append(parts)
        return await self._with(parts)

    async def _with(self, parts: tuple[str, ...]) -> Heard:
        wanted = self.must_hear.count(parts)
        try:
            await comes(lambda: len(self._all(parts)) >= wanted, f"{parts} to {self.name}")
        except TimeoutError as error:
            error.add_note(f"heard last: {[one.text for one in self.chat.heard()[-3:]]}")
            raise
        return self._all(parts)[wanted - 1]

    def _all(self, parts: tuple[str, ...]) -> list[Heard]:
        return [one for one in self.chat.heard() if all(part in one.text for part in parts)]

    async def reports(self, text: str, *, urgent: bool = False) -> str:
        """Tell of something in one message and send it; returns the code of the ticket.

        Where open tickets are shown that may be about the same, this one is another matter.
        """
        async with self.may_talk:
            await self.chat.says(text)
            if urgent:
                await self.hears("113")
            asked, summed_up = (ALIKE,), ("Báo khẩn" if urgent else "Mình ghi lại như sau", text)
            questions = self.must_hear.count(asked)
            await comes(
                lambda: len(self._all(asked)) > questions or bool(self._all(summed_up)),
                f"what became of {text!r} of {self.name}",
            )
            if len(self._all(asked)) > questions:
                question = await self.hears(*asked)
                self.must_hear += [("• Nơi: ",)] * (len(question.buttons) - 1)
                await self.chat.presses(question, "report:different:")
            await self.chat.presses(await self.hears(*summed_up), "report:send:")
            return code_in((await self.hears("Mã của bạn")).text)

    def left_over(self) -> tuple[list[tuple[str, ...]], list[str]]:
        """What was not said though it must, and what was said though it must not."""
        said = [one.text for one in self.chat.heard()]
        missing = [parts for parts in _longest_first(self.must_hear) if not _struck(parts, said)]
        for parts in self.may_hear:
            _struck(parts, said)
        return missing, said


def _longest_first(expected: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """What says most of a message comes first, so that what says little does not take it away."""
    return sorted(expected, key=lambda parts: -sum(map(len, parts)))


def _struck(parts: tuple[str, ...], said: list[str]) -> bool:
    """Strike the first message with all these parts off a list; False when there is none."""
    found = next((text for text in said if all(part in text for part in parts)), None)
    if found is None:
        return False
    said.remove(found)
    return True


@dataclass
class Officer:
    """Somebody of the staff, in one or several groups."""

    telegram: FakeTelegram
    person: TelegramPerson

    def at(self, group: int) -> Officer:
        """The same officer in another group."""
        return Officer(self.telegram, self.person.in_group(group))

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def group(self) -> int:
        assert self.person.group is not None
        return self.person.group

    async def card(self, code: str) -> Sent:
        """The ticket's card, pinned in its topic."""
        await comes(lambda: card_of(self.telegram, self.group, code) is not None, f"{code}'s card")
        card = card_of(self.telegram, self.group, code)
        assert card is not None
        return card

    async def presses(self, code: str, action: str) -> None:
        """Press a button of the card."""
        card = await self.card(code)
        button = f"{action}:{code}"
        await comes(lambda: f":{button}" in str(card.reply_markup), f"{button} on the card")
        self.presses_on(card, button)

    def presses_on(self, sent: Sent, action: str) -> None:
        TelegramChat(self.telegram, self.person.in_topic(sent.thread)).presses(sent, f":{action}")

    def replies(self, to: Sent, text: str, *, files: list[str] | None = None) -> None:
        """Reply to a message of the bot, with an album or a photo if there are files."""
        person = self.person.in_topic(to.thread)
        chat = TelegramChat(self.telegram, person)
        if files is None:
            chat.replies(to, text)
        elif len(files) == 1:
            chat.does(person.photographs(files[0], text, **chat.reply_to(to)))
        else:
            chat.does(*person.album(files, text, **chat.reply_to(to)))

    def writes(self, topic: int, text: str) -> None:
        """Write something in a topic that replies to nothing."""
        self.telegram.push(self.person.in_topic(topic).says(text))

    async def hears(self, *parts: str, topic: int | None = None, after: int = 0) -> Sent:
        """The first message with all these parts in the group, or in a topic of it.

        Args:
            after: a message that it is later than.
        """

        def found() -> Sent | None:
            return next(
                (
                    one
                    for one in self.telegram.sent(self.group)
                    if topic in (None, one.thread) and one.message_id > after
                    if all(part in one.text for part in parts)
                ),
                None,
            )

        await comes(lambda: found() is not None, f"{parts} in {self.group}")
        sent = found()
        assert sent is not None
        return sent

    async def starts(self, code: str) -> None:
        await self.presses(code, "start")
        await self.sees(code, f"Đang xử lý – {self.name}")

    async def tells(
        self, code: str, action: str, mark: str, words: str, *, files: list[str] | None = None
    ) -> None:
        """Press a button of the card, and reply to the message that then asks for words."""
        card = await self.card(code)
        last = max(one.message_id for one in self.telegram.sent(self.group))
        await self.presses(code, action)
        prompt = await self.hears(mark, code, self.name, topic=card.thread, after=last)
        self.replies(prompt, words, files=files)

    async def chooses(self, code: str, action: str, choice: str) -> None:
        """Press a button of the card, then one of the list that comes, on whatever page it is."""
        card = await self.card(code)
        last = max(one.message_id for one in self.telegram.sent(self.group))
        await self.presses(code, action)
        listed = await self.hears("#chon", code, topic=card.thread, after=last)
        while f":{choice}" not in str(listed.reply_markup):
            await self._turns_the_page(listed, code)
        self.presses_on(listed, f"{code}:{choice}")

    async def _turns_the_page(self, listed: Sent, code: str) -> None:
        page = str(listed.reply_markup)
        self.presses_on(listed, f"{code}:@{_page(page) + 1}")
        await comes(lambda: str(listed.reply_markup) != page, "another page")

    async def sees(self, code: str, state: str) -> None:
        """Wait until the card shows a state."""
        card = await self.card(code)
        await comes(lambda: state in card.text, f"{state} on {code}'s card")


def topic_of(telegram: FakeTelegram, group: int, code: str) -> Topic | None:
    """The topic of a ticket in a group.

    Raises:
        AssertionError: there are several.
    """
    found = [one for one in telegram.topics_of(group) if one.name.startswith(code)]
    assert len(found) <= 1, found
    return found[0] if found else None


def card_of(telegram: FakeTelegram, group: int, code: str) -> Sent | None:
    """The card that is pinned in a ticket's topic."""
    topic = topic_of(telegram, group, code)
    pinned = telegram.pinned.get(group, [])
    cards = [
        one
        for one in telegram.sent(group)
        if topic is not None and one.thread == topic.thread and one.message_id in pinned
    ]
    return cards[-1] if cards else None


def _page(markup: str) -> int:
    """Which page of a list is open: the next one's button says so."""
    later = [int(number) for number in re.findall(r":@(\d+)", markup)]
    return max(later) - 1


def _buttons(markup: dict[str, Any] | None) -> dict[str, str]:
    rows = (markup or {}).get("inline_keyboard", [])
    return {b["text"]: b["callback_data"] for row in rows for b in row if "callback_data" in b}
