"""How Rasa reads the files of a training: as always, but once."""

from __future__ import annotations

from functools import cached_property

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData


class FilesReadOnce(RasaFileImporter):
    """Rasa asks for the examples of its default language and again for those of the config's.

    To its readers of files a language makes no difference, and whoever gets the examples copies
    them before changing any.
    """

    @cached_property
    def _examples(self) -> TrainingData:
        return super().get_nlu_data()

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        return self._examples
