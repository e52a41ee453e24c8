from pathlib import Path

import pytest

from scripts.setup.stamps import Outcome, Stamp, hash_inputs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "data" / "nlu" / "report.yml").write_text("ổ gà", encoding="utf-8")
    (tmp_path / "config.yml").write_text("language: vi", encoding="utf-8")
    return tmp_path


INPUTS = ("config.yml", "data/nlu", "not_there_yet.yml")


def test_the_same_files_give_the_same_digest_in_any_order(root: Path) -> None:
    assert hash_inputs(root, INPUTS) == hash_inputs(root, reversed(INPUTS))


def test_a_changed_word_deep_in_a_folder_changes_the_digest(root: Path) -> None:
    before = hash_inputs(root, INPUTS)
    (root / "data" / "nlu" / "report.yml").write_text("hố ga", encoding="utf-8")
    assert hash_inputs(root, INPUTS) != before


def test_a_renamed_file_changes_the_digest(root: Path) -> None:
    before = hash_inputs(root, INPUTS)
    (root / "data" / "nlu" / "report.yml").rename(root / "data" / "nlu" / "road.yml")
    assert hash_inputs(root, INPUTS) != before


def test_a_file_that_comes_later_changes_the_digest(root: Path) -> None:
    before = hash_inputs(root, INPUTS)
    (root / "not_there_yet.yml").touch()
    assert hash_inputs(root, INPUTS) != before


def test_a_pattern_stands_for_the_files_that_fit_it(root: Path) -> None:
    before = hash_inputs(root, ["data/**/*.csv"])
    (root / "data" / "nlu" / "report.yml").write_text("hố ga", encoding="utf-8")
    assert hash_inputs(root, ["data/**/*.csv"]) == before
    (root / "data" / "places.csv").write_text("Rạch Giá", encoding="utf-8")
    assert hash_inputs(root, ["data/**/*.csv"]) != before


def test_an_extra_word_changes_the_digest(root: Path) -> None:
    assert hash_inputs(root, INPUTS, ["directly"]) != hash_inputs(root, INPUTS, ["with Rasa"])


def test_compiled_and_hidden_files_change_nothing(root: Path) -> None:
    before = hash_inputs(root, INPUTS)
    (root / "data" / "nlu" / "__pycache__").mkdir()
    (root / "data" / "nlu" / "__pycache__" / "x.pyc").touch()
    (root / "data" / "nlu" / ".report.yml.swp").touch()
    assert hash_inputs(root, INPUTS) == before


def test_a_step_never_taken_is_not_done(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "state", "app")
    assert not stamp.done_for("a")
    assert not stamp.interrupted


def test_a_finished_step_is_done_for_its_inputs_only(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path, "app")
    stamp.begin()
    stamp.write(Outcome("a"))
    assert stamp.done_for("a")
    assert not stamp.done_for("b")


def test_a_step_begun_again_and_interrupted_is_not_done_for_its_old_inputs(tmp_path: Path) -> None:
    Stamp(tmp_path, "app").write(Outcome("a"))
    Stamp(tmp_path, "app").begin()
    assert Stamp(tmp_path, "app").interrupted
    assert not Stamp(tmp_path, "app").done_for("a")


def test_a_failed_step_is_not_done_and_keeps_its_reason(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path, "rasa")
    stamp.begin()
    stamp.write(Outcome("a", ok=False, detail="no wheel"))
    assert not stamp.done_for("a")
    assert stamp.read() == Outcome("a", ok=False, detail="no wheel")


def test_a_stamp_torn_by_a_crash_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "app.json").write_text('{"inputs": "a', encoding="utf-8")
    assert Stamp(tmp_path, "app").read() is None
