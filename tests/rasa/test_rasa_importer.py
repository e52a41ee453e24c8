"""Files of examples are read once, and as Rasa reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.exceptions import YamlException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.formats import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.rasa_importer import FilesReadOnce

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = str(ROOT / "tests" / "unit" / "nlu" / "small_nlu.yml")

ODD = {
    "a list of examples": "nlu:\n- intent: report\n  examples:\n  - text: ổ gà\n",
    "no examples": "nlu:\n- intent: report\n",
    "a word of no meaning": "nlu:\n- intent: report\n  exampels: |\n    - ổ gà\n",
    "no name": 'nlu:\n- intent: ""\n  examples: |\n    - ổ gà\n',
    "a number for a name": "nlu:\n- intent: 5\n  examples: |\n    - ổ gà\n",
    "a synonym": "nlu:\n- synonym: Rạch Giá\n  examples: |\n    - RG\n",
    "no YAML": "nlu:\n- intent: report\n  examples: |\n - ổ gà\n : [",
}


def test_rasa_reads_a_file_once_for_both_languages_that_it_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files: list[str] = []
    read = RasaYAMLReader.read

    def noted(self: RasaYAMLReader, filename: str, **more: object) -> TrainingData:
        files.append(filename)
        return read(self, filename, **more)

    monkeypatch.setattr(RasaYAMLReader, "read", noted)
    monkeypatch.chdir(ROOT)
    importer = TrainingDataImporter.load_nlu_importer_from_config(
        "config.yml", training_data_paths=[EXAMPLES]
    )
    by_default, by_config = importer.get_nlu_data(), importer.get_nlu_data(language="vi")
    assert files == [EXAMPLES]
    plain = RasaFileImporter(training_data_paths=[EXAMPLES]).get_nlu_data("vi")
    for examples in (by_default, by_config):
        assert [e.as_dict() for e in examples.training_examples] == [
            e.as_dict() for e in plain.training_examples
        ]


@pytest.mark.parametrize("words", ODD.values(), ids=ODD.keys())
def test_an_odd_file_is_taken_or_refused_as_rasa_does(tmp_path: Path, words: str) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text(f'version: "3.1"\n{words}', encoding="utf-8")
    assert _outcome(FilesReadOnce, file) == _outcome(RasaFileImporter, file)


def _outcome(importer: type[RasaFileImporter], file: Path) -> object:
    """What is read, or what is wrong with the file."""
    try:
        found = importer(training_data_paths=[str(file)]).get_nlu_data()
    except YamlException as error:
        return str(error)
    return [e.as_dict() for e in found.training_examples], found.entity_synonyms
