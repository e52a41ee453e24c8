"""Whatever people send is read without an error, and alike in each encoding form."""

from __future__ import annotations

import json
import unicodedata

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nlu.pipeline import Pipeline
from nlu.reading import READ_LIMIT
from nlu.understanding import Understanding

LONGEST = 10_000

# What people send, in pieces: words, codes, old code pages, keys of Telex and VNI, runs, signs.
PIECES = [
    "đường", "hư", "o ga", "quáááá", "ĐÈN ĐƯỜNG", "hòa", "ơiiii", "cccd", "k", "dc", "sđt",
    "0912345678", "0912.345.678", "H01.45-260915-0032", "PA-7K3M9Q", "pa 7k3 m9q", "5h chiều",
    "thứ 2", "ngày mai", "ở ấp 3", "cháy nhà rồi cứu với", "với lại", "chào ad,", "?", "/", "!!!",
    "®\xadêng h\xad háng", "ñöôøng hö hoûng", "dduwowngf", "d9u7o7ng2", "duongtruocnhahuroi",
    "đườnghư", "😀", "👨‍👩‍👧", "\U0001f1fb\U0001f1f3", "\u200b", "\xad", "\ufeff",
    "\u0301", "\u0323\u0302",
    "한국어", "ﷺ", "İ", "ß", "ŉ", "Å", "\u0344", "\x00", "\ud800", "\n\n", "\t", " ",
]  # fmt: skip
anything = st.text(alphabet=st.characters(exclude_categories=()), max_size=80)
mixed = st.lists(st.one_of(st.sampled_from(PIECES), anything), max_size=25).flatmap(
    lambda pieces: st.sampled_from([" ", "", "\n", ", ", "\u0301 "]).map(
        lambda glue: glue.join(pieces)
    )
)
# A long text: something said over and over, cut anywhere.
long = st.builds(
    lambda text, size: (text * (size // max(1, len(text)) + 1))[:size],
    mixed.filter(bool),
    st.integers(READ_LIMIT - 5, LONGEST),
)


def _check(understood: Understanding, text: str) -> None:
    size = min(len(text), READ_LIMIT)
    for act in understood.acts:
        assert 0 <= act.start <= act.end <= size
    for entity in understood.entities:
        assert 0 <= entity.start < entity.end <= size
        assert entity.value
    json.dumps(understood.to_dict(), ensure_ascii=False).encode("utf-8")


def _answer(understood: Understanding) -> object:
    """What must not depend on the encoding form: everything but the offsets and the text."""
    return (
        understood.intent,
        understood.sure,
        understood.category,
        understood.category_top3,
        understood.urgency,
        [(act.intent, act.category) for act in understood.acts],
        [(entity.entity, entity.value) for entity in understood.entities],
    )


@settings(max_examples=250)
@given(text=mixed)
def test_any_text_is_read(small_pipeline: Pipeline, text: str) -> None:
    _check(small_pipeline.parse(text), text)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(text=long)
@example(text="\u0301" * LONGEST)
@example(text="a" + "\u0323\u0302" * (LONGEST // 2 - 1))
@example(text="ñöôøng" * (LONGEST // 6))
@example(text="®\xad" * (LONGEST // 2))
@example(text="nga" * (LONGEST // 3))
@example(text="d9u7o7ng2" * (LONGEST // 9))
@example(text="dduwow" * (LONGEST // 6))
@example(text="09" * (LONGEST // 2))
def test_any_long_text_is_read(small_pipeline: Pipeline, text: str) -> None:
    _check(small_pipeline.parse(text), text)


@settings(max_examples=250)
@given(text=mixed)
@example(text="0912345678\u0301 đường")
def test_each_encoding_form_gives_the_same_answer(small_pipeline: Pipeline, text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    decomposed = unicodedata.normalize("NFD", text)
    if len(decomposed) > READ_LIMIT:  # each is read as far as it is read
        decomposed = composed
    assert _answer(small_pipeline.parse(decomposed)) == _answer(small_pipeline.parse(composed))


@settings(max_examples=250)
@given(text=mixed)
def test_what_is_found_is_where_it_stands(small_pipeline: Pipeline, text: str) -> None:
    """Each letter that the classifiers read comes from a stretch of the original, in order."""
    normalized = small_pipeline.normalizer(text)
    assert len(normalized.text) == len(normalized.starts) == len(normalized.ends)
    assert list(normalized.starts) == sorted(normalized.starts)
    assert all(
        0 <= start < end <= len(text)
        for start, end in zip(normalized.starts, normalized.ends, strict=True)
    )
