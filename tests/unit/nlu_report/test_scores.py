"""The figures of the report are counted as the page says they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.settings import ROOT
from nlu.understanding import Act, Entity, Label, Understanding
from scripts.nlu_report import scores
from scripts.nlu_report.scores import Answer
from scripts.nlu_report.sets import Message, read_taxonomy

TAXONOMY = read_taxonomy(ROOT / "data" / "taxonomy.yml")
MESSAGE = Message(
    id="t",
    text="…",
    style="accented",
    intent="report",
    category="traffic",
    alt_intent=None,
    alt_category=None,
    also=None,
    urgency="normal",
    place=None,
    commune=None,
)
RIGHT = Answer(MESSAGE, "report", 0.8, True, ("traffic", "noise"), "normal", frozenset())


def answer(labels: dict[str, Any], **understood: Any) -> Answer:
    """An answer that is right about MESSAGE, but for what is given of label and answer."""
    return replace(RIGHT, message=replace(MESSAGE, **labels), **understood)


def test_an_answer_is_taken_from_what_was_understood() -> None:
    understood = Understanding(
        text="…",
        intent=Label("thank", 0.6),
        sure=True,
        category=None,
        category_top3=(Label("traffic", 0.5), Label("noise", 0.2)),
        urgency=Label("high", 0.7),
        acts=(Act("thank", None, 0, 1),),
        entities=(
            Entity("place", "Rạch Giá", 0, 1, {"commune": "Phường Rạch Giá"}),
            Entity("place", "đầu hẻm", 0, 1, {"commune": None}),
        ),
    )
    assert Answer.of(MESSAGE, understood) == Answer(
        MESSAGE, "thank", 0.6, True, ("traffic", "noise"), "high", frozenset({"Phường Rạch Giá"})
    )


def test_second_labels_count_only_where_they_are_accepted() -> None:
    answers = [
        RIGHT,
        answer({"alt_intent": "petition"}, intent="petition"),
        answer({"alt_category": "noise"}, categories=("noise", "land", "traffic")),
        answer({}, intent="thank", categories=()),
        answer({"intent": "thank", "category": None}, intent="thank"),
    ]
    assert scores.headline(answers, TAXONOMY) == {
        "messages": 5,
        "intent": 0.6,
        "intent_or_second": 0.8,
        "request_messages": 4,
        "request_intent": 0.5,
        "request_intent_or_second": 0.75,
        "category_messages": 4,
        "category": 0.5,
        "category_or_second": 0.75,
        "category_top3": 0.75,
        "category_top3_or_second": 0.75,
        "intent_and_category": 0.25,
    }


def test_wrong_answers_count_only_where_they_are_sure() -> None:
    answers = [
        RIGHT,
        answer({}, intent="thank"),
        answer({"alt_intent": "thank"}, intent="thank"),
        answer({}, intent="thank", sure=False),
    ]
    assert scores.certainty(answers) == {
        "sure": 0.75,
        "wrong_when_sure": 0.6667,
        "wrong_when_sure_or_second": 0.3333,
    }


def test_of_nothing_there_is_no_share() -> None:
    assert scores.headline([], TAXONOMY)["intent"] is None
    assert scores.certainty([])["wrong_when_sure"] is None
    assert scores.emergencies([])["recall"] is None
    assert scores.communes([])["precision"] is None


def test_emergencies_are_missed_or_seen_where_there_are_none() -> None:
    answers = [
        answer({"intent": "emergency"}, intent="emergency"),
        answer({"intent": "emergency", "alt_intent": "report"}),
        answer({}, intent="emergency"),
        answer({"alt_intent": "emergency"}, intent="emergency"),
        RIGHT,
    ]
    assert scores.emergencies(answers) == {
        "emergencies": 2,
        "recall": 0.5,
        "recall_or_second": 1.0,
        "others": 3,
        "false_alarms": 0.6667,
        "false_alarms_or_second": 0.5,
    }


def test_recalls_are_of_each_intent() -> None:
    answers = [answer({"intent": "complaint"}, intent="complaint"), answer({"intent": "complaint"})]
    assert scores.recalls(answers, scores.LEGAL) == {
        "complaint": {"messages": 2, "recall": 0.5, "recall_or_second": 0.5},
        "denunciation": {"messages": 0, "recall": None, "recall_or_second": None},
    }


def test_urgency_is_right_or_at_least_seen_to_press() -> None:
    answers = [
        answer({"urgency": "urgent"}, urgency="high"),
        answer({"urgency": "high"}),
        answer({}, urgency="high"),
        RIGHT,
    ]
    assert scores.urgency(answers) == {
        "right": 0.25,
        "pressing_messages": 2,
        "pressing_seen": 0.5,
        "calm_messages": 2,
        "calm_taken_for_pressing": 0.5,
    }


def test_communes_count_where_the_label_has_one() -> None:
    answers = [
        answer({"commune": "Xã A"}, communes=frozenset({"Xã A", "Xã B"})),
        answer({"commune": "Xã A"}),
        answer({}, communes=frozenset({"Xã C"})),
    ]
    assert scores.communes(answers) == {"messages": 2, "recall": 0.5, "precision": 0.5}


def test_reliability_bins_hold_every_answer() -> None:
    bins = scores.reliability([0.05, 0.95, 1.0, 0.92], [False, True, True, False])
    assert [b["answers"] for b in bins] == [1, 3]
    assert bins[1] == {"answers": 3, "confidence": 0.9567, "accuracy": 0.6667}
    assert scores.calibration_error(bins) == pytest.approx((0.05 + 3 * 0.29) / 4, abs=1e-3)
    assert scores.calibration_error([]) == 0


def test_confusion_counts_labels_by_row() -> None:
    pairs = [("a", "a"), ("a", "b"), ("a", "b"), ("b", "b")]
    assert scores.confusion(pairs, ("a", "b")) == [[1, 2], [0, 1]]


def test_the_worst_are_wrong_and_the_most_confident_first() -> None:
    answers = [
        answer({"id": "low"}, intent="thank", confidence=0.3),
        answer({"id": "high"}, intent="thank", confidence=0.9),
        answer({"id": "second", "alt_intent": "thank"}, intent="thank", confidence=0.99),
        RIGHT,
    ]
    assert [w["id"] for w in scores.worst(answers)] == ["high", "low"]
    assert len(scores.worst(answers, most=1)) == 1


def test_figures_of_groups_are_in_order_of_name() -> None:
    answers = [RIGHT, answer({"style": "southern"}), RIGHT]
    grouped = scores.by(answers, lambda a: a.message.style, lambda a: {"n": len(a)})
    assert grouped == {"accented": {"n": 2}, "southern": {"n": 1}}
