from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.features import PAIRS, features, kinds
from nlu.linear import LinearModel, rounded
from nlu.linear_fit import DEFAULT, Fitted, Table, fit, sure_threshold

TEXTS = {
    "road": ["đường hư", "ổ gà trên đường", "mặt đường lún", "đường nát", "đường đầy ổ gà"],
    "waste": ["rác chất đống", "bãi rác hôi", "rác đầy kênh", "đốt rác khói", "không ai gom rác"],
    "light": ["đèn tắt", "đèn đường không sáng", "bóng đèn hư", "đèn tối thui", "đèn cháy bóng"],
}
LABELLED: list[tuple[str | None, str]] = [
    (label, text) for label, texts in TEXTS.items() for text in texts
]


def learnt(pairs: list[tuple[str | None, str]], spoilt: list[str] | None = None) -> LinearModel:
    """The model of texts with their labels."""
    table = Table.of([features(text) for _, text in pairs], list(map(features, spoilt or [])))
    return fit(table, [label for label, _ in pairs], DEFAULT).model


def test_a_fitted_model_knows_its_labels_again() -> None:
    model = learnt(LABELLED)
    assert model.labels(features("rác hôi quá")).best == "waste"
    assert model.labels(features("đường lún ổ gà")).best == "road"


def test_probabilities_sum_to_one_best_first() -> None:
    ranking = learnt(LABELLED).labels(features("đèn đường")).ranking
    assert sum(chance for _, chance in ranking) == pytest.approx(1)
    assert [chance for _, chance in ranking] == sorted((c for _, c in ranking), reverse=True)


def test_an_example_without_a_label_is_not_learnt_from(tmp_path: Path) -> None:
    with_others = [
        *LABELLED[:4],
        (None, "rác trên đường"),
        *LABELLED[4:],
        (None, "một câu lạ lùng"),
    ]
    for name, pairs in (("a", LABELLED), ("b", with_others)):
        (tmp_path / name).mkdir()
        learnt(pairs).save(tmp_path / name)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_spoilt_copies_are_learnt_with_the_words_that_are_known() -> None:
    """In the copies the labels have changed places: what was typed and what was spoilt balance."""
    turned = [*TEXTS["waste"], *TEXTS["light"], *TEXTS["road"]]
    asked = features("rác hôi quá")
    plain, confused = learnt(LABELLED).labels(asked), learnt(LABELLED, turned).labels(asked)
    assert plain.of("waste") > confused.of("waste")
    assert confused.of("road") > plain.of("road")


def pairs_of(text: str) -> set[int]:
    hashes = features(text)
    return set(hashes[kinds(hashes) == PAIRS].tolist())


def test_words_apart_are_a_pair_whatever_lies_between() -> None:
    assert pairs_of("đèn với đường") <= pairs_of("đèn ở con đường")
    assert pairs_of("đường với đèn").isdisjoint(pairs_of("đèn ở con đường"))
    assert pairs_of("đèn đường") == set()


def test_rounded_weights_are_within_a_hundredth() -> None:
    weights = np.array([0.0, 1.0, -0.37, 12.345, 1e-3])
    assert rounded(weights).astype(float) == pytest.approx(weights, rel=0.01)


def test_a_saved_model_answers_the_same(tmp_path: Path) -> None:
    model = learnt(LABELLED)
    model.save(tmp_path)
    asked = features("rác trên đường")
    assert LinearModel.load(tmp_path).labels(asked) == model.labels(asked)


def test_a_label_with_one_example_is_no_obstacle() -> None:
    model = learnt([*LABELLED, ("rare", "một câu lạ lùng")])
    assert "rare" in model.classes


def test_two_labels_are_told_apart() -> None:
    model = learnt([pair for pair in LABELLED if pair[0] != "light"])
    assert model.labels(features("rác")).best == "waste"


def test_a_single_label_is_always_right() -> None:
    model = learnt([("only", "câu một"), ("only", "hai")])
    assert model.labels(features("gì cũng được")).ranking == (("only", 1.0),)


def test_a_message_of_unknown_words_gets_an_answer() -> None:
    ranking = learnt(LABELLED).labels(features("☃")).ranking
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
