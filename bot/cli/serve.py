"""`caunoi serve`: the server."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import signal
import time
from contextlib import suppress

import click
import uvloop
from aiohttp import web
from sqlalchemy import select

from actions import login_attempts, staff
from bot.app import create_app
from bot.bootstrap import CannotStart, Runtime, assemble
from bot.cli.importing import run_import_dossiers
from bot.cli.opening import read_settings
from bot.logs import set_up_logging
from bot.settings import ROOT, settings_help
from store.dossiers import Dossier
from store.migrate import set_up_alone
from store.staff import OfficerRole

CLOSE_WITHIN = 10.0
"""Seconds that open requests get to end when the server is stopped."""

FIRST_USERNAME = "admin"

SAMPLES = ROOT / "data" / "samples" / "dossiers.csv"


@click.command(epilog="\b\nSettings, from the environment or a .env file:\n" + settings_help())
@click.option("--host", help="Address to listen on (instead of HOST).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (instead of PORT).")
@click.option(
    "--with-samples",
    is_flag=True,
    help="Load sample dossiers, marked as such, where there are none.",
)
def command(host: str | None, port: int | None, with_samples: bool) -> None:
    """Start the server: chat page, messengers, staff page."""
    started = time.perf_counter()
    set_up_logging()
    settings = read_settings()
    given = {"host": host, "port": port}
    settings = settings.model_copy(update={k: v for k, v in given.items() if v is not None})
    try:
        runtime = assemble(settings)
    except CannotStart as error:
        raise click.ClickException(str(error)) from None
    if with_samples:
        _load_samples(runtime)
    uvloop.run(_serve(runtime, started))


def _load_samples(runtime: Runtime) -> None:
    with runtime.database.read() as session:
        empty = session.scalar(select(Dossier.id).limit(1)) is None
    if empty:
        run_import_dossiers(runtime.database, SAMPLES)


async def _serve(runtime: Runtime, started: float) -> None:
    settings = runtime.settings
    runner = web.AppRunner(create_app(runtime), access_log=None, shutdown_timeout=CLOSE_WITHIN)
    await runner.setup()
    try:
        _hand_back_memory()
        gc.freeze()  # what is there by now stays: looking through it would only hold pages up
        site = web.TCPSite(runner, settings.host, settings.port)
        try:
            await site.start()
        except OSError as error:
            raise click.ClickException(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}): "
                "set HOST and PORT to a free one"
            ) from None
        port = runner.addresses[0][1]
        _announce(runtime, port, time.perf_counter() - started)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        await stopped.wait()
    finally:
        await runner.cleanup()


def _hand_back_memory() -> None:
    """Give the system what loading took for a moment, which glibc would keep: 16 MB."""
    gc.collect()
    with suppress(AttributeError, OSError, TypeError):  # other C libraries have no such thing
        ctypes.CDLL(None).malloc_trim(0)


def _announce(runtime: Runtime, port: int, took: float) -> None:
    settings = runtime.settings
    host = "localhost" if settings.host in ("127.0.0.1", "::1") else settings.host
    base = f"http://{host}:{port}"
    state = {True: "on", False: "off"}
    lines = [
        f"Cầu Nối is ready ({took:.1f} s).",
        f"  chat page    {base}/",
        f"  staff page   {base}/staff   {_first_login(runtime)}",
        f"  health       {base}/healthz  {base}/readyz",
        f"  database     {runtime.database.url.get_backend_name()}",
        f"  model        {runtime.reader.description}",
        f"  Telegram     {state[settings.telegram_on]}"
        + (f" ({settings.telegram_mode})" if settings.telegram_on else ": set TELEGRAM_TOKEN"),
        f"  Zalo OA      {state[settings.zalo_oa_on]}"
        + ("" if settings.zalo_oa_on else ": set ZALO_OA_APP_ID and the other ZALO_OA_ settings"),
        "Stop with Ctrl+C.",
    ]
    click.echo("\n".join(lines))


def _first_login(runtime: Runtime) -> str:
    """How to log in; makes the first officer where there is none."""
    password_file = runtime.settings.data_dir / "first-password"
    with runtime.database.write() as session:
        set_up_alone(session.connection())
        if not staff.any_officer(session):
            password = staff.new_password()
            first_officer = staff.add_officer(
                session,
                username=FIRST_USERNAME,
                name=FIRST_USERNAME,
                password=password,
                now=runtime.clock(),
            )
            first_officer.role = OfficerRole.ADMIN
            password_file.parent.mkdir(parents=True, exist_ok=True)
            password_file.touch(mode=0o600)
            password_file.write_text(password + "\n", encoding="utf-8")
            return f"user {FIRST_USERNAME}, password {password} (also in {password_file})"
        officer = staff.find(session, FIRST_USERNAME)
        first = password_file.read_text(encoding="utf-8").strip() if password_file.exists() else ""
        if officer is not None and first:
            if login_attempts.password_fits(officer.password_hash or "", first):
                return f"user {FIRST_USERNAME}, password in {password_file}"
            password_file.unlink()  # it was changed since: the file would only mislead
    return ""
