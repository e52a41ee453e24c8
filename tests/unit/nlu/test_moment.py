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
        ("lúc 7h5p tối", "19:05", "7h5p tối"),
        ("7h30 phút sáng", "07:30", "7h30 phút sáng"),
        ("6h rưỡi chiều", "18:30", "6h rưỡi chiều"),
        ("tầm 7 : 10 nha", "07:10", "7 : 10"),
        ("3h20 toi gio", "03:20", "3h20"),
        ("ngay 5 8 2026", "05/08/2026", "ngay 5 8 2026"),
        ("ngày 05082026", "05/08/2026", "ngày 05082026"),
        ("ngày O7/l2", "07/12", "ngày O7/l2"),
        ("I3-7-2O26", "13/07/2026", "I3-7-2O26"),
        ("ngay l7 thang 8", "17/08", "ngay l7 thang 8"),
        ("lúc l0h3O", "10:30", "l0h3O"),
        ("2giờ2o chiều", "14:20", "2giờ2o chiều"),
    ],
)
def test_words_for_time_are_found(text: str, value: str, span: str) -> None:
    entities = moment.find(fold(text))
    assert [(e.value, text[e.start : e.end]) for e in entities] == [(value, span)]


@pytest.mark.parametrize(
    "text",
    ["QL 80", "1/2 đường", "hẻm 12", "số 5", "0912345678", "lô L2-10", "tổ 7 : 10 hộ", "lở 5 chỗ"],
)
def test_other_numbers_are_no_time(text: str) -> None:
    assert moment.find(fold(text)) == []
