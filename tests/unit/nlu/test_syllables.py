from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.normalizer import Normalizer
from nlu.syllables import (
    Splitter,
    count,
    is_plain_syllable,
    is_syllable,
    read_table,
    write_table,
)

NORMALIZER = Normalizer()


@pytest.mark.parametrize(
    "word",
    "đường nghiêng quốc gì giếng giặt khuỷu quyển huỳnh ở uống yêu xoong khuya ghế kẻ cá".split(),
)
def test_syllables_are_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize(
    "word", ["", "đườn g", "đuờngf", "hat", "các á", "kà", "street", "ngề", "hòá", "đắk", "w"]
)
def test_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


def test_a_syllable_may_have_lost_its_marks() -> None:
    assert is_plain_syllable("duong")
    assert is_plain_syllable("cap")
    assert not is_plain_syllable("online")


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("duongtruocnhahuroi", "duong truoc nha hu roi"),
        ("đườnghư", "đường hư"),
        ("Hòabìnhđẹp", "hoà bình đẹp"),
        ("khongbietlamsaooooo", "không biet lam sao"),
        ("#cupdienhoai", "#cup dien hoai"),
    ],
)
def test_missing_spaces_come_back(typed: str, normal: str) -> None:
    assert NORMALIZER(typed).text == normal


@pytest.mark.parametrize(
    "text",
    [
        "nghiêng", "facebook", "container", "chocolate", "telephone", "vietnamese", "instagram",
        "information", "campuchia", "huhuhu", "duonghu", "đườnggggg",
    ],
)  # fmt: skip
def test_words_stay_whole(text: str) -> None:
    assert " " not in NORMALIZER(text).text


def test_offsets_of_each_part_are_its_own() -> None:
    typed = "ad ơi duongtruocnhahuroi nha"
    normalized = NORMALIZER(typed)
    for word in ("duong", "truoc", "nha", "hu", "roi"):
        start = normalized.text.index(word)
        assert typed[slice(*normalized.span(start, start + len(word)))] == word


@given(st.lists(st.sampled_from("duong truoc nha hu roi đường hư quá x ok aaa".split())))
def test_a_split_covers_the_run(words: list[str]) -> None:
    run = "".join(words)
    lengths = NORMALIZER.splitter.lengths(run)
    assert sum(lengths) in (0, len(run))
    assert all(length > 0 for length in lengths)


def test_without_counts_nothing_is_taken_apart(tmp_path: Path) -> None:
    assert Splitter({}).lengths("duongtruocnha") == ()
    Normalizer().save(tmp_path)
    assert Normalizer.load(tmp_path)("duongtruocnha").text == "duong truoc nha"
    (tmp_path / "syllables.json").unlink()  # a model of before
    assert Normalizer.load(tmp_path)("duongtruocnha").text == "duongtruocnha"


def test_the_table_is_written_from_texts_and_read_back(tmp_path: Path) -> None:
    texts = ["Đường hư, đường ngập ko", "đường hư hòa", "hư ko internet ko k"] * 2
    assert count(texts, {"ko", "k"})["hoà"] == 2
    write_table(texts, {"ko", "k"}, tmp_path / "table.tsv")
    assert read_table(tmp_path / "table.tsv") == {"đường": 6, "hư": 6, "ko": 6}


def test_the_table_holds_syllables_and_short_forms() -> None:
    table = read_table()
    assert len(table) > 2000
    assert all(is_syllable(word) or word in NORMALIZER.table for word in table)
