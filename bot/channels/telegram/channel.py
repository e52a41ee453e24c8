"""Telegram, as a channel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar, TypeVar

from aiohttp import web
from telegram import Bot, CallbackQuery
from telegram.error import ChatMigrated, TelegramError

from bot.channels.base import Accept, Capabilities, Channel, Undeliverable
from bot.channels.telegram import webhook
from bot.channels.telegram.errors import send_error
from bot.channels.telegram.files import download
from bot.channels.telegram.groups import AskOurGroups, Groups
from bot.channels.telegram.limits import SendLimiter
from bot.channels.telegram.polling import Hold, Poller, RawUpdate
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.sending import CAPABILITIES, Sender, is_private
from bot.channels.telegram.topics import Topics
from bot.channels.telegram.updates import (
    CHANNEL,
    UnreadableUpdate,
    group_of,
    incoming,
    read_update,
)
from bot.messages import GroupContext, Incoming, Kind, MediaRef, Outgoing
from bot.responses import Responses
from bot.settings import Settings

log = logging.getLogger(__name__)

_Done = TypeVar("_Done")

NO_TOPICS = "no_topics"
"""What a membership event says when no topic could be opened in its group."""


class TelegramOff(RuntimeError):
    """There is no TELEGRAM_TOKEN."""


class TelegramChannel(Channel):
    """The bot on Telegram, by webhook or by polling.

    Args:
        settings: TELEGRAM_* and the media folder.
        responses: for the words on Telegram's own keyboards.
        hold: `Leases.keep`; polling goes on only while it says yes.
        our_groups: the present ids of the staff's groups.
        limiter: paces sending; made from the settings when not given.
        now: the time, for presses, of which Telegram tells none.

    Raises:
        TelegramOff: without a token.
    """

    name: ClassVar[str] = CHANNEL
    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(
        self,
        settings: Settings,
        responses: Responses,
        *,
        hold: Hold,
        our_groups: AskOurGroups,
        limiter: SendLimiter | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if settings.telegram_token is None:
            raise TelegramOff("set TELEGRAM_TOKEN")
        # At level DEBUG the library logs every text, and its addresses with the token in them.
        logging.getLogger("telegram").setLevel(logging.INFO)
        self._settings = settings
        self._hold = hold
        self._now = now
        self._calls = AiohttpRequest()
        self._polls = AiohttpRequest()
        api = settings.telegram_api_url.rstrip("/")
        self._bot = Bot(
            settings.telegram_token.get_secret_value(),
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=self._calls,
            get_updates_request=self._polls,
        )
        self._groups = Groups(self._bot, our_groups)
        self._topics = Topics(self._bot)
        self._sender = Sender(self._bot, settings.media_dir, responses)
        self._limiter = limiter or SendLimiter(settings.telegram_messages_per_second)
        self._aside: set[asyncio.Task[None]] = set()
        self._accept: Accept | None = None

    @property
    def _secret(self) -> str:
        secret = self._settings.telegram_webhook_secret
        return secret.get_secret_value() if secret is not None else ""

    def routes(self, accept: Accept) -> list[web.RouteDef]:
        if self._settings.telegram_mode != "webhook":
            return []
        return [webhook.route(self._secret, self._taker(accept))]

    async def running(self, accept: Accept) -> AsyncIterator[None]:
        self._accept = accept
        await self._calls.initialize()
        await self._polls.initialize()
        if self._settings.telegram_mode == "polling":
            poller = Poller(self._bot, self._polls, take=self._taker(accept), hold=self._hold)
            self._start_aside(poller.run())
        elif self._settings.public_url and self._secret:
            self._start_aside(webhook.announce(self._bot, self._settings.public_url, self._secret))
        else:
            log.warning(
                "Telegram is not told of the webhook: set PUBLIC_URL and TELEGRAM_WEBHOOK_SECRET"
            )
        try:
            yield
        finally:
            for task in self._aside:
                task.cancel()
            await asyncio.gather(*self._aside, return_exceptions=True)
            await self._calls.shutdown()
            await self._polls.shutdown()

    async def may_send(self, chat_id: str) -> bool:
        return await self._limiter.wait(chat_id, is_group=not is_private(_chat_number(chat_id)))

    async def send(self, chat_id: str, message: Outgoing) -> str | None:
        number = _chat_number(chat_id)
        return await self._in_chat(number, lambda chat: self._sender.send(chat, message))

    async def open_topic(self, chat_id: str, name: str) -> str | None:
        number = _chat_number(chat_id)
        if self._topics.known_without(number):
            return None
        await self._limiter.wait(chat_id, is_group=True)
        thread = await self._in_chat(number, lambda chat: self._topics.open(chat, name))
        if thread is None:
            await self._tell_the_desk(number, f"no_topics:{number}:{self._now()}", NO_TOPICS)
        return str(thread) if thread is not None else None

    async def set_topic(self, chat_id: str, topic: str, *, is_open: bool) -> None:
        await self._in_chat(
            _chat_number(chat_id),
            lambda chat: self._topics.set(chat, int(topic), is_open=is_open),
        )

    async def pin(self, chat_id: str, message_id: str) -> None:
        await self._in_chat(
            _chat_number(chat_id), lambda chat: self._topics.pin(chat, int(message_id))
        )

    async def _in_chat(self, number: int, do: Callable[[int], Awaitable[_Done]]) -> _Done:
        """Do something in a chat under its present id; what Telegram refuses is named."""
        try:
            try:
                return await do(self._groups.successor(number))
            except ChatMigrated as error:
                await self._follow(number, error.new_chat_id)
                return await do(error.new_chat_id)
        except TelegramError as error:
            raise send_error(error) from None

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        return await download(self._bot, self._calls, ref, limit)

    def _taker(self, accept: Accept) -> Callable[[Sequence[RawUpdate]], Coroutine[Any, Any, None]]:
        async def take(updates: Sequence[RawUpdate]) -> None:
            await self._take(updates, accept)

        return take

    async def _take(self, updates: Sequence[RawUpdate], accept: Accept) -> None:
        """Keep what concerns us; afterwards do what Telegram expects besides."""
        events: list[Incoming] = []
        afterwards: list[Callable[[], Coroutine[Any, Any, None]]] = []
        for raw in updates:
            try:
                update = read_update(raw)
                event = incoming(update, self._now())
            except UnreadableUpdate as error:
                log.error("skipped an update that is not of the Bot API's form: %s", error)
                continue
            group = group_of(update)
            if group is not None and not await self._groups.knows(update, group):
                afterwards.append(partial(self._groups.leave, update, group))
                continue
            if event is not None:
                events.append(event)
                if group is not None and event.kind == Kind.MEMBERSHIP:
                    self._topics.may_have_some_again(group)
            if update.callback_query is not None:
                afterwards.append(partial(self._end_press, update.callback_query))
        if events:
            await accept(events)
        for step in afterwards:
            self._start_aside(step())

    async def _end_press(self, query: CallbackQuery) -> None:
        """Let the pressed button stop turning."""
        try:
            await self._bot.answer_callback_query(query.id)
        except TelegramError as error:
            log.info("answering a press failed: %s", send_error(error).reason)

    async def _follow(self, old: int, new: int) -> None:
        """A send found out that a group became a supergroup: let the desk keep its id."""
        self._groups.moved(old, new)
        await self._tell_the_desk(old, f"migrated:{old}:{new}", migrated_to=str(new))

    async def _tell_the_desk(
        self, group: int, event_id: str, payload: str | None = None, **context: Any
    ) -> None:
        """Something that sending found out about a group, as an event of that group."""
        if self._accept is None:
            return
        event = Incoming(
            channel=self.name,
            event_id=event_id,
            chat_id=str(group),
            kind=Kind.MEMBERSHIP,
            payload=payload,
            group=GroupContext(sender_id=0, **context),
            sent_at=self._now(),
        )
        await self._accept([event])

    async def idle(self) -> None:
        """Return when nothing runs beside the webhook any more (presses, groups being left)."""
        while self._aside:
            await asyncio.gather(*self._aside)

    def _start_aside(self, step: Coroutine[Any, Any, None]) -> None:
        """Run beside everything else; the set keeps the task from being collected."""
        task = asyncio.create_task(step)
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)


def _chat_number(chat_id: str) -> int:
    try:
        return int(chat_id)
    except ValueError:
        raise Undeliverable("chat_id_unreadable") from None
