from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from nlu import archive
from nlu.classifiers import CategoryClassifier, IntentClassifier, UrgencyClassifier
from nlu.normalizer import Normalizer
from nlu.pipeline import Pipeline, begin
from nlu.training import ConfigUnusable, NoTrainingData, train
from nlu.training_data import Example, TrainingDataUnreadable, read_examples

FOREIGN = """\
version: "3.1"
nlu:
- intent: flight
  examples: |
    - cho tôi xem các chuyến bay từ [boston](city) đến [denver](city:den)
    - tôi muốn bay đến [dallas]{"entity": "city", "role": "to"}
    - chuyến bay nào sớm nhất buổi sáng
    - có chuyến bay thẳng nào không
- intent: airfare
  examples: |
    - giá vé một chiều là bao nhiêu
    - vé khứ hồi rẻ nhất bao nhiêu tiền
    - giá vé hạng nhất
- intent: flight#airfare
  examples: |
    - chuyến bay và giá vé
- synonym: denver
  examples: |
    - den
- regex: code
  examples: |
    - [a-z]{3}
"""


def _pipeline(root: Path, config: Path, data: str) -> Pipeline:
    (root / "data.yml").write_text(data, encoding="utf-8")
    return archive.load(train(root, config, root / "data.yml", root / "m.tar.gz"))


def test_foreign_data_with_plain_intents_trains(small_project: Path, tmp_path: Path) -> None:
    pipeline = _pipeline(tmp_path, small_project / "config.yml", FOREIGN)
    understood = pipeline.parse("chào bạn, chuyến bay thẳng nào sớm nhất, với lại giá vé bao nhiêu")
    assert understood.intent.name in {"flight", "airfare", "flight#airfare"}
    assert understood.category is None
    assert understood.category_top3 == ()
    assert understood.urgency.name == "normal"
    assert understood.urgency.confidence == 1
    assert len(understood.acts) == 1


def test_training_again_gives_the_same_files(small_project: Path, tmp_path: Path) -> None:
    contents = []
    for name in ("a.tar.gz", "b.tar.gz"):
        path = train(
            small_project, small_project / "config.yml", small_project / "nlu.yml", tmp_path / name
        )
        with tarfile.open(path) as tar:
            files = {m.name: tar.extractfile(m) for m in tar.getmembers() if m.isfile()}
            contents.append({name: file.read() for name, file in files.items() if file})
    assert contents[0] == contents[1]


def test_the_order_of_examples_changes_nothing(small_project: Path, tmp_path: Path) -> None:
    examples = read_examples(small_project / "nlu.yml")
    readings = [begin(Normalizer(), example.text) for example in examples]
    for name, step in (("a", 1), ("b", -1)):
        for kind in (IntentClassifier, CategoryClassifier, UrgencyClassifier):
            folder = tmp_path / name / kind.__name__
            folder.mkdir(parents=True)
            kind.fit(readings[::step], examples[::step]).save(folder)
    for file in (tmp_path / "a").rglob("*.*"):
        assert file.read_bytes() == (tmp_path / "b" / file.relative_to(tmp_path / "a")).read_bytes()


def test_a_component_of_rasa_in_the_config_needs_rasa(small_project: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text(
        "pipeline:\n- name: nlu.rasa_components.VietnameseNormalizer\n- name: DIETClassifier\n"
    )
    with pytest.raises(ConfigUnusable, match="DIETClassifier"):
        train(tmp_path, config, small_project / "nlu.yml", tmp_path / "m.tar.gz")


def test_a_config_without_a_pipeline_is_refused(small_project: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text("language: vi\n")
    with pytest.raises(ConfigUnusable, match="no pipeline"):
        train(tmp_path, config, small_project / "nlu.yml", tmp_path / "m.tar.gz")


def test_no_examples_are_refused(small_project: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(NoTrainingData):
        train(tmp_path, small_project / "config.yml", tmp_path / "data", tmp_path / "m.tar.gz")


def test_labels_come_from_the_block_and_from_the_line(tmp_path: Path) -> None:
    (tmp_path / "nlu.yml").write_text(
        """\
nlu:
- intent: report
  metadata: {category: traffic, urgency: high}
  examples:
  - text: |
      [cầu gãy](what) rồi
    metadata: {urgency: urgent}
  - text: đường hư
- intent: greet
  examples: |
    - chào
    a line that is no example
""",
        encoding="utf-8",
    )
    assert read_examples(tmp_path) == [
        Example("cầu gãy rồi", "report", "traffic", "urgent"),
        Example("đường hư", "report", "traffic", "high"),
        Example("chào", "greet"),
    ]


def test_a_file_that_is_not_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("nlu: [", encoding="utf-8")
    with pytest.raises(TrainingDataUnreadable, match=r"bad\.yml"):
        read_examples(tmp_path)
