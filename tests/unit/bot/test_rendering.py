"""One thing to say becomes what each messenger can show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Capabilities
from bot.messages import Button, Outgoing, StoredMedia
from bot.rendering import render, split_text
from tests.rig import WIDE_OPEN

PHOTO = StoredMedia(kind="photo", path="aa/a.jpg", mime="image/jpeg", size=3)
PAPER = StoredMedia(kind="file", path="aa/a.pdf", mime="application/pdf", size=3, name="Đơn.pdf")
YES_NO = (Button(title="Đồng ý", payload="d:yes"), Button(title="Không", payload="d:no"))


def test_buttons_stay_where_the_channel_has_them() -> None:
    said = Outgoing(text="Gửi nhé?", buttons=YES_NO)
    assert render(said, WIDE_OPEN) == [said]


@pytest.mark.parametrize(
    "can", [replace(WIDE_OPEN, max_buttons=0), replace(WIDE_OPEN, max_buttons=1)]
)
def test_buttons_become_numbered_choices_where_they_do_not_fit(can: Capabilities) -> None:
    (shown,) = render(Outgoing(text="Gửi nhé?", buttons=YES_NO), can)
    assert shown == Outgoing(text="Gửi nhé?\n\n1. Đồng ý\n2. Không")


def test_a_title_too_long_for_a_button_is_numbered_too() -> None:
    (shown,) = render(Outgoing(text="?", buttons=YES_NO), replace(WIDE_OPEN, button_title_limit=5))
    assert shown.buttons == ()
    assert "1. Đồng ý" in shown.text


def test_links_and_phones_are_written_out_and_not_numbered() -> None:
    buttons = (Button(title="Gọi", phone="114"), Button(title="Cổng", url="https://a.vn"), *YES_NO)
    (shown,) = render(Outgoing(text="?", buttons=buttons), replace(WIDE_OPEN, max_buttons=0))
    assert shown.text == "?\n\n1. Đồng ý\n2. Không\nGọi: 114\nCổng: https://a.vn"


def test_a_long_text_is_split_and_only_the_last_part_has_the_buttons() -> None:
    said = Outgoing(text="câu một. " * 40, buttons=YES_NO)
    parts = render(said, replace(WIDE_OPEN, text_limit=100))
    assert all(len(part.text) <= 100 for part in parts)
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_a_picture_takes_a_short_text_along_as_its_caption() -> None:
    (shown,) = render(Outgoing(text="Đã sửa xong", media=(PHOTO,)), WIDE_OPEN)
    assert (shown.text, shown.media) == ("Đã sửa xong", (PHOTO,))


def test_a_picture_whose_text_carries_buttons_goes_ahead_alone() -> None:
    picture, words = render(Outgoing(text="?", media=(PHOTO,), buttons=YES_NO), WIDE_OPEN)
    assert (picture.media, picture.text) == ((PHOTO,), "")
    assert words == Outgoing(text="?", buttons=YES_NO)


def test_several_pictures_are_several_messages() -> None:
    shown = render(Outgoing(text="xem", media=(PHOTO, PHOTO)), WIDE_OPEN)
    assert [(part.text, len(part.media)) for part in shown] == [("xem", 1), ("", 1)]


def test_several_pictures_are_an_album_where_there_are_such() -> None:
    can = replace(WIDE_OPEN, albums=10)
    shown = render(Outgoing(text="xem", media=(PHOTO,) * 12), can)
    assert [(part.text, len(part.media)) for part in shown] == [("xem", 10), ("", 2)]
    shown = render(Outgoing(text="xem", media=(PHOTO, PHOTO, PAPER, PAPER, PHOTO)), can)
    assert [len(part.media) for part in shown] == [2, 1, 1, 1]


def test_an_album_is_no_larger_than_a_messenger_takes_at_once() -> None:
    can = replace(WIDE_OPEN, albums=10)
    video = StoredMedia(kind="video", path="a.mp4", mime="video/mp4", size=15 * 1024 * 1024)
    shown = render(Outgoing(text="xem", media=(video,) * 5), can)
    assert [(part.text, len(part.media)) for part in shown] == [("xem", 2), ("", 2), ("", 1)]


def test_words_stand_beside_a_document_where_none_may_stand_under_it() -> None:
    said = Outgoing(text="đơn đây", media=(PAPER,))
    assert render(said, WIDE_OPEN) == [said]
    shown = render(said, replace(WIDE_OPEN, document_captions=False))
    assert shown == [Outgoing(media=(PAPER,)), Outgoing(text="đơn đây")]


def test_what_a_channel_cannot_ask_for_is_left_to_words() -> None:
    can = replace(WIDE_OPEN, asks_location=False)
    (shown,) = render(Outgoing(text="Ở đâu?", ask="location"), can)
    assert shown.ask is None


@given(st.text(alphabet="aă \n.", max_size=400), st.integers(10, 60))
def test_splitting_loses_no_word_and_keeps_the_limit(text: str, limit: int) -> None:
    parts = split_text(text, limit)
    assert all(0 < len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
