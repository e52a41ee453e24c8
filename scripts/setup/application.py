"""`.venv`: the environment of the application, and of its tests and checks on top."""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from pathlib import Path

from scripts.setup.console import Command, install_hashed, run, timed
from scripts.setup.stamps import Outcome, Stamp, hash_inputs

APP_REQUIREMENTS = ("requirements/uv.txt", "requirements/app.txt")
DEV_REQUIREMENTS = (*APP_REQUIREMENTS, "requirements/dev.txt")


class Application:
    def __init__(self, root: Path, state: Path) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.python = self.venv / "bin" / "python"
        self.uv = self.venv / "bin" / "uv"
        self._app = Stamp(state, "app")
        self._dev = Stamp(state, "dev")

    def ensure_app(self) -> None:
        """What serving needs, and the command `caunoi`."""
        inputs = hash_inputs(self.root, APP_REQUIREMENTS, self._identity())
        if self._works() and self._app.done_for(inputs) and not self._dev.interrupted:
            return
        with timed("installing the application into .venv"):
            self._begin(self._app)
            install_hashed(self.uv, self.python, self.root / "requirements/app.txt")
            link: Command = ["--no-deps", "--no-build-isolation", "--editable", self.root]
            run([self.uv, "pip", "install", "--python", self.python, *link])
            self._app.write(Outcome(inputs))

    def ensure_dev(self) -> None:
        """What tests and checks need."""
        self.ensure_app()
        inputs = hash_inputs(self.root, DEV_REQUIREMENTS, self._identity())
        if self._dev.done_for(inputs):
            return
        with timed("installing what tests and checks need into .venv"):
            self._dev.begin()
            install_hashed(self.uv, self.python, self.root / "requirements/dev.txt")
            self._dev.write(Outcome(inputs))

    def _works(self) -> bool:
        return self.python.exists() and self.uv.exists()

    def _identity(self) -> tuple[str, ...]:
        """What an environment is bound to besides its packages.

        Its programs name their folder, so a moved checkout needs it made again; and the part of
        pyproject.toml that says how the project itself is linked in.
        """
        config = tomllib.loads((self.root / "pyproject.toml").read_text(encoding="utf-8"))
        project = [config.get("build-system"), config.get("project")]
        setuptools = config.get("tool", {}).get("setuptools")
        return (str(self.root), json.dumps([*project, setuptools], sort_keys=True))

    def _begin(self, stamp: Stamp) -> None:
        """Leaves an environment that has uv; one in doubt is made from nothing."""
        moved = self._works() and not self._is_at_home()
        in_doubt = stamp.interrupted or self._dev.interrupted or moved or not self._works()
        stamp.begin()
        if not in_doubt:
            return
        self._dev.forget()
        shutil.rmtree(self.venv, ignore_errors=True)
        # The interpreter behind this one: this one may be the environment's own.
        base = getattr(sys, "_base_executable", None) or sys.executable
        run([base, "-m", "venv", self.venv])
        pip: Command = [self.python, "-m", "pip", "install", "--no-deps"]
        requirements = self.root / "requirements/uv.txt"
        run([*pip, "--disable-pip-version-check", "--require-hashes", "-r", requirements])

    def _is_at_home(self) -> bool:
        """Whether the environment was made in this folder."""
        activate = self.venv / "bin" / "activate"
        return activate.exists() and str(self.venv) in activate.read_text(encoding="utf-8")
