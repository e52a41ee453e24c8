"""Downloads what people sent over Telegram."""

from __future__ import annotations

import aiohttp
from telegram import Bot
from telegram.constants import FileSizeLimit
from telegram.error import BadRequest, TelegramError

from bot.channels.base import MediaUnavailable, Undeliverable
from bot.channels.downloads import read_limited
from bot.channels.telegram.errors import send_error
from bot.channels.telegram.request import AiohttpRequest
from bot.messages import MediaRef

DOWNLOAD_LIMIT = int(FileSizeLimit.FILESIZE_DOWNLOAD)
"""Bytes; the public Bot API hands out no larger files."""

DOWNLOAD_TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=5, sock_read=20)


async def download(bot: Bot, request: AiohttpRequest, ref: MediaRef, limit: int) -> bytes:
    """The bytes of a file by its file id; see `Channel.fetch`."""
    limit = min(limit, DOWNLOAD_LIMIT)
    if (ref.size or 0) > limit:
        raise MediaUnavailable("file_too_big", again=False)
    try:
        file = await bot.get_file(ref.ref)
        session = request.session
    except BadRequest as error:
        raise MediaUnavailable(send_error(error).reason, again=False) from None
    except TelegramError as error:
        raise MediaUnavailable(
            send_error(error).reason, again=not isinstance(send_error(error), Undeliverable)
        ) from None
    if not file.file_path:
        raise MediaUnavailable("file_unknown", again=False)
    return await read_limited(session, file.file_path, limit, DOWNLOAD_TIMEOUT)
