"""`python -m scripts.setup STEP...`: what the targets of the Makefile need before they can run.

Steps: `app` (.venv), `dev` (tests and checks in .venv), `rasa` (.venv-rasa), `model` (trained when
its inputs changed), `train` (trained in any case).
"""

from __future__ import annotations

import argparse
import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.setup import model
from scripts.setup.application import Application
from scripts.setup.console import SetupFailed, say
from scripts.setup.rasa import Rasa

STEPS = ("app", "dev", "rasa", "model", "train")


@contextmanager
def alone(state: Path) -> Iterator[None]:
    """Two `make` at once would install over each other: the second waits for the first."""
    state.mkdir(exist_ok=True)
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another make is setting up; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(root: Path, steps: set[str]) -> None:
    state = root / ".setup"
    with alone(state):
        application = Application(root, state)
        rasa = Rasa(root, state, application.uv)
        application.ensure_app()
        if "dev" in steps:
            application.ensure_dev()
        if steps & {"rasa", "model", "train"}:
            with_rasa = rasa.ensure(try_again="train" in steps)
            if steps & {"model", "train"}:
                model.ensure(root, state, with_rasa=with_rasa, train_again="train" in steps)


def main() -> int:
    parser = argparse.ArgumentParser(prog="setup", description=__doc__)
    parser.add_argument("steps", nargs="+", choices=STEPS)
    steps = set(parser.parse_args().steps)
    try:
        set_up(Path.cwd().resolve(), steps)
    except SetupFailed as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("interrupted; the next make takes it up again")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
