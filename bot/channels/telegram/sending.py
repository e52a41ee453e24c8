"""Says one rendered message through the Bot API."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaPhoto,
    InputMediaVideo,
    KeyboardButton,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    TelegramObject,
)
from telegram.constants import (
    FileSizeLimit,
    InlineKeyboardButtonLimit,
    InlineKeyboardMarkupLimit,
    MediaGroupLimit,
    MessageLimit,
)
from telegram.error import BadRequest, TelegramError

from bot.channels.base import Capabilities, Undeliverable
from bot.channels.telegram.errors import NOT_MODIFIED, is_one_of
from bot.messages import Button, Outgoing, StoredMedia
from bot.rendering import split_text
from bot.responses import Responses

CAPABILITIES = Capabilities(
    text_limit=int(MessageLimit.MAX_TEXT_LENGTH),
    caption_limit=int(MessageLimit.CAPTION_LENGTH),
    max_buttons=int(InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER),
    # Telegram gives no limit; about this much of a title is readable on a phone.
    button_title_limit=64,
    asks_location=True,
    asks_contact=True,
    sends_media=True,
    albums=int(MediaGroupLimit.MAX_MEDIA_LENGTH),
)

PHOTO_LIMIT = int(FileSizeLimit.PHOTOSIZE_UPLOAD)
CALLBACK_DATA_BYTES = int(InlineKeyboardButtonLimit.MAX_CALLBACK_DATA)
"""UTF-8 bytes, not characters."""

BUTTON_NAMES = {"location": "utter_button_share_location", "contact": "utter_button_share_contact"}
HINT_NAMES = {"location": "utter_hint_share_location", "contact": "utter_hint_share_contact"}
"""Responses for the keyboard that shares a place or a phone number: its key, and the line that
carries it where the question itself already carries other buttons."""

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

SEND_MESSAGE = "sendmessage"
"""The Bot API takes its methods in any case ("All methods in the Bot API are case-insensitive",
core.telegram.org/bots/api); by its usual name the library warns each time that it has a method of
its own for it."""


class Sender:
    """Turns `Outgoing` into calls of a `telegram.Bot`; lets the library's errors through.

    Args:
        bot: the bot that speaks.
        media_dir: the folder that paths of media are relative to.
        responses: for the words on the keyboards of Telegram's own.
    """

    def __init__(self, bot: Bot, media_dir: Path, responses: Responses) -> None:
        self._bot = bot
        self._media_dir = media_dir
        self._responses = responses

    async def send(self, chat_id: int, message: Outgoing) -> str:
        """Say it; returns the id of the message in this chat.

        Raises:
            telegram.error.TelegramError: as the Bot API refused.
            Undeliverable: known beforehand to be refused.
        """
        if message.edit is not None:
            return await self._edit(chat_id, message, message.edit)
        if len(message.media) > 1:
            return await self._send_album(chat_id, message)
        if message.media:
            return await self._send_media(chat_id, message, message.media[0])
        return await self._send_text(chat_id, message)

    async def _send_text(self, chat_id: int, message: Outgoing) -> str:
        parts = split_text(with_phones(message), CAPABILITIES.text_limit)
        if not parts:
            raise Undeliverable("text_empty")
        for part in parts[:-1]:
            await self._say(chat_id, part, message_thread_id=thread(message))
        ask = message.ask if is_private(chat_id) else None
        choices = inline_keyboard(message.buttons)
        sharing = self._sharing_keyboard(ask) if ask else None
        number = await self._say(
            chat_id,
            parts[-1],
            message_thread_id=thread(message),
            reply_markup=choices or sharing or no_keyboard(chat_id),
            reply_parameters=reply_parameters(message),
        )
        if ask and choices and sharing:
            # One message carries one kind of keyboard only.
            hint = self._responses.text(HINT_NAMES[ask])
            await self._say(chat_id, hint, reply_markup=sharing)
        return str(number)

    async def _say(self, chat_id: int, text: str, **more: TelegramObject | int | None) -> int:
        """`Bot.send_message`, but of the answer only the number is read: that is most of its work.

        Returns the number of the message in its chat.
        """
        parameters = {"chat_id": chat_id, "text": text, "link_preview_options": NO_PREVIEW, **more}
        sent = await self._bot.do_api_request(SEND_MESSAGE, parameters)
        number = sent.get("message_id") if isinstance(sent, dict) else None
        if type(number) is not int:
            raise TelegramError("the Bot API's answer holds no message_id")
        return number

    def _sharing_keyboard(self, ask: str) -> ReplyKeyboardMarkup:
        key = KeyboardButton(
            self._responses.text(BUTTON_NAMES[ask]),
            request_location=ask == "location" or None,
            request_contact=ask == "contact" or None,
        )
        return ReplyKeyboardMarkup([[key]], resize_keyboard=True, one_time_keyboard=True)

    async def _edit(self, chat_id: int, message: Outgoing, message_id: str) -> str:
        try:
            await self._bot.edit_message_text(
                with_phones(message),
                chat_id=chat_id,
                message_id=int(message_id),
                reply_markup=inline_keyboard(message.buttons),
                link_preview_options=NO_PREVIEW,
            )
        except BadRequest as error:
            if not is_one_of(error, NOT_MODIFIED):
                raise
        return message_id

    async def _send_media(self, chat_id: int, message: Outgoing, media: StoredMedia) -> str:
        content = await self._content(media)
        file = InputFile(content, filename=media.file_name)
        rest: dict[str, Any] = {
            "message_thread_id": thread(message),
            "caption": with_phones(message) or None,
            "reply_markup": inline_keyboard(message.buttons) or no_keyboard(chat_id),
            "reply_parameters": reply_parameters(message),
        }
        if media.kind == "video":
            sent = await self._bot.send_video(chat_id, file, supports_streaming=True, **rest)
            return str(sent.message_id)
        if media.kind == "photo" and len(content) <= PHOTO_LIMIT:
            try:
                sent = await self._bot.send_photo(chat_id, file, **rest)
                return str(sent.message_id)
            except BadRequest as error:
                # Longer or narrower than Telegram takes as a photo: as a file it passes.
                if not is_misshapen(error):
                    raise
        sent = await self._bot.send_document(chat_id, file, **rest)
        return str(sent.message_id)

    async def _send_album(self, chat_id: int, message: Outgoing) -> str:
        """Several photos and videos as one message; returns the id of the first of them."""
        parts: list[InputMediaPhoto | InputMediaVideo] = []
        for media in message.media:
            content, name = await self._content(media), media.file_name
            if media.kind == "video":
                parts.append(InputMediaVideo(content, filename=name, supports_streaming=True))
            else:
                parts.append(InputMediaPhoto(content, filename=name))
        try:
            sent = await self._bot.send_media_group(
                chat_id,
                parts,
                caption=message.text or None,
                message_thread_id=thread(message),
                reply_parameters=reply_parameters(message),
            )
            return str(sent[0].message_id)
        except BadRequest as error:
            if not is_misshapen(error):
                raise
        alone = [message.model_copy(update={"media": (item,)}) for item in message.media]
        rest = [one.model_copy(update={"text": ""}) for one in alone[1:]]
        numbers = [await self._send_media(chat_id, one, one.media[0]) for one in (alone[0], *rest)]
        return numbers[0]

    async def _content(self, media: StoredMedia) -> bytes:
        try:
            return await asyncio.to_thread((self._media_dir / media.path).read_bytes)
        except FileNotFoundError:
            raise Undeliverable("media_missing") from None


def is_misshapen(error: BadRequest) -> bool:
    """Whether a picture is longer or narrower than Telegram takes as a photo."""
    return "photo_invalid_dimensions" in error.message.lower()


def thread(message: Outgoing) -> int | None:
    """Telegram's id of the topic that the message goes to."""
    return int(message.topic) if message.topic is not None else None


def is_private(chat_id: int) -> bool:
    """Telegram's ids of groups are negative."""
    return chat_id > 0


def with_phones(message: Outgoing) -> str:
    """The text, with numbers to call as lines of their own: Telegram has no button that calls."""
    lines = [f"{b.title}: {b.phone}" for b in message.buttons if b.phone is not None]
    return "\n".join([message.text, *lines]).strip()


def inline_keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """One button a row, in order; None when there are none.

    Raises:
        Undeliverable: a payload is longer than Telegram takes.
    """
    rows = []
    for button in buttons:
        if button.payload is not None:
            if len(button.payload.encode()) > CALLBACK_DATA_BYTES:
                raise Undeliverable("button_data_too_long")
            rows.append([InlineKeyboardButton(button.title, callback_data=button.payload)])
        elif button.url is not None:
            rows.append([InlineKeyboardButton(button.title, url=button.url)])
    return InlineKeyboardMarkup(rows) if rows else None


def no_keyboard(chat_id: int) -> ReplyKeyboardRemove | None:
    """Puts away a sharing keyboard that may still be open; groups never get one."""
    return ReplyKeyboardRemove() if is_private(chat_id) else None


def reply_parameters(message: Outgoing) -> ReplyParameters | None:
    """What the message answers; it is sent all the same when that has been deleted."""
    if message.reply_to is None:
        return None
    return ReplyParameters(int(message.reply_to), allow_sending_without_reply=True)
