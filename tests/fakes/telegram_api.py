"""The methods of the Bot API and what a bot's chats look like, without the HTTP around them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram_checks import (
    ApiError,
    FloodControl,
    check_album,
    check_caption,
    check_photo,
    check_reply_markup,
    check_secret,
    check_text,
    check_topic_name,
    message_object,
)
from tests.fakes.telegram_groups import GroupsApi

Params = dict[str, Any]


@dataclass
class Sent:
    """A message that the bot sent, as its chat shows it."""

    chat_id: int
    message_id: int
    method: str
    text: str
    reply_markup: dict[str, Any] | None = None
    reply_to: int | None = None
    thread: int | None = None
    upload_size: int | None = None
    album: str | None = None
    at: float = 0.0
    earlier_texts: list[str] = field(default_factory=list)


class BotApi(GroupsApi):
    """Telegram's side of one bot; each `api_<method in lower case>` is a method of the Bot API.

    Args:
        limits: whether 429 is answered as Telegram does.
        clock: seconds, for the limits.
        pace: how many times faster than Telegram's the limits count.
    """

    def __init__(self, *, limits: bool, clock: Callable[[], float], pace: float = 1.0) -> None:
        super().__init__()
        self.limits = limits
        self.webhook: dict[str, Any] = {}
        self.blocked: set[int] = set()
        self.left: list[int] = []
        self.migrated: dict[int, int] = {}
        self.files: dict[str, bytes] = {}
        self.uploads: dict[int, bytes] = {}
        self.answered_presses: list[str] = []
        self.pending: list[dict[str, Any]] = []
        self._sent: list[Sent] = []
        self._by_id: dict[tuple[int, int], Sent] = {}
        self._next_message_id = 1_000_000
        self.flood = FloodControl(clock, pace=pace)
        self._news = asyncio.Event()
        self._called = asyncio.Condition()
        self._poll: asyncio.Task[Any] | None = None

    async def api_getme(self, _params: Params) -> dict[str, Any]:
        return {"id": 42, "is_bot": True, "first_name": "Cầu Nối", "username": "caunoi_bot"}

    async def api_setwebhook(self, params: Params) -> bool:
        secret = params.get("secret_token", "")
        check_secret(secret)
        self.webhook = {
            "url": params["url"],
            "secret": secret,
            "allowed_updates": _json(params.get("allowed_updates")),
            "max_connections": params.get("max_connections"),
        }
        return True

    async def api_deletewebhook(self, _params: Params) -> bool:
        self.webhook = {}
        return True

    async def api_getupdates(self, params: Params) -> list[dict[str, Any]]:
        if self.webhook:
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        if self._poll is not None and not self._poll.done():
            self._poll.cancel("other")
        self._poll = asyncio.create_task(self._wait_for_updates(params))
        try:
            return await asyncio.shield(self._poll)
        except asyncio.CancelledError:
            if self._poll is not None and not self._poll.cancelled():
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; "
                    "make sure that only one bot instance is running",
                ) from None
            raise

    async def _wait_for_updates(self, params: Params) -> list[dict[str, Any]]:
        offset, limit = params.get("offset"), int(params.get("limit", 100))
        wanted = _json(params.get("allowed_updates"))
        self.pending = [update for update in self.pending if is_wanted(update, wanted)]
        if offset is not None:
            self.pending = [u for u in self.pending if u["update_id"] >= int(offset)]
            async with self._called:
                self._called.notify_all()
        if not self.pending:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(float(params.get("timeout", 0))):
                    await self._news.wait()
        return self.pending[:limit]

    async def api_sendmessage(self, params: Params) -> dict[str, Any]:
        check_text(params.get("text", ""))
        return self._show("sendMessage", params, str(params["text"]))

    async def api_sendphoto(self, params: Params) -> dict[str, Any]:
        check_photo(params["photo"])
        return self._show_upload("sendPhoto", params, params["photo"])

    async def api_sendvideo(self, params: Params) -> dict[str, Any]:
        return self._show_upload("sendVideo", params, params["video"])

    async def api_senddocument(self, params: Params) -> dict[str, Any]:
        return self._show_upload("sendDocument", params, params["document"])

    async def api_sendmediagroup(self, params: Params) -> list[dict[str, Any]]:
        items = _json(params["media"])
        check_album(items)
        contents = [params[str(item["media"]).removeprefix("attach://")] for item in items]
        for item, content in zip(items, contents, strict=True):
            if item["type"] == "photo":
                check_photo(content)
        chat_id, thread = self._place(params)
        self._count(chat_id, len(items))
        key = f"album-{self._new_message_id()}"
        shown = []
        for item, content in zip(items, contents, strict=True):
            caption = str(item.get("caption", ""))
            sent = self._add("sendMediaGroup", params, caption, thread, len(content))
            sent.album = key
            self.uploads[sent.message_id] = content
            message = message_object(chat_id, sent.message_id, caption, None, thread)
            shown.append({**message, "media_group_id": key})
        return shown

    def _show_upload(self, method: str, params: Params, content: bytes) -> dict[str, Any]:
        caption = str(params.get("caption", ""))
        check_caption(caption)
        shown = self._show(method, params, caption, len(content))
        self.uploads[shown["message_id"]] = content
        return shown

    def _show(
        self, method: str, params: Params, text: str, upload_size: int | None = None
    ) -> dict[str, Any]:
        check_reply_markup(_json(params.get("reply_markup")), int(params["chat_id"]))
        chat_id, thread = self._place(params)
        self._count(chat_id)
        sent = self._add(method, params, text, thread, upload_size)
        return message_object(chat_id, sent.message_id, text, sent.reply_markup, thread)

    def _place(self, params: Params) -> tuple[int, int | None]:
        """The chat and the topic that a message goes to, if it may go there."""
        chat_id = int(params["chat_id"])
        self._check_chat(chat_id)
        thread = self._thread(chat_id, params, _json(params.get("reply_parameters")) or {})
        self.topic_for_sending(chat_id, thread)
        return chat_id, thread

    def _add(
        self, method: str, params: Params, text: str, thread: int | None, size: int | None
    ) -> Sent:
        """One more message in a chat."""
        sent = Sent(
            chat_id=int(params["chat_id"]),
            message_id=self._new_message_id(),
            method=method,
            text=text,
            reply_markup=_json(params.get("reply_markup")),
            reply_to=(_json(params.get("reply_parameters")) or {}).get("message_id"),
            thread=thread,
            upload_size=size,
            at=time.time(),
        )
        self._sent.append(sent)
        self._by_id[sent.chat_id, sent.message_id] = sent
        return sent

    def _thread(self, chat_id: int, params: Params, reply: dict[str, Any]) -> int | None:
        """The topic that is named, else that of the message replied to."""
        if params.get("message_thread_id") is not None:
            return int(params["message_thread_id"])
        replied = self._by_id.get((chat_id, int(reply.get("message_id") or 0)))
        return replied.thread if replied else None

    def _count(self, chat_id: int, messages: int = 1) -> None:
        if self.limits:
            self.flood.count(chat_id, messages)

    def _new_message_id(self) -> int:
        self._next_message_id += 1
        return self._next_message_id

    async def api_createforumtopic(self, params: Params) -> dict[str, Any]:
        chat_id, name = int(params["chat_id"]), str(params.get("name", ""))
        self._check_chat(chat_id)
        self.check_topics(chat_id, "create a topic")
        check_topic_name(name)
        self._count(chat_id)  # the note that the topic was opened is a message of the bot
        topic = self.open_topic(chat_id, self._new_message_id(), name)
        return {"message_thread_id": topic.thread, "name": name, "icon_color": 7322096}

    async def api_pinchatmessage(self, params: Params) -> bool:
        chat_id, number = int(params["chat_id"]), int(params["message_id"])
        self._check_chat(chat_id)
        if (chat_id, number) not in self._by_id:
            raise ApiError(400, "Bad Request: message to pin not found")
        self.pin(chat_id, number)
        return True

    def delete_topic(self, chat_id: int, thread: int) -> None:
        """An administrator deletes a topic, and all that was said there with it."""
        self.topics[chat_id, thread].deleted = True
        for key, sent in list(self._by_id.items()):
            if (sent.chat_id, sent.thread) == (chat_id, thread):
                del self._by_id[key]

    def delete_message(self, chat_id: int, message_id: int) -> None:
        """An administrator deletes a message; it is pinned no more."""
        self._sent.remove(self._by_id.pop((chat_id, message_id)))
        self.pinned[chat_id] = [one for one in self.pinned.get(chat_id, []) if one != message_id]

    async def api_editmessagetext(self, params: Params) -> dict[str, Any]:
        check_text(params.get("text", ""))
        chat_id, markup = int(params["chat_id"]), _json(params.get("reply_markup"))
        check_reply_markup(markup, chat_id)
        self._check_chat(chat_id)
        sent = self._by_id.get((chat_id, int(params["message_id"])))
        if sent is None:
            raise ApiError(400, "Bad Request: message to edit not found")
        if (sent.text, sent.reply_markup) == (params["text"], markup):
            raise ApiError(
                400,
                "Bad Request: message is not modified: specified new message content and reply "
                "markup are exactly the same as a current content and reply markup",
            )
        sent.earlier_texts.append(sent.text)
        sent.text, sent.reply_markup = params["text"], markup
        return message_object(chat_id, sent.message_id, sent.text, markup, sent.thread)

    async def api_answercallbackquery(self, params: Params) -> bool:
        self.answered_presses.append(params["callback_query_id"])
        return True

    async def api_sendchataction(self, params: Params) -> bool:
        self._check_chat(int(params["chat_id"]))
        return True

    async def api_leavechat(self, params: Params) -> bool:
        self.left.append(int(params["chat_id"]))
        return True

    async def api_getfile(self, params: Params) -> dict[str, Any]:
        file_id = params["file_id"]
        content = self.files.get(file_id)
        if content is None:
            raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if len(content) > 20_000_000:
            raise ApiError(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": f"u-{file_id}",
            "file_size": len(content),
            "file_path": file_id,
        }

    def _check_chat(self, chat_id: int) -> None:
        if chat_id in self.migrated:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": self.migrated[chat_id]},
            )
        if chat_id in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat_id in self.left:
            raise ApiError(403, "Forbidden: bot is not a member of the supergroup chat")


def is_wanted(update: dict[str, Any], wanted: list[str] | None) -> bool:
    """Whether the bot has asked for this kind of update; of members it hears only when it has."""
    kind = next(name for name in update if name != "update_id")
    return kind in wanted if wanted else kind != "chat_member"


def _json(value: Any) -> Any:
    """A parameter that may come as JSON or as a string that holds JSON."""
    return json.loads(value) if isinstance(value, str) else value
