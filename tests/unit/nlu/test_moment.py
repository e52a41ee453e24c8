from __future__ import annotations

import pytest

from nlu.entities import moment
from nlu.entities.folded import fold


@pytest.mark.parametrize(
    ("text", "value", "span"),
    [
        ("lúc 7 giờ 30 sáng mai", "07:30 sáng mai", "7 giờ 30 sáng mai"),
        ("5h chiều", "17:00", "5h chiều"),
        ("12h đêm", "00:00", "12h đêm"),
        ("7g30", "07:30", "7g30"),
        ("8 giờ rưỡi tối", "20:30", "8 giờ rưỡi tối"),
        ("ngày 5/8/2026", "05/08/2026", "ngày 5/8/2026"),
        ("gửi hôm 5/8 xử lý chưa", "05/08", "5/8"),
        ("7h30 sáng 5/8", "07:30 05/08", "7h30 sáng 5/8"),
        ("ngày 12 tháng 9 năm 2026", "12/09/2026", "ngày 12 tháng 9 năm 2026"),
        ("hồi tháng 3", "tháng 03", "tháng 3"),
        ("may bua nay", "mấy bữa nay", "may bua nay"),
        ("2 ngày nay", "2 ngày nay", "2 ngày nay"),
        ("thu 2 tuan sau", "thứ hai tuần sau", "thu 2 tuan sau"),
        ("cn", "chủ nhật", "cn"),
        ("sang nay", "sáng nay", "sang nay"),
    ],
)
def test_words_for_time_are_found(text: str, value: str, span: str) -> None:
    entities = moment.find(fold(text))
    assert [(e.value, text[e.start : e.end]) for e in entities] == [(value, span)]


@pytest.mark.parametrize("text", ["QL 80", "1/2 đường", "hẻm 12", "số 5", "0912345678"])
def test_other_numbers_are_no_time(text: str) -> None:
    assert moment.find(fold(text)) == []
