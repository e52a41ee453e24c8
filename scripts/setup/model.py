"""The trained model in `models/`."""

from __future__ import annotations

from pathlib import Path

from scripts.setup.console import SetupFailed, run, timed
from scripts.setup.rasa import QUIET
from scripts.setup.stamps import Outcome, Stamp, hash_inputs

# What the model learns from, and what it is made with. Of the local facts only the tables of
# places go into it.
INPUTS = (
    "config.yml",
    "data/nlu",
    "data/local/**/*.csv",
    "nlu",
    "requirements/app.txt",
)


def domain_to_learn(root: Path) -> str:
    """What of domain.yml a model is made with: all but the sentences that the bot says.

    Rewording an answer is everyday work and needs no training. Read by lines, for no YAML library
    is installed yet: `responses:` reaches to the next line that starts at the margin.
    """
    file = root / "domain.yml"
    kept, among_responses = [], False
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        if line and not line.startswith((" ", "#", "-")):
            among_responses = line.startswith("responses:")
        if not among_responses:
            kept.append(line)
    return "\n".join(kept)


def newest(root: Path) -> Path | None:
    archives = list((root / "models").glob("*.tar.gz"))
    return max(archives, key=lambda file: file.stat().st_mtime, default=None)


def ensure(root: Path, state: Path, *, with_rasa: bool, train_again: bool = False) -> None:
    """Trains when an input changed, when there is no model, or when told to."""
    stamp = Stamp(state, "model")
    trainer = "with Rasa" if with_rasa else "directly"
    inputs = hash_inputs(root, INPUTS, [trainer, domain_to_learn(root)])
    last = stamp.read()
    kept = last is not None and (root / "models" / last.detail).is_file()
    if kept and stamp.done_for(inputs) and not train_again:
        return
    with timed(f"training the model {trainer}"):
        stamp.begin()
        run([root / ".venv" / "bin" / "caunoi", "train"], env=QUIET)
    archive = newest(root)
    if archive is None:
        raise SetupFailed("training ended without an archive in models/")
    stamp.write(Outcome(inputs, detail=archive.name))
