from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.features import PAIRS, features, kinds
from nlu.linear import LinearModel, Weights
from nlu.linear_fit import DEFAULT, Fitted, Table, Tuning, fit, sure_threshold
from nlu.reading import Labels

TEXTS = {
    "road": ["đường hư", "ổ gà trên đường", "mặt đường lún", "đường nát", "đường đầy ổ gà"],
    "waste": ["rác chất đống", "bãi rác hôi", "rác đầy kênh", "đốt rác khói", "không ai gom rác"],
    "light": ["đèn tắt", "đèn đường không sáng", "bóng đèn hư", "đèn tối thui", "đèn cháy bóng"],
}
LABELLED: list[tuple[str | None, str]] = [
    (label, text) for label, texts in TEXTS.items() for text in texts
]


def learnt(
    pairs: list[tuple[str | None, str]],
    spoilt: list[str] | None = None,
    tuning: Tuning = DEFAULT,
) -> LinearModel:
    """The model of texts with their labels."""
    table = Table.of([features(text) for _, text in pairs], list(map(features, spoilt or [])))
    return fit(table, [label for label, _ in pairs], tuning).model


def labels(model: LinearModel, text: str) -> Labels:
    return model.labels(model.known.weigh(features(text)))


def test_a_fitted_model_knows_its_labels_again() -> None:
    model = learnt(LABELLED)
    assert labels(model, "rác hôi quá").best == "waste"
    assert labels(model, "đường lún ổ gà").best == "road"


def test_probabilities_sum_to_one_best_first() -> None:
    ranking = labels(learnt(LABELLED), "đèn đường").ranking
    assert sum(chance for _, chance in ranking) == pytest.approx(1)
    assert [chance for _, chance in ranking] == sorted((c for _, c in ranking), reverse=True)


@pytest.mark.parametrize("tuning", [DEFAULT, Tuning(bayes=0.1)])
def test_an_example_without_a_label_makes_words_known_and_speaks_for_no_label(
    tuning: Tuning,
) -> None:
    stranger = "☃ ☂"
    model = learnt([*LABELLED, (None, stranger), (None, stranger)], tuning=tuning)
    rows = model.known.weigh(features(stranger)).rows
    assert len(rows)
    assert not len(learnt(LABELLED, tuning=tuning).known.weigh(features(stranger)).rows)
    assert not model.weights.rows(rows).any()


def test_models_of_the_same_examples_know_the_same_and_keep_it_once(tmp_path: Path) -> None:
    matters = [(label, text) for label, text in LABELLED]
    lights = [("yes" if label == "light" else None, text) for label, text in LABELLED]
    lights += [("no", "rác hôi")]
    for name, pairs in (("a", [*matters, (None, "rác hôi")]), ("b", lights)):
        (tmp_path / name).mkdir()
        learnt(pairs).save(tmp_path / name)
    one, other = LinearModel.load(tmp_path / "a"), LinearModel.load(tmp_path / "b")
    assert one.known is other.known


def test_spoilt_copies_are_learnt_with_the_words_that_are_known() -> None:
    """In the copies the labels have changed places: what was typed and what was spoilt balance."""
    turned = [*TEXTS["waste"], *TEXTS["light"], *TEXTS["road"]]
    asked = "rác hôi quá"
    plain, confused = labels(learnt(LABELLED), asked), labels(learnt(LABELLED, turned), asked)
    assert plain.of("waste") > confused.of("waste")
    assert confused.of("road") > plain.of("road")


def pairs_of(text: str) -> set[int]:
    hashes = features(text)
    return set(hashes[kinds(hashes) == PAIRS].tolist())


def test_words_apart_are_a_pair_whatever_lies_between() -> None:
    assert pairs_of("đèn với đường") <= pairs_of("đèn ở con đường")
    assert pairs_of("đường với đèn").isdisjoint(pairs_of("đèn ở con đường"))
    assert pairs_of("đèn đường") == set()


def test_kept_weights_are_nearly_what_was_learnt() -> None:
    weights = np.concatenate([np.linspace(-12, 12, 2001), np.linspace(-0.1, 0.1, 2001)])[:, None]
    kept = Weights.of(weights).rows(np.arange(len(weights)))
    assert (np.abs(kept - weights) <= 0.02 * np.abs(weights) + 0.0002 * 12).all()
    assert (np.sign(kept)[kept != 0] == np.sign(weights)[kept != 0]).all()
    assert kept[[0, 1000, 2000], 0].tolist() == pytest.approx([-12, 0, 12])


def test_no_weights_at_all_are_kept_as_such() -> None:
    assert not Weights.of(np.zeros((2, 3))).rows(np.array([1])).any()


def test_a_saved_model_answers_the_same(tmp_path: Path) -> None:
    model = learnt(LABELLED)
    model.save(tmp_path)
    asked = "rác trên đường"
    assert labels(LinearModel.load(tmp_path), asked) == labels(model, asked)


def test_a_label_with_one_example_is_no_obstacle() -> None:
    model = learnt([*LABELLED, ("rare", "một câu lạ lùng")])
    assert "rare" in model.classes


def test_two_labels_are_told_apart() -> None:
    model = learnt([pair for pair in LABELLED if pair[0] != "light"])
    assert labels(model, "rác").best == "waste"


def test_a_single_label_is_always_right() -> None:
    model = learnt([("only", "câu một"), ("only", "hai")])
    assert labels(model, "gì cũng được").ranking == (("only", 1.0),)


def test_a_message_of_unknown_words_gets_an_answer() -> None:
    ranking = labels(learnt(LABELLED), "☃").ranking
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
