"""Asks each configured outside system for a sign of life."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.cli.findings import Finding, good, off, problem
from bot.dossier_sources import FieldMapping, FieldMappingInvalid
from bot.settings import Settings

TIMEOUT_SECONDS = 10
SAMPLE_DOSSIER_CODE = "000.00.00.H00-000000-0000"
"""Well-formed, and belongs to nobody: enough to see whether the one-stop system answers."""

ZALO_TOKEN_ERRORS = (-216, -220)
"""Zalo OpenAPI: the access token is wrong or has run out."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `body` is empty when it is no JSON object."""

    status: int
    body: dict[str, Any]


class Unreachable(Exception):
    """No HTTP answer came. The message is the kind of failure, never the address: it may hold a
    token."""


async def ask(
    http: aiohttp.ClientSession, url: str, headers: dict[str, str] | None = None
) -> Answer:
    """GET an address.

    Raises:
        Unreachable: there was no HTTP answer in time.
    """
    try:
        async with http.get(url, headers=headers) as response:
            try:
                body = await response.json(content_type=None)
            except ValueError:
                body = {}
            return Answer(response.status, body if isinstance(body, dict) else {})
    except (aiohttp.ClientError, ValueError, OSError) as error:
        raise Unreachable(type(error).__name__) from None


def host_of(url: str) -> str:
    """The host and port of an address: what may be shown of one that holds a secret."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or url.partition("?")[0]


async def outside_systems(
    settings: Settings, zalo_access_token: str | None
) -> AsyncIterator[Finding]:
    """Telegram, Zalo OA, the Rasa server and the one-stop system, as far as configured."""
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as http:
        for check in (
            _rasa(settings, http),
            _telegram(settings, http),
            _zalo_oa(settings, http, zalo_access_token),
            _dossier_api(settings, http),
        ):
            async for finding in check:
                yield finding


async def _rasa(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    if not settings.nlu_url:
        return
    host = host_of(settings.nlu_url)
    try:
        answer = await ask(http, f"{settings.nlu_url.rstrip('/')}/status")
    except Unreachable as error:
        yield problem("nlu_unreachable", host=host, error=error)
        return
    if answer.status == 200:
        yield good("nlu_ok", host=host)
    else:
        yield problem("nlu_unreachable", host=host, error=f"HTTP {answer.status}")


async def _telegram(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    if settings.telegram_token is None:
        yield off("telegram_off")
        return
    base = settings.telegram_api_url.rstrip("/")
    bot = f"{base}/bot{settings.telegram_token.get_secret_value()}"
    try:
        me = await ask(http, f"{bot}/getMe")
        if me.status in (401, 403, 404):
            yield problem("telegram_token_refused", status=me.status)
            return
        if not me.body.get("ok"):
            yield problem("telegram_unreachable", host=host_of(base), error=f"HTTP {me.status}")
            return
        yield good("telegram_ok", username=me.body.get("result", {}).get("username", "?"))
        if settings.telegram_staff_chat_id is None:
            yield off("telegram_staff_off")
            return
        chat = await ask(http, f"{bot}/getChat?chat_id={settings.telegram_staff_chat_id}")
        if chat.body.get("ok"):
            yield good("telegram_staff_ok")
        else:
            yield problem("telegram_staff_unknown")
    except Unreachable as error:
        yield problem("telegram_unreachable", host=host_of(base), error=error)


async def _zalo_oa(
    settings: Settings, http: aiohttp.ClientSession, access_token: str | None
) -> AsyncIterator[Finding]:
    if not settings.zalo_oa_on:
        return
    base = settings.zalo_openapi_url.rstrip("/")
    host = host_of(base)
    # The refresh token is good for one use, so it is left alone: only what is stored is tried.
    try:
        headers = {"access_token": access_token} if access_token else {}
        answer = await ask(http, f"{base}/v2.0/oa/getoa", headers)
    except Unreachable as error:
        yield problem("zalo_oa_unreachable", host=host, error=error)
        return
    code = answer.body.get("error")
    if answer.status >= 500:
        yield problem("zalo_oa_unreachable", host=host, error=f"HTTP {answer.status}")
    elif access_token and code in ZALO_TOKEN_ERRORS:
        yield problem("zalo_oa_token_refused", code=code)
    elif access_token and code == 0:
        yield good("zalo_oa_ok")
    else:
        yield good("zalo_oa_answers", host=host)


async def _dossier_api(settings: Settings, http: aiohttp.ClientSession) -> AsyncIterator[Finding]:
    if not settings.dossier_api_url:
        yield off("dossier_api_off")
        return
    host = host_of(settings.dossier_api_url)
    if "{code}" not in settings.dossier_api_url:
        yield problem("dossier_api_without_code", placeholder="{code}")
        return
    try:
        path = settings.dossier_api_fields
        mapping = FieldMapping.load(path) if path else FieldMapping.plain()
    except FieldMappingInvalid as error:
        yield problem("dossier_api_fields_invalid", reason=error)
        return
    key = settings.dossier_api_key
    headers = {mapping.key_header: mapping.key_prefix + key.get_secret_value()} if key else {}
    url = settings.dossier_api_url.replace("{code}", SAMPLE_DOSSIER_CODE)
    try:
        answer = await ask(http, url, headers)
    except Unreachable as error:
        yield problem("dossier_api_unreachable", host=host, error=error)
        return
    if answer.status in (401, 403):
        yield problem("dossier_api_refused", host=host, status=answer.status)
    elif answer.status == 200 or answer.status in mapping.not_found:
        yield good("dossier_api_ok", host=host)
    else:
        yield problem("dossier_api_failing", host=host, status=answer.status)
