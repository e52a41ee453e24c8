"""Texts from outside, as both databases can keep them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.storable import storable


def test_texts_lose_what_no_database_can_store() -> None:
    assert storable("a\x00b\ud800c") == "ab\ufffdc"


def test_halves_that_belong_together_become_their_character() -> None:
    assert storable("\ud83d\ude00") == "\U0001f600"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert storable(text) == text


@given(st.text(st.characters()))
def test_any_text_can_be_stored_afterwards(text: str) -> None:
    assert "\x00" not in storable(text)
    assert storable(text).encode().decode() == storable(text)
