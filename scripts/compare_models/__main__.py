"""Usage: python -m scripts.compare_models [NAME ...] [--examples N] [--held-out N] [--epochs N]

Our classifiers beside others, all trained on the same examples and asked the same messages:

ours        the pipeline of config.yml, fitted without Rasa
rasa-lr     Rasa's LogisticRegressionClassifier on counts of words and of letters
rasa-diet   Rasa's DIETClassifier on the same counts
words       a support vector machine on words as underthesea segments them (scikit-learn)
syllables   the same on syllables

Examples that are alike stand all in the training half or all in the other. The others learn every
example twice, as typed and without diacritics, as ours does. Each is trained and asked in processes
of its own, so that memory is its own. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from nlu.training_data import Example, read_examples
from scripts.compare_models.candidates import NAMES, ROOT, candidate
from scripts.compare_models.figures import Figures, asked, table
from scripts.compare_models.halves import on_one_line, split
from scripts.setup.rasa import QUIET

EVERYDAY = Path("data", "test", "everyday.jsonl")


def work(name: str, epochs: int, folder: Path, *, train: bool) -> None:
    """One half of the work on one candidate, in a process of its own."""
    given = json.loads((folder.parent / "given.json").read_text(encoding="utf-8"))
    chosen = candidate(name, epochs)
    wall, processor = time.perf_counter(), time.process_time()
    if train:
        chosen.train([Example(*fields) for fields in given["learnt"]], folder)
        figures = {
            "train_seconds": round(time.perf_counter() - wall),
            "train_processor_seconds": round(time.process_time() - processor),
        }
    else:
        figures = asked(chosen, given["asked"], folder)
    (folder / f"{'train' if train else 'ask'}.json").write_text(json.dumps(figures), "utf-8")


def compare(names: Sequence[str], epochs: int, folder: Path) -> dict[str, Figures]:
    """The figures of each candidate; `folder` holds what they are given and what they leave."""
    environment = {**os.environ, **QUIET, "PYTHONWARNINGS": "ignore", "RASA_CACHE_DIRECTORY": ""}
    found: dict[str, Figures] = {}
    for name in names:
        home = folder / name
        home.mkdir()
        environment["RASA_CACHE_DIRECTORY"] = str(home / "cache")
        of_rasa = name.startswith("rasa-")
        python = ROOT / ".venv-rasa" / "bin" / "python" if of_rasa else Path(sys.executable)
        if not python.exists():
            print(f"compare-models: no {python.parents[1].name}, so no {name}", file=sys.stderr)
            continue
        figures: Figures = {}
        for half in ("train", "ask"):
            print(f"compare-models: {name}, {half}", file=sys.stderr, flush=True)
            arguments = [name, "--epochs", str(epochs), "--half", half, "--folder", home]
            subprocess.run(
                [python, "-m", "scripts.compare_models", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=sys.stderr,
                check=True,
            )
            figures |= json.loads((home / f"{half}.json").read_text(encoding="utf-8"))
        found[name] = figures
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.compare_models")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--examples", type=int, default=4000, help="how many are learnt")
    parser.add_argument("--held-out", type=int, default=1000, help="how many are asked")
    parser.add_argument("--epochs", type=int, default=20, help="of DIET")
    parser.add_argument("--half", choices=("train", "ask"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help="where the models stay; else they are deleted")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(NAMES)):
        parser.error(f"there is no candidate {', '.join(unknown)}")
    if options.half:
        work(options.names[0], options.epochs, options.folder, train=options.half == "train")
        return
    examples = [on_one_line(example) for example in read_examples(ROOT / "data" / "nlu")]
    learnt, held_out = split(examples, options.examples, options.held_out)
    lines = (ROOT / EVERYDAY).read_text(encoding="utf-8").splitlines()
    everyday = [json.loads(line) for line in lines if line.strip()]
    sets = {
        "held out": [
            [examples[i].text, examples[i].intent, examples[i].category] for i in held_out
        ],
        "everyday": [[item["text"], item["intent"], item["category"]] for item in everyday],
    }
    given = {
        "learnt": [
            [e.text, e.intent, e.category, e.urgency] for e in (examples[i] for i in learnt)
        ],
        "asked": sets,
    }
    with tempfile.TemporaryDirectory(prefix="compare-models-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "given.json").write_text(json.dumps(given), encoding="utf-8")
        found = compare(options.names or NAMES, options.epochs, folder)
    sizes = ", ".join(f"{name} {len(messages)}" for name, messages in sets.items())
    print(f"{len(learnt)} of {len(examples)} examples learnt; asked: {sizes}\n")
    print(table(found, list(sets)))


if __name__ == "__main__":
    main()
