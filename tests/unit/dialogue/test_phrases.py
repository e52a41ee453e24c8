"""Set words: yes, no, skip, corrections, in the spellings of a chat."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.phrases import (
    Correction,
    asks_for_a_person,
    control_of,
    correction_in,
    fold,
    is_bare_wish,
    is_english,
    joint_length,
    says_nothing_more,
    wishes_to_report,
)


@pytest.mark.parametrize(
    ("text", "control"),
    [
        ("Có ạ", "yes"),
        ("ok nha", "yes"),
        ("GỬI ĐI", "yes"),
        ("dạ không", "no"),
        ("ko", "no"),
        ("bỏ qua", "skip"),
        ("hông biết", "unknown"),
        ("em ko biết", "unknown"),
        ("quay lại nhé", "back"),
        ("thôi hủy đi", "cancel"),
        ("/huy", "cancel"),
        ("/start", "start"),
        ("menu", "menu"),
        ("ừa", "yes"),
        ("ủa", "puzzled"),
        ("ua", "puzzled"),
        ("???", "puzzled"),
        ("gởi đi nha", "yes"),
        ("gọi đi nha", None),
        ("👍👍", "yes"),
        ("😡", None),
        ("giấu tên giùm em nha", "anonymous"),
        ("tui hông biết nữa", "unknown"),
        ("có ổ gà ở đầu hẻm", None),
        ("không ai sửa đèn đường hết", None),
        ("", None),
    ],
)
def test_short_answers_are_known_by_their_words(text: str, control: str | None) -> None:
    assert control_of(text) == control


@pytest.mark.parametrize(
    ("text", "correction"),
    [
        ("sửa địa điểm", Correction("where", "")),
        ("Sửa địa điểm thành chợ Rạch Sỏi", Correction("where", "chợ Rạch Sỏi")),
        ("đổi lại là chợ Rạch Sỏi", Correction(None, "chợ Rạch Sỏi")),
        ("không phải, ở chợ Rạch Sỏi", Correction(None, "chợ Rạch Sỏi")),
        ("sửa nội dung: đèn hư 3 cái", Correction("what", "đèn hư 3 cái")),
        ("đổi lĩnh vực", Correction("category", "")),
        ("doi so dien thoai", Correction("phone", "")),
        ("khoan, đổi lại là chợ Rạch Sỏi", Correction(None, "chợ Rạch Sỏi")),
        ("sửa giùm", Correction(None, "")),
        ("đợi chút", None),
        ("sửa đường cho dân đi", None),
        ("đường này nát quá", None),
    ],
)
def test_a_correction_names_its_part_and_keeps_the_words_as_typed(
    text: str, correction: Correction | None
) -> None:
    assert correction_in(text) == correction


def test_a_wish_to_report_without_a_matter_is_told_apart_from_a_report() -> None:
    assert wishes_to_report("cho em gửi phản ánh với ạ")
    assert not wishes_to_report("tôi muốn phản ánh đèn đường hư")
    assert not wishes_to_report("dạ vâng")
    assert is_bare_wish("cho em hỏi chút")


def test_english_is_told_from_vietnamese_without_diacritics() -> None:
    assert is_english("Hello, there is a big hole in front of my house")
    assert not is_english("ad oi, help minh cai nay voi, duong hu qua")
    assert not is_english("can ho nay co an toan khong")
    assert not is_english("help me")


def test_a_person_is_asked_for_by_name() -> None:
    assert asks_for_a_person("cho e noi chuyen truc tiep vs can bo")
    assert not asks_for_a_person("có người gọi điện giả công an")


def test_little_words_beside_a_place_say_nothing() -> None:
    assert says_nothing_more(" ở ngay  nha ad")
    assert not says_nothing_more("ngập ở")


def test_what_only_joins_two_matters_is_taken_off_the_second() -> None:
    text = "với lại đèn đường hư"
    assert text[joint_length(text) :] == "đèn đường hư"
    assert joint_length("vàng da ở trẻ") == 0


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading_of_phrases(text: str) -> None:
    control_of(text)
    correction_in(text)
    wishes_to_report(text)
    assert len(fold(text)) >= 0
    assert joint_length(text) >= 0
