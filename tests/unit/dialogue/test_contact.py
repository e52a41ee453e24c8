"""Phone numbers: which are the writer's own, and how an anonymous report loses them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.flows.report.contact import (
    local_form,
    own_phone_in,
    phone_in,
    without_own_phone,
)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("0912345678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("số em là 0912.345.678 ạ", "0912345678"),
        ("0297 3812 345", "02973812345"),
        ("091234567", None),
        ("000.07.01.H01-260202-0002", None),
        ("12345", None),
    ],
)
def test_a_number_is_read_in_its_spellings(typed: str, phone: str | None) -> None:
    assert phone_in(typed) == phone


def test_only_a_number_given_as_the_own_one_is_own() -> None:
    assert own_phone_in("đèn hư, sđt em 0912345678") == "0912345678"
    assert own_phone_in("có gì gọi lại cho tôi 0912 345 678 nha") == "0912345678"
    assert own_phone_in("số 0912345678 gọi tới giả làm công an") is None


def test_an_anonymous_report_loses_the_own_number_and_keeps_the_reported_one() -> None:
    text = "số 0999888777 gọi lừa đảo, liên hệ em 0912345678 nha"
    assert without_own_phone(text, "[…]") == "số 0999888777 gọi lừa đảo, liên hệ em […] nha"


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_numbers(text: str) -> None:
    phone_in(text)
    own_phone_in(text)
    without_own_phone(text, "[…]")
    local_form(text)
