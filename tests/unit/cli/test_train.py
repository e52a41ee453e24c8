from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.train import RASA, TrainingFailed, run_train
from nlu import archive

CONFIG = """\
pipeline:
  - name: nlu.rasa_components.VietnameseNormalizer
  - name: nlu.rasa_components.IntentClassifier
  - name: nlu.rasa_components.Conclusion
"""
DATA = """\
nlu:
- intent: greet
  examples: |
    - chào bạn
    - xin chào
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "config.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "data" / "nlu" / "greet.yml").write_text(DATA, encoding="utf-8")
    return tmp_path


def _rasa(project: Path, script: str) -> None:
    command = project / RASA
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)


def test_without_rasa_the_same_classes_are_fitted_and_it_is_said(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = run_train(project)
    assert archive.load(path).parse("xin chào").intent.name == "greet"
    assert ".venv-rasa" in capsys.readouterr().err


def test_with_rasa_its_archive_is_the_result(project: Path) -> None:
    _rasa(
        project,
        'while [ "$1" != --out ]; do shift; done\necho "$RASA_TELEMETRY_ENABLED" > "$2/$4.tar.gz"',
    )
    path = run_train(project)
    assert path.parent == project / "models"
    assert path.read_text() == "false\n"
    assert list(path.parent.iterdir()) == [path]  # nothing half made beside it


def test_a_failure_of_rasa_is_named(project: Path) -> None:
    _rasa(project, "exit 3")
    with pytest.raises(TrainingFailed, match="status 3"):
        run_train(project)
