"""A small model, trained once, for the tests of the pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu import archive
from nlu.pipeline import Pipeline
from nlu.training import train

HERE = Path(__file__).parent

CONFIG = """\
recipe: default.v1
language: vi
pipeline:
  - name: nlu.rasa_components.VietnameseNormalizer
  - name: nlu.rasa_components.VietnameseTokenizer
  - name: nlu.rasa_components.CodeExtractor
  - name: nlu.rasa_components.PlaceExtractor
  - name: nlu.rasa_components.ConceptFinder
  - name: nlu.rasa_components.ActSegmenter
  - name: nlu.rasa_components.IntentClassifier
  - name: nlu.rasa_components.CategoryClassifier
  - name: nlu.rasa_components.UrgencyClassifier
  - name: nlu.rasa_components.Conclusion
"""


@pytest.fixture(scope="session")
def small_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and a little training data."""
    root = tmp_path_factory.mktemp("project")
    (root / "config.yml").write_text(CONFIG, encoding="utf-8")
    (root / "nlu.yml").write_bytes((HERE / "small_nlu.yml").read_bytes())
    return root


@pytest.fixture(scope="session")
def small_archive(small_project: Path) -> Path:
    return train(
        small_project,
        small_project / "config.yml",
        small_project / "nlu.yml",
        small_project / "models" / "small.tar.gz",
    )


@pytest.fixture(scope="session")
def small_pipeline(small_archive: Path) -> Pipeline:
    return archive.load(small_archive)
