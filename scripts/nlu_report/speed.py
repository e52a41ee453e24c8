"""What the model costs: time by length of message, loading, memory, size, training.

`python -m scripts.nlu_report.speed MODEL` runs in a process of its own, whose memory before and
after is that of the model, reads messages (a JSON list) from standard input and prints JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.nlu_report.scores import Figures

# Messages of at most so many characters, each beyond the one before.
LENGTHS = (50, 100, 200, 300, 1000)
LONGEST = 4000
LONG_TEXTS = 5
SLOWEST = 20


def measure(root: Path, model: Path, texts: Sequence[str]) -> Figures:
    """Everything but training."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.nlu_report.speed", str(model)],
        cwd=root,
        input=json.dumps(texts),
        check=True,
        capture_output=True,
        text=True,
    )
    figures: Figures = json.loads(done.stdout)
    return figures


def measure_training(root: Path) -> Figures:
    """Fits on all examples without Rasa; processor time says more where others work as well."""
    from nlu.training import train

    with tempfile.TemporaryDirectory(prefix="nlu-report-") as folder:
        wall, processor = time.perf_counter(), time.process_time()
        train(root, root / "config.yml", root / "data" / "nlu", Path(folder, "trained.tar.gz"))
        return {
            "seconds": round(time.perf_counter() - wall, 1),
            "processor_seconds": round(time.process_time() - processor, 1),
        }


def resident_mb() -> float:
    """Resident memory of this process."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1000
    return 0.0


def percentile(times: Sequence[float], part: float) -> float:
    ordered = sorted(times)
    return round(ordered[min(int(len(ordered) * part), len(ordered) - 1)], 2)


def by_length(timed: Sequence[tuple[str, float]]) -> dict[str, Figures]:
    """p50 and p99 of each class of length that has a message."""
    out: dict[str, Figures] = {}
    lowest = 0
    for most in LENGTHS:
        times = [ms for text, ms in timed if lowest < len(text) <= most]
        if times:
            out[f"{lowest + 1} to {most}"] = _percentiles(times)
        lowest = most
    ordinary = [ms for text, ms in timed if len(text) <= 300]
    if ordinary:
        out["up to 300, all"] = _percentiles(ordinary)
    return out


def _percentiles(times: Sequence[float]) -> Figures:
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    return {"messages": len(times), "p50_ms": p50, "p99_ms": p99}


def _milliseconds(parse: Callable[[str], object], text: str) -> float:
    began = time.perf_counter()
    parse(text)
    return (time.perf_counter() - began) * 1000


def main() -> None:
    model, texts = Path(sys.argv[1]), [str(text) for text in json.load(sys.stdin)]
    before = resident_mb()
    began = time.perf_counter()
    from nlu import archive

    pipeline = archive.load(model)
    load_seconds = time.perf_counter() - began
    pipeline.parse(texts[0])
    added = resident_mb() - before
    timed = [(text, _milliseconds(pipeline.parse, text)) for text in texts]
    joined = " ".join(texts)
    long = [joined[i * LONGEST : (i + 1) * LONGEST] for i in range(LONG_TEXTS)]
    lengths = by_length(timed)
    lengths[str(LONGEST)] = _percentiles(
        [_milliseconds(pipeline.parse, text) for text in long if len(text) == LONGEST] or [0.0]
    )
    slowest = sorted(timed, key=lambda pair: -pair[1])[:SLOWEST]
    figures = {
        "model": model.name,
        "archive_mb": round(model.stat().st_size / 1e6, 2),
        "load_seconds": round(load_seconds, 2),
        "memory_added_mb": round(added, 1),
        "parse": lengths,
        "slowest": [
            {"ms": round(ms, 2), "characters": len(text), "text": text} for text, ms in slowest
        ],
    }
    sys.stdout.write(json.dumps(figures))


if __name__ == "__main__":
    main()
