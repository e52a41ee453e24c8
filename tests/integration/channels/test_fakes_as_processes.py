"""The fake messengers as processes of their own, steered over HTTP."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests.fakes.telegram import TOKEN
from tests.fakes.telegram_updates import TelegramPerson
from tests.fakes.zalo import APP_SECRET, FIRST_REFRESH_TOKEN
from tests.fakes.zalo_events import APP_ID


@asynccontextmanager
async def process(module: str) -> AsyncIterator[str]:
    """The address of a fake that runs until the block ends."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdout=asyncio.subprocess.PIPE
    )
    assert running.stdout is not None
    yield (await running.stdout.readline()).decode().strip()
    running.terminate()
    await running.wait()


async def test_telegram_can_be_steered_from_another_process() -> None:
    async with process("tests.fakes.telegram") as url, aiohttp.ClientSession(url) as http:
        bot = f"/bot{TOKEN}"
        await http.post("/control/limits", json={"on": False})
        await http.post("/control/updates", json=[TelegramPerson(5).says("xin chào")])
        await http.post("/control/files", json={"f": base64.b64encode(b"jpeg").decode()})
        await http.post("/control/chats", json={"chat_id": 6, "blocked": True})
        await http.post(
            "/control/failures",
            json={"method": "sendMessage", "status": 502, "description": "Bad Gateway"},
        )
        statuses = []
        for chat_id in (5, 5, 6):
            message = {"chat_id": chat_id, "text": "Chào bạn"}
            async with http.post(f"{bot}/sendMessage", json=message) as answer:
                statuses.append(answer.status)
        assert statuses == [502, 200, 403]
        async with http.get(f"{bot}/getUpdates") as answer:
            assert [u["update_id"] for u in (await answer.json())["result"]] == [1]
        async with http.get(f"/file/bot{TOKEN}/f") as answer:
            assert await answer.read() == b"jpeg"
        async with http.get("/control/sent", params={"chat_id": 5}) as answer:
            assert [sent["text"] for sent in await answer.json()] == ["Chào bạn"]
        async with http.get("/control/state") as answer:
            assert (await answer.json())["calls"]["sendMessage"] == 3


async def test_zalo_can_be_steered_from_another_process() -> None:
    async with process("tests.fakes.zalo") as url, aiohttp.ClientSession(url) as http:
        form = {
            "app_id": APP_ID,
            "grant_type": "refresh_token",
            "refresh_token": FIRST_REFRESH_TOKEN,
        }
        path, headers = "/v4/oa/access_token", {"secret_key": APP_SECRET}
        async with http.post(path, data=form, headers=headers) as answer:
            granted = await answer.json(content_type=None)
        async with http.post(path, data=form, headers=headers) as answer:
            assert (await answer.json(content_type=None))["error"] == -14014
        await http.post("/control/chats", json={"user_id": "6", "error": -230})
        await http.post("/control/failures", json=[-32])
        errors = []
        for user_id in ("5", "5", "6"):
            message = {"recipient": {"user_id": user_id}, "message": {"text": "Chào bạn"}}
            token = {"access_token": granted["access_token"]}
            async with http.post("/v3.0/oa/message/cs", json=message, headers=token) as answer:
                errors.append((await answer.json())["error"])
        assert errors == [-32, 0, -230]
        await http.post("/control/expire")
        async with http.post("/v3.0/oa/message/cs", json=message, headers=token) as answer:
            assert (await answer.json())["error"] == -220
        async with http.get("/control/sent", params={"user_id": "5"}) as answer:
            assert [sent["text"] for sent in await answer.json()] == ["Chào bạn"]
