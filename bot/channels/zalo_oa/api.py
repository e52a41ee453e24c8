"""Calls Zalo's OpenAPI and its OAuth server."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp

from bot.channels.base import TryLater
from bot.channels.zalo_oa.errors import (
    REFRESH_TOKEN_ERRORS,
    TOKEN_ERRORS,
    RefreshTokenDead,
    ZaloError,
)
from bot.channels.zalo_oa.tokens import Grant, TokenKeeper

log = logging.getLogger(__name__)

MESSAGE_PATH = "/v3.0/oa/message/cs"
"""Consultation messages: what answers a citizen within Zalo's window."""

UPLOAD_IMAGE_PATH = "/v2.0/oa/upload/image"
UPLOAD_FILE_PATH = "/v2.0/oa/upload/file"
TOKEN_PATH = "/v4/oa/access_token"

CALL_TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=5)
UPLOAD_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5)

MakeBody = Callable[[], aiohttp.FormData | bytes]


async def _answer(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """The answer's JSON object.

    Raises:
        TryLater: the server itself failed, or something between answered in its place.
    """
    if response.status >= 500 or response.status == 429:
        raise TryLater(f"http_{response.status}")
    try:
        answer = json.loads(await response.read())
    except ValueError:
        raise TryLater("answer_unreadable") from None
    if not isinstance(answer, dict):
        raise TryLater("answer_unreadable")
    return answer


class ZaloOauth:
    """Zalo's OAuth server, for one app."""

    def __init__(
        self,
        session: Callable[[], aiohttp.ClientSession],
        url: str,
        *,
        app_id: str,
        app_secret: str,
    ) -> None:
        self._session = session
        self._url = url.rstrip("/") + TOKEN_PATH
        self._app_id = app_id
        self._app_secret = app_secret

    async def refresh(self, refresh_token: str) -> Grant:
        """Exchange a refresh token, which is used up by it.

        Raises:
            RefreshTokenDead: it was used before, or has expired.
            TryLater: anything else.
        """
        form = {
            "app_id": self._app_id,
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        headers = {"secret_key": self._app_secret}
        try:
            async with self._session().post(
                self._url, data=form, headers=headers, timeout=CALL_TIMEOUT, allow_redirects=False
            ) as response:
                answer = await _answer(response)
        except TimeoutError:
            raise TryLater("oauth_timed_out") from None
        except (aiohttp.ClientError, OSError):
            raise TryLater("oauth_out_of_reach") from None
        if answer.get("error") in REFRESH_TOKEN_ERRORS:
            raise RefreshTokenDead
        try:
            return Grant(
                access_token=str(answer["access_token"]),
                refresh_token=str(answer["refresh_token"]),
                lasts=timedelta(seconds=int(answer["expires_in"])),
            )
        except (KeyError, ValueError):
            raise TryLater(f"oauth_{answer.get('error', 'unreadable')}"[:60]) from None


class ZaloApi:
    """The OpenAPI, with a token that is renewed once when Zalo refuses it."""

    def __init__(
        self, session: Callable[[], aiohttp.ClientSession], url: str, tokens: TokenKeeper
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._tokens = tokens

    async def send_message(self, user_id: str, message: dict[str, Any]) -> str | None:
        """Send one message; returns Zalo's id of it.

        Raises:
            ZaloError: Zalo refused it.
            TryLater: Zalo is out of reach, or no token can be had.
        """
        body = json.dumps({"recipient": {"user_id": user_id}, "message": message}).encode()
        data = await self._call(MESSAGE_PATH, lambda: body, CALL_TIMEOUT)
        message_id = data.get("message_id")
        return str(message_id) if message_id is not None else None

    async def upload_image(self, content: bytes, filename: str, mime: str) -> str:
        """Hand an image over; returns the attachment id, good for 7 days. Raises like above."""
        data = await self._upload(UPLOAD_IMAGE_PATH, content, filename, mime)
        return str(data.get("attachment_id", ""))

    async def upload_document(self, content: bytes, filename: str, mime: str) -> str:
        """Hand a document over; returns its token, good for 7 days. Raises like above."""
        data = await self._upload(UPLOAD_FILE_PATH, content, filename, mime)
        return str(data.get("token", ""))

    async def _upload(self, path: str, content: bytes, filename: str, mime: str) -> dict[str, Any]:
        def form() -> aiohttp.FormData:
            # A form is used up by one call, and a call may be made twice.
            made = aiohttp.FormData()
            made.add_field("file", content, filename=filename, content_type=mime)
            return made

        return await self._call(path, form, UPLOAD_TIMEOUT)

    async def _call(
        self, path: str, body: MakeBody, patience: aiohttp.ClientTimeout
    ) -> dict[str, Any]:
        token = await self._tokens.token()
        try:
            return await self._post(path, body(), token, patience)
        except ZaloError as error:
            if error.code not in TOKEN_ERRORS:
                raise
        token = await self._tokens.token(refused=token)
        return await self._post(path, body(), token, patience)

    async def _post(
        self,
        path: str,
        body: aiohttp.FormData | bytes,
        token: str,
        patience: aiohttp.ClientTimeout,
    ) -> dict[str, Any]:
        headers = {"access_token": token}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/json"
        try:
            async with self._session().post(
                self._url + path,
                data=body,
                headers=headers,
                timeout=patience,
                allow_redirects=False,
            ) as response:
                answer = await _answer(response)
        except TimeoutError:
            raise TryLater("timed_out") from None
        except (aiohttp.ClientError, OSError) as error:
            raise TryLater(f"network_{type(error).__name__}"[:60]) from None
        code = answer.get("error")
        if code != 0:
            raise ZaloError(code if isinstance(code, int) else 0)
        data = answer.get("data")
        return data if isinstance(data, dict) else {}
