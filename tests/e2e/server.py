"""A real `caunoi serve` process, started, killed and started again by tests."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Self

import aiohttp

from bot.settings import ROOT, Settings

START_WITHIN = 60.0
"""Seconds; far more than it takes, for a machine that is busy with other tests."""

CAUNOI = Path(sys.executable).parent / "caunoi"


class ServerDied(RuntimeError):
    """The server ended by itself; the message holds what it printed last."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class CommandFailed(RuntimeError):
    """A command ended with an error; the message holds what it printed."""


class Server:
    """One server with its own DATA_DIR; the same port and database through every restart.

    Args:
        data_dir: what it writes, its log `server.log` included.
        settings: environment variables by name.
    """

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir / "server.log"
        inherited = {k: v for k, v in os.environ.items() if k.lower() not in Settings.model_fields}
        self._environment = inherited | {
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            **settings,
        }
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it is ready.

        Raises:
            ServerDied: it ended before it was.
        """
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                CAUNOI, "serve", cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        async with aiohttp.ClientSession() as client:
            give_up_at = asyncio.get_running_loop().time() + START_WITHIN
            while not await self._ready(client):
                if self._process.returncode is not None:
                    raise ServerDied(self.log.read_text(encoding="utf-8")[-3000:])
                if asyncio.get_running_loop().time() > give_up_at:
                    raise TimeoutError(self.log.read_text(encoding="utf-8")[-3000:])
                await asyncio.sleep(0.05)

    async def _ready(self, client: aiohttp.ClientSession) -> bool:
        try:
            async with client.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def run(self, *arguments: str) -> str:
        """Run another `caunoi` command beside the server; returns what it printed.

        Raises:
            CommandFailed: it ended with an error.
        """
        command = await asyncio.create_subprocess_exec(
            CAUNOI,
            *arguments,
            cwd=ROOT,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await command.communicate()
        if command.returncode != 0:
            raise CommandFailed(printed.decode())
        return printed.decode()

    async def kill(self) -> None:
        """Pull the plug: SIGKILL, which no program can prepare for."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int | None:
        """End it politely; returns the exit code, None when it was never started."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int | None:
        if self._process is None:
            return None
        if self._process.returncode is None:
            self._process.send_signal(how)
        return await self._process.wait()

    @property
    def pid(self) -> int:
        """The running process.

        Raises:
            ServerDied: there is none.
        """
        if self._process is None or self._process.returncode is not None:
            raise ServerDied("not running")
        return self._process.pid

    @property
    def printed(self) -> str:
        """Everything it has printed and logged so far."""
        return self.log.read_text(encoding="utf-8")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
