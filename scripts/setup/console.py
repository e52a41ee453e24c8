"""What set-up says while it works, and how it runs other programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Lines of a failed program's output that are worth showing: the reason stands at the end.
TAIL_LINES = 15


class SetupFailed(Exception):
    """A step cannot be done; the message says to a person why, and what to do."""


def say(text: str) -> None:
    print(f"setup: {text}", flush=True)


@contextmanager
def timed(text: str) -> Iterator[None]:
    """Says what begins, and when it is done how long it took."""
    say(f"{text} …")
    started = time.monotonic()
    yield
    say(f"{text}: done in {time.monotonic() - started:.0f} s")


Command = list[str | Path]


def run(command: Command, env: dict[str, str] | None = None) -> str:
    """Runs a program quietly and returns what it printed.

    Raises SetupFailed with the end of its output when it cannot be started or does not exit with 0.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise SetupFailed(f"{words[0]} cannot be run: {error}") from error
    if done.returncode != 0:
        tail = "\n".join(done.stdout.strip().splitlines()[-TAIL_LINES:])
        raise SetupFailed(f"{Path(words[0]).name} failed (exit {done.returncode}):\n{tail}")
    return done.stdout


def install_hashed(uv: Path, python: Path, requirements: Path) -> None:
    """Installs a pinned file as it stands: no other package, and none whose hash differs."""
    target: Command = ["--python", python, "--no-deps", "--require-hashes", "-r", requirements]
    # Python compiles what it imports and keeps it, so the second start is quick. Where it is told
    # not to (PYTHONDONTWRITEBYTECODE), every start would compile again: then it is done here.
    compiled: Command = ["--compile-bytecode"] if sys.dont_write_bytecode else []
    run([uv, "pip", "install", *compiled, *target])
