"""A Zalo Official Account, as a channel."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import aiohttp
from aiohttp import web

from bot.channels.base import Accept, Capabilities, Channel, SendError, TryLater
from bot.channels.zalo_oa import webhook
from bot.channels.zalo_oa.api import ZaloApi, ZaloOauth
from bot.channels.zalo_oa.errors import ZaloError, send_error
from bot.channels.zalo_oa.events import CHANNEL
from bot.channels.zalo_oa.files import Downloads, trusted_origin
from bot.channels.zalo_oa.sending import CAPABILITIES, Sender
from bot.channels.zalo_oa.tokens import TokenKeeper
from bot.logs import log_failure
from bot.messages import MediaRef, Outgoing
from bot.responses import Responses
from bot.settings import Settings
from store.engine import Database

log = logging.getLogger(__name__)

PICTURE = Path(__file__).with_name("share_contact.png")
PICTURE_PATH = f"{webhook.PATH}/share_contact.png"
"""The picture on the card that asks for contact details; Zalo fetches it from here."""

TOKEN_CHECK_SECONDS = 1800.0
"""How often the token is looked at when nothing is sent, so that it never dies of disuse."""


class ZaloOaOff(RuntimeError):
    """One of the four ZALO_OA_* settings is missing."""


class ZaloOaChannel(Channel):
    """The bot as a Zalo Official Account.

    Args:
        settings: ZALO_*, the media folder, and PUBLIC_URL, where Zalo fetches the card's picture.
        responses: for the words on the card that asks for contact details.
        database: where the tokens are kept.
        now: the time.
        sleep: waits that many seconds.

    Raises:
        ZaloOaOff: settings are missing.
    """

    name: ClassVar[str] = CHANNEL
    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def __init__(
        self,
        settings: Settings,
        responses: Responses,
        database: Database,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        secret, app_secret = settings.zalo_oa_secret_key, settings.zalo_oa_app_secret
        seed = settings.zalo_oa_refresh_token
        if not settings.zalo_oa_app_id or secret is None or app_secret is None or seed is None:
            raise ZaloOaOff(
                "set ZALO_OA_APP_ID, ZALO_OA_APP_SECRET, ZALO_OA_SECRET_KEY, ZALO_OA_REFRESH_TOKEN"
            )
        self._app_id = settings.zalo_oa_app_id
        self._secret = secret.get_secret_value()
        self._now = now
        self._sleep = sleep
        self._session: aiohttp.ClientSession | None = None
        oauth = ZaloOauth(
            self._open_session,
            settings.zalo_oauth_url,
            app_id=self._app_id,
            app_secret=app_secret.get_secret_value(),
        )
        self._tokens = TokenKeeper(
            database,
            seed.get_secret_value(),
            refresh=oauth.refresh,
            now=now,
            sleep=sleep,
        )
        api = ZaloApi(self._open_session, settings.zalo_openapi_url, self._tokens)
        public = settings.public_url.rstrip("/")
        picture_url = f"{public}{PICTURE_PATH}" if public else None
        self._sender = Sender(api, settings.media_dir, responses, picture_url)
        self._downloads = Downloads(trusted_origin(settings.zalo_openapi_url))

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise TryLater("not_open")
        return self._session

    def routes(self, accept: Accept) -> list[web.RouteDef]:
        async def picture(_request: web.Request) -> web.StreamResponse:
            return web.FileResponse(PICTURE)

        return [
            webhook.route(self._app_id, self._secret, accept, self._now),
            web.get(PICTURE_PATH, picture),
        ]

    async def running(self, accept: Accept) -> AsyncIterator[None]:
        self._session = aiohttp.ClientSession()
        await self._downloads.open()
        tokens = asyncio.create_task(self._keep_token_alive())
        try:
            yield
        finally:
            tokens.cancel()
            await asyncio.gather(tokens, return_exceptions=True)
            await self._tokens.settled()
            await self._downloads.close()
            await self._session.close()
            self._session = None

    async def _keep_token_alive(self) -> None:
        while True:
            try:
                await self._tokens.token()
            except SendError as error:
                log.warning("Zalo's access token cannot be had: %s", error.reason)
            except Exception as error:
                # The database may be away; the next look finds it again.
                log_failure(log, "looking at Zalo's token", error)
            await self._sleep(TOKEN_CHECK_SECONDS)

    async def send(self, chat_id: str, message: Outgoing) -> str | None:
        try:
            return await self._sender.send(chat_id, message)
        except ZaloError as error:
            raise send_error(error.code) from None

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        return await self._downloads.fetch(ref.ref, limit)
