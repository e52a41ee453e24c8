"""The project's own files are a valid Rasa project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_rasa_finds_nothing_wrong_but_intents_and_answers_without_stories() -> None:
    """Conversations are led by our own dialogue, so no story uses an intent or an utterance."""
    done = subprocess.run(
        [
            sys.executable, "-m", "rasa", "data", "validate",
            "--domain", "domain.yml", "--data", "data/nlu", "--config", "config.yml",
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "PYTHONWARNINGS": "default::UserWarning",
            "NO_COLOR": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    output = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
    assert done.returncode == 0, output
    warnings = [
        line
        for line in output.splitlines()
        if "UserWarning" in line and f"{os.sep}rasa{os.sep}" in line
    ]
    other = [line for line in warnings if "is not used in any story or rule" not in line]
    assert other == []
