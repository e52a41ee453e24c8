"""A stock Rasa 3.6 bot, as `rasa init` would set it up, trained on the same examples.

It is written to as ours is: over Telegram's webhook, by Rasa's own Telegram channel, and answers
at the same fake Telegram. Only the address of the Bot API is another than Rasa's. It is also asked
over Rasa's REST channel, which answers in the same HTTP response: the shortest way that Rasa has.
Its model needs minutes to train, so it is kept until the examples change.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot.settings import ROOT
from tests.bench.chats import LINES, measure
from tests.bench.machine import resident_mb
from tests.bench.telegram import FEWEST_ROUNDS, Citizens, CountingTelegram
from tests.e2e.server import free_port
from tests.fakes.telegram import TOKEN

RASA = ROOT / ".venv-rasa" / "bin" / "rasa"
WEBHOOK = "/webhooks/telegram/webhook"

EPOCHS = 1
"""Rasa's default is 100. More epochs make training longer and answers better; they change neither
the speed nor the memory that are compared here."""

START_WITHIN = 300.0

CHANNEL = """
from aiogram.bot.api import TelegramAPIServer
from rasa.core.channels.telegram import TelegramInput, TelegramOutput


class TelegramElsewhere(TelegramInput):
    # Rasa's own channel, with a Bot API server of one's own. It does not announce its webhook:
    # Rasa 3.6 does that in an event loop that it closes, and its first answer fails over it.

    @classmethod
    def from_credentials(cls, credentials):
        channel = super().from_credentials(credentials)
        channel.server = TelegramAPIServer.from_base(credentials["api_url"])
        return channel

    def get_output_channel(self):
        channel = TelegramOutput(self.access_token)
        channel.server = self.server
        return channel
"""

PIPELINE: list[dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": EPOCHS, "constrain_similarities": True},
    {"name": "EntitySynonymMapper"},
    {"name": "ResponseSelector", "epochs": EPOCHS, "constrain_similarities": True},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
POLICIES: list[dict[str, Any]] = [
    {"name": "MemoizationPolicy"},
    {"name": "RulePolicy"},
    {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": EPOCHS},
    {
        "name": "TEDPolicy",
        "max_history": 5,
        "epochs": EPOCHS,
        "constrain_similarities": True,
    },
]


def _environment() -> dict[str, str]:
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "LOG_LEVEL": "ERROR",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


def _intents(nlu: Path) -> list[str]:
    names = {
        block["intent"]
        for file in nlu.rglob("*.yml")
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        if "intent" in block
    }
    return sorted(names)


def _project(folder: Path) -> None:
    """A bot that answers every intent with one sentence, and does nothing else."""
    intents = _intents(ROOT / "data" / "nlu")
    answers = {f"utter_{name}": [{"text": f"{name}: đã nhận."}] for name in intents}
    answers["utter_please_rephrase"] = [{"text": "Bạn nói lại giúp nhé."}]
    rules = [
        {"rule": name, "steps": [{"intent": name}, {"action": f"utter_{name}"}]} for name in intents
    ]
    rules.append(
        {
            "rule": "fallback",
            "steps": [{"intent": "nlu_fallback"}, {"action": "utter_please_rephrase"}],
        }
    )
    files: dict[str, dict[str, Any]] = {
        "config.yml": {
            "recipe": "default.v1",
            "assistant_id": "stock",
            "language": "vi",
            "pipeline": PIPELINE,
            "policies": POLICIES,
        },
        "domain.yml": {"version": "3.1", "intents": intents, "responses": answers},
        "rules.yml": {"version": "3.1", "rules": rules},
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (folder / name).write_text(text, encoding="utf-8")


def _channels(folder: Path, *, api_url: str, url: str) -> None:
    """Where the bot is written to, and the Bot API that it answers through."""
    telegram = {
        "access_token": TOKEN,
        "verify": "caunoi_bot",
        "webhook_url": f"{url}{WEBHOOK}",
        "api_url": api_url,
    }
    credentials = {"elsewhere.TelegramElsewhere": telegram, "rest": {}}
    (folder / "elsewhere.py").write_text(CHANNEL, encoding="utf-8")
    (folder / "credentials.yml").write_text(yaml.safe_dump(credentials), encoding="utf-8")


def trained(folder: Path) -> tuple[Path, float | None]:
    """The stock bot's model, and the seconds its training took (None when it was there)."""
    _project(folder)
    examples = sorted((ROOT / "data" / "nlu").rglob("*.yml"))
    inputs = [*examples, folder / "config.yml", folder / "domain.yml", folder / "rules.yml"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()[:16]
    model = folder / "models" / f"stock-{digest}.tar.gz"
    if model.exists():
        return model, None
    began = time.perf_counter()
    subprocess.run(
        [
            *(RASA, "train", "--config", "config.yml", "--domain", "domain.yml"),
            *("--data", "rules.yml", ROOT / "data" / "nlu", "--out", "models"),
            *("--fixed-model-name", model.name.removesuffix(".tar.gz")),
        ],
        cwd=folder,
        env=_environment(),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return model, time.perf_counter() - began


async def measure_stock(folder: Path, *, chats: tuple[int, ...], turns: int) -> dict[str, object]:
    """The same chats with the stock bot."""
    model, training_seconds = await asyncio.to_thread(trained, folder)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with CountingTelegram() as telegram, aiohttp.ClientSession() as client:
        _channels(folder, api_url=telegram.url, url=url)
        began = time.perf_counter()
        process = await asyncio.create_subprocess_exec(
            *(RASA, "run", "--model", model, "--credentials", "credentials.yml"),
            *("--port", str(port), "--interface", "127.0.0.1"),
            cwd=folder,
            env=_environment(),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            while not await _ready(client, url):
                if time.perf_counter() - began > START_WITHIN or process.returncode is not None:
                    raise RuntimeError("the stock Rasa bot does not start")
                await asyncio.sleep(0.1)
            ready = time.perf_counter() - began
            memory_idle = resident_mb(process.pid)
            citizens = Citizens(client, f"{url}{WEBHOOK}", telegram)
            await citizens.calibrate()
            at_once = await citizens.hold(process.pid, chats=chats, turns=turns)
            over_rest = await _over_rest(client, url, chats=chats, turns=turns)
            memory = resident_mb(process.pid)
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
    return {
        "epochs": EPOCHS,
        "trained_in_seconds": round(training_seconds, 1) if training_seconds else "kept",
        "ready_after_seconds": round(ready, 2),
        "resident_mb_idle": memory_idle,
        "resident_mb_after_the_load": memory,
        "messages_per_turn": citizens.answers_per_turn,
        "chats_at_once": at_once,
        "chats_at_once_over_rest": over_rest,
    }


async def _over_rest(
    client: aiohttp.ClientSession, url: str, *, chats: tuple[int, ...], turns: int
) -> dict[str, object]:
    async def say(chat: int, text: str, number: int) -> None:
        message = {"sender": f"rest-{chat}", "message": text}
        async with client.post(f"{url}/webhooks/rest/webhook", json=message) as answer:
            answer.raise_for_status()
            await answer.json()

    at_once: dict[str, object] = {}
    first_round = 0
    for number in chats:
        rounds = max(FEWEST_ROUNDS, turns // (number * LINES))
        timings = await measure(say, chats=number, rounds=rounds, first_round=first_round)
        at_once[str(number)] = timings.figures()
        first_round += number * rounds
    return at_once


async def _ready(client: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with client.get(f"{url}/") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
