from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlu.letters import strip_diacritics
from nlu.noise import spoil

TEXT = "mặt đường trước cổng trường hư nặng mấy tháng nay mà không thấy ai xuống sửa giùm bà con"


def test_a_text_is_spoilt_the_same_way_every_time() -> None:
    assert spoil(TEXT) == spoil(TEXT)


def test_copies_differ() -> None:
    assert len({spoil(TEXT, copy) for copy in range(5)}) > 1


def test_words_are_spoilt_but_none_is_lost_and_most_stay() -> None:
    words = strip_diacritics(TEXT).split(" ")
    kept = 0
    for copy in range(50):
        spoilt = strip_diacritics(spoil(TEXT, copy)).split(" ")
        assert len(spoilt) == len(words)
        kept += sum(one == other for one, other in zip(words, spoilt, strict=True))
    assert 0.8 < kept / (50 * len(words)) < 1


@given(text=st.text(max_size=200), copy=st.integers(0, 3))
def test_any_text_can_be_spoilt(text: str, copy: int) -> None:
    assert len(spoil(text, copy)) <= 2 * len(text)
