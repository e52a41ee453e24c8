"""Our server under load: a real process, Telegram's webhook in, a fake Telegram out."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import aiohttp

from bot.settings import ROOT
from tests.bench.machine import resident_mb
from tests.bench.telegram import SECRET, Citizens, CountingTelegram
from tests.e2e.server import CAUNOI, Server
from tests.fakes.telegram import TOKEN


async def measure_ours(
    database_url: str, folder: Path, *, chats: tuple[int, ...], turns: int
) -> dict[str, object]:
    """Turns per second and time from webhook to reply at several numbers of chats at once."""
    async with CountingTelegram() as telegram, aiohttp.ClientSession() as client:
        settings = {
            "DATABASE_URL": database_url,
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
            "TELEGRAM_MESSAGES_PER_SECOND": "0",
        }
        server = Server(folder, **settings)
        began = time.perf_counter()
        await server.start()
        first_start = time.perf_counter() - began
        await server.stop()
        _import_samples(database_url, folder)
        began = time.perf_counter()
        await server.start()
        second_start = time.perf_counter() - began
        try:
            memory_idle = resident_mb(server.pid)
            webhook = f"{server.url}/webhooks/telegram"
            citizens = Citizens(client, webhook, telegram)
            await citizens.calibrate()
            at_once = await citizens.hold(server.pid, chats=chats, turns=turns)
            memory = resident_mb(server.pid)
        finally:
            await server.stop()
    return {
        "ready_after_seconds_on_an_empty_database": round(first_start, 2),
        "ready_after_seconds": round(second_start, 2),
        "resident_mb_idle": memory_idle,
        "resident_mb_after_the_load": memory,
        "messages_per_turn": citizens.answers_per_turn,
        "fake_messenger_rate_limits": "off",
        "chats_at_once": at_once,
    }


def _import_samples(database_url: str, folder: Path) -> None:
    samples = ROOT / "data" / "samples" / "dossiers.csv"
    subprocess.run(
        [CAUNOI, "import", "dossiers", samples],
        cwd=ROOT,
        env={"DATABASE_URL": database_url, "DATA_DIR": str(folder), "PATH": sys.exec_prefix},
        check=True,
        stdout=subprocess.DEVNULL,
    )
