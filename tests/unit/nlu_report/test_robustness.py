"""What hasty hands do to a message, for the report."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.letters import place_tone, shorten
from nlu.normalizer import Normalizer
from scripts.nlu_report.robustness import TYPED, move_tones, noisy, short_forms, shorten_words


def test_every_short_form_leads_back_to_what_it_stands_for() -> None:
    normalizer = Normalizer()
    assert len(short_forms()) > 50
    for standard, forms in short_forms().items():
        # A letter thrice in a row counts as drawn out, whatever the table says of "cccd".
        short = [form for form in forms if shorten(form) == form]
        assert {normalizer(form).text for form in short} <= {standard}


def test_words_are_shortened_and_read_back() -> None:
    text = "Hôm nay ngập, không biết bao nhiêu (người) kêu điện thoại như thế nào!"
    short = shorten_words(text, percent=100)
    assert len(short) < len(text)
    assert "(" in short
    assert short.endswith("!")
    assert Normalizer()(short).text == " ".join(map(place_tone, text.lower().split()))
    assert shorten_words(text, percent=0) == text


@pytest.mark.parametrize(
    ("one", "other"), [("hòa", "hoà"), ("thủy", "thuỷ"), ("khỏe", "khoẻ"), ("HÒA, ", "HOÀ, ")]
)
def test_tones_move_between_the_two_rules(one: str, other: str) -> None:
    assert move_tones(one) == other
    assert move_tones(other) == one


@pytest.mark.parametrize("text", ["quý", "toàn", "hoa", "của", "mía", "hòá", "abc 12"])
def test_other_words_keep_their_tones(text: str) -> None:
    assert move_tones(text) == text


@given(st.text(max_size=200))
def test_any_text_can_be_typed_in_each_way_and_always_the_same(text: str) -> None:
    for typed in TYPED.values():
        assert typed(text) == typed(text)


def test_noise_changes_most_messages() -> None:
    texts = [f"đường ngập mấy bữa rồi không thấy ai xuống sửa, tổ {i}" for i in range(50)]
    assert sum(noisy(text) != text for text in texts) > 40
