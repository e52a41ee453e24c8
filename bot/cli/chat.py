"""`caunoi chat`: a conversation in the terminal, over the same inbox, worker and outbox."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import ClassVar

import click
from aiohttp import web

from bot.bootstrap import CannotStart, assemble
from bot.channels.base import Accept, Capabilities, Channel, MediaUnavailable
from bot.cli.opening import read_settings
from bot.clock import Clock, utc_now
from bot.logs import set_up_logging
from bot.messages import Incoming, Kind, MediaRef, Outgoing

QUIET_FOR = 0.4
"""Seconds without a new answer after which it is the person's turn again."""


class TerminalChannel(Channel):
    """The terminal: no buttons, so choices are numbered and typed."""

    name: ClassVar[str] = "terminal"
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=100_000,
        caption_limit=0,
        max_buttons=0,
        button_title_limit=0,
        asks_location=False,
        asks_contact=False,
        sends_media=False,
    )

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._said_at = 0.0

    def routes(self, accept: Accept) -> list[web.RouteDef]:
        return []

    async def running(self, accept: Accept) -> AsyncIterator[None]:
        yield

    async def send(self, chat_id: str, message: Outgoing) -> str | None:
        click.echo(click.style(message.text, fg="cyan") + "\n")
        self._said_at = time.monotonic()
        return None

    async def fetch(self, ref: MediaRef, limit: int) -> bytes:
        raise MediaUnavailable("the terminal has no files", again=False)

    async def talk(self, accept: Accept) -> None:
        """Read lines until the end of input, each answered before the next."""
        text = "/start"
        while True:
            before = time.monotonic()
            now = self._clock()
            kind = Kind.OPENED if text == "/start" else Kind.TEXT
            stamp = time.time_ns()
            await accept(
                [
                    Incoming(
                        channel=self.name,
                        event_id=str(stamp),
                        chat_id="terminal",
                        kind=kind,
                        text=text,
                        sort_key=stamp,
                        sent_at=now,
                    )
                ]
            )
            await self._until_quiet(before)
            try:
                text = await asyncio.to_thread(input, "> ")
            except EOFError:
                return

    async def _until_quiet(self, since: float) -> None:
        """Wait for an answer and its parts, at most five seconds (a person may have the chat)."""
        while time.monotonic() - since < 5.0:
            await asyncio.sleep(0.05)
            if self._said_at > since and time.monotonic() - self._said_at > QUIET_FOR:
                return


@click.command()
def command() -> None:
    """Chat in this terminal, with a database of its own in DATA_DIR."""
    set_up_logging("WARNING")
    settings = read_settings()
    own = {
        "database_url": f"sqlite:///{settings.data_dir / 'terminal.db'}",
        "telegram_token": None,
        "zalo_oa_app_id": "",
    }
    terminal = TerminalChannel()
    try:
        runtime = assemble(settings.model_copy(update=own), extra=[terminal])
    except CannotStart as error:
        raise click.ClickException(str(error)) from None

    async def talk() -> None:
        async with runtime.running():
            await terminal.talk(runtime.inbox.accept)

    asyncio.run(talk())
