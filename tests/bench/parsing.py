"""How long understanding one message takes, in one thread, and what the model adds in memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import yaml

from bot.bootstrap import newest_model
from bot.settings import ROOT
from nlu import archive
from tests.bench.chats import percentile
from tests.bench.machine import resident_mb

SHORT = 300
LONG = 4000
"""Characters of an ordinary message at most, and of the longest that a messenger passes on."""


def _examples() -> list[str]:
    return [
        line.removeprefix("- ").strip()
        for file in sorted((ROOT / "data" / "nlu").rglob("*.yml"))
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]
        for line in block["examples"].splitlines()
        if line.strip()
    ]


def _parse_all() -> dict[str, object]:
    """Runs in a process of its own: its memory before and after is that of the model."""
    import os

    before = resident_mb(os.getpid())
    began = time.perf_counter()
    pipeline = archive.load(newest_model())
    load_seconds = time.perf_counter() - began
    texts = [text for text in _examples() if len(text) <= SHORT]
    pipeline.parse(texts[0])
    adds = resident_mb(os.getpid()) - before
    times = []
    for text in texts:
        began = time.perf_counter()
        pipeline.parse(text)
        times.append((time.perf_counter() - began) * 1000)
    long_text = (" ".join(texts))[:LONG]
    began = time.perf_counter()
    pipeline.parse(long_text)
    return {
        "messages": len(texts),
        "longest_characters": SHORT,
        "p50_ms": round(percentile(times, 0.5), 2),
        "p99_ms": round(percentile(times, 0.99), 2),
        "one_of_4000_characters_ms": round((time.perf_counter() - began) * 1000, 1),
        "load_seconds": round(load_seconds, 2),
        "memory_added_mb": round(adds, 1),
        "archive_mb": round(newest_model().stat().st_size / 2**20, 1),
    }


def measure_parsing() -> dict[str, object]:
    """Parse every ordinary training example once."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.parsing"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, object] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_parse_all()))
