from pathlib import Path

import pytest

from scripts.setup import model
from scripts.setup.console import SetupFailed


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose `caunoi train` writes one more archive each time."""
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "models").mkdir()
    (tmp_path / ".setup").mkdir()
    caunoi = tmp_path / ".venv" / "bin" / "caunoi"
    caunoi.parent.mkdir(parents=True)
    caunoi.write_text(
        f"#!/bin/sh\nset -- {tmp_path}/models/*.tar.gz\ntouch {tmp_path}/models/m$#.tar.gz\n"
    )
    caunoi.chmod(0o755)
    (tmp_path / "models" / "old.tar.gz").touch()
    return tmp_path


def ensure(checkout: Path, *, with_rasa: bool = True, train_again: bool = False) -> None:
    model.ensure(checkout, checkout / ".setup", with_rasa=with_rasa, train_again=train_again)


def archives(checkout: Path) -> int:
    return len(list((checkout / "models").glob("m*.tar.gz")))


def test_a_fresh_checkout_is_trained_once(checkout: Path) -> None:
    ensure(checkout)
    ensure(checkout)
    assert archives(checkout) == 1


def test_new_training_data_is_learned(checkout: Path) -> None:
    ensure(checkout)
    (checkout / "data" / "nlu" / "report.yml").write_text("ổ gà", encoding="utf-8")
    ensure(checkout)
    assert archives(checkout) == 2


DOMAIN = """\
intents:
  - report
responses:
  utter_thanks:
  - text: {text}

session_config:
  session_expiration_time: {minutes}
"""


def test_rewording_an_answer_trains_nothing(checkout: Path) -> None:
    domain = checkout / "domain.yml"
    domain.write_text(DOMAIN.format(text="Cảm ơn bạn.", minutes=60), encoding="utf-8")
    ensure(checkout)
    domain.write_text(DOMAIN.format(text="Cảm ơn bạn nhiều.", minutes=60), encoding="utf-8")
    ensure(checkout)
    assert archives(checkout) == 1


@pytest.mark.parametrize(("old", "new"), [("- report", "- petition"), ("60", "30")])
def test_any_other_change_of_the_domain_trains_again(checkout: Path, old: str, new: str) -> None:
    domain = checkout / "domain.yml"
    text = DOMAIN.format(text="Cảm ơn bạn.", minutes=60)
    domain.write_text(text, encoding="utf-8")
    ensure(checkout)
    domain.write_text(text.replace(old, new), encoding="utf-8")
    ensure(checkout)
    assert archives(checkout) == 2


def test_a_model_that_was_deleted_is_trained_again(checkout: Path) -> None:
    ensure(checkout)
    (checkout / "models" / "m1.tar.gz").unlink()
    ensure(checkout)
    assert archives(checkout) == 1


def test_rasa_becoming_available_trains_again(checkout: Path) -> None:
    ensure(checkout, with_rasa=False)
    ensure(checkout, with_rasa=True)
    assert archives(checkout) == 2


def test_training_by_hand_trains_in_any_case(checkout: Path) -> None:
    ensure(checkout)
    ensure(checkout, train_again=True)
    assert archives(checkout) == 2


def test_an_interrupted_training_is_repeated(checkout: Path) -> None:
    ensure(checkout)
    (checkout / ".setup" / "model.begun").touch()
    ensure(checkout)
    assert archives(checkout) == 2


def test_training_that_leaves_no_archive_fails_plainly(checkout: Path) -> None:
    (checkout / "models" / "old.tar.gz").unlink()
    (checkout / ".venv" / "bin" / "caunoi").write_text("#!/bin/sh\nexit 0\n")
    with pytest.raises(SetupFailed, match="without an archive"):
        ensure(checkout)


def test_failing_training_shows_the_end_of_what_it_said(checkout: Path) -> None:
    (checkout / ".venv" / "bin" / "caunoi").write_text("#!/bin/sh\necho bad intent; exit 1\n")
    with pytest.raises(SetupFailed, match="bad intent"):
        ensure(checkout)
