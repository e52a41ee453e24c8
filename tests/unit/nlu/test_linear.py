from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.features import features
from nlu.linear import LinearModel
from nlu.linear_fit import Fitted, Sample, fit, sure_threshold

TEXTS = {
    "road": ["đường hư", "ổ gà trên đường", "mặt đường lún", "đường nát", "đường đầy ổ gà"],
    "waste": ["rác chất đống", "bãi rác hôi", "rác đầy kênh", "đốt rác khói", "không ai gom rác"],
    "light": ["đèn tắt", "đèn đường không sáng", "bóng đèn hư", "đèn tối thui", "đèn cháy bóng"],
}
SAMPLES = [Sample(label, features(text)) for label, texts in TEXTS.items() for text in texts]


def test_a_fitted_model_knows_its_labels_again() -> None:
    model = fit(SAMPLES).model
    assert model.labels(features("rác hôi quá")).best == "waste"
    assert model.labels(features("đường lún ổ gà")).best == "road"


def test_probabilities_sum_to_one_best_first() -> None:
    ranking = fit(SAMPLES).model.labels(features("đèn đường")).ranking
    assert sum(chance for _, chance in ranking) == pytest.approx(1)
    assert [chance for _, chance in ranking] == sorted((c for _, c in ranking), reverse=True)


def test_the_order_of_examples_changes_nothing(tmp_path: Path) -> None:
    for name, samples in (("a", SAMPLES), ("b", SAMPLES[::-1])):
        (tmp_path / name).mkdir()
        fit(samples).model.save(tmp_path / name)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_a_saved_model_answers_the_same(tmp_path: Path) -> None:
    model = fit(SAMPLES).model
    model.save(tmp_path)
    asked = features("rác trên đường")
    assert LinearModel.load(tmp_path).labels(asked) == model.labels(asked)


def test_a_label_with_one_example_is_no_obstacle() -> None:
    model = fit([*SAMPLES, Sample("rare", features("một câu lạ lùng"))]).model
    assert "rare" in model.classes


def test_two_labels_are_told_apart() -> None:
    model = fit([sample for sample in SAMPLES if sample.label != "light"]).model
    assert model.labels(features("rác")).best == "waste"


def test_a_single_label_is_always_right() -> None:
    model = fit([Sample("only", features("câu một")), Sample("only", features("hai"))]).model
    assert model.labels(features("gì cũng được")).ranking == (("only", 1.0),)


def test_a_message_of_unknown_words_gets_an_answer() -> None:
    ranking = fit(SAMPLES).model.labels(features("☃")).ranking
    assert np.isfinite([chance for _, chance in ranking]).all()


def test_the_threshold_is_where_wrong_answers_begin_to_cost() -> None:
    fitted = Fitted(
        LinearModel.constant("x"),
        np.array([0.9, 0.8, 0.7, 0.6, 0.55, 0.5]),
        np.array([True, True, True, False, False, False]),
    )
    assert sure_threshold(fitted) == 0.7


def test_where_thresholds_pay_alike_the_middle_one_is_taken() -> None:
    fitted = Fitted(
        LinearModel.constant("x"),
        np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.45]),
        np.array([True, False, True, False, True, False]),
    )
    assert sure_threshold(fitted, price=1.0) == 0.7
