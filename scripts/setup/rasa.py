"""`.venv-rasa`: Rasa's own environment. The project works without it, and says so."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from scripts.setup import interpreters
from scripts.setup.console import SetupFailed, install_hashed, run, say, timed
from scripts.setup.stamps import Outcome, Stamp, hash_inputs

REQUIREMENTS = ("requirements/rasa.txt",)

# Rasa would call home, TensorFlow would chat, and SQLAlchemy would advertise its next version.
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "LOG_LEVEL": "WARNING",
}


class Rasa:
    def __init__(self, root: Path, state: Path, uv: Path) -> None:
        self.root = root
        self.venv = root / ".venv-rasa"
        self.python = self.venv / "bin" / "python"
        self.program = self.venv / "bin" / "rasa"
        self._uv = uv
        self._stamp = Stamp(state, "rasa")

    def ensure(self, *, try_again: bool = False) -> bool:
        """Whether Rasa is there, after installing it where that can be done.

        An attempt that failed is repeated only when something changed that may matter (the
        requirements, the interpreters of the machine), or when `try_again` says so.
        """
        inputs = hash_inputs(self.root, REQUIREMENTS, [str(self.root)])
        if self._stamp.done_for(inputs) and self.python.exists() and self.program.exists():
            return True
        choice = [str(path) for path in interpreters.candidates(os.environ)]
        attempt = hash_inputs(self.root, REQUIREMENTS, [str(self.root), *choice])
        last = self._stamp.read()
        given_up = last is not None and not last.ok and last.inputs == attempt
        if given_up and last is not None and not try_again and not self._stamp.interrupted:
            say(f"no Rasa on this machine ({last.detail}); `make train` tries again")
            return False
        try:
            self._install()
        except SetupFailed as error:
            shutil.rmtree(self.venv, ignore_errors=True)
            reason = str(error).splitlines()[0]
            self._stamp.write(Outcome(attempt, ok=False, detail=reason))
            say("Rasa cannot be installed on this machine, so the model will be fitted directly:")
            say("the same classes and the same answers, only without a Rasa server to serve them.")
            say(f"The reason: {error}")
            return False
        self._stamp.write(Outcome(inputs))
        return True

    def _install(self) -> None:
        self._stamp.begin()
        with timed("looking for a Python 3.10 (Rasa runs on no later one)"):
            python = interpreters.find(os.environ, self._uv)
        with timed("installing Rasa into .venv-rasa (about 2 GB)"):
            run([self._uv, "venv", "--clear", "--python", python, self.venv])
            install_hashed(self._uv, self.python, self.root / "requirements/rasa.txt")
            # A wheel may install and still not run, as TensorFlow on a processor without AVX.
            run([self.program, "--version"], env=QUIET)
