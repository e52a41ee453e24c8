"""Buttons work by number and by title on channels that cannot show them."""

from __future__ import annotations

import pytest

from bot.dialogue.choices import choices_in, chosen
from bot.dialogue.state import Choice
from bot.messages import Button, Outgoing

CHOICES = [
    Choice(title="Gửi ẩn danh", payload="a"),
    Choice(title="Gửi kèm số điện thoại", payload="b"),
    Choice(title="Thêm ảnh, video", payload="c"),
    Choice(title="Sửa", payload="d"),
]


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("1", "a"),
        ("số 2", "b"),
        ("chọn 3 nha", "c"),
        ("4.", "d"),
        ("5", None),
        ("0", None),
        ("gui an danh", "a"),
        ("ẩn danh", "a"),
        ("Thêm ảnh video", "c"),
        ("SỬA", "d"),
        ("gửi", None),
        ("gửi kèm ảnh", None),
        ("12 con chó thả rông", None),
        ("", None),
    ],
)
def test_a_choice_is_named_by_number_or_title(text: str, payload: str | None) -> None:
    assert chosen(CHOICES, text) == payload


def test_without_choices_nothing_is_chosen() -> None:
    assert chosen([], "1") is None


def test_the_last_message_with_buttons_is_the_one_that_counts() -> None:
    said = [
        Outgoing(text="x", buttons=(Button(title="Xem", payload="x"),)),
        Outgoing(
            text="y", buttons=(Button(title="Gọi", phone="113"), Button(title="A", payload="a"))
        ),
        Outgoing(text="z"),
    ]
    assert choices_in(said) == [Choice(title="A", payload="a")]
