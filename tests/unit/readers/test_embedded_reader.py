from __future__ import annotations

from pathlib import Path

import pytest

from bot.readers import DIRECT_LIMIT, EmbeddedReader
from nlu.archive import ArchiveUnreadable
from nlu.training import train

CONFIG = """\
pipeline:
  - name: nlu.rasa_components.VietnameseNormalizer
  - name: nlu.rasa_components.CodeExtractor
  - name: nlu.rasa_components.IntentClassifier
  - name: nlu.rasa_components.Conclusion
"""
DATA = """\
nlu:
- intent: greet
  examples: |
    - chào bạn
    - xin chào
- intent: report
  examples: |
    - đường hư quá
    - rác đầy đường
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    (root / "config.yml").write_text(CONFIG, encoding="utf-8")
    (root / "nlu.yml").write_text(DATA, encoding="utf-8")
    return train(root, root / "config.yml", root / "nlu.yml", root / "m.tar.gz")


@pytest.mark.parametrize("length", [1, DIRECT_LIMIT, DIRECT_LIMIT + 1, 10_000])
async def test_messages_of_any_length_are_read(model: Path, length: int) -> None:
    reader = EmbeddedReader(model)
    text = ("đường hư " * 2000)[:length]
    assert (await reader.understand(text)).intent.name in {"report", "greet"}
    assert model.name in reader.description
    assert await reader.ready()
    await reader.close()


def test_a_broken_model_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnreadable):
        EmbeddedReader(tmp_path / "missing.tar.gz")
