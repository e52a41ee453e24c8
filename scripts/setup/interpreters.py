"""Where a Python 3.10 is to be had: on PATH, from pyenv, or fetched by uv."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.setup.console import Command, SetupFailed, run

# Rasa 3.6 runs on no later version.
VERSION = "3.10"
PROBE = "import sys, venv; assert sys.version_info[:2] == (3, 10); print(sys.executable)"


def candidates(environ: Mapping[str, str]) -> Iterator[Path]:
    """Files that may be a Python 3.10, the likeliest first; none of them has been tried."""
    for folder in environ.get("PATH", "").split(os.pathsep):
        file = Path(folder or ".") / f"python{VERSION}"
        if os.access(file, os.X_OK):
            yield file
    home = Path(environ.get("HOME", "~")).expanduser()
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    for file in sorted(pyenv.glob(f"versions/{VERSION}*/bin/python{VERSION}"), reverse=True):
        if os.access(file, os.X_OK):
            yield file


def find(environ: Mapping[str, str], uv: Path) -> Path:
    """The path of a Python 3.10 that runs; fetches one when the machine has none.

    Raises SetupFailed when there is none and none can be fetched.
    """
    for candidate in candidates(environ):
        # A pyenv shim is found on PATH though its version is not installed or not chosen; the
        # interpreter says its own path, which is what uv needs.
        try:
            return Path(run([candidate, "-c", PROBE]).strip())
        except SetupFailed:
            continue
    managed: Command = [uv, "python", "find", "--quiet", "--managed-python", VERSION]
    try:
        return Path(run(managed, env={"UV_PYTHON_DOWNLOADS": "never"}).strip())
    except SetupFailed:
        return _fetched(uv, managed)


def _fetched(uv: Path, managed: Command) -> Path:
    try:
        run([uv, "python", "install", VERSION])
        return Path(run(managed).strip())
    except SetupFailed as error:
        raise SetupFailed(
            f"no Python {VERSION} was found, and uv could not fetch one\n{error}"
        ) from error
