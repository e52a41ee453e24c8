"""Usage: python -m tests.bench [--quick] [--without-stock] [--only chats|cases|desk]

`--only desk --keep NAME` fills a database of this name, keeps it, and measures over it the next
time; `--rounds` says how often each request is sent.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bot.settings import ROOT
from tests.bench.cases import SIZES, measure_cases
from tests.bench.desk import ROUNDS, SIZE, measure_desk
from tests.bench.machine import machine
from tests.bench.ours import measure_ours
from tests.bench.parsing import measure_parsing
from tests.bench.stock import RASA, measure_stock

CHATS = (1, 16, 64)
POSTGRES = "postgresql://postgres@127.0.0.1:5432/postgres"


def _admin_url() -> str:
    return os.environ.get("TEST_POSTGRES_URL", POSTGRES)


@contextlib.contextmanager
def _postgres_database() -> Iterator[str]:
    """A database of this run's own on the server that TEST_POSTGRES_URL names."""
    admin_url = _admin_url()
    name = f"caunoi_bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"{admin_url.rpartition('/')[0]}/{name}"
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _cases(quick: bool) -> dict[str, object]:
    """Cases from report to answer beside many others; a hundredth of them when it must be quick."""
    sizes = tuple(size // 100 for size in SIZES) if quick else SIZES
    try:
        with _postgres_database() as url:
            return measure_cases(url, seconds=3 if quick else 30, sizes=sizes)
    except psycopg.OperationalError:
        return {"not measured": "no PostgreSQL server answers (see TEST_POSTGRES_URL)"}


@contextlib.contextmanager
def _kept_database(name: str) -> Iterator[str]:
    """A database that stays for other runs."""
    with (
        psycopg.connect(_admin_url(), autocommit=True) as admin,
        contextlib.suppress(psycopg.errors.DuplicateDatabase),
    ):
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield f"{_admin_url().rpartition('/')[0]}/{name}"


async def _desk(quick: bool, name: str, rounds: int) -> dict[str, object]:
    """The inbox of the desk over very many cases; a hundredth of them when it must be quick."""
    size = SIZE // 100 if quick else SIZE
    try:
        with _kept_database(name) if name else _postgres_database() as url:
            return await measure_desk(url, size=size, rounds=rounds or (3 if quick else ROUNDS))
    except psycopg.OperationalError:
        return {"not measured": "no PostgreSQL server answers (see TEST_POSTGRES_URL)"}


async def _chats(quick: bool, stock: bool) -> dict[str, object]:
    turns = 120 if quick else 1200
    results: dict[str, object] = {"parse": measure_parsing()}
    with tempfile.TemporaryDirectory() as folder:
        sqlite = f"sqlite:///{folder}/bench.db"
        results["sqlite"] = await measure_ours(
            sqlite, Path(folder) / "sqlite", chats=CHATS, turns=turns
        )
        try:
            with _postgres_database() as url:
                results["postgresql"] = await measure_ours(
                    url, Path(folder) / "postgresql", chats=CHATS, turns=turns
                )
        except psycopg.OperationalError:
            results["postgresql"] = "not measured: no server answers (see TEST_POSTGRES_URL)"
    if not stock:
        results["stock_rasa"] = "not measured: --without-stock"
    elif not RASA.exists():
        results["stock_rasa"] = "not measured: there is no .venv-rasa"
    else:
        results["stock_rasa"] = await measure_stock(
            ROOT / ".setup" / "stock-rasa", chats=CHATS, turns=turns // 4
        )
        results["times_the_turns_of_stock_rasa"] = {
            name: _times(results[name], results["stock_rasa"])
            for name in ("sqlite", "postgresql")
            if isinstance(results[name], dict)
        }
    return results


def _times(ours: Any, stock: Any) -> dict[str, float]:
    """By the number of chats; both over Telegram's webhook and Bot API."""
    a, b = ours["chats_at_once"], stock["chats_at_once"]
    return {n: round(a[n]["turns_per_second"] / b[n]["turns_per_second"], 1) for n in b}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--quick", action="store_true", help="a tenth of the turns")
    parser.add_argument("--without-stock", action="store_true", help="leave the Rasa bot out")
    parser.add_argument("--only", choices=("chats", "cases", "desk"), help="one part alone")
    parser.add_argument("--keep", default="", help="name of a database for desk that stays")
    parser.add_argument("--rounds", type=int, default=0, help="how often desk sends each request")
    options = parser.parse_args()
    results: dict[str, object] = {"machine": machine()}
    if options.only in (None, "chats"):
        results |= asyncio.run(_chats(options.quick, not options.without_stock))
    if options.only in (None, "cases"):
        results["cases"] = _cases(options.quick)
    if options.only in (None, "desk"):
        results["desk"] = asyncio.run(_desk(options.quick, options.keep, options.rounds))
    sys.stdout.write(json.dumps(results, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
