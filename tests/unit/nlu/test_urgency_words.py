"""The words that decided the urgency: of the original, few, and those that weigh."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.features import LETTERS, PAIRS, TYPED, WORDS, features, kinds
from nlu.letters import strip_diacritics
from nlu.pipeline import Pipeline, begin
from nlu.urgency_words import MOST_STRETCHES, deciding, located

EMERGENCY = "dây điện đứt rơi xuống đường đang xẹt lửa cứu với"


def shown(pipeline: Pipeline, text: str) -> str:
    return " | ".join(span.text for span in pipeline.parse(text).urgency_words)


def test_an_emergency_shows_the_words_that_made_it_one(small_pipeline: Pipeline) -> None:
    words = shown(small_pipeline, f"Anh chị cho em báo {EMERGENCY}")
    assert "cứu" in words
    assert "anh" not in words.lower()


def test_what_is_not_pressing_has_no_such_words(small_pipeline: Pipeline) -> None:
    understood = small_pipeline.parse("đèn đường tắt cả tuần nay")
    assert understood.urgency.name == "normal"
    assert understood.urgency_words == ()
    assert understood.to_dict()["urgency_words"] == []


@pytest.mark.parametrize(
    "text",
    [
        EMERGENCY,
        EMERGENCY.upper(),
        strip_diacritics(EMERGENCY),
        unicodedata.normalize("NFD", f"Trời ơi, {EMERGENCY}!!!"),
        f"cháyyyy lớn trong chợ Rạch Giá 0912 345 678, {EMERGENCY}",
    ],
)
def test_the_words_stand_in_the_original(small_pipeline: Pipeline, text: str) -> None:
    spans = small_pipeline.parse(text).urgency_words
    assert 1 <= len(spans) <= MOST_STRETCHES
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))


def test_no_stretch_holds_a_number(small_pipeline: Pipeline) -> None:
    words = shown(small_pipeline, "cháy nhà cứu 0912345678 với cứu 089201001234 với")
    assert words
    assert not any(letter.isdigit() for letter in words)


def test_without_its_words_a_message_is_less_pressing(small_pipeline: Pipeline) -> None:
    text = f"dạ nhà tui ở gần chợ {EMERGENCY}"
    rest = text
    for span in reversed(small_pipeline.parse(text).urgency_words):
        rest = rest[: span.start] + rest[span.end :]
    before, after = (small_pipeline.parse(t).urgency for t in (text, rest))
    assert after.name != before.name or after.confidence < before.confidence


@pytest.mark.parametrize("text", ["", " ", "😀", "?!", "a" * 5000, "cứu " * 2500, "cháy. " * 1500])
def test_any_text_is_borne(small_pipeline: Pipeline, text: str) -> None:
    assert len(small_pipeline.parse(text).urgency_words) <= MOST_STRETCHES


@given(st.text(max_size=300))
def test_offsets_lie_within_any_text(small_pipeline: Pipeline, text: str) -> None:
    text = f"cháy nhà rồi cứu với {text}"
    for span in small_pipeline.parse(text).urgency_words:
        assert 0 <= span.start < span.end <= len(text)


def test_a_part_that_no_classifier_has_seen_is_borne(small_pipeline: Pipeline) -> None:
    reading = begin(small_pipeline.normalizer, EMERGENCY)
    assert deciding(reading, reading.whole) == ()


@pytest.mark.parametrize("text", [EMERGENCY, strip_diacritics(EMERGENCY), "té ở ao", "a b"])
def test_the_located_features_are_those_of_the_classifiers(text: str) -> None:
    """Fails when the classifiers get features that this module does not know how to place."""
    hashes, first, last = located(text)
    count = len(text.split())
    assert np.all(first >= 0)
    assert np.all(first <= last)
    assert np.all(last < count)
    known = features(text)
    placed = known[np.isin(kinds(known), (WORDS, LETTERS, PAIRS))]
    assert set(placed.tolist()) == set(hashes.tolist())


def test_a_feature_touches_the_words_that_it_is_made_of() -> None:
    hashes, first, last = located("bé té ao")
    alone = features("bé")
    alone = alone[kinds(alone) != TYPED]
    for place in np.nonzero(np.isin(hashes, alone))[0]:
        assert (first[place], last[place]) == (0, 0)
