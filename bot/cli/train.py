"""`caunoi train`: a new model archive, by Rasa where it is set up, else by ourselves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

CONFIG = "config.yml"
DOMAIN = "domain.yml"
DATA = Path("data", "nlu")
MODELS = "models"
RASA = Path(".venv-rasa", "bin", "rasa")

RASA_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "LOG_LEVEL": "WARNING",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "PYTHONWARNINGS": "ignore",
}


class TrainingFailed(RuntimeError):
    """Rasa could not train the model."""


@click.command()
def command() -> None:
    """Train the model from config.yml and data/nlu into models/."""
    from bot.settings import ROOT
    from nlu.training import ConfigUnusable, NoTrainingData
    from nlu.training_data import TrainingDataUnreadable

    try:
        path = run_train(ROOT)
    except (TrainingFailed, ConfigUnusable, NoTrainingData, TrainingDataUnreadable) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Trained {path.relative_to(ROOT)} ({path.stat().st_size / 1e6:.1f} MB).")


def run_train(root: Path) -> Path:
    """Train the project below `root`; returns the archive, which is the newest in models/.

    Raises:
        TrainingFailed: Rasa ends with an error.
        nlu.training.ConfigUnusable: without Rasa, the config names a component only Rasa has.
        nlu.training.NoTrainingData: there is nothing to learn from.
    """
    name = datetime.now(UTC).strftime("nlu-%Y%m%d-%H%M%S")
    output = root / MODELS / f"{name}.tar.gz"
    if (root / RASA).exists():
        click.echo("Training with Rasa.", err=True)
        _train_with_rasa(root, output)
        return output
    click.echo(
        "Rasa's environment (.venv-rasa, Python 3.10) is not set up:"
        " fitting the same components directly.",
        err=True,
    )
    from nlu.training import train

    return train(root, root / CONFIG, root / DATA, output)


def _train_with_rasa(root: Path, output: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    # Beside its place and moved there when whole: a server that starts meanwhile finds no half.
    with tempfile.TemporaryDirectory(prefix=".training-", dir=output.parent) as folder:
        arguments = [
            str(root / RASA), "train", "nlu",
            "--config", CONFIG,
            "--nlu", str(DATA),
            "--out", folder,
            "--fixed-model-name", output.name.removesuffix(".tar.gz"),
        ]  # fmt: skip
        if (root / DOMAIN).exists():
            arguments += ["--domain", DOMAIN]
        # A cache of its own: "train" means train, whatever an earlier run has left behind.
        environment = {
            **os.environ,
            **RASA_ENVIRONMENT,
            "PYTHONPATH": ".",
            "RASA_CACHE_DIRECTORY": str(Path(folder, "cache")),
        }
        done = subprocess.run(arguments, cwd=root, env=environment, stdout=sys.stderr, check=False)
        trained = Path(folder, output.name)
        if done.returncode != 0 or not trained.exists():
            raise TrainingFailed(f"`rasa train nlu` ended with status {done.returncode}")
        trained.replace(output)
