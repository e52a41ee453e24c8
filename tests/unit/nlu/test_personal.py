"""Personal data: what is found and masked, and what must be left alone."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.personal import KINDS, Span, find, mask
from nlu.personal_words import signs

# Sentences with invented persons; spans are kind, start, end.
LABELLED = Path(__file__).parents[2] / "data" / "personal.jsonl"
CASES = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]

SURE = 0.99
LEAST_RECALL = {"phone": SURE, "id_number": SURE, "plate": SURE, "name": 0.85, "address": 0.85}
LEAST_PRECISION = 0.9
# A span counts as found when it and the labelled one share so much of what either covers.
SHARED = 0.75


def is_found(kind: str, start: int, end: int, spans: list[Span]) -> bool:
    for span in spans:
        shared = min(end, span.end) - max(start, span.start)
        if span.kind == kind and shared >= SHARED * (max(end, span.end) - min(start, span.start)):
            return True
    return False


def test_recall_and_precision_on_labelled_sentences() -> None:
    assert len(CASES) >= 150
    labelled, recalled, found, right = (
        Counter[str](),
        Counter[str](),
        Counter[str](),
        Counter[str](),
    )
    for case in CASES:
        spans = find(case["text"])
        for kind, start, end in case["spans"]:
            labelled[kind] += 1
            recalled[kind] += is_found(kind, start, end, spans)
        wanted = [Span(*span) for span in case["spans"]]
        for span in spans:
            found[span.kind] += 1
            right[span.kind] += is_found(span.kind, span.start, span.end, wanted)
    assert set(labelled) == set(KINDS)
    for kind in KINDS:
        assert recalled[kind] >= LEAST_RECALL.get(kind, 0.9) * labelled[kind], kind
        assert right[kind] >= LEAST_PRECISION * found[kind], kind


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "Tôi tên Nguyễn Thị Hoa, sđt 0912 345 678",
            "Tôi tên [tên người], sđt [số điện thoại]",
        ),
        (
            "nhà số 12 hẻm 40 Nguyễn Trung Trực, Phường Rạch Giá ngập",
            "[địa chỉ], Phường Rạch Giá ngập",
        ),
        ("xe 68A1-12345 của anh Tuấn", "xe [biển số xe] của anh [tên người]"),
        ("em la nguyen van an o to 3 ap hoa an", "em la [tên người] o [địa chỉ]"),
        ("cccd 089201001234", "cccd [số giấy tờ]"),
        ("stk 0123456789012 Vietcombank", "stk [số tài khoản] Vietcombank"),
        ("gửi qua hoa.88@gmail.com.", "gửi qua [email]."),
        ("TÔI TÊN LÊ VĂN TÁM", "TÔI TÊN [tên người]"),
        ("", ""),
    ],
)
def test_a_sign_stands_for_what_is_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "hồ sơ H01.45-260915-0032 và 000.00.12.H62-201105-0004",
        "mã PA-7K3M9Q, mã tra là PA-7K3M9Q",
        "phạt 350.000.000 đồng, 5 triệu, 350000000 đồng",
        "từ 7h30 ngày 12/08/2026 tới 20h 2027",
        "đường Lê Lợi, trường Nguyễn Trung Trực, ngã tư Trần Phú",
        "cầu Ông Chưởng, chùa Bà Chúa Xứ, chợ Bà Chiểu",
        "xã Vĩnh Hòa Hưng, phường Rạch Giá, ấp Hòa An, khóm Bình Thới 2",
        "công an Châu Đốc, chủ tịch UBND phường, Sở Xây dựng",
        "bê tông thì rớt, mai thì xong, trạm thu phí",
        "tong thi rot, mai thi xong, tram thu phi thu sai",
        "tỉnh lộ 955A to quá, đường 30/4, quốc lộ 91, lầu 3 nhà trọ",
        "ven biển từ 2022, biển đuôi đỏ",
        "Cho Em Hỏi Thủ Tục Đăng Ký Kết Hôn",
        "gọi 113, 114, 115 hoặc 1900 1009",
        "chị bảo, bác tài, chú bảo vệ, ký tên khống",
    ],
)
def test_what_belongs_to_nobody_stays(text: str) -> None:
    assert mask(text) == text


def test_offsets_point_into_the_original_in_any_encoding_form() -> None:
    text = "\u200bTo\u0302i te\u0302n Nguye\u0302\u0303n Thi\u0323 Hoa, ０９１２ 345 678"
    name, phone = find(text)
    assert text[name.start : name.end] == "Nguye\u0302\u0303n Thi\u0323 Hoa"
    assert text[phone.start : phone.end] == "０９１２ 345 678"


PIECES = st.sampled_from(
    [
        *(piece for case in CASES for piece in case["text"].split()),
        *signs().values(),
        "0912345678", "tên", "là", "số nhà", ",", ".", ":", "\n", "12/3", "tổ", "ấp", "68A",
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map(" ".join)))
def test_any_text_can_be_masked_and_masking_again_changes_nothing(text: str) -> None:
    spans = find(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    masked = mask(text)
    assert mask(masked) == masked
    assert find(masked) == []


@pytest.mark.parametrize(
    "piece", ["1 ", "a.", "0", "ông ", "tên tên ", "số nhà 1 ", "a@a.", "68a-"]
)
def test_long_texts_take_no_longer_than_they_are(piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    masked = mask(text)
    assert mask(masked) == masked
