"""Stamps: what was made, from which inputs, so that it is made again only when they change.

A step leaves two kinds of files in `.setup/`. `NAME.begun` exists while the step is at work; found
at the start of the next run it tells of an interruption. `NAME.json` says what came out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path


def hash_inputs(root: Path, inputs: Iterable[str], extra: Iterable[str] = ()) -> str:
    """A digest of files' names and contents, and of `extra` words.

    `inputs` are files, folders or glob patterns under `root`; a folder stands for all files in it
    but compiled and hidden ones. What does not exist counts as absent, so its coming changes the
    digest.
    """
    digest = hashlib.sha256()
    for name in sorted(inputs):
        for file in _files(root, name):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            digest.update(f"{file.relative_to(root).as_posix()}\0{content}\n".encode())
    for word in extra:
        digest.update(f"\0{word}\n".encode())
    return digest.hexdigest()


def _files(root: Path, name: str) -> Iterator[Path]:
    path = root / name
    if "*" in name:
        yield from sorted(file for file in root.glob(name) if file.is_file())
    elif path.is_file():
        yield path
    elif path.is_dir():
        for file in sorted(path.rglob("*")):
            inside = file.relative_to(path).parts
            if file.is_file() and not any(part.startswith((".", "__pycache__")) for part in inside):
                yield file


@dataclass(frozen=True)
class Outcome:
    """What a step left behind: the digest of its inputs, and whether it succeeded or why not."""

    inputs: str
    ok: bool = True
    detail: str = ""


class Stamp:
    """The memory of one step."""

    def __init__(self, folder: Path, name: str) -> None:
        self._begun = folder / f"{name}.begun"
        self._outcome = folder / f"{name}.json"

    @property
    def interrupted(self) -> bool:
        """Whether the step was begun and never came to an end."""
        return self._begun.exists()

    def read(self) -> Outcome | None:
        """The last outcome; None when there is none that can be read."""
        try:
            return Outcome(**json.loads(self._outcome.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def done_for(self, inputs: str) -> bool:
        """Whether the step succeeded with just these inputs and was not begun again since."""
        outcome = self.read()
        if outcome is None or self.interrupted:
            return False
        return outcome.ok and outcome.inputs == inputs

    def begin(self) -> None:
        """Marks the step as begun; only `write` takes the mark away, an interruption leaves it."""
        self._begun.parent.mkdir(parents=True, exist_ok=True)
        self._outcome.unlink(missing_ok=True)
        self._begun.touch()

    def write(self, outcome: Outcome) -> None:
        partial = self._outcome.with_suffix(".part")
        partial.write_text(
            json.dumps({"inputs": outcome.inputs, "ok": outcome.ok, "detail": outcome.detail}),
            encoding="utf-8",
        )
        partial.replace(self._outcome)
        self._begun.unlink(missing_ok=True)

    def forget(self) -> None:
        self._outcome.unlink(missing_ok=True)
        self._begun.unlink(missing_ok=True)
