"""Ticket codes: readable, forgiving, and no slip goes unseen."""

from __future__ import annotations

import re
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.ticket_code import (
    ALPHABET,
    LENGTH,
    PREFIX,
    TicketCodeMistyped,
    TicketCodeUnreadable,
    issue,
    read,
)

codes = st.integers().map(lambda seed: issue(Random(seed)))


@given(codes)
def test_a_code_has_the_promised_shape_and_reads_as_itself(code: str) -> None:
    assert re.fullmatch(r"PA-[0-9A-Z]{6}", code)
    assert read(code) == code


@given(codes, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_any_single_wrong_sign_is_noticed(code: str, place: int, sign: str) -> None:
    signs = list(code.removeprefix(PREFIX))
    if signs[place] == sign:
        return
    signs[place] = sign
    with pytest.raises(TicketCodeMistyped):
        read("".join(signs))


@given(codes, st.integers(0, LENGTH - 2))
def test_two_neighbours_swapped_are_noticed(code: str, place: int) -> None:
    signs = list(code.removeprefix(PREFIX))
    if signs[place] == signs[place + 1]:
        return
    signs[place], signs[place + 1] = signs[place + 1], signs[place]
    with pytest.raises(TicketCodeMistyped):
        read("".join(signs))


@given(codes, st.data())
def test_capitals_spaces_dashes_and_look_alikes_are_forgiven(
    code: str, data: st.DataObject
) -> None:
    looks = {"0": "oO0", "1": "iIlL1", "2": "zZ2", "V": "uUvV"}
    typed = [
        data.draw(st.sampled_from(looks.get(sign, sign + sign.lower())))
        + data.draw(st.sampled_from(["", "", " ", "-"]))
        for sign in code.removeprefix(PREFIX)
    ]
    prefix = data.draw(st.sampled_from(["PA-", "pa ", "Pa", ""]))
    assert read(prefix + "".join(typed)) == code


@pytest.mark.parametrize("text", ["", "PA-", "PA-12345", "PA-1234567", "PA-ÀB12C3", "xin chào"])
def test_other_texts_are_unreadable(text: str) -> None:
    with pytest.raises(TicketCodeUnreadable):
        read(text)


@given(st.text(max_size=50))
def test_reading_any_text_gives_a_code_or_says_why_not(text: str) -> None:
    with suppress(TicketCodeUnreadable):
        assert read(text).startswith(PREFIX)
