"""One archive, two readers: the model in this process and a real Rasa server say the same."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import subprocess
import tarfile
import unicodedata
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.cli.train import RASA, RASA_ENVIRONMENT, run_train
from bot.readers import EmbeddedReader, RasaServerReader
from nlu.letters import strip_diacritics
from nlu.training_data import read_examples
from nlu.understanding import Understanding

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN = 120  # seconds; Rasa imports TensorFlow at start
TOLERANCE = 0.001  # of a confidence: the two Pythons have different releases of numpy

ODD_ONES = [
    "/report",
    "/report nhưng mà có dấu gạch",
    "/đường hư quá",
    "  /  đường hư",
    " / ",
    "//",
    "/restart",
    "/start",
    '/greet{"name": "x"}',
    "   đường trước nhà bị ngập   ",
    "\n\nrác đầy đường\nkhông ai dọn\n",
    "\tđèn đường tắt\t",
    "\u00a0\u2003ổ gà\u3000",
    "\u200bđèn hư",
    "😀",
    "😀😀 ngập quá 🌊🌊 sđt 0912345678 👍",
    "?",
    "...",
    "ok",
    "số 0912 345 678 gọi lúc 5h chiều nay",
    "  mã H01.45-260915-0032 tới đâu rồi",
    "hs 000 00 12 h62 201105 0004 hẹn 25/9",
    "\n pa 7k3 m9q xong chưa",
    "PA-7K3M9Q",
    "[Rạch Giá](city) có lễ gì",
    '{"text": "x"}',
    "a\ud800b đường hư",
    "chào ad, cho hỏi làm khai sinh cần gì, với lại đèn đường trước nhà tắt cả tuần nay",
    "cảm ơn anh chị. sẵn cho hỏi hồ sơ H01.45-260915-0032 xong chưa",
    "بسم الله",
    "道路坏了",
    "ภาษาไทย",
]


def sentences() -> list[str]:
    """Training sentences as typed and spoilt, and all the odd ones."""
    chance = random.Random(7)
    texts = sorted({example.text for example in read_examples(ROOT / "data" / "nlu")})
    chosen = chance.sample(texts, 360)
    spoilt = [
        *(strip_diacritics(text) for text in chosen[:60]),
        *(unicodedata.normalize("NFD", text) for text in chosen[60:120]),
        *(f"/{text}" for text in chosen[120:150]),
        *(f"  \n{text}\t " for text in chosen[150:180]),
        *(text.upper() for text in chosen[180:210]),
        *(f"{a}. {b}" for a, b in zip(chosen[210:230], chosen[230:250], strict=True)),
        *(f"{text} 😡😡" for text in chosen[250:270]),
    ]
    long_story = " ".join(chosen)
    return [*chosen, *spoilt, *ODD_ONES, long_story[:4000], f"  /{long_story[:3990]}"]


@pytest.fixture(scope="module")
def model() -> Path:
    """The newest archive if Rasa trained it, else a new one."""
    archives = sorted((ROOT / "models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if archives and _trained_by_rasa(archives[-1]):
        return archives[-1]
    return run_train(ROOT)


def _trained_by_rasa(path: Path) -> bool:
    with tarfile.open(path) as archive:
        metadata = archive.extractfile("metadata.json")
        return metadata is not None and b"rasa_open_source_version" in metadata.read()


@pytest.fixture(scope="module")
def rasa_server(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Rasa server with that archive on a free loopback port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    output = tmp_path_factory.mktemp("rasa") / "output.txt"
    arguments = [
        str(ROOT / RASA), "run", "--enable-api", "-m", str(model),
        "--interface", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip
    with output.open("wb") as log:
        process = subprocess.Popen(
            arguments,
            cwd=ROOT,
            env={**os.environ, **RASA_ENVIRONMENT, "PYTHONPATH": "."},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            loaded = asyncio.run(_loads(process, url))
            assert loaded, output.read_text(errors="replace")
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


async def _loads(process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether the server has its model before the time is up and before it dies."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + START_WITHIN
    async with aiohttp.ClientSession() as session:
        while loop.time() < deadline and process.poll() is None:
            try:
                async with session.get(f"{url}/status") as answer:
                    if answer.status == 200:
                        return True
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    return False


@pytest.fixture
async def readers(
    model: Path, rasa_server: str
) -> AsyncIterator[tuple[EmbeddedReader, RasaServerReader]]:
    embedded, server = EmbeddedReader(model), RasaServerReader(rasa_server)
    yield embedded, server
    await embedded.close()
    await server.close()


def _comparable(understood: Understanding) -> tuple[dict[str, Any], list[float]]:
    """The understanding without its confidences, and those."""
    content = understood.to_dict()
    labels = [content["intent"], content["urgency"], *content["category_top3"]]
    if content["category"]:
        labels.append(content["category"])
    return content, [label.pop("confidence") for label in labels]


async def test_both_readers_understand_the_same(
    readers: tuple[EmbeddedReader, RasaServerReader],
) -> None:
    embedded, server = readers
    texts = sentences()
    assert len(texts) >= 500
    for text in texts:
        here, here_confidences = _comparable(await embedded.understand(text))
        there, there_confidences = _comparable(await server.understand(text))
        assert there == here
        assert there_confidences == pytest.approx(here_confidences, abs=TOLERANCE)


async def test_entities_of_the_server_point_into_the_text_as_sent(
    readers: tuple[EmbeddedReader, RasaServerReader],
) -> None:
    _, server = readers
    text = "  /mã H01.45-260915-0032 nha "
    code = (await server.understand(text)).first("dossier_code")
    assert code is not None
    assert text[code.start : code.end] == "H01.45-260915-0032"
