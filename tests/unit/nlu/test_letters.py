from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu import letters
from nlu.letters import place_tone, shorten, strip_diacritics


@pytest.mark.parametrize(
    ("written", "stripped"),
    [("Đường Lê Lợi", "Duong Le Loi"), ("ỷ lại", "y lai"), ("abc 123", "abc 123"), ("", "")],
)
def test_diacritics_go(written: str, stripped: str) -> None:
    assert strip_diacritics(written) == stripped


@given(st.text())
def test_both_encoding_forms_strip_to_the_same(text: str) -> None:
    composed = strip_diacritics(unicodedata.normalize("NFC", text))
    assert strip_diacritics(unicodedata.normalize("NFD", text)) == composed


def test_letters_beyond_those_that_are_kept_lose_their_marks_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(letters, "MOST_LETTERS_KEPT", 0)
    assert strip_diacritics("Ǻ ǭ e\u0323\u0311 đ") == "A o e d"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hòa", "hoà"),
        ("thúy", "thuý"),
        ("khỏe", "khoẻ"),
        ("tòan", "toàn"),
        ("đừơng", "đường"),
        ("qúa", "quá"),
        ("gía", "giá"),
    ],
)
def test_a_tone_on_the_wrong_vowel_moves(old: str, new: str) -> None:
    assert place_tone(old) == new


@pytest.mark.parametrize("word", ["của", "mía", "cứu", "người", "khoẻ", "giá", "bao", "ừ"])
def test_a_tone_in_its_place_stays(word: str) -> None:
    assert place_tone(word) == word


@pytest.mark.parametrize(
    ("drawn_out", "word"),
    [("quáááá", "quá"), ("quáaaa", "quá"), ("oiiii", "oi"), ("chùaaa", "chùa"), ("đẹppp", "đẹp")],
)
def test_drawn_out_letters_are_undone(drawn_out: str, word: str) -> None:
    assert shorten(drawn_out) == word


@pytest.mark.parametrize("word", ["xoong", "cứu", "hưu", "ưu", "bao"])
def test_double_letters_of_the_spelling_stay(word: str) -> None:
    assert shorten(word) == word
