"""Rasa trains our components and reads with them just as we do without Rasa.

Runs in Rasa's own environment, on Python 3.10.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent, load_agent
from rasa.model_training import train_nlu

from nlu import archive, training

ROOT = Path(__file__).resolve().parents[2]

DATA = """\
version: "3.1"
nlu:
- intent: report
  metadata: {category: roads_bridges, urgency: normal}
  examples: |
    - đường trước nhà tôi sụt một hố lớn
    - mặt cầu bong tróc lởm chởm
    - ổ gà chi chít không ai vá
    - lề đường sạt một mảng
    - hố sâu giữa đường làng
    - cầu gỗ gãy mấy tấm ván
- intent: report
  metadata: {category: waste_sanitation, urgency: normal}
  examples: |
    - rác chất đống ba ngày chưa gom
    - thùng rác tràn ra vỉa hè
    - bãi rác bốc mùi cả xóm chịu không nổi
    - người ta đổ rác xuống kinh
    - xe rác bỏ tuyến tuần nay
    - rác thải vứt đầy bờ sông
- intent: greet
  examples: |
    - chào bạn
    - xin chào
    - chào buổi sáng
    - chào ad
    - alo có ai không
    - chào em
- intent: check_dossier
  examples: |
    - hồ sơ của tôi tới đâu rồi
    - tra giúp mã hồ sơ này
    - hồ sơ nộp tuần trước xong chưa
    - kiểm tra hồ sơ giùm
    - xem tình trạng hồ sơ
    - hồ sơ đất của mẹ tôi ra sao
"""

SENTENCES = (
    "xin chào buổi chiều",
    "rác đầy trước chợ Rạch Sỏi",
    "ổ gà trước trường, phường Rạch Giá, sáng nay",
    "tra hồ sơ 000.00.12.H62-201105-0004 giúp tôi, số tôi 0912345678",
    "chào bạn, mặt đường sụt lún, rác cũng chưa gom",
    "ổ gà 😡😡",
    "khong lien quan gi het",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "nlu.yml"
    file.write_text(DATA, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def trained_by_rasa(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        # Paths in config.yml are relative to the checkout.
        patch.chdir(ROOT)
        patch.setenv("RASA_CACHE_DIRECTORY", str(tmp_path_factory.mktemp("cache")))
        archive_path = train_nlu("config.yml", str(data), str(output), fixed_model_name="rasa")
    assert archive_path is not None
    return Path(archive_path)


@pytest.fixture(scope="module")
def agent(trained_by_rasa: Path) -> Agent:
    return asyncio.run(load_agent(model_path=str(trained_by_rasa)))


def shown_by_rasa(agent: Agent, text: str) -> dict[str, Any]:
    parse: dict[str, Any] = asyncio.run(agent.parse_message(text))
    entities = [
        {key: value for key, value in entity.items() if key != "extractor"}
        for entity in parse["entities"]
    ]
    return {**parse, "entities": entities}


@pytest.mark.parametrize("text", SENTENCES)
def test_rasa_and_the_embedded_reader_give_the_same_answer(
    agent: Agent, trained_by_rasa: Path, text: str
) -> None:
    ours = archive.load(trained_by_rasa).parse(text).to_dict()
    rasas = shown_by_rasa(agent, text)
    for key in (
        "sure", "category", "category_top3", "urgency", "urgency_words", "acts", "entities",
    ):  # fmt: skip
        # Rasa leaves out what is null.
        assert rasas.get(key) == ours[key], key
    assert rasas["intent"]["name"] == ours["intent"]["name"]
    assert rasas["intent"]["confidence"] == pytest.approx(ours["intent"]["confidence"], abs=1e-4)


def test_a_model_fitted_without_rasa_reads_as_the_one_trained_by_rasa(
    data: Path, trained_by_rasa: Path, tmp_path: Path
) -> None:
    fitted = training.train(ROOT, ROOT / "config.yml", data, tmp_path / "direct.tar.gz")
    direct, by_rasa = archive.load(fitted), archive.load(trained_by_rasa)
    for text in SENTENCES:
        assert direct.parse(text).to_dict() == by_rasa.parse(text).to_dict()
