"""Files of examples are read once, and as Rasa reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data import loading

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = str(ROOT / "tests" / "unit" / "nlu" / "small_nlu.yml")


def test_rasa_reads_a_file_once_for_both_languages_that_it_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    load = loading.load_data

    def noted(path: str, language: str | None = "en") -> object:
        read.append(path)
        return load(path, language)

    monkeypatch.setattr(loading, "load_data", noted)
    monkeypatch.chdir(ROOT)
    importer = TrainingDataImporter.load_nlu_importer_from_config(
        "config.yml", training_data_paths=[EXAMPLES]
    )
    by_default, by_config = importer.get_nlu_data(), importer.get_nlu_data(language="vi")
    assert read == [EXAMPLES]
    plain = RasaFileImporter(training_data_paths=[EXAMPLES]).get_nlu_data("vi")
    for examples in (by_default, by_config):
        assert [e.as_dict() for e in examples.training_examples] == [
            e.as_dict() for e in plain.training_examples
        ]
