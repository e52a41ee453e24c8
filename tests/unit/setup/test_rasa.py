from pathlib import Path

import pytest

from scripts.setup.rasa import Rasa


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout on a machine without Python 3.10, whose uv counts its calls and gets nothing."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "rasa.txt").write_text("rasa==3.6.21\n", encoding="utf-8")
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\necho call >> {tmp_path}/calls\necho refused\nexit 2\n")
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/path:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    return tmp_path


def rasa_of(checkout: Path) -> Rasa:
    return Rasa(checkout, checkout / ".setup", checkout / "uv")


def calls(checkout: Path) -> int:
    return len((checkout / "calls").read_text().splitlines())


def test_where_rasa_cannot_be_had_setup_says_so_and_goes_on(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rasa_of(checkout).ensure() is False
    said = capsys.readouterr().out
    assert "fitted directly" in said
    assert "refused" in said


def test_a_failed_attempt_is_not_repeated_at_the_next_start(checkout: Path) -> None:
    rasa_of(checkout).ensure()
    before = calls(checkout)
    assert rasa_of(checkout).ensure() is False
    assert calls(checkout) == before


def test_training_by_hand_tries_again(checkout: Path) -> None:
    rasa_of(checkout).ensure()
    before = calls(checkout)
    rasa_of(checkout).ensure(try_again=True)
    assert calls(checkout) > before


def test_a_python_that_appears_later_is_tried(checkout: Path) -> None:
    rasa_of(checkout).ensure()
    before = calls(checkout)
    python = checkout / "path" / "python3.10"
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\necho {python}\n")
    python.chmod(0o755)
    assert rasa_of(checkout).ensure() is False
    assert calls(checkout) > before


def test_an_interrupted_attempt_is_taken_up_again(checkout: Path) -> None:
    rasa_of(checkout).ensure()
    before = calls(checkout)
    (checkout / ".setup" / "rasa.begun").touch()
    rasa_of(checkout).ensure()
    assert calls(checkout) > before
