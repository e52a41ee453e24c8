from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.normalizer import Normalizer, compose, read_table

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("Đg trc nhà e nát wá AD ơiiii", "đường trước nhà em nát quá ad ơi"),
        ("k đi dc", "không đi được"),
        ("hòa", "hoà"),
        ("ĐƯỜNG  HƯ\n\nQUÁ", "đường hư quá"),
        ("ＦＵＬＬ", "ful"),
        ("zero\u200bwidth", "zerowidth"),
        ("bên hông nhà", "bên hông nhà"),
        ("5h chiều", "5giờ chiều"),
        # The table comes first: "ccc" is not drawn out here.
        ("mất cccd", "mất căn cước công dân"),
        ("CCCDDD", "cd"),
        ("", ""),
    ],
)
def test_chat_language_becomes_plain(typed: str, normal: str) -> None:
    assert NORMALIZER(typed).text == normal


def test_offsets_of_a_spelt_out_word_cover_what_was_typed() -> None:
    typed = "e k dc vô"
    normalized = NORMALIZER(typed)
    start = normalized.text.index("được")
    assert typed[slice(*normalized.span(start, start + 4))] == "dc"


def test_offsets_point_into_a_decomposed_original() -> None:
    typed = unicodedata.normalize("NFD", "nước ngập quá")
    normalized = NORMALIZER(typed)
    start = normalized.text.index("ngập")
    assert typed[slice(*normalized.span(start, start + 4))] == unicodedata.normalize("NFD", "ngập")


@given(st.text())
def test_every_letter_comes_from_a_place_in_the_original(text: str) -> None:
    normalized = NORMALIZER(text)
    assert len(normalized.text) == len(normalized.starts) == len(normalized.ends)
    for start, end in zip(normalized.starts, normalized.ends, strict=True):
        assert 0 <= start < end <= len(text)
    assert list(normalized.starts) == sorted(normalized.starts)


@given(st.text())
def test_composing_by_clusters_is_composing_the_whole(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    assert "".join(compose(decomposed)[0]) == unicodedata.normalize("NFC", decomposed)


@given(st.text())
def test_both_encoding_forms_normalise_to_the_same(text: str) -> None:
    composed = NORMALIZER(unicodedata.normalize("NFC", text))
    assert NORMALIZER(unicodedata.normalize("NFD", text)).text == composed.text


def test_the_table_people_edit_has_one_meaning_per_form() -> None:
    lines = Path("nlu/tables/teencode.tsv").read_text(encoding="utf-8").splitlines()
    forms = [line.split("\t")[0] for line in lines if line and not line.startswith("#")]
    assert len(forms) == len(set(forms))
    assert all(standard for standard in read_table().values())


def test_a_saved_normaliser_normalises_the_same(tmp_path: Path) -> None:
    Normalizer({"abc": "xyz"}).save(tmp_path)
    assert Normalizer.load(tmp_path)("Abc").text == "xyz"
