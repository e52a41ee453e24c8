"""How Rasa reads the files of a training: as always, but once, and without its slow second look."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.formats import RasaYAMLReader
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml
from ruamel.yaml import YAMLError

YAML_SUFFIXES = (".yml", ".yaml")


class FilesReadOnce(RasaFileImporter):
    """Rasa asks for the examples of its default language and again for those of the config's.

    To its readers of files a language makes no difference, and whoever gets the examples copies
    them before changing any.
    """

    @cached_property
    def _examples(self) -> TrainingData:
        return TrainingData().merge(*map(_read, self._nlu_files))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        return self._examples


class _Reader(RasaYAMLReader):
    """Rasa's own, which checks a file against its schema only where a glance finds anything odd.

    For the check Rasa reads each file a second time, with the line of every word, in which half of
    the time of reading goes.
    """

    def validate(self, string: str) -> None:
        if not _is_plain(string):
            super().validate(string)


def _read(file: str) -> TrainingData:
    if Path(file).suffix in YAML_SUFFIXES:
        return _Reader().read(file)
    return load_data(file)


def _is_plain(text: str) -> bool:
    """Whether a file holds nothing but blocks of examples that Rasa's schema allows."""
    try:
        content = read_yaml(text)
    except YAMLError:
        return False
    return (
        isinstance(content, dict)
        and content.keys() <= {"version", "nlu"}
        and isinstance(content.get("version"), str)
        and isinstance(content.get("nlu"), list)
        and all(map(_is_plain_block, content["nlu"]))
    )


def _is_plain_block(block: Any) -> bool:
    kinds = {"intent": str, "metadata": dict, "examples": str}
    return (
        isinstance(block, dict)
        and {"intent", "examples"} <= block.keys() <= kinds.keys()
        and all(isinstance(value, kinds[key]) for key, value in block.items())
        and block["intent"].strip() != ""
    )
